"""The page of a verdict."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kdissect.errors import RecordError
from kdissect.report.block import Cell, Chart, Datum, Row, Section, Series, Strip, Table
from kdissect.report.headline import Comparison as Line
from kdissect.report.headline import Headline
from kdissect.report.interval_chart import short
from kdissect.report.results.numbers import between, number, p_text, signed
from kdissect.report.results.provenance import header_section
from kdissect.report.results.verdict_beside import levels_section, matched_section
from kdissect.report.view import View
from kdissect.report.wording import counted

WORDS = {"raised": "RAISED", "kept": "KEPT", "lowered": "LOWERED", "undecided": "UNDECIDED"}
HOW_TO_READ = (
    "Each row is a mean over training seeds, in its own unit. The difference has Welch's 95 % interval; p is adjusted "
    "by Holm over the families (where one side has more seeds, of Behrens' and Fisher's test). KEPT needs two "
    "one-sided tests that exclude the margin. UNDECIDED is absence of evidence, not evidence that nothing changed."
)
FIXED = "The margins are kdissect's own, fixed before any number was seen."
SANITY = {
    True: "The sanity checks of the explanations passed.",
    False: "A sanity check of the explanations failed, so nothing is called as a whole.",
    None: "No sanity check of the explanations was made.",
}


def read_verdict(path: Path) -> dict[str, Any]:
    """The verdicts of a folder.

    Raises:
        RecordError: the folder holds none, or of another format.
    """
    try:
        found = json.loads((path / "header.json").read_text(encoding="utf-8"))
        if found["format"] != 1 or not isinstance(found["arms"], dict):
            raise RecordError(f"{path} has verdict format {found['format']}, this kdissect reads format 1; judge again")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RecordError(f"{path / 'header.json'} cannot be read ({type(error).__name__}); judge again") from None
    return dict(found)


def verdict_view(found: dict[str, Any], version: str) -> View:
    """The report on verdicts.

    Args:
        found: as `read_verdict` gives it.
        version: of the kdissect that writes the report.
    """
    arms, reference = found["arms"], str(found["reference"])
    series = (Series(reference, 0), *(Series(name, place) for place, name in enumerate(arms, 1)))
    lines = tuple(Line(name, WORDS[one["call"]], str(one["sentence"])) for name, one in arms.items())
    first = next(iter(arms.values()))
    headline = Headline(
        first["sentence"] if len(arms) == 1 else f"{counted(len(arms), 'arm')} held against {reference}",
        () if len(arms) == 1 else lines,
        "The training seed is what is repeated, never the image.",
    )
    sections = []
    for place, (name, one) in enumerate(arms.items()):
        suffix = f": {name}" if len(arms) > 1 else ""
        families = one["families"]
        blocks = (
            _effects(families, place, name),
            _families(families, place, name, reference, _margins(found.get("margins") or {})),
            _checks(families),
        )
        sanity = SANITY[one.get("sane")]
        sections.append(
            Section(
                f"families-{place}", f"Families{suffix}", f"{WORDS[one['call']]}: {one['reason']}. {sanity}", blocks
            )
        )
        if one["confounders"]:
            lead = (
                "Accuracy and confidence move many scores without being interpretability: read the families with them."
            )
            table = _scores(one["confounders"], "Accuracy and confidence", name, reference, folded=False)
            sections.append(Section(f"confounders-{place}", f"Confounders{suffix}", lead, (table,)))
        lead = "How many seeds a side would decide what these could not, with a power of 80 %."
        sections.append(Section(f"power-{place}", f"Power{suffix}", lead, (_power(one["families"]),)))
        if one["others"]:
            lead = "Every other score; p adjusted by Benjamini and Hochberg. They decide nothing."
            table = _scores(one["others"], "All other scores", name, reference, folded=True)
            sections.append(Section(f"others-{place}", f"Other scores{suffix}", lead, (table,)))
    matched = matched_section(found.get("matched", {}), reference, WORDS)
    levels = levels_section(found.get("levels", {}), list(arms), reference)
    sections += [section for section in (matched, levels) if section is not None]
    seeds = sorted({len(f["arm"]["values"]) for one in arms.values() for f in one["families"]})
    facts = {key: value for key, value in found.items() if key not in ("arms", "matched", "levels")}
    return View(
        title=f"{', '.join(arms)} against {reference}",
        status=(f"{'/'.join(map(str, seeds))} seeds", str(found.get("dataset", ""))),
        headline=headline,
        notices=(),
        series=series,
        sections=(*sections, header_section({"verdict": facts}, version)),
    )


def _effects(families: list[dict[str, Any]], place: int, name: str) -> Chart:
    """Differences in units of their margins, more interpretable to the right."""
    rows: list[Datum] = []
    for one in families:
        sign = -1 if one["arm"]["direction"] == "lower" else 1
        values = [one["difference"][key] for key in ("mean", "low", "high")]
        mean, low, high = (None if value is None else short(sign * value / one["margin"]) for value in values)
        if sign < 0:
            low, high = high, low
        rows.append({"group": one["family"], "series": name, "mean": mean, "low": low, "high": high})
    table = Table(
        "Differences in margins",
        (Cell("family"), Cell("difference", kind="number"), Cell("from", kind="number"), Cell("to", kind="number")),
        tuple(
            Row((Cell(str(row["group"])), *(Cell(number(row[key]), kind="number") for key in ("mean", "low", "high"))))
            for row in rows
        ),
        layout="quiet",
    )
    ends = [float(value) for row in rows for value in (row["mean"], row["low"], row["high"]) if value is not None]
    limit = min(6.0, max(1.5, *(abs(value) for value in ends))) if ends else 1.5
    return Chart(
        id=f"effects-{place}",
        kind="intervals",
        title="Difference from the reference, in margins",
        note="Right of 0 is more interpretable. Between -1 and 1 a difference is too small to matter. Intervals that "
        "leave the plot are in the table.",
        x="difference / margin",
        y="",
        height=34 * len(rows) + 20,
        rows=tuple(rows),
        table=table,
        points=(),
        groups=tuple(str(row["group"]) for row in rows),
        domain=(-limit, limit),
        mark=0.0,
        series=(Series(name, place + 1),),
    )


def _families(families: list[dict[str, Any]], place: int, name: str, reference: str, margins: str) -> Table:
    rows = []
    for one in families:
        better = {"higher": "higher is better", "lower": "lower is better"}.get(one["arm"]["direction"], "")
        cells = (
            Cell(one["family"], note=f"{one['score'].partition('.')[2]}, {one['arm']['unit']}; {better}{_images(one)}"),
            Cell(WORDS[one["call"]]),
            _side(one, "arm", place + 1),
            _side(one, "reference", 0),
            Cell(
                signed(one["difference"]["mean"]),
                note=between(one["difference"]["low"], one["difference"]["high"]),
                kind="number",
            ),
            Cell(p_text(one["adjusted_p"]), kind="number"),
            Cell(number(one["margin"]), kind="number"),
        )
        rows.append(Row(cells))
    heads = (name, reference, "difference, 95 %", "p (Holm)", "margin")
    columns = (Cell("family"), Cell("verdict"), *(Cell(head, kind="number") for head in heads))
    return Table("The verdict by family", columns, tuple(rows), note=f"{HOW_TO_READ} {margins}", layout="cards")


def _checks(families: list[dict[str, Any]]) -> Table:
    rows = []
    for one in families:
        numbers = (
            Cell(p_text(one["difference"]["p"]), kind="number"),
            Cell(p_text(one["exact_p"]), kind="number"),
            Cell(p_text(one["kept_p"]), kind="number"),
            Cell(number(one["g"]), note=between(*(one["resampled"]["g"] or (None, None))), kind="number"),
            Cell(
                f"{one['superiority']:.2f}",
                note=between(*(one["resampled"]["superiority"] or (None, None))),
                kind="number",
            ),
        )
        rows.append(Row((Cell(one["family"]), *numbers)))
    heads = ("p (Welch)", "p (permutations)", "p (two one-sided)", "Hedges' g", "P(larger)")
    return Table(
        "Tests and sizes of effect",
        (Cell("family"), *(Cell(head, kind="number") for head in heads)),
        tuple(rows),
        note="P(larger) is the probability that a seed of the arm has the larger value. The 95 % intervals are of "
        "seeds drawn anew, and of images, the same for all, where a score is a mean over images; they take the seeds' "
        "scores for normal.",
    )


def _margins(own: dict[str, float]) -> str:
    """Whether margins were stated by somebody else than kdissect."""
    if not own:
        return FIXED
    said = ", ".join(f"{family} {margin:g}" for family, margin in own.items())
    return (
        f"Margins stated with the command, when the numbers may have been known: {said}. The others are kdissect's own."
    )


def _images(one: dict[str, Any]) -> str:
    """On how many images a score rests, where it is a mean over images."""
    numbers = [n for side in ("arm", "reference") for n in one[side].get("num_images", ())]
    if not numbers:
        return ""
    low, high = min(numbers), max(numbers)
    return f"; over {low} images" if low == high else f"; over {low} to {high} images"


def _side(one: dict[str, Any], side: str, mark: int) -> Cell:
    """The mean over seeds, and the seeds as dots on the scale of both sides."""
    values = one[side]["values"]
    both = [*one["arm"]["values"], *one["reference"]["values"]]
    low, high = min(both), max(both)
    room = (high - low) or 1.0
    places = tuple((value - low) / room for value in values)
    mean = sum(values) / len(values)
    label = ", ".join(number(value) for value in values)
    strip = Strip(places, sum(places) / len(places), None, None, f"{len(values)} seeds: {label}")
    return Cell(number(mean), kind="number", series=mark, strip=strip)


def _scores(found: list[dict[str, Any]], caption: str, name: str, reference: str, *, folded: bool) -> Table:
    heads = (name, reference, "difference", "95 %", "p", "g")
    rows = [
        Row(
            (
                Cell(one["score"], note=one["arm"]["unit"], kind="code"),
                *(Cell(number(_mean(one[side]["values"])), kind="number") for side in ("arm", "reference")),
                Cell(signed(one["difference"]["mean"]), kind="number"),
                Cell(between(one["difference"]["low"], one["difference"]["high"]), kind="number"),
                Cell(p_text(one["difference"]["p"] if one["adjusted_p"] is None else one["adjusted_p"]), kind="number"),
                Cell(number(one["g"]), kind="number"),
            )
        )
        for one in found
    ]
    columns = (Cell("score"), *(Cell(head, kind="number") for head in heads))
    return Table(caption, columns, tuple(rows), folded=folded)


def _power(families: list[dict[str, Any]]) -> Table:
    rows = []
    for one in families:
        for_effect, for_margin = one["seeds"], one["seeds_for_margin"]
        numbers = (len(one["arm"]["values"]), for_effect, for_margin)
        texts = ("–" if one is None else str(one) for one in numbers)
        rows.append(Row((Cell(one["family"]), *(Cell(text, kind="number") for text in texts))))
    heads = ("seeds here", "for the difference measured", "for a difference of the margin")
    return Table(
        "Seeds a side",
        (Cell("family"), *(Cell(head, kind="number") for head in heads)),
        tuple(rows),
        note="At the spread between seeds that was measured, which few seeds tell poorly. A level of 5 %, one test.",
    )


def _mean(values: Iterable[float]) -> float:
    every = list(values)
    return sum(every) / len(every)
