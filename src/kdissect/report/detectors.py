"""Charts of dissections: detectors by category, over the IoU threshold, and against accuracy."""

from kdissect.report.block import Block, Cell, Chart, Datum, Prose, Row, Section, Table
from kdissect.report.dissection import Dissection
from kdissect.report.evidence import Evidence
from kdissect.report.interval_chart import intervals_chart, short
from kdissect.report.iou_curve import curve_chart
from kdissect.report.quantity import Quantity, accuracy_of, find
from kdissect.report.wording import fixed, measure_title, readable


def detector_sections(evidence: Evidence, quantities: tuple[Quantity, ...]) -> tuple[Section, ...]:
    """One section for each measure that dissects."""
    measures = tuple(dict.fromkeys(dissection.measure for dissection in evidence.dissections))
    return tuple(_section(number, measure, evidence, quantities) for number, measure in enumerate(measures))


def _section(number: int, measure: str, evidence: Evidence, quantities: tuple[Quantity, ...]) -> Section:
    dissections = tuple(d for d in evidence.dissections if d.measure == measure)
    identity = "" if number == 0 else f"-{number + 1}"
    blocks: list[Block] = []
    by_category = categories_chart(f"categories{identity}", measure, evidence, quantities)
    if by_category is not None:
        blocks.append(by_category)
    blocks.append(curve_chart(f"curve{identity}", dissections, evidence))
    scatter = accuracy_chart(f"accuracy{identity}", measure, evidence, quantities)
    if scatter is not None:
        blocks.append(scatter)
    if not any(dissection.detectors for dissection in dissections):
        blocks.insert(0, Prose(f"No unit of any network reaches IoU {dissections[0].iou:g}: there is no detector."))
    layers = " / ".join(dict.fromkeys(d.layer for d in dissections if d.layer))
    title = "Concept detectors" if number == 0 else f"Concept detectors: {measure_title(measure)}"
    return Section(f"detectors{identity}", title, _lead(dissections, layers), tuple(blocks))


def _lead(dissections: tuple[Dissection, ...], layers: str) -> str:
    dissection = dissections[0]
    probe = dissection.probe
    text = "A unit is a detector if the region where it is most active overlaps one concept's mask"
    text += f" with an IoU of at least {dissection.iou:g}."
    if layers:
        text += f" Dissected: {layers}, {_sizes(dissections)}"
        if probe.get("name"):
            text += f", on the probe {probe['name']}"
            text += f" ({int(probe['num_images']):,} images)" if "num_images" in probe else ""
        text += "."
    return text


def _sizes(dissections: tuple[Dissection, ...]) -> str:
    """How many units the arms have, `64 units`, or `96 units (teacher), 64 units (scratch, KD)`."""
    arms: dict[int, dict[str, None]] = {}
    for dissection in dissections:
        arms.setdefault(len(dissection.units), {})[dissection.arm] = None
    if len(arms) == 1:
        return f"{next(iter(arms)):,} units"
    return ", ".join(f"{units:,} units ({', '.join(names)})" for units, names in arms.items())


def categories_chart(identity: str, measure: str, evidence: Evidence, quantities: tuple[Quantity, ...]) -> Chart | None:
    """Detectors whose best concept is of each category; None if the record does not split them."""
    # Further parts of a name (`detectors/gate/image`, `detectors/iou/0.04`) are other counts of the same units.
    parts = [
        q for q in quantities if q.measure == measure and q.name.startswith("detectors/") and q.name.count("/") == 1
    ]
    if not parts:
        return None
    categories = {part.name.split("/", 1)[1]: part for part in parts}
    return intervals_chart(
        identity,
        "Detectors by category",
        "Every unit counts once, under the category of its best concept. Large marks are means over seeds with their "
        "95 % interval (cut at 0, and at the edge of the plot), small ones single seeds.",
        "detectors (units)",
        categories,
        evidence,
        decimals=1,
        from_zero=True,
    )


def accuracy_chart(identity: str, measure: str, evidence: Evidence, quantities: tuple[Quantity, ...]) -> Chart | None:
    """Detectors against accuracy, a point for each network; None if one of them is unknown."""
    accuracy, detectors = accuracy_of(quantities), find(quantities, "detectors", measure)
    if accuracy is None or detectors is None:
        return None
    rows: list[Datum] = []
    table_rows: list[Row] = []
    for number, arm in enumerate(evidence.arms):
        both = accuracy.values.get(arm.name, {}).keys() & detectors.values.get(arm.name, {}).keys()
        for seed in sorted(both):
            x, y = accuracy.values[arm.name][seed], detectors.values[arm.name][seed]
            rows.append({"series": arm.name, "seed": seed, "x": short(x), "y": short(y)})
            cells = (str(seed), fixed(x, accuracy.decimals), fixed(y, 0))
            table_rows.append(Row((Cell(arm.name, series=number), *(Cell(text, kind="number") for text in cells))))
    if not rows:
        return None
    heads = ("seed", "accuracy", "detectors")
    table = Table(
        caption="Accuracy and detectors of every network",
        columns=(Cell("arm"), *(Cell(head, kind="number") for head in heads)),
        rows=tuple(table_rows),
        layout="quiet",
    )
    return Chart(
        id=identity,
        kind="scatter",
        title="Accuracy and detectors",
        note="Every mark is one trained network. Arms that differ in accuracy may differ in detectors for that reason "
        "alone.",
        x=f"{readable(accuracy.name)} ({accuracy.unit})",
        y="detectors (units)",
        height=280,
        rows=tuple(rows),
        table=table,
    )
