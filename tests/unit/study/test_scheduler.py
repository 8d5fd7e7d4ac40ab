"""What the scheduler does with cells that fail, are changed, or belong to others; the work is a fake."""

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from noting import Noting

from kdissect.data import Brodenette
from kdissect.distill import CE, KD, as_objective
from kdissect.errors import DivergedError, RecordError, UnwritableError
from kdissect.measures import Accuracy, ClassSimilarity
from kdissect.models import Network
from kdissect.records import Failure, Progress, Record, Score, Store, described, manifest, write_record
from kdissect.study import Arm, Cell, Study, plan, runs_of, unfinished
from kdissect.study.describe import describe
from kdissect.study.here import Here
from kdissect.study.job import Job
from kdissect.study.scheduler import Scheduler, missing_of
from kdissect.study.watch import Reporter
from kdissect.study.workshop import Workshop
from kdissect.training import Recipe


@pytest.fixture(scope="module")
def study() -> Study:
    network = Network(architecture="small/resnet8", num_classes=32, width=4)
    ce = as_objective(CE())
    return Study(
        name="fake",
        title="A study whose work is a fake",
        dataset=Brodenette(train=64, val=64, test=64),
        arms=(
            Arm(name="teacher", network=network.changed(width=8), objective=ce, role="teacher"),
            Arm(name="scratch", network=network, objective=ce),
            Arm(name="KD", network=network, objective=CE() + KD(), teacher="teacher"),
        ),
        recipe=Recipe(epochs=1, batch_size=16),
        measures=(Accuracy(), ClassSimilarity()),
        seeds=(0, 1),
        reference="scratch",
    )


class Fake:
    """Writes records of nothing."""

    def __init__(self, store: Store, act: Callable[[Cell], None] | None = None) -> None:
        self.store, self.act, self.did = store, act, list[str]()

    def do(self, cell: Cell, reporter: Reporter) -> Record:
        reporter.start(10)
        if self.act is not None:
            self.act(cell)
        self.did.append(cell.title)
        score = Score(name="one", value=1.0, unit="share")
        record = Record(
            kind=cell.kind, arm=cell.arm.name, seed=cell.seed, key=cell.key, digest=cell.digest, scores=(score,)
        )
        with self.store.writing(cell.digest) as folder:
            return write_record(folder, record)


def run(study: Study, folder: Path, act: Callable[[Cell], None] | None = None) -> tuple[Fake, Noting, Scheduler]:
    store, watch = Store.create(folder), Noting()
    fake = Fake(store, act)
    workshop = Workshop(Job((study,), str(folder)), store)
    workshop.__dict__["doer"] = fake
    scheduler = Scheduler(missing_of(plan(study), store, watch), store, Here(workshop), watch)
    scheduler.run()
    return fake, watch, scheduler


def test_a_failing_arm_stops_only_what_needs_it(study: Study, tmp_path: Path) -> None:
    def act(cell: Cell) -> None:
        if cell.title == "train teacher, seed 0":
            raise DivergedError("the loss is inf")

    fake, watch, scheduler = run(study, tmp_path / "out", act)
    assert sorted({title.split(" ", 1)[1] for title in fake.did}) == ["scratch, seed 0", "scratch, seed 1"]
    assert watch.failed == {"train teacher, seed 0": "the loss is inf"}
    assert len(watch.blocked) == 8
    assert all(line.endswith("for train teacher, seed 0") for line in watch.blocked)
    with pytest.raises(DivergedError) as caught:
        scheduler.complain()
    assert "8 that need it could not be done; kdissect status" in caught.value.__notes__[-1]
    store = Store(tmp_path / "out")
    failure = store.failure(plan(study)[0].digest) or store.failure(
        next(c.digest for c in plan(study) if c.title == "train teacher, seed 0")
    )
    assert failure is not None
    assert (failure.error, failure.message) == ("DivergedError", "the loss is inf")
    again, watch, _ = run(study, tmp_path / "out")
    assert len(again.did) == 9
    assert not store.failures()


def test_a_full_disk_stops_everything(study: Study, tmp_path: Path) -> None:
    def act(cell: Cell) -> None:
        raise UnwritableError("cannot write x (No space left on device)")

    with pytest.raises(UnwritableError, match="No space left"):
        run(study, tmp_path / "out", act)
    assert not Store(tmp_path / "out").failures()
    assert list((tmp_path / "out/claims").iterdir()) == []


@pytest.mark.parametrize(
    ("plugin", "redone"),
    [
        (Accuracy, {"Accuracy": 5}),
        (KD, {"train": 2, "Accuracy": 2, "ClassSimilarity": 2}),
        (CE, {"train": 5, "Accuracy": 5, "ClassSimilarity": 5}),
    ],
)
def test_a_new_version_of_a_plug_in_redoes_exactly_what_depends_on_it(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plugin: Any, redone: dict[str, int]
) -> None:
    assert len(run(study, tmp_path / "out")[0].did) == 15
    assert run(study, tmp_path / "out")[0].did == []
    monkeypatch.setattr(plugin, "version", plugin.version + 1)
    changed = study.model_copy()  # nothing of the old digests is kept in it
    fake, _, _ = run(changed, tmp_path / "out")
    kinds = [title.split(" ")[0] for title in fake.did]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == redone
    if plugin is KD:
        assert all(" KD, " in title for title in fake.did)
    assert len(Store(tmp_path / "out").records()) == 15 + len(fake.did)


def test_what_another_runner_does_is_waited_for_and_taken_over_if_it_stops(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kdissect.study.scheduler.POLL_SECONDS", 0.01)
    store = Store.create(tmp_path / "out")
    cells = {cell.title: cell for cell in plan(study)}
    one, other = cells["train scratch, seed 0"], cells["Accuracy scratch, seed 0"]
    claim = store.claims.take(one.digest, one.title, Progress())
    assert claim.__enter__()

    def act(cell: Cell) -> None:
        if cell.title == "train KD, seed 1":  # the other runner is stopped when ours has done something else
            claim.__exit__(None, None, None)

    fake, watch, _ = run(study, tmp_path / "out", act)
    assert watch.others == [one.title]
    assert fake.did.index(one.title) > fake.did.index("train KD, seed 1")
    assert fake.did.index(other.title) > fake.did.index(one.title)
    assert len(fake.did) == len(set(fake.did)) == 15


def test_what_failed_at_another_runner_is_not_tried_here(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kdissect.study.scheduler.POLL_SECONDS", 0.01)
    store = Store.create(tmp_path / "out")
    one = next(cell for cell in plan(study) if cell.title == "train scratch, seed 0")
    claim = store.claims.take(one.digest, one.title, Progress())
    assert claim.__enter__()

    def act(cell: Cell) -> None:
        if cell.title == "train KD, seed 1":
            store.fail(one.digest, Failure(one.title, "DivergedError", "the loss is inf"))
            claim.__exit__(None, None, None)

    _, watch, scheduler = run(study, tmp_path / "out", act)
    assert watch.failed == {one.title: "another runner found: the loss is inf"}
    with pytest.raises(RecordError, match="another runner found: the loss is inf"):
        scheduler.complain()


def test_a_clock_that_jumps_changes_nothing(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(0)
    real = time.time
    monkeypatch.setattr("time.time", lambda: real() + rng.choice([-1e9, -3600, 0, 3600, 1e9]))
    fake, watch, _ = run(study, tmp_path / "jumps")
    assert len(fake.did) == 15
    assert watch.others == []
    monkeypatch.undo()
    run(study, tmp_path / "steady")
    found = [
        {path.relative_to(folder): path.read_bytes() for path in folder.glob("cells/*/record.json")}
        for folder in (tmp_path / "jumps", tmp_path / "steady")
    ]
    assert found[0] == found[1]
    assert run(study, tmp_path / "jumps")[0].did == []


def test_a_damaged_record_is_redone_and_nothing_else(study: Study, tmp_path: Path) -> None:
    run(study, tmp_path / "out")
    store = Store(tmp_path / "out")
    cells = {cell.title: cell for cell in plan(study)}
    edited = store.folder(cells["Accuracy KD, seed 1"].digest) / "record.json"
    edited.write_text(edited.read_text().replace('"value": 1.0', '"value": 9.0'))
    cut = store.folder(cells["train teacher, seed 0"].digest) / "record.json"
    cut.write_bytes(cut.read_bytes()[:-40])
    fake, watch, _ = run(study, tmp_path / "out")
    assert sorted(fake.did) == ["Accuracy KD, seed 1", "train teacher, seed 0"]
    assert len(watch.again_) == 2
    assert len(list((tmp_path / "out/damaged").iterdir())) == 2


def test_a_part_of_a_study_does_not_hide_the_whole(study: Study, tmp_path: Path) -> None:
    store = Store.create(tmp_path / "out")
    part = study.changed(seeds=(0,))
    describe(part, plan(part), store)
    assert len(described(store)["cells"]) == 9
    describe(study, plan(study), store)
    assert len(described(store)["cells"]) == 15
    describe(part, plan(part), store)
    assert len(described(store)["cells"]) == len(described(store, "fake")["cells"]) == 15
    other = study.changed(measures=(Accuracy(),), seeds=(0, 1, 2))
    describe(other, plan(other), store)
    assert described(store)["seeds"] == [0, 1, 2]


def test_arms_that_are_not_finished_are_named_and_left_out(study: Study, tmp_path: Path) -> None:
    def act(cell: Cell) -> None:
        if cell.title == "ClassSimilarity KD, seed 1":
            raise DivergedError("no")

    run(study, tmp_path / "out", act)
    store = Store(tmp_path / "out")
    describe(study, plan(study), store)
    assert unfinished(store) == {"KD": "ClassSimilarity KD, seed 1"}
    with pytest.raises(RecordError, match="ClassSimilarity KD, seed 1 is not done"):
        runs_of(store)
    assert set(runs_of(store, without=("KD",))) == {"teacher", "scratch"}


def test_studies_that_share_cells_name_them_each_in_its_way(study: Study, tmp_path: Path) -> None:
    run(study, tmp_path / "out")
    store = Store(tmp_path / "out")
    arms = tuple(arm.changed(name="plain") if arm.name == "scratch" else arm for arm in study.arms)
    twin = study.changed(name="twin", arms=arms, reference="plain")
    for one in (study, twin):
        describe(one, plan(one), store)
    names = {one.name: {cell.arm for cell in one.cells} for one in manifest(store).studies}
    assert names == {"fake": {"teacher", "scratch", "KD"}, "twin": {"teacher", "plain", "KD"}}
