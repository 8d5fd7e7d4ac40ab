"""The table of arms: the main numbers of each, with the seeds as dots."""

from kdissect.report.block import Cell, Row, Section, Strip, Table, strips
from kdissect.report.evidence import ArmCard, Evidence
from kdissect.report.quantity import Quantity, accuracy_of
from kdissect.report.wording import fixed, measure_title, readable, signed, with_margin


def arms_section(evidence: Evidence, quantities: tuple[Quantity, ...]) -> Section | None:
    """The section with the table of arms; None if nothing has a value."""
    columns = main_quantities(evidence, quantities)
    if not columns:
        return None
    drawn = [_strips(quantity, evidence) for quantity in columns]
    rows = tuple(
        Row(
            (
                _arm_cell(number, arm, evidence),
                *(_cell(q, arm.name, evidence, d) for q, d in zip(columns, drawn, strict=True)),
            )
        )
        for number, arm in enumerate(evidence.arms)
    )
    heads = tuple(
        Cell(readable(quantity.name), f"{measure_title(quantity.measure)} · {_meaning(quantity)}", kind="number")
        for quantity in columns
    )
    table = Table(
        caption="Mean over seeds ± half of its 95 % interval",
        columns=(Cell("arm"), *heads),
        rows=rows,
        note=_note(evidence),
        layout="cards",
    )
    return Section("arms", "Arms", "What was trained, and what came of it.", (table,))


def main_quantities(evidence: Evidence, quantities: tuple[Quantity, ...]) -> tuple[Quantity, ...]:
    """The accuracy, of each dissection the detectors and their concepts, of other measures the first score."""
    accuracy = accuracy_of(quantities)
    dissected = {dissection.measure for dissection in evidence.dissections}
    chosen = [accuracy] if accuracy is not None else []
    others: list[Quantity] = []
    for measure in dict.fromkeys(quantity.measure for quantity in quantities):
        own = [quantity for quantity in quantities if quantity.measure == measure]
        if measure in dissected:
            chosen += [q for q in own if q.name in ("detectors", "unique_detectors")]
        elif measure != "train" and accuracy not in own:
            others += own[:1]
    return (*chosen, *others)


def difference_text(quantity: Quantity, arm: str, evidence: Evidence) -> str:
    """A compared arm's difference to the reference with its interval; empty for all others."""
    if evidence.reference is None or arm not in [card.name for card in evidence.compared]:
        return ""
    difference = quantity.against(arm, evidence.reference)
    if difference is None:
        return ""
    text = signed(difference.mean, quantity.decimals)
    if difference.low is None or difference.high is None:
        return text
    return f"{text} ({fixed(difference.low, quantity.decimals)} to {fixed(difference.high, quantity.decimals)})"


def _arm_cell(number: int, arm: ArmCard, evidence: Evidence) -> Cell:
    words = ["teacher"] if arm.role == "teacher" else []
    words += ["reference"] if arm.name == evidence.reference else []
    words += [formula_of(evidence, arm)]
    return Cell(arm.name, " · ".join(word for word in words if word), series=number)


def formula_of(evidence: Evidence, arm: ArmCard) -> str:
    """The objective as it was resolved in training, or as the study says it."""
    for record in evidence.trained(arm.name).values():
        if record.facts.get("formula"):
            return str(record.facts["formula"])
    return arm.formula


def _cell(quantity: Quantity, arm: str, evidence: Evidence, drawn: dict[str, Strip]) -> Cell:
    interval = quantity.interval(arm)
    if interval is None:
        return Cell("–", "no result", kind="number")
    text, note = with_margin(interval, quantity.decimals), difference_text(quantity, arm, evidence)
    return Cell(text, note, kind="number", strip=drawn.get(arm))


def _strips(quantity: Quantity, evidence: Evidence) -> dict[str, Strip]:
    shown = {arm.name: quantity.values[arm.name] for arm in evidence.arms if quantity.of(arm.name)}
    intervals = {arm: interval for arm in shown if (interval := quantity.interval(arm)) is not None}
    return strips(shown, intervals)


def _meaning(quantity: Quantity) -> str:
    better = {"higher": f"{quantity.unit}, higher is better", "lower": f"{quantity.unit}, lower is better"}
    return better.get(quantity.direction, quantity.unit)


def _note(evidence: Evidence) -> str:
    text = (
        "Every dot is one seed, the short line the mean, the long line its 95 % interval (cut off where it leaves the "
        "scale); each column has a scale of its own that does not start at zero."
    )
    if evidence.reference is not None:
        text += f" Under each value: the difference to {evidence.reference} and its 95 % interval."
    return text
