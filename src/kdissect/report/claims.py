"""What was published against what is in the store: differences side by side, and a table with the sources."""

from collections import Counter
from collections.abc import Sequence

from kdissect.report.block import Block, Cell, Chart, Datum, Row, Section, Series, Table, Tone
from kdissect.report.interval_chart import short
from kdissect.report.reproduction_file import OUTCOMES, ClaimArm, ClaimRow, ClaimStep
from kdissect.report.wording import decimals_for, fixed, from_to, listed, sentence, signed

ROW = 46
"""Height of a line of a chart."""
PUBLISHED = Series("published", 0)
HERE = Series("here", 1)
TONES: dict[str, Tone] = {"reproduced": "good", "contradicted": "bad"}


def claims_section(claims: tuple[ClaimRow, ...]) -> Section | None:
    """The section "Against the paper"; None without claims."""
    if not claims:
        return None
    ran = [row for row in claims if row.outcome != "not run"]
    left = [row for row in claims if row.outcome == "not run"]
    blocks: list[Block] = [_table(ran)] if ran else []
    blocks += [chart for row in ran if (chart := _chart(row)) is not None]
    blocks += [_not_run(left)] if left else []
    steps = [(row, step) for row in claims for step in row.steps if step.mean is not None]
    blocks += [_differences(steps)] if steps else []
    return Section("claims", "Against the paper", f"{tallied(claims)} {_meaning(claims)}", tuple(blocks))


def tallied(claims: Sequence[ClaimRow]) -> str:
    """How many published orders came out how, in one sentence."""
    found = Counter(row.outcome for row in claims)
    parts = [f"{found[outcome]} {outcome}" for outcome in OUTCOMES if found[outcome]]
    return f"Published orders: {listed(parts)}."


def _meaning(claims: Sequence[ClaimRow]) -> str:
    there = {row.outcome for row in claims}
    return " ".join(sentence(f"{outcome}: {meaning}") for outcome, meaning in OUTCOMES.items() if outcome in there)


def chains(steps: Sequence[ClaimStep]) -> list[list[str]]:
    """Steps as chains: arms one above the other, neighbours held against each other."""
    found: list[list[str]] = []
    for step in steps:
        if found and found[-1][-1] == step.above:
            found[-1].append(step.below)
        else:
            found.append([step.above, step.below])
    return found


def published_text(row: ClaimRow) -> str:
    """The published order with its numbers: `KD 312 > scratch 275 > LS 219`."""
    parts = [" > ".join(_published(row, arm) for arm in chain) for chain in chains(row.steps)]
    shown = {arm for chain in chains(row.steps) for arm in chain}
    more = [_published(row, one.arm) for one in row.arms if one.arm not in shown and one.published is not None]
    parts += [f"also {', '.join(more)}" if parts else ", ".join(more)] if more else []
    return "; ".join(parts) or "–"


def here_text(row: ClaimRow) -> str:
    """Ours, in the published order: mean and half of the 95 % interval of each arm."""
    ordered = dict.fromkeys(arm for chain in chains(row.steps) for arm in chain)
    measured = [one for name in ordered if (one := row.arm(name)) is not None and one.mean is not None]
    values = [value for one in measured for value in (one.mean, one.published) if value is not None]
    parts = [f"{one.arm} {_with_margin(one, decimals_for(values))}" for one in measured]
    return ", ".join(parts) or "–"


def verdict_text(row: ClaimRow) -> str:
    """The calls of the verdict on the row's family: `KD raised, LS lowered`."""
    return ", ".join(f"{arm} {call}" for arm, call in row.verdicts.items()) or "–"


def where_text(row: ClaimRow) -> str:
    """Where ours come from: study, size and seeds; empty where nothing ran."""
    if row.study is None:
        return ""
    seeds = sorted({one.seeds for one in row.arms if one.seeds})
    number = f"{seeds[0]} to {seeds[-1]} seeds" if len(seeds) > 1 else f"{seeds[0]} seed{'s' * (seeds[0] > 1)}"
    return f"{row.study}{'@' * bool(row.size)}{row.size or ''}, {number}"


def _published(row: ClaimRow, arm: str) -> str:
    found = row.arm(arm)
    return arm if found is None or found.published is None else f"{arm} {_plain(found.published)}"


def _plain(value: float) -> str:
    """A published number, as it was published."""
    return f"{value:g}" if value == int(value) else f"{value:.4f}"


def _with_margin(one: ClaimArm, decimals: int) -> str:
    mean = one.mean or 0.0
    text = fixed(mean, decimals)
    return text if one.high is None else f"{text} ± {fixed(one.high - mean, decimals)}"


def _table(claims: Sequence[ClaimRow]) -> Table:
    return Table(
        caption="Published, and here",
        columns=(Cell("claim"), Cell("published"), Cell("here"), Cell("order"), Cell("verdict")),
        rows=tuple(_row(row) for row in claims),
        note=" ".join(
            [
                "After ± stands half of the mean's 95 % interval over seeds. The verdict is that of the score's family "
                "against the study's reference; accuracy and scores of no family have none.",
                *dict.fromkeys(note for row in claims for note in row.notes),
            ]
        ),
        layout="cards",
    )


def _not_run(claims: Sequence[ClaimRow]) -> Table:
    rows = tuple(Row((Cell(f"{row.place}: {row.what}", _origin(row)), Cell(published_text(row)))) for row in claims)
    return Table(f"Not run: {len(rows)}", (Cell("claim"), Cell("published")), rows, layout="cards", folded=True)


def _origin(row: ClaimRow) -> str:
    return f"{row.source}; {row.sure}. {row.note}".strip()


def _row(row: ClaimRow) -> Row:
    against = f"{row.family}, against {row.reference}" if row.verdicts else ""
    return Row(
        (
            Cell(f"{row.place}: {row.what}", _origin(row)),
            Cell(published_text(row)),
            Cell(here_text(row).replace(" ± ", "\u00a0±\u00a0"), where_text(row)),
            Cell(row.outcome, _undecided(row), tone=_tone(row.outcome)),
            Cell(verdict_text(row), against),
        )
    )


def _tone(outcome: str) -> Tone:
    return TONES.get(outcome, "quiet")


def _undecided(row: ClaimRow) -> str:
    """Which steps came out otherwise than the whole."""
    left = [f"{step.above} over {step.below}: {step.why or step.outcome}" for step in row.steps]
    return "; ".join(left) if len({step.outcome for step in row.steps}) > 1 or any(s.why for s in row.steps) else ""


def _chart(row: ClaimRow) -> Chart | None:
    """Differences in percent of the lower arm, so that other numbers of units and other data stand on one axis."""
    rows: list[Datum] = []
    for step in row.steps:
        below = row.arm(step.below)
        if step.mean is None or below is None or not below.mean:
            continue
        group = f"{step.above}\nover {step.below}"
        if step.published is not None and below.published:
            value = short(100 * step.published / abs(below.published))
            rows.append({"group": group, "series": PUBLISHED.name, "mean": value, "low": None, "high": None})
        scale = 100 / abs(below.mean)
        ends = {
            name: None if end is None else short(scale * end) for name, end in (("low", step.low), ("high", step.high))
        }
        rows.append({"group": group, "series": HERE.name, "mean": short(scale * step.mean), **ends})
    if not rows:
        return None
    groups = tuple(dict.fromkeys(str(one["group"]) for one in rows))
    series = (PUBLISHED, HERE) if any(one["series"] == PUBLISHED.name for one in rows) else (HERE,)
    return Chart(
        id=f"claim-{row.id}",
        kind="intervals",
        title=f"{row.place}: {row.what}",
        note=f"Right of the line is the published order. {where_text(row)}; {row.source}.",
        x="difference, % of the second arm",
        y="",
        height=ROW * len(groups),
        rows=tuple(rows),
        groups=groups,
        domain=_domain(rows),
        mark=0.0,
        series=series,
        series_title="source",
        table=_chart_table(rows, groups, series),
    )


def _domain(rows: Sequence[Datum]) -> tuple[float, float]:
    """An axis that holds zero and all means; intervals may leave it, for those of two seeds are very wide."""
    means = [0.0, *(float(row["mean"] or 0) for row in rows)]
    room = (max(means) - min(means)) or 1.0
    lows = [float(row["low"]) for row in rows if row["low"] is not None]
    highs = [float(row["high"]) for row in rows if row["high"] is not None]
    low = max(min(means) - room, min([min(means) - 0.1 * room, *lows]))
    high = min(max(means) + room, max([max(means) + 0.1 * room, *highs]))
    return short(low), short(high)


def _chart_table(rows: Sequence[Datum], groups: Sequence[str], series: Sequence[Series]) -> Table:
    def cell(group: str, one: Series) -> Cell:
        for row in rows:
            if (row["group"], row["series"]) == (group, one.name):
                text = f"{signed(float(row['mean'] or 0), 1)} %"
                ends = row["low"], row["high"]
                note = "" if None in ends else from_to(float(ends[0] or 0), float(ends[1] or 0), 1)
                return Cell(text, note, kind="number")
        return Cell("–", kind="number")

    return Table(
        caption="Differences in percent of the second arm",
        columns=(Cell(""), *(Cell(one.name, kind="number") for one in series)),
        rows=tuple(Row((Cell(group.replace("\n", " ")), *(cell(group, one) for one in series))) for group in groups),
        layout="quiet",
    )


def _differences(steps: Sequence[tuple[ClaimRow, ClaimStep]]) -> Table:
    """Every difference in the unit of its score."""
    rows = []
    for row, step in steps:
        values = [value for value in (step.mean, step.low, step.high) if value is not None]
        decimals = decimals_for(values)
        ends = "" if step.low is None or step.high is None else from_to(step.low, step.high, decimals)
        rows.append(
            Row(
                (
                    Cell(f"{step.above} − {step.below}", f"{row.place}: {row.what}"),
                    Cell("–" if step.published is None else f"+{_plain(step.published)}", kind="number"),
                    Cell(signed(step.mean or 0.0, decimals), ends, kind="number"),
                    Cell(row.unit),
                    Cell(step.outcome, step.why, tone=_tone(step.outcome)),
                )
            )
        )
    heads = (Cell("difference"), Cell("published", kind="number"), Cell("here", kind="number"), Cell("unit"))
    note = "Second lines: Welch's 95 % interval. The intervals are not corrected for how many there are."
    return Table("Every difference", (*heads, Cell("order")), tuple(rows), note, folded=True)
