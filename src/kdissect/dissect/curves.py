"""Curves: how many detectors there are, layer by layer or checkpoint by checkpoint."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from kdissect.dissect.dissection import Dissection
from kdissect.dissect.tallying import Gate
from kdissect.errors import SpecError
from kdissect.models.checkpoints import number_of


def layer_curve(
    dissections: Iterable[Dissection], *, threshold: float | None = None, gate: Gate | None = None
) -> pa.Table:
    """One row a dissection, in the order given: layers of one network say.

    Columns: `network`, `layer`, `quantile`, `checkpoint`, `number` (epoch or step, from the checkpoint's name),
    `num_units`, `detectors`, `detector_share` (0 to 1), `unique_detectors`, `mean_iou` (of the units' best concepts),
    `detectors/CATEGORY` and `unique/CATEGORY` (each unit under its best concept), and `detectors_low`,
    `detectors_high`, `unique_low`, `unique_high`: ends of the bootstrap interval, null where the dissection has none
    at this threshold.

    Args:
        dissections: at least one, of the same categories.
        threshold: IoU of a detector; each dissection's own if None.
        gate: each dissection's own if None.

    Raises:
        SpecError: there is none, their categories differ, or there is no such gate.
    """
    found = list(dissections)
    if not found:
        raise SpecError("expected at least one dissection for a curve, got none")
    for other in found[1:]:
        if other.probe.categories != found[0].probe.categories:
            raise SpecError(
                f"dissections of a curve must have the categories {', '.join(found[0].probe.categories)}, "
                f"got {', '.join(other.probe.categories)}; dissect them with one probe"
            )
    return pa.Table.from_pylist([_row(one, threshold, gate) for one in found], schema=_schema(found[0]))


def checkpoint_curve(
    dissections: Iterable[Dissection], *, threshold: float | None = None, gate: Gate | None = None
) -> pa.Table:
    """As `layer_curve`, in the order of layers as they come and, within each, of the checkpoints' numbers.

    A checkpoint without a number comes after those with one.

    Raises:
        SpecError: as `layer_curve`, or a dissection is of no checkpoint.
    """
    found = list(dissections)
    for one in found:
        if one.checkpoint is None:
            raise SpecError(f"the dissection of {one.layer} is of no checkpoint; use layer_curve")
    layers = list(dict.fromkeys(one.layer for one in found))
    return layer_curve(sorted(found, key=lambda one: _place(one, layers)), threshold=threshold, gate=gate)


def _place(one: Dissection, layers: list[str]) -> tuple[int, bool, int, str]:
    name = one.checkpoint or ""
    number = number_of(name)
    return layers.index(one.layer), number is None, number or 0, name


def _row(one: Dissection, threshold: float | None, gate: Gate | None) -> dict[str, Any]:
    num = one.num_detectors(threshold, gate)
    row: dict[str, Any] = {
        "network": one.network,
        "layer": one.layer,
        "quantile": one.quantile,
        "checkpoint": one.checkpoint,
        "number": None if one.checkpoint is None else number_of(one.checkpoint),
        "num_units": one.num_units,
        "detectors": num,
        "detector_share": num / one.num_units if one.num_units else 0.0,
        "unique_detectors": one.unique_detectors(threshold, gate),
        "mean_iou": float(one.winners(gate).iou.mean()) if one.num_units else 0.0,
    }
    for category, top in one.by_top_label(threshold, gate).items():
        row |= {f"detectors/{category}": top.num_detectors, f"unique/{category}": top.unique_detectors}
    bars = one.bootstrap
    if bars is not None and bars.threshold == (one.threshold if threshold is None else threshold):
        spread = bars.gates[gate or one.gate]
        for name, share in (("detectors", spread.detectors), ("unique", spread.unique_detectors)):
            row |= {f"{name}_low": share.low, f"{name}_high": share.high}
    return row


def _schema(one: Dissection) -> pa.Schema:
    text = dict.fromkeys(("network", "layer", "checkpoint"), pa.string())
    real = dict.fromkeys(("quantile", "detector_share", "mean_iou"), pa.float64())
    names = ("network", "layer", "quantile", "checkpoint", "number", "num_units", "detectors", "detector_share")
    kinds = text | real
    ends = [f"{name}_{end}" for name in ("detectors", "unique") for end in ("low", "high")]
    each = [f"{name}/{category}" for category in one.probe.categories for name in ("detectors", "unique")]
    return pa.schema(
        [(name, kinds.get(name, pa.int64())) for name in (*names, "unique_detectors", "mean_iou", *each)]
        + [(name, pa.float64()) for name in ends]
    )
