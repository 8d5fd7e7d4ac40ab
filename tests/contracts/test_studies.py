"""Every study of the catalogue is listed, and keeps the promises of a study at every size."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kdissect.data.brodenette import World, write_probe
from kdissect.study import COLLECTIONS, SIZES, STUDIES, Study, catalogue, find_studies, plan
from kdissect.study.catalogue.sizes import scale_of


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A little ImageNet of four classes in two groups, and a probe."""
    root = tmp_path_factory.mktemp("full")
    for split in ("train", "val"):
        for number, own in enumerate(("n01", "n02", "n03", "n04")):
            (root / "data" / split / own).mkdir(parents=True)
            picture = np.full((40, 40, 3), 60 * number, dtype=np.uint8)
            Image.fromarray(picture).save(root / "data" / split / own / "0.png")
    (root / "data" / "groups.yaml").write_text("dogs: [n01, n03]\nbirds: [n02, n04]\n")
    write_probe(World(size=32), root / "probe", 8)
    return {"data": str(root / "data"), "probe": str(root / "probe")}


def of_size(study: Callable[..., Any], size: str, folders: dict[str, str]) -> Any:
    return study(size, **(folders if size == "full" else {}))


def test_every_function_of_the_package_that_makes_studies_is_listed() -> None:
    found = set()
    for module in pkgutil.iter_modules(catalogue.__path__):
        for _, function in inspect.getmembers(importlib.import_module(f"{catalogue.__name__}.{module.name}")):
            if inspect.isfunction(function) and not function.__name__.startswith("_"):
                takes_a_size = next(iter(inspect.signature(function).parameters), None) == "size"
                if takes_a_size and function is not scale_of:
                    found.add(function)
    assert found == {*STUDIES, *COLLECTIONS}
    assert len({one.__name__ for one in found}) == len(found)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("study", STUDIES, ids=lambda one: one.__name__)
def test_a_study_plans_at_every_size_and_makes_the_round_trip(
    study: Callable[..., Study], size: str, folders: dict[str, str]
) -> None:
    made = of_size(study, size, folders)
    assert made.name == study.__name__
    assert made.size == size
    assert study.__doc__
    assert made.reference == "scratch"
    cells = plan(made)
    assert {cell.arm.name for cell in cells} == {arm.name for arm in made.arms}
    assert len({cell.digest for cell in cells}) >= len(cells) - len(made.arms) * len(made.seeds)
    again = Study.from_json(made.model_dump_json())
    assert again == made
    if size == "tiny":
        assert [cell.digest for cell in plan(again)] == [cell.digest for cell in cells]


@pytest.mark.parametrize("size", SIZES)
def test_studies_of_a_size_share_what_they_have_in_common(size: str, folders: dict[str, str]) -> None:
    (paper,) = (one for one in COLLECTIONS if one.__name__ == "paper")
    studies = (*of_size(paper, size, folders), of_size(STUDIES[0], size, folders))
    named: dict[tuple[str, int], set[str]] = {}
    by_digest: dict[str, set[str]] = {}
    for cell in plan(*studies):
        if cell.measure is None and not cell.study.checkpoints:
            named.setdefault((cell.arm.name, cell.seed), set()).add(cell.digest)
            by_digest.setdefault(cell.digest, set()).add(cell.arm.name)
    assert {name for name, digests in named.items() if len(digests) > 1} == set()
    assert {"KD", "KD-T4"} in by_digest.values()
    # Over training time the kept epochs are part of the key: students are trained anew, the teacher is not.
    whole = {cell.digest for cell in plan(*(one for one in studies if not one.checkpoints)) if cell.measure is None}
    (over_time,) = (one for one in studies if one.checkpoints)
    shared = {cell.arm.name for cell in plan(over_time) if cell.measure is None and cell.digest in whole}
    assert shared == {"teacher"}


def test_the_paper_is_every_study_but_the_quick_one() -> None:
    assert [one.name for one in find_studies("paper@tiny")] == [one.__name__ for one in STUDIES[1:]]


def test_a_small_study_has_the_teacher_that_is_shipped_and_seeds_to_compare() -> None:
    for study in find_studies("paper"):
        assert study.arm("teacher").network.weights == "kdissect:quick_teacher"
        assert len(study.seeds) >= (2 if study.name == "feature_methods" else 3)
        assert study.recipe.epochs == 7


def test_the_full_size_is_the_papers(folders: dict[str, str]) -> None:
    (figure1,) = find_studies("figure1@full", **folders)
    assert figure1.arm("scratch").network.architecture == "torchvision/resnet18"
    assert figure1.arm("teacher").network.architecture == "torchvision/resnet34"
    assert figure1.arm("teacher").network.weights == "torchvision:DEFAULT"
    assert (figure1.recipe.epochs, figure1.recipe.batch_size, len(figure1.seeds)) == (100, 256, 5)
    assert [getattr(measure, "layer", None) for measure in figure1.measures] == [None, None, "layer4"]
    assert Path(folders["data"]).resolve() == Path(figure1.dataset.path)
