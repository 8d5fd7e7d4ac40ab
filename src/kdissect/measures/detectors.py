"""Concept detectors: how many units of a layer detect a human concept."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Literal, final

from pydantic import Field
from torch import nn

from kdissect.dissect import GATES, Dissection, dissect, find_layer
from kdissect.measures.measure import Measure, Measured, Need, Subject
from kdissect.records import Score


@final
class Detectors(Measure):
    """How many units of a layer detect a concept, and how many concepts are detected.

    A unit detects a concept when its activation above the unit's threshold overlaps the concept's
    pixels with an intersection over union of at least `iou`; its concept is the one with the largest.

    Gives: `detectors` (units, 0 to the number of units; the paper reads higher as more interpretable),
    `detector_share` (of the units, 0 to 1), `unique_detectors` (distinct concepts); per category
    `detectors/CATEGORY` and `unique/CATEGORY` (each unit counted under its best concept alone) and
    `any_category/CATEGORY` (units that reach the threshold with some concept of the category; one unit
    may count in several); `mean_iou` (of the units' best concepts, 0 to 1).

    The conventions of others stand beside: `detectors/gate/GATE` for every gate, `detectors/iou/0.04` of Bau et al.;
    `object_scene_ratio` (detectors of objects for each of scenes; the paper reads higher as more interpretable, None
    without scene detectors) and `object_share` (objects among the detectors of objects and scenes, 0 to 1, which is
    defined more often); `curve_area` (mean of `detector_share` over IoU thresholds from 0.01 to 0.30, 0 to 1, which
    hangs on no single threshold), with the curve in the facts. Keeps the whole dissection.

    Attributes:
        layer: dotted name of the layer.
        iou: overlap that makes a detector; 0 to 1. The KD paper takes 0.05, Bau et al. 0.04.
        quantile: share of the positions above a unit's threshold; 0 to 1.
        gate: which activations count against a unit: `region` (the published code), `image` (the
            paper's definition), or `none`.
        exemplars: images kept for each unit, for the report.

    Source: Bau et al. 2017, "Network Dissection", arXiv:1704.05796, section 2; Han et al. 2023.
    Departs: exact thresholds in place of a sketch; see `kdissect.dissect`.
    """

    version: ClassVar[int] = 2
    needs: ClassVar[frozenset[Need]] = frozenset({"probe"})
    passes: ClassVar[float] = 4
    definitions: ClassVar[dict[str, str]] = {
        "detectors": "units whose best concept reaches the IoU threshold",
        "unique_detectors": "different concepts among the detectors",
        "detector_share": "detectors divided by all units of the layer",
        "mean_iou": "mean over all units of the IoU of their best concept",
        "object_scene_ratio": "detectors of objects for each detector of scenes",
        "object_share": "objects among the detectors of objects and scenes",
        "curve_area": "mean share of detectors over IoU thresholds from 0.01 to 0.30",
        "detectors/gate/region": "detectors where activations count against a unit in images that have its category",
        "detectors/gate/image": "detectors where activations count against a unit in images that have its concept",
        "detectors/gate/none": "detectors where every activation counts against a unit",
        "detectors/iou/0.04": "units whose best concept reaches an IoU of 0.04, the threshold of Bau et al.",
        "detectors/": "detectors whose best concept is of this category",
        "unique/": "different concepts of this category among the detectors",
        "any_category/": "units that reach the IoU threshold with some concept of this category, best or not; "
        "a unit may count in several categories",
    }

    layer: str
    iou: float = Field(default=0.05, gt=0, le=1)
    quantile: float = Field(default=0.005, gt=0, lt=1)
    gate: Literal["region", "image", "none"] = "region"
    exemplars: int = Field(default=6, ge=1)

    def check(self, module: nn.Module) -> None:
        """Refuse a network without the layer."""
        find_layer(module, self.layer)

    def run(self, subject: Subject, folder: Path) -> Measured:
        """Dissect the layer; the dissection lies in the record's folder `dissection`."""
        network = subject.network
        found = dissect(
            subject.module,
            self.layer,
            subject.the_probe,
            quantile=self.quantile,
            gate=self.gate,
            threshold=self.iou,
            normalize=(network.mean, network.std),
            num_exemplars=self.exemplars,
            network_name=network.architecture,
            progress=_steps(subject.progress),
        )
        found.save(folder / "dissection")
        units, num = found.num_units, found.num_detectors()
        scores = [
            Score(name="detectors", value=num, unit="units", direction="higher", bounds=(0, units)),
            Score(name="detector_share", value=num / units, unit="share", direction="higher", bounds=(0, 1)),
            Score(
                name="unique_detectors",
                value=found.unique_detectors(),
                unit="concepts",
                direction="higher",
                bounds=(0, units),
            ),
            Score(
                name="mean_iou",
                value=float(found.winners().iou.mean()),
                unit="IoU",
                direction="higher",
                # Above 1 where a label lies on two planes of a pixel, which the published code counts twice.
                bounds=(0, None),
            ),
        ]
        # How many of the detectors fall into a category says what is detected, not whether that is better.
        for category, top in found.by_top_label().items():
            scores += [
                Score(name=f"detectors/{category}", value=top.num_detectors, unit="units", bounds=(0, units)),
                Score(name=f"unique/{category}", value=top.unique_detectors, unit="concepts", bounds=(0, units)),
            ]
        for category, each in found.by_category().items():
            name = f"any_category/{category}"
            scores.append(Score(name=name, value=each.num_detectors, unit="units", bounds=(0, units)))
        curve = found.curve()
        for gate in GATES:
            count = found.num_detectors(gate=gate)
            name = f"detectors/gate/{gate}"
            scores.append(Score(name=name, value=count, unit="units", direction="higher", bounds=(0, units)))
        at_4 = found.num_detectors(0.04)
        area = sum(one.num_detectors for _, one in curve) / (units * len(curve))
        scores += [
            Score(name="detectors/iou/0.04", value=at_4, unit="units", direction="higher", bounds=(0, units)),
            *_objects_and_scenes(found),
            Score(name="curve_area", value=area, unit="share", direction="higher", bounds=(0, 1)),
        ]
        facts = {"units": units, "iou": self.iou, "gate": self.gate, "layer": self.layer}
        points = [[least, one.num_detectors, one.unique_detectors] for least, one in curve]
        return Measured(tuple(scores), {**facts, "curve": points})


def _objects_and_scenes(found: Dissection) -> list[Score]:
    """Detectors of objects against those of scenes; None where the probe lacks one of the categories."""
    by_category = found.by_top_label()
    counts = [by_category[name].num_detectors if name in by_category else None for name in ("object", "scene")]
    objects, scenes = counts
    ratio = objects / scenes if objects is not None and scenes else None
    share = objects / (objects + scenes) if objects is not None and scenes is not None and objects + scenes else None
    return [
        Score(name="object_scene_ratio", value=ratio, unit="ratio", direction="higher", bounds=(0, None)),
        Score(name="object_share", value=share, unit="share", direction="higher", bounds=(0, 1)),
    ]


def _steps(progress: Callable[[int], None] | None) -> Callable[[int, int], None] | None:
    """From the number of images since the last call to the number done."""
    if progress is None:
        return None
    seen = 0

    def tell(done: int, _total: int) -> None:
        nonlocal seen
        progress(done - seen)
        seen = done

    return tell
