import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from noting import Noting
from safetensors.torch import load_file

from kdissect.data import BrodenFolder, Dataset
from kdissect.data.brodenette import World, write_probe
from kdissect.distill import CE, KD, LS, as_objective
from kdissect.errors import DataError, LayerError, SpecError
from kdissect.measures import Accuracy, ClassSimilarity, Detectors, Measure, Measured, Subject
from kdissect.models import Network, save_weights
from kdissect.records import Score, Store
from kdissect.study import Arm, Runner, Study, change_study, find_study, plan
from kdissect.training import Recipe


@pytest.fixture
def study(blobs: Dataset, tiny: Network, recipe: Recipe) -> Study:
    ce = as_objective(CE())
    return Study(
        name="tiny",
        title="a tiny study",
        dataset=blobs,
        arms=(
            Arm(name="KD", network=tiny, objective=CE() + KD(temperature=4), teacher="teacher"),
            Arm(name="scratch", network=tiny, objective=ce),
            Arm(
                name="teacher",
                network=tiny,
                objective=ce,
                role="teacher",
                recipe=recipe.model_copy(update={"epochs": 8}),
            ),
        ),
        recipe=recipe,
        measures=(Accuracy(), ClassSimilarity()),
        seeds=(0, 1),
        reference="scratch",
    )


def run(study: Study, folder: Path) -> tuple[Noting, list[Any]]:
    watch = Noting()
    records = Runner(study, Store.create(folder), torch.device("cpu"), watch).run()
    return watch, records


def changed(study: Study, **fields: Any) -> Study:
    return Study(**{**dict(study), **fields})


def test_a_teacher_is_planned_once_and_before_its_students(study: Study) -> None:
    titles = [cell.title for cell in plan(study)]
    assert titles.count("train teacher, seed 0") == 1
    assert "train teacher, seed 1" not in titles
    assert titles.index("train teacher, seed 0") < titles.index("train KD, seed 0")
    assert titles.index("train KD, seed 1") < titles.index("Accuracy KD, seed 1")
    assert len(titles) == 5 * 3


def test_a_cells_digest_changes_with_all_that_decides_its_result_and_with_nothing_else(study: Study) -> None:
    def of(changed: Study) -> dict[str, str]:
        return {cell.title: cell.digest for cell in plan(changed)}

    before = of(study)
    assert len(set(before.values())) == len(before)
    renamed = of(changed(study, title="another title", measures=(Accuracy(),)))
    assert renamed.items() <= before.items()
    longer = of(changed(study, recipe=study.recipe.model_copy(update={"epochs": 4})))
    assert {t for t in before if before[t] == longer[t]} == {t for t in before if "teacher" in t}
    retaught = tuple(
        arm.model_copy(update={"recipe": study.recipe}) if arm.name == "teacher" else arm for arm in study.arms
    )
    other_teacher = of(changed(study, arms=retaught))
    assert {t for t in before if before[t] == other_teacher[t]} == {t for t in before if "scratch" in t}


def test_a_rerun_does_only_what_is_missing(study: Study, tmp_path: Path) -> None:
    first, records = run(study, tmp_path / "out")
    assert len(first.started) == 15
    again, same = run(study, tmp_path / "out")
    assert again.started == []
    assert same == records
    more, _ = run(changed(study, seeds=(0, 1, 2)), tmp_path / "out")
    assert sorted({title.split(" ", 1)[1] for title in more.started}) == ["KD, seed 2", "scratch, seed 2"]
    assert not list((tmp_path / "out" / "running").iterdir())


def test_a_measure_that_fails_stops_nothing_else_and_is_tried_again(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise DataError("the disk is on fire")

    with monkeypatch.context() as patch:
        patch.setattr(ClassSimilarity, "run", die)
        with pytest.raises(DataError, match="on fire") as caught:
            run(study, tmp_path / "out")
    assert "ClassSimilarity scratch, seed 0" in caught.value.__notes__[0]
    left = Store(tmp_path / "out").records()
    assert sorted({record.kind for record in left}) == ["Accuracy", "train"]
    assert len(left) == 10
    assert "4 other cells failed" in caught.value.__notes__[-1]
    assert len(Store(tmp_path / "out").failures()) == 5
    watch, records = run(study, tmp_path / "out")
    assert watch.kept == len(left)
    assert len(records) == 15
    assert not Store(tmp_path / "out").failures()


def test_arms_of_equal_specs_share_their_cells(study: Study, tmp_path: Path) -> None:
    twin = study.arm("teacher").changed(name="twin", role="student")
    watch, records = run(changed(study, arms=(*study.arms, twin), seeds=(0,)), tmp_path / "out")
    assert len(watch.started) == len(set(watch.started)) == 9
    assert len(records) == 12


def test_weights_that_were_exchanged_are_no_answer(study: Study, tmp_path: Path) -> None:
    _, records = run(study, tmp_path / "out")
    of = {r.arm: tmp_path / "out/cells" / r.digest[:16] for r in records if r.kind == "train" and r.seed == 0}
    (of["scratch"] / "student.safetensors").write_bytes((of["teacher"] / "student.safetensors").read_bytes())
    measured = next(r for r in records if r.kind == "Accuracy" and r.arm == "scratch" and r.seed == 0)
    shutil.rmtree(tmp_path / "out/cells" / measured.digest[:16])
    watch, again = run(study, tmp_path / "out")
    assert "train scratch, seed 0: its record was damaged and is set aside" in watch.again_
    assert watch.started == ["train scratch, seed 0", "Accuracy scratch, seed 0"]
    assert [record.scores for record in again] == [record.scores for record in records]
    (aside,) = (tmp_path / "out/damaged").iterdir()
    assert (aside / "student.safetensors").read_bytes() == (of["teacher"] / "student.safetensors").read_bytes()


def test_a_misspelt_layer_is_refused_before_the_first_epoch(study: Study, tmp_path: Path) -> None:
    write_probe(World(size=32), tmp_path / "probe", 8)
    wrong = changed(study, probe=BrodenFolder(path=str(tmp_path / "probe")), measures=(Detectors(layer="layre3"),))
    with pytest.raises(LayerError, match="did you mean 'layer3'"):
        run(wrong, tmp_path / "out")
    assert Store(tmp_path / "out").records() == []


class Threads(Measure):
    """How many threads a cell has.

    Source: torch.
    """

    def run(self, subject: Subject, folder: Path) -> Measured:
        return Measured((Score(name="threads", value=torch.get_num_threads(), unit="threads"),))


def test_a_cell_has_one_thread_however_many_there_are(study: Study, tmp_path: Path) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        _, records = run(changed(study, measures=(Threads(),), seeds=(0,)), tmp_path / "out")
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert {r.score("threads").value for r in records if r.kind == "Threads"} == {1}


def test_an_edited_class_of_ones_own_does_not_answer(tmp_path: Path) -> None:
    digests = set()
    for number, weight in enumerate((1, 2)):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "mine.py").write_text(
            "from kdissect.distill import CE as Plain, Term, as_objective\n"
            "from kdissect.study import change_study, find_study\n"
            "class CE(Term):\n"
            "    @property\n    def formula(self):\n        return 'CE'\n"
            f"    def loss(self, seen):\n        return {weight} * Plain().loss(seen)\n"
            "def study():\n"
            "    quick = find_study('quick')\n"
            "    own = as_objective(CE())\n"
            "    arms = tuple(a.changed(objective=own) if a.name == 'scratch' else a for a in quick.arms)\n"
            "    return quick.changed(arms=arms)\n"
        )
        found = find_study(f"{folder}/mine.py:study")
        digests |= {c.digest for c in plan(found) if c.kind == "train" and c.arm.name == "scratch" and c.seed == 0}
    digests |= {c.digest for c in plan(find_study("quick")) if c.title == "train scratch, seed 0"}
    assert len(digests) == 3


def test_weights_that_come_trained_are_checked_and_decide_the_digest(study: Study, tmp_path: Path) -> None:
    _, records = run(study, tmp_path / "out")
    teacher = next(r for r in records if r.arm == "teacher" and r.kind == "train")
    file = tmp_path / "teacher.safetensors"
    file.write_bytes((tmp_path / "out/cells" / teacher.digest[:16] / "student.safetensors").read_bytes())
    network = study.arm("teacher").network.model_copy(update={"weights": str(file)})
    given = Arm(name="teacher", network=network, role="teacher", stated_accuracy=0.9)
    with_given = changed(study, arms=(given, *study.arms[:2]))
    _, found = run(with_given, tmp_path / "out2")
    assert next(r for r in found if r.arm == "teacher" and r.kind == "Accuracy").score("accuracy").value == (
        next(r for r in records if r.arm == "teacher" and r.kind == "Accuracy").score("accuracy").value
    )
    before = plan(with_given)[0].digest
    save_weights(
        network.build().apply(
            lambda m: torch.nn.init.zeros_(m.bias) if hasattr(m, "bias") and m.bias is not None else None
        ),
        file,
    )
    assert plan(with_given)[0].digest != before
    save_weights(network.model_copy(update={"weights": None}).build(5), file)
    with pytest.raises(DataError, match="at chance"):
        run(with_given, tmp_path / "out3")


def test_changed_files_under_the_same_path_decide_the_digest(study: Study, tmp_path: Path) -> None:
    write_probe(World(size=32), tmp_path / "probe", 8)
    with_probe = changed(
        study, probe=BrodenFolder(path=str(tmp_path / "probe")), measures=(Accuracy(), Detectors(layer="layer3"))
    )
    before = [cell.digest for cell in plan(with_probe)]
    (tmp_path / "moved").mkdir()
    (tmp_path / "probe").rename(tmp_path / "moved/probe")
    moved = changed(with_probe, probe=BrodenFolder(path=str(tmp_path / "moved/probe")))
    assert [cell.digest for cell in plan(moved)] == before
    write_probe(World(size=32, seed=1), tmp_path / "probe", 8)
    after = [cell.digest for cell in plan(with_probe)]
    kinds = {cell.kind for cell, old, new in zip(plan(with_probe), before, after, strict=True) if old != new}
    assert kinds == {"Detectors"}

    factory = tmp_path / "net.py"
    factory.write_text("from torch import nn\ndef net(num_classes):\n    return nn.Linear(3, num_classes)\n")
    arm = Arm(
        name="scratch",
        network=Network(architecture=f"{factory}:net", num_classes=4),
        objective=as_objective(CE()),
    )
    own = changed(study, arms=(arm,))
    before = [cell.digest for cell in plan(own)]
    factory.write_text(factory.read_text() + "# another\n")
    assert plan(own)[0].digest != before[0]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"reference": "scrach"}, "expected one of the arms KD, scratch, teacher"),
        ({"seeds": (1, 1)}, "seeds must differ"),
        ({"measures": (Detectors(layer="layer3"),)}, "Detectors needs a probe"),
    ],
)
def test_a_study_refuses_pairings_that_do_not_fit(study: Study, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        changed(study, **fields)


def test_arms_refuse_parts_that_do_not_fit(study: Study, tiny: Network) -> None:
    with pytest.raises(SpecError, match="needs a teacher; name the arm"):
        Arm(name="KD", network=tiny, objective=CE() + KD())
    with pytest.raises(SpecError, match="no term that reads it"):
        Arm(name="LS", network=tiny, objective=as_objective(LS()), teacher="teacher")
    with pytest.raises(SpecError, match="neither an objective to train with nor weights"):
        Arm(name="x", network=tiny)
    with pytest.raises(SpecError, match="no arm 'nobody' to teach it"):
        changed(study, arms=(study.arms[0].model_copy(update={"teacher": "nobody"}), *study.arms[1:]))
    circle = tuple(Arm(name=n, network=tiny, objective=KD(), teacher=t) for n, t in (("a", "b"), ("b", "a")))
    with pytest.raises(SpecError, match="teach each other in a circle"):
        changed(study, arms=circle, reference="a")
    five = tiny.model_copy(update={"num_classes": 5})
    with pytest.raises(SpecError, match="arm scratch has 5 classes, the data set has 4"):
        changed(study, arms=(Arm(name="scratch", network=five, objective=as_objective(CE())),))


def test_the_quick_study_makes_the_round_trip_and_takes_changes(tmp_path: Path) -> None:
    quick = find_study("quick")
    file = tmp_path / "quick.json"
    file.write_text(quick.model_dump_json())
    assert find_study(str(file)) == quick
    changed = change_study(quick, seeds=5, epochs=2, train_teacher=True)
    assert changed.seeds == (0, 1, 2, 3, 4)
    assert changed.recipe.epochs == 2
    teacher = changed.arm("teacher")
    assert teacher.objective is not None
    assert teacher.network.weights is None
    with pytest.raises(SpecError, match="--train-teacher needs a teacher with the weights kdissect:quick_teacher"):
        change_study(changed, train_teacher=True)
    with pytest.raises(SpecError, match="--seeds must be 1 or more, got 0"):
        change_study(quick, seeds=0)


def test_a_study_is_found_by_function_and_by_file(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("from kdissect.study.catalogue.quick import quick as mine\nnumber = 3\n")
    assert find_study(f"{tmp_path}/mine.py:mine") == find_study("quick")
    with pytest.raises(SpecError, match="must be a function that returns a Study, got int"):
        find_study(f"{tmp_path}/mine.py:number")
    with pytest.raises(SpecError, match="no study 'quik'; expected one of quick"):
        find_study("quik")
    (tmp_path / "bad.yaml").write_text("name: x\ntitle: y\narms: []\n")
    with pytest.raises(SpecError, match="Study: dataset: Field required"):
        find_study(str(tmp_path / "bad.yaml"))
    with pytest.raises(DataError, match="there is no"):
        find_study(str(tmp_path / "gone.yaml"))


def test_weights_of_single_epochs_lie_in_the_record_and_change_nothing(study: Study, tmp_path: Path) -> None:
    alike = changed(study, measures=(Accuracy(),), seeds=(0,))
    _, plain = run(alike, tmp_path / "plain")
    store = Store.create(tmp_path / "kept")
    kept = Runner(alike, store, torch.device("cpu"), Noting(), keep_every=2).run()
    assert [(r.digest, r.scores) for r in kept] == [(r.digest, r.scores) for r in plain]
    for record in kept:
        names = sorted(name for name in record.files if name.startswith("checkpoints/"))
        epochs = [] if record.kind != "train" else [0, 2, 4, 6, 8] if record.arm == "teacher" else [0, 2, 3]
        assert names == [f"checkpoints/epoch-{epoch:04d}.safetensors" for epoch in epochs]
        if epochs:
            folder = store.folder(record.digest)
            last = load_file(folder / names[-1])
            for name, value in load_file(folder / "student.safetensors").items():
                assert torch.equal(value, last[name])
    assert not any((tmp_path / "kept/running").iterdir())
    watch, again = run(alike, tmp_path / "kept")
    assert watch.started == []
    assert len(again) == len(kept)


def test_a_stopped_run_that_kept_weights_goes_on_without(study: Study, tmp_path: Path) -> None:
    alone = changed(study, arms=(study.arm("scratch"),), measures=(Accuracy(),), seeds=(0,))
    cell = plan(alone)[0]
    running = tmp_path / "out/running" / cell.digest[:16]
    Store.create(tmp_path / "out")
    running.mkdir(parents=True)
    (running / "epoch-0000.safetensors").write_bytes(b"of a stopped run")
    run(alone, tmp_path / "out")
    assert not running.exists()
    with pytest.raises(SpecError, match="keep_every must be 1 or more, got 0"):
        Runner(alone, Store(tmp_path / "out"), torch.device("cpu"), Noting(), keep_every=0)
