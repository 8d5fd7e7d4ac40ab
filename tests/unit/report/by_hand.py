"""Evidence made from a few numbers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kdissect.records import Record, Score
from kdissect.report.dissection import Dissection, Unit
from kdissect.report.evidence import ArmCard, CellCard, Evidence, Result, StudyCard


def evidence(
    values: Mapping[str, Sequence[float]],
    *,
    score: Mapping[str, Any] | None = None,
    kind: str = "Detectors",
    arms: Sequence[ArmCard] | None = None,
    reference: str | None = "scratch",
    dissections: Sequence[Dissection] = (),
    missing: Sequence[CellCard] = (),
) -> Evidence:
    """One score of one measure; an arm's n-th value is that of seed n."""
    fields = {"name": "detectors", "unit": "units", "direction": "higher", "bounds": (0, None), **(score or {})}
    results = []
    for arm, numbers in values.items():
        for seed, value in enumerate(numbers):
            record = Record(
                kind=kind, arm=arm, seed=seed, key={}, digest=f"{arm}{seed}", scores=(Score(value=value, **fields),)
            )
            results.append(Result(kind, arm, seed, record))
    cards = tuple(arms) if arms is not None else tuple(ArmCard(name=arm) for arm in values)
    cells = tuple(CellCard(digest=r.record.digest, kind=kind, arm=r.arm, seed=r.seed) for r in results)
    study = StudyCard(name="hand", arms=cards, reference=reference, cells=(*cells, *missing))
    return Evidence(study, cards, tuple(results), tuple(dissections), tuple(missing))


def dissection(arm: str, seed: int, units: Sequence[tuple[str, str, float]], *, iou: float = 0.05) -> Dissection:
    """A dissection of units given as concept, category and IoU."""
    made = tuple(Unit(number, name, category, value, 1.0) for number, (name, category, value) in enumerate(units))
    places = {"measure": "Detectors", "arm": arm, "seed": str(seed)}
    title = f"Detectors of {arm}, seed {seed}"
    return Dissection(Path("nowhere"), {"layer": "layer4"}, "image", iou, {"image": made}, title, places)
