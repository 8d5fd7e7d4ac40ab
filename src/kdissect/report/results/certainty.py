"""How certain the counts are: resampled images, and chance."""

import numpy as np

from kdissect.report.block import Block, Cell, Chart, Datum, Prose, Row, Section, Series, Table
from kdissect.report.dissection import Dissection, Unit
from kdissect.report.extras import Fields, finite
from kdissect.report.interval_chart import short
from kdissect.report.results.counts import by_chance, gates_of, part, resampled
from kdissect.report.wording import chance_text, counted, fixed, from_to, share_text

SURE = 0.95
"""Share of resamples in which a sure detector is one."""
BINS = 20
IN_TABLE = 30
"""Units in the tables."""


def certainty_section(dissection: Dissection) -> Section | None:
    """Error bars and chance; None if the dissection has neither."""
    texts, table, charts = _texts(dissection), _counts(dissection), _charts(dissection)
    doubtful = _doubtful(dissection) if dissection.extras.chance else None
    blocks: tuple[Block | None, ...] = (*map(Prose, texts), table, *charts, doubtful)
    found = tuple(block for block in blocks if block is not None)
    if not found:
        return None
    lead = "What would change with other images of the same kind, and what chance alone would give."
    return Section("certainty", "How certain", lead, found)


def _texts(dissection: Dissection) -> tuple[str, ...]:
    replicates = part(dissection.header, "bootstrap").get("replicates")
    how = ""
    if isinstance(replicates, int):
        how = f"Intervals: {replicates:,} times, as many images as the probe has were drawn from it with replacement, "
        how += "and everything after the activation thresholds was counted again. "
    texts = (how + _sure(dissection), _chance_text(dissection))
    return tuple(text for text in texts if text)


def _charts(dissection: Dissection) -> tuple[Chart, ...]:
    resampled_rows, tested = dissection.extras.bootstrap or {}, dissection.extras.chance or {}
    units = [unit for unit in dissection.units if unit.concept and unit.number in resampled_rows]
    forest = _forest(sorted(units, key=lambda unit: (-unit.iou, unit.number)), dissection)
    values = [p for row in tested.values() if (p := finite(row.get("p"))) is not None]
    return tuple(chart for chart in (forest, _p_values(values) if values else None) if chart is not None)


def _counts(dissection: Dissection) -> Table | None:
    rows = []
    for gate in gates_of(dissection):
        found = [resampled(dissection, gate, name) for name in ("detectors", "unique_detectors")]
        if any(found):
            cells = (Cell("–" if count is None else count.text, kind="number") for count in found)
            rows.append(Row((Cell(gate, "the gate in use" if gate == dissection.gate else ""), *cells)))
    if not rows:
        return None
    heads = (Cell("gate"), Cell("detectors (units)", kind="number"), Cell("unique detectors (concepts)", kind="number"))
    return Table("Counts with their 95 % intervals over images", heads, tuple(rows))


def _sure(dissection: Dissection) -> str:
    rows = dissection.extras.bootstrap or {}
    shares = [finite(row.get("detector_share")) for row in rows.values()]
    known = [share for share in shares if share is not None]
    if not known:
        return ""
    sure, open_ = sum(share >= SURE for share in known), sum(1 - SURE < share < SURE for share in known)
    labels = [finite(rows[unit.number].get("label_share")) for unit in dissection.detectors if unit.number in rows]
    stable = [share for share in labels if share is not None]
    text = f"{counted(sure, 'unit is a detector', 'units are detectors')} in at least {SURE:.0%} of the resamples; "
    text += f"for {counted(open_, 'unit')} it depends on the images drawn."
    if stable:
        same = sum(share >= SURE for share in stable)
        text += (
            f" {same:,} of {counted(len(stable), 'detector')} keep their best concept in at least {SURE:.0%} of them."
        )
    return text.replace(f"{SURE:.0%}", share_text(SURE))


def _forest(units: list[Unit], dissection: Dissection) -> Chart | None:
    rows: list[Datum] = []
    cells: list[Row] = []
    for rank, unit in enumerate(units, 1):
        row = (dissection.extras.bootstrap or {})[unit.number]
        low, high = finite(row.get("low")), finite(row.get("high"))
        if low is None or high is None:
            continue
        rows.append({"series": "IoU", "x": rank, "mean": short(unit.iou), "low": short(low), "high": short(high)})
        if len(cells) < IN_TABLE:
            numbers = (f"{unit.iou:.3f}", from_to(low, high, 3), *_shares(row))
            first = Cell(f"unit {unit.number}", f"{unit.concept} · {unit.category}")
            cells.append(Row((first, *(Cell(text, kind="number") for text in numbers))))
    if not rows:
        return None
    heads = ("IoU", "95 % interval", "detector in", "same concept in")
    table = Table(
        f"The {len(cells)} units of the highest IoU",
        (Cell("unit"), *(Cell(head, kind="number") for head in heads)),
        tuple(cells),
        "Shares are of the resamples.",
        layout="quiet",
    )
    return Chart(
        id="forest",
        kind="lines",
        title="IoU of every unit",
        note="All units by rank, the highest IoU first; the band is each unit's 95 % interval for its best concept. "
        f"The dashed line is the IoU threshold, {dissection.iou:g}.",
        x="rank of the unit",
        y="IoU",
        height=260,
        rows=tuple(rows),
        table=table,
        level=dissection.iou,
        series=(Series("IoU", 1),),
        series_title="value",
    )


def _shares(row: Fields) -> tuple[str, str]:
    first, second = (finite(row.get(name)) for name in ("detector_share", "label_share"))
    return ("–" if first is None else share_text(first)), ("–" if second is None else share_text(second))


def _chance_text(dissection: Dissection) -> str:
    facts, expected = part(dissection.header, "chance"), by_chance(dissection)
    if expected is None:
        return ""
    within = "images of the same source" if facts.get("within") == "source" else "all images"
    permutations = facts.get("permutations")
    times = f" ({counted(permutations, 'permutation')})" if isinstance(permutations, int) else ""
    gate = f", gate {facts['gate']}" if facts.get("gate") else ""
    text = f"With the label maps exchanged among {within}{times}, {fixed(expected.value, 1)} units are detectors"
    if expected.low is not None and expected.high is not None:
        text += f" ({from_to(expected.low, expected.high)} in 95 % of the permutations)"
    observed = finite(facts.get("detectors"))
    text += f"{gate}; observed: {fixed(observed, 0)}." if observed is not None else f"{gate}."
    rate, discovered = finite(facts.get("false_discovery_rate")), finite(facts.get("num_discovered"))
    if rate is not None and discovered is not None:
        text += f" At a false discovery rate of {share_text(rate)}, {fixed(discovered, 0)} units overlap their concept "
        text += "more than by chance (Benjamini and Hochberg)."
    return text


def _p_values(values: list[float]) -> Chart:
    counts, edges = np.histogram(values, bins=BINS, range=(0, 1))
    rows: list[Datum] = [
        {"series": "units", "x": short(float(low)), "x2": short(float(high)), "y": int(count)}
        for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True)
    ]
    small = (0.001, 0.01, 0.05, 0.1, 0.5, 1.0)
    table = Table(
        "Units by p-value",
        (Cell("p at most"), Cell("units", kind="number")),
        tuple(Row((Cell(f"{p:g}"), Cell(f"{sum(v <= p for v in values):,}", kind="number"))) for p in small),
        layout="quiet",
    )
    return Chart(
        id="p-values",
        kind="histogram",
        title="p-values of the units",
        note="For each unit: how often a permutation gives an IoU as high as its own. If no unit knew of any concept "
        "the bars would be level.",
        x="p-value",
        y="units",
        height=260,
        rows=tuple(rows),
        table=table,
        series=(Series("units", 1),),
        series_title="what",
    )


def _doubtful(dissection: Dissection) -> Table:
    """Detectors that may be chance."""
    rows = dissection.extras.chance or {}
    doubtful = [
        unit for unit in dissection.detectors if unit.number in rows and not rows[unit.number].get("discovered", True)
    ]
    shown = sorted(doubtful, key=lambda unit: -(finite(rows[unit.number].get("p")) or 0))[:IN_TABLE]
    cells = []
    for unit in shown:
        row = rows[unit.number]
        numbers = [finite(row.get(name)) for name in ("chance_iou", "p", "q")]
        texts = [f"{unit.iou:.3f}", "–" if numbers[0] is None else f"{numbers[0]:.3f}"]
        texts += ["–" if number is None else chance_text(number) for number in numbers[1:]]
        first = Cell(f"unit {unit.number}", f"{unit.concept} · {unit.category}")
        cells.append(Row((first, *(Cell(text, kind="number") for text in texts))))
    heads = ("IoU", "IoU by chance", "p", "q")
    more = len(doubtful) - len(shown)
    return Table(
        f"{counted(len(doubtful), 'detector')} that may be chance",
        (Cell("unit"), *(Cell(head, kind="number") for head in heads)),
        tuple(cells),
        "They reach the IoU threshold, and are not among the discoveries."
        + (f" {more:,} more not shown." if more else ""),
        folded=True,
    )
