"""How many units would be detectors, and of how many concepts, at other IoU thresholds and gates."""

from kdissect.report.block import Cell, Chart, Datum, Row, Table
from kdissect.report.dissection import Dissection, detecting, distinct
from kdissect.report.interval_chart import short
from kdissect.report.results.counts import Count, gate_series, gates_of, resampled

CURVE = tuple(round(0.005 * step, 3) for step in range(2, 61))
"""IoU thresholds of the curve."""
IN_TABLE = (0.01, 0.02, 0.03, 0.04, 0.05, 0.1, 0.15, 0.2, 0.3)


def threshold_curves(dissection: Dissection) -> tuple[Chart, ...]:
    """Detectors, and different concepts among them, over the IoU threshold for every gate; nothing if all are 0."""
    if not any(_count(dissection, gate, CURVE[0], "detectors") for gate in gates_of(dissection)):
        return ()
    return (
        _chart(
            dissection,
            "detectors",
            "Detectors over the IoU threshold",
            "detectors (units)",
            "Units whose best concept reaches the threshold on the x axis, for each of the gates that decide which "
            "activations count (defined below).",
        ),
        _chart(
            dissection,
            "unique_detectors",
            "Concepts over the IoU threshold",
            "unique detectors (concepts)",
            "Different concepts among these units.",
        ),
    )


def _chart(dissection: Dissection, name: str, title: str, y: str, note: str) -> Chart:
    rows: list[Datum] = []
    points: list[Datum] = []
    for gate in gates_of(dissection):
        rows += [
            {"series": gate, "x": iou, "mean": _count(dissection, gate, iou, name), "low": None, "high": None}
            for iou in CURVE
        ]
        found = resampled(dissection, gate, name)
        if found is not None and found.low is not None and found.high is not None:
            ends: Datum = {"mean": short(found.value), "low": short(found.low), "high": short(found.high)}
            points.append({"series": gate, "x": dissection.iou, **ends})
    note += f" The dashed line is the threshold in use, {dissection.iou:g}; {dissection.gate} is the gate in use."
    note += " The upright lines are 95 % intervals over images of the probe." if points else ""
    columns = tuple(dict.fromkeys(sorted((*IN_TABLE, dissection.iou))))
    table = Table(
        caption=title,
        columns=(Cell("gate"), *(Cell(f"IoU {iou:g}", kind="number") for iou in columns)),
        rows=tuple(
            Row((Cell(gate), *(_cell(dissection, gate, iou, name) for iou in columns))) for gate in gates_of(dissection)
        ),
        layout="quiet",
    )
    return Chart(
        id=f"curve-{name.replace('_', '-')}",
        kind="lines",
        title=title,
        note=note,
        x="IoU threshold",
        y=y,
        height=280,
        rows=tuple(rows),
        table=table,
        points=tuple(points),
        mark=dissection.iou,
        series=gate_series(dissection),
        series_title="gate",
    )


def _count(dissection: Dissection, gate: str, iou: float, name: str) -> int:
    found = detecting(dissection.gates[gate], iou)
    return len(found) if name == "detectors" else distinct(found)


def _cell(dissection: Dissection, gate: str, iou: float, name: str) -> Cell:
    found = resampled(dissection, gate, name) if iou == dissection.iou else None
    here = Count(_count(dissection, gate, iou, name))
    return Cell((found or here).text, kind="number")
