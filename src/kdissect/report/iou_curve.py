"""How many units would be detectors at other IoU thresholds."""

import numpy as np
from numpy.typing import NDArray

from kdissect.report.block import Cell, Chart, Datum, Row, Table
from kdissect.report.dissection import Dissection
from kdissect.report.evidence import Evidence
from kdissect.report.interval_chart import interval_fields, mean_cell, within
from kdissect.stats import Interval, mean_interval

CURVE = tuple(round(0.01 * step, 2) for step in range(1, 31))
"""IoU thresholds of the curve."""
CURVE_TABLE = (0.01, 0.02, 0.04, 0.05, 0.1, 0.2, 0.3)


def curve_chart(identity: str, dissections: tuple[Dissection, ...], evidence: Evidence) -> Chart:
    """Share of units that would be detectors at other IoU thresholds."""
    shares = {arm.name: _shares(arm.name, dissections) for arm in evidence.arms}
    rows: list[Datum] = []
    for arm, per_seed in shares.items():
        for column, iou in enumerate(CURVE):
            values = [float(share[column]) for share in per_seed]
            if values:
                rows.append({"series": arm, "x": iou, **interval_fields(within(mean_interval(values), (0.0, 1.0)))})
    table = Table(
        caption="Share of units at some IoU thresholds",
        columns=(Cell("arm"), *(Cell(f"IoU {iou:g}", kind="number") for iou in CURVE_TABLE)),
        rows=tuple(
            Row(
                (
                    Cell(arm.name, series=number),
                    *(mean_cell(_at(shares[arm.name], CURVE.index(iou)), 3) for iou in CURVE_TABLE),
                )
            )
            for number, arm in enumerate(evidence.arms)
        ),
        layout="quiet",
    )
    return Chart(
        id=identity,
        kind="lines",
        title="Detectors over the IoU threshold",
        note="Share of units whose best concept reaches the threshold on the x axis: mean over seeds, the band is its "
        f"95 % interval. The dashed line is the threshold in use, {dissections[0].iou:g}. An order of arms that "
        "changes along the axis would mean that the count depends on the choice of threshold.",
        x="IoU threshold",
        y="share of units",
        height=280,
        rows=tuple(rows),
        table=table,
        mark=dissections[0].iou,
    )


def _shares(arm: str, dissections: tuple[Dissection, ...]) -> tuple[NDArray[np.float64], ...]:
    """For each seed the share of units at every threshold of the curve."""
    own = sorted((d for d in dissections if d.arm == arm), key=lambda dissection: dissection.seed)
    return tuple(
        (np.array([u.iou if u.concept else 0.0 for u in d.units])[:, None] >= np.array(CURVE)).mean(axis=0) for d in own
    )


def _at(per_seed: tuple[NDArray[np.float64], ...], column: int) -> Interval | None:
    return mean_interval([float(share[column]) for share in per_seed]) if per_seed else None
