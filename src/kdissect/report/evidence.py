"""What a report is made from: the study, and those of its records that are there."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kdissect.errors import DataError, RecordError
from kdissect.records import Record, Store
from kdissect.report.dissection import Dissection, read_dissection
from kdissect.report.reproduction_file import ClaimRow, read_reproduction
from kdissect.report.shown import Shown, read_shown
from kdissect.specs import one_line


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ArmCard(_Read):
    """An arm as `study.json` describes it.

    Attributes:
        own_recipe: whether it was not trained with the study's recipe.
        place: where it stands on the axes of its study, for charts.
    """

    name: str
    role: str = "student"
    formula: str = ""
    teacher: str | None = None
    network: Any = None
    own_recipe: bool = False
    place: dict[str, int | float | str] = Field(default_factory=dict)


class CellCard(_Read):
    """A cell of the study: what will be, or was, done.

    Attributes:
        epoch: epochs that the measured weights have; None for the last ones.
    """

    digest: str
    kind: str
    arm: str
    seed: int
    epoch: int | None = None


class StudyCard(_Read):
    """`study.json`, as far as a report needs it; what else is in the file is left alone.

    Attributes:
        size: size of a study of the catalogue.
        arms: in the order in which they are shown.
        reference: the arm the others are compared with; None if there is none.
        command: what was typed.
        spec: the resolved study, from which it can be run again.
        cells: the work that belongs to the study.
    """

    name: str
    title: str = ""
    size: str | None = None
    arms: tuple[ArmCard, ...]
    reference: str | None = None
    seeds: tuple[int, ...] = ()
    dataset: Any = None
    probe: Any = None
    recipe: Any = None
    command: str = ""
    spec: Any = None
    cells: tuple[CellCard, ...]


@dataclass(frozen=True)
class Result:
    """A record and the cell that it answers.

    A record is named by what made it, so it may answer for an arm that had another name when it was written:
    the cell says whose it is.

    Attributes:
        measure: the cell's kind; with a number if the study has several cells of that kind, arm and seed.
        arm, seed: the cell's.
        record: what is in the store.
        epoch: epochs that the measured weights had; None for the last ones.
    """

    measure: str
    arm: str
    seed: int
    record: Record
    epoch: int | None = None


@dataclass(frozen=True)
class Evidence:
    """All that a report says is said on this.

    Attributes:
        study: the study that ran last in the store, or the one that was asked for.
        arms: the study's arms, then those that only its cells name.
        results: the records of the last weights that are there, in the order of the study's cells.
        dissections: one for each record of the last weights that has a dissection.
        missing: cells without a usable record.
        complaints: one sentence for each file that could not be used.
        shown: one for each record of the last weights that kept images with their maps.
        earlier: records of the weights after earlier epochs.
        claims: what was published and what became of it, the rows that this study answers.
    """

    study: StudyCard
    arms: tuple[ArmCard, ...]
    results: tuple[Result, ...] = ()
    dissections: tuple[Dissection, ...] = ()
    missing: tuple[CellCard, ...] = ()
    complaints: tuple[str, ...] = ()
    shown: tuple[Shown, ...] = ()
    earlier: tuple[Result, ...] = ()
    claims: tuple[ClaimRow, ...] = ()

    @property
    def num_done(self) -> int:
        """Cells that have a usable record."""
        return len(self.results) + len(self.earlier)

    @property
    def reference(self) -> str | None:
        """The reference arm's name, None if the study has no such arm."""
        names = [arm.name for arm in self.arms]
        return self.study.reference if self.study.reference in names else None

    @property
    def compared(self) -> tuple[ArmCard, ...]:
        """The arms that the reference is for: students other than itself."""
        if self.reference is None:
            return ()
        return tuple(arm for arm in self.arms if arm.name != self.reference and arm.role != "teacher")

    def trained(self, arm: str) -> dict[int, Record]:
        """Seed to training record of an arm."""
        own = [result for result in self.results if result.measure == "train" and result.arm == arm]
        return {result.seed: result.record for result in sorted(own, key=lambda result: result.seed)}


def read(path: Path, name: str | None = None) -> Evidence:
    """Read a store; cells that are missing or damaged are listed, and stop nothing.

    Args:
        path: the store.
        name: of one of its studies; None for the one that ran last.

    Raises:
        RecordError: the folder is no store, or has no usable description of the study.
    """
    store = Store(path)
    study = _read_study(store.path / "study.json" if name is None else store.path / "studies" / f"{name}.json")
    results: list[Result] = []
    earlier: list[Result] = []
    missing: list[CellCard] = []
    dissections: list[Dissection] = []
    shown: list[Shown] = []
    complaints: list[str] = []
    seen: Counter[tuple[str, str, int, int | None]] = Counter()
    for cell in study.cells:
        seen[cell.kind, cell.arm, cell.seed, cell.epoch] += 1
        times = seen[cell.kind, cell.arm, cell.seed, cell.epoch]
        measure = cell.kind if times == 1 else f"{cell.kind} ({times})"
        try:
            record = store.find(cell.digest)
        except (RecordError, OSError, ValueError) as error:
            complaints.append(str(error))
            record = None
        if record is None:
            missing.append(cell)
            if (failure := store.failure(cell.digest)) is not None:
                complaints.append(f"{failure.title} failed: {failure.message}")
            continue
        if cell.epoch is not None:
            earlier.append(Result(measure, cell.arm, cell.seed, record, cell.epoch))
            continue
        results.append(Result(measure, cell.arm, cell.seed, record))
        try:
            one = read_shown(store.folder(cell.digest), measure, cell.arm, cell.seed, record)
            shown += [] if one is None else [one]
        except DataError as error:
            complaints.append(f"{measure} of {cell.arm}, seed {cell.seed}: {error}")
        folder = store.folder(cell.digest) / "dissection"
        if folder.is_dir():
            try:
                dissections.append(_dissection(folder, measure, cell, record))
            except DataError as error:
                complaints.append(f"{measure} of {cell.arm}, seed {cell.seed}: {error}")
    complaints += [text for dissection in dissections if (text := _disagreement(dissection, results))]
    try:
        claims = read_reproduction(store.path)
    except RecordError as error:
        claims = ()
        complaints.append(str(error))
    return Evidence(
        study=study,
        arms=_all_arms(study),
        results=tuple(results),
        earlier=tuple(earlier),
        dissections=tuple(dissections),
        shown=tuple(shown),
        missing=tuple(missing),
        complaints=tuple(complaints),
        claims=tuple(row for row in claims if row.study == study.name),
    )


def _read_study(path: Path) -> StudyCard:
    if not path.is_file():
        raise RecordError(f"expected {path}, as `kdissect run` leaves it; run a study into this store first")
    try:
        return StudyCard.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        raise RecordError(f"{path} is no study: {one_line(error)}; run the study again") from None


def _dissection(folder: Path, measure: str, cell: CellCard, record: Record) -> Dissection:
    """The dissection of a cell; gate and IoU threshold are those of the record's facts, or the header's."""
    gate, iou = record.facts.get("gate"), record.facts.get("iou")
    return read_dissection(
        folder,
        gate=None if gate is None else str(gate),
        iou=float(iou) if isinstance(iou, int | float) else None,
        title=f"{measure} of {cell.arm}, seed {cell.seed}",
        places={"measure": measure, "arm": cell.arm, "seed": str(cell.seed)},
    )


def _all_arms(study: StudyCard) -> tuple[ArmCard, ...]:
    names = {arm.name for arm in study.arms}
    others = dict.fromkeys(cell.arm for cell in study.cells if cell.arm not in names)
    return study.arms + tuple(ArmCard(name=name) for name in others)


def _disagreement(dissection: Dissection, results: list[Result]) -> str | None:
    """What to say if a record counts other detectors than its own dissection does."""
    for result in results:
        if (result.measure, result.arm, result.seed) != (dissection.measure, dissection.arm, dissection.seed):
            continue
        recorded = [score.value for score in result.record.scores if score.name == "detectors"]
        counted = len(dissection.detectors)
        if recorded and recorded[0] is not None and recorded[0] != counted:
            return (
                f"{dissection.measure} of {result.arm}, seed {result.seed}: its record counts {recorded[0]:g} "
                f"detectors, its dissection has {counted} at IoU {dissection.iou:g} (gate {dissection.gate})"
            )
    return None
