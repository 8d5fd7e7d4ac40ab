"""What stands beside a verdict: levels of agreement with the teacher, and the comparison at equal accuracy."""

from typing import Any

from kdissect.report.block import Cell, Prose, Row, Section, Table
from kdissect.report.results.numbers import between, number, p_text, signed
from kdissect.report.wording import listed

LEVELS = (
    "How far each network agrees with the teacher. The network that was never taught says how much two networks agree "
    "that never met; another teacher, where there is one, how much could be hoped for. What a student has beyond the "
    "first, it gained by being taught."
)


def levels_section(levels: dict[str, dict[str, float]], arms: list[str], reference: str) -> Section | None:
    """The mean of every score of agreement, a column for each network; None if nothing was held against a teacher."""
    if not levels:
        return None
    others = [name for name in levels if name != reference and name not in arms]
    columns = [name for name in (reference, *arms, *others) if name in levels]
    scores = list(dict.fromkeys(score for name in columns for score in levels[name]))
    rows = tuple(
        Row(
            (
                Cell(score, kind="code"),
                *(Cell(number(levels[name].get(score)), kind="number") for name in columns),
            )
        )
        for score in scores
    )
    heads = tuple(
        Cell(name, "" if name in arms else "the reference" if name == reference else "another level", kind="number")
        for name in columns
    )
    table = Table("Agreement with the teacher", (Cell("score"), *heads), rows)
    return Section("levels", "Agreement with the teacher", LEVELS, (table,))


def matched_section(matched: dict[str, Any], reference: str, words: dict[str, str]) -> Section | None:
    """The verdict on checkpoints of equal accuracy, a table for each arm; None if it was not asked for."""
    if not matched:
        return None
    blocks: list[Table | Prose] = []
    for name, one in matched.items():
        epochs = listed([str(epoch) for epoch in one["epochs"]])
        accuracies = [f"{accuracy:.1%}" for accuracy in one["accuracies"]]
        blocks.append(
            Prose(
                f"{one['sentence']} {one['earlier']} as it was after {epochs} epochs, with {listed(accuracies)} on the "
                f"val split; the other ends with {one['target']:.1%}."
            )
        )
        blocks.append(_table(one, name, reference, words))
    lead = (
        "Accuracy moves many scores by itself. Here the more accurate arm is taken from earlier in its training, where "
        "it was as accurate as the other is at the end. A difference that is there too was not made by accuracy; one "
        "that is gone may have been. The earlier networks have not finished training: this is a check, no verdict."
    )
    return Section("matched", "At equal accuracy", lead, tuple(blocks))


def _table(one: dict[str, Any], name: str, reference: str, words: dict[str, str]) -> Table:
    rows = []
    for found in (*one["families"], *one["confounders"]):
        means = (sum(found[side]["values"]) / len(found[side]["values"]) for side in ("arm", "reference"))
        difference = found["difference"]
        rows.append(
            Row(
                (
                    Cell(found["family"] or found["score"]),
                    Cell(words.get(found["call"], "")),
                    *(Cell(number(mean), kind="number") for mean in means),
                    Cell(
                        signed(difference["mean"]), note=between(difference["low"], difference["high"]), kind="number"
                    ),
                    Cell(p_text(found["adjusted_p"]), kind="number"),
                )
            )
        )
    heads = (name, reference, "difference, 95 %", "p (Holm)")
    columns = (Cell("family"), Cell("call"), *(Cell(head, kind="number") for head in heads))
    return Table(f"{name} against {reference} at equal accuracy", columns, tuple(rows), layout="cards")
