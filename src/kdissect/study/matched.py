"""At equal accuracy: earlier checkpoints of the more accurate arm against the other's last weights.

Accuracy moves many scores by itself. If a difference is there at equal accuracy too, accuracy is not what made it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from kdissect.errors import SpecError
from kdissect.models import Network
from kdissect.records import Record, Store
from kdissect.study.at_hand import study_at_hand
from kdissect.study.cell import Cell, plan
from kdissect.study.study import Study
from kdissect.study.work import CHECKPOINTS, WEIGHTS


@final
@dataclass(frozen=True)
class Matched:
    """Two arms at equal accuracy.

    Attributes:
        earlier: name of the arm whose earlier checkpoints are taken: the one that ends more accurate.
        target: mean accuracy on the val split that the other arm ends with, 0 to 1.
        epochs: for each seed of `earlier` the epochs that its checkpoint had.
        accuracies: for each seed its accuracy on the val split then.
        networks: for either arm its trained networks, one a seed.
        teacher: the network that both are held against; None if there is none.
    """

    earlier: str
    target: float
    epochs: tuple[int, ...]
    accuracies: tuple[float, ...]
    networks: Mapping[str, tuple[Network, ...]]
    teacher: Network | None

    def study(self, study: Study) -> Study:
        """The study that measures them, with the measures, data set and probe of the one that trained them."""
        return study_at_hand(self.networks, study.dataset, study.probe, study.measures, teacher=self.teacher)


def match_accuracy(study: Study, store: Store, arm: str, reference: str) -> Matched:
    """For each seed of the more accurate of two arms the checkpoint whose accuracy is nearest to the other's.

    Accuracies are those of the val split, so that nothing is chosen on the split that is reported.

    Args:
        study: the finished study.
        store: where its records lie, with checkpoints of single epochs (`keep_every`).
        arm: one arm.
        reference: the other.

    Raises:
        SpecError: a run is missing, or kept no checkpoints.
    """
    runs = {name: _training(study, store, name) for name in (arm, reference)}
    ends = {name: _mean([one.score("val_accuracy").value or 0.0 for _, one in own]) for name, own in runs.items()}
    earlier = max(runs, key=lambda name: ends[name])
    other = reference if earlier == arm else arm
    networks: dict[str, tuple[Network, ...]] = {}
    epochs, accuracies, chosen = [], [], []
    for cell, record in runs[earlier]:
        folder = store.folder(cell.digest) / CHECKPOINTS
        points = [point for point in record.facts.get("curve", ()) if "val_accuracy" in point]
        curve = {int(point["epoch"]): float(point["val_accuracy"]) for point in points}
        kept = {epoch: folder / f"epoch-{epoch:04d}.safetensors" for epoch in curve}
        there = {epoch: path for epoch, path in kept.items() if path.is_file()}
        if not there:
            raise SpecError(
                f"expected checkpoints of single epochs of {earlier}, seed {cell.seed}, to compare at equal accuracy, "
                "there are none; train with kdissect run --keep-every 1 in a new folder"
            )
        # Of equally near ones the later: it was trained longer.
        best = min(there, key=lambda epoch: (abs(curve[epoch] - ends[other]), -epoch))
        epochs.append(best)
        accuracies.append(curve[best])
        chosen.append(_network(cell, there[best]))
    networks[earlier] = tuple(chosen)
    networks[other] = tuple(_network(cell, store.folder(cell.digest) / WEIGHTS) for cell, _ in runs[other])
    judge = study.teacher_of(study.arm(reference))
    teacher = None
    if judge is not None:
        cell, _ = _training(study, store, judge.name)[0]
        teacher = _network(cell, store.folder(cell.digest) / WEIGHTS)
    ordered = {name: networks[name] for name in (reference, arm)}
    return Matched(earlier, ends[other], tuple(epochs), tuple(accuracies), ordered, teacher)


def _training(study: Study, store: Store, arm: str) -> list[tuple[Cell, Record]]:
    found = []
    for cell in plan(study):
        if cell.arm.name == arm and cell.measure is None:
            record = store.find(cell.digest)
            if record is None:
                raise SpecError(f"{cell.title} is not done in {store.path}; finish the study, then ask again")
            found.append((cell, record))
    if not found:
        raise SpecError(f"no arm {arm!r} in the study; there are {', '.join(one.name for one in study.arms)}")
    return found


def _network(cell: Cell, weights: Path) -> Network:
    return cell.arm.network.model_copy(update={"weights": str(weights)})


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
