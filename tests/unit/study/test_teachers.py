"""Who teaches whom: generations, ensembles, and what is refused."""

from pathlib import Path

import pytest
import torch

from kdissect.data import Brodenette
from kdissect.data.brodenette import World
from kdissect.distill import CE, KD, as_objective
from kdissect.errors import SpecError
from kdissect.models import Network, load_weights
from kdissect.records import Store
from kdissect.study import Arm, NoWatch, Runner, Study, Teaching, one_student, plan
from kdissect.training import Recipe

NETWORK = Network(architecture="small/resnet8", num_classes=32, width=4, stem="half")
DATA = Brodenette(world=World(size=32), train=64, val=32, test=32)
RECIPE = Recipe(epochs=1, batch_size=32)


def chain(*teachers: str | tuple[str, ...] | None, networks: dict[str, Network] | None = None) -> Study:
    """Arms a, b, c, ..., each with its teacher."""
    names = "abcdef"[: len(teachers)]
    arms = tuple(
        Arm(
            name=name,
            network=(networks or {}).get(name, NETWORK),
            objective=CE() + KD() if teacher else as_objective(CE()),
            teacher=teacher,
        )
        for name, teacher in zip(names, teachers, strict=True)
    )
    return Study(name="s", title="s", dataset=DATA, arms=arms, recipe=RECIPE, reference="a", seeds=(0, 1))


def test_a_student_of_its_own_kind_is_of_a_later_generation() -> None:
    study = chain(None, "a", "b", "c", networks={"d": NETWORK.changed(width=6)})
    assert [study.generation(arm) for arm in study.arms] == [0, 1, 2, 0]
    keys = {cell.arm.name: cell.key for cell in plan(study) if cell.seed == 0}
    assert "generation" not in keys["a"]
    assert "generation" not in keys["d"]
    assert (keys["b"]["generation"], keys["c"]["generation"]) == (1, 2)
    by_arm = {(cell.arm.name, cell.seed): cell for cell in plan(study)}
    assert by_arm["c", 1].sources == (by_arm["b", 1],)


def test_a_student_of_its_own_kind_starts_from_other_weights_than_its_teacher(tmp_path: Path) -> None:
    """With a rate of next to nothing the weights at the end are those of the start."""
    study = one_student(DATA, NETWORK, CE() + KD(), RECIPE.changed(learning_rate=1e-12), Teaching(generations=1))
    study = study.changed(measures=())
    store = Store.create(tmp_path / "out")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kdissect.training.Teacher.check", lambda *_a, **_k: 1.0)
        Runner(study, store, torch.device("cpu"), NoWatch()).run()
    weights = {}
    for cell in plan(study):
        module = NETWORK.build()
        load_weights(module, store.folder(cell.digest) / "student.safetensors")
        weights[cell.arm.name] = module.state_dict()["conv1.weight"]
    torch.testing.assert_close(weights["generation-0"], NETWORK.build(0).state_dict()["conv1.weight"])
    assert (weights["student"] - weights["generation-0"]).abs().max() > 0.01


def test_an_ensemble_is_several_arms_and_has_their_digests() -> None:
    study = chain(None, None, ("a", "b"), networks={"b": NETWORK.changed(width=6)})
    cell = next(cell for cell in plan(study) if cell.arm.name == "c" and cell.seed == 1)
    assert [source.title for source in cell.sources] == ["train a, seed 1", "train b, seed 1"]
    assert cell.key["teacher"] == [source.digest for source in cell.sources]


def test_pairings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(SpecError, match="no arm 'z' to teach it"):
        chain(None, ("a", "z"))
    with pytest.raises(SpecError, match="members of an ensemble differ"):
        chain(None, ("a", "a"))
    with pytest.raises(SpecError, match="teach each other in a circle"):
        chain("b", "a")
    with pytest.raises(SpecError, match="normalised alike"):
        chain(None, None, ("a", "b"), networks={"b": NETWORK.changed(mean=(0.5, 0.5, 0.5))})
    with pytest.raises(SpecError, match="must differ, in width or architecture"):
        one_student(DATA, NETWORK, CE() + KD(), RECIPE, Teaching(networks=(NETWORK, NETWORK)))
    with pytest.raises(SpecError, match="from itself or from others, got both"):
        one_student(DATA, NETWORK, CE() + KD(), RECIPE, Teaching(networks=(NETWORK,), generations=1))
