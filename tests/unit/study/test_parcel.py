"""What is seen to when a job arrives on another machine."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kdissect.errors import DataError, RecordError, SpecError
from kdissect.records import Store
from kdissect.study import find_study
from kdissect.study.job import Job
from kdissect.study.on_ray import RayCluster
from kdissect.study.on_slurm import Slurm
from kdissect.study.parcel import Parcel
from kdissect.user_code import LOADED

OWN = Path(__file__).parents[2] / "e2e" / "own_study.py"


@pytest.fixture
def parcel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parcel]:
    """A run whose store was given as a relative path, and whose study is a file beside it."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(OWN, tmp_path / "mine.py")
    before = dict(LOADED)
    study = find_study(f"{tmp_path / 'mine.py'}:own")
    Store.create("store")
    yield Parcel.of(Job((study,), "store", cache="cache"))
    LOADED.clear()
    LOADED.update(before)


def test_relative_paths_mean_the_same_elsewhere(
    parcel: Parcel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "else").mkdir()
    monkeypatch.chdir(tmp_path / "else")
    workshop = parcel.open()
    assert workshop.job.store == str(tmp_path / "store")
    assert workshop.job.cache == str(tmp_path / "cache")
    assert Path.cwd() == tmp_path
    assert parcel.open() is workshop is Parcel.opened(parcel.name)
    assert len(workshop.cells) == 15


def test_a_missing_store_is_one_line(parcel: Parcel, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "store")
    with pytest.raises(RecordError, match=r"there is no .*store on .*; every machine needs the same folder"):
        parcel.open()


def test_another_store_at_the_same_place_is_refused(parcel: Parcel, tmp_path: Path) -> None:
    os.utime(tmp_path / "store" / "store.json", (1, 1))
    with pytest.raises(RecordError, match="is another store than where the run was started"):
        parcel.open()


def test_a_missing_file_of_the_user_s_names_the_machine(parcel: Parcel, tmp_path: Path) -> None:
    (tmp_path / "mine.py").unlink()
    LOADED.clear()
    with pytest.raises(DataError, match=r"there is no .*mine\.py") as caught:
        parcel.open()
    assert "every machine needs a study's own files" in caught.value.__notes__[0]


def test_another_version_is_refused(parcel: Parcel) -> None:
    with pytest.raises(SpecError, match=r"and 0\.0 where the run was started"):
        replace(parcel, version="0.0").open()


@pytest.mark.parametrize(
    ("module", "place"), [("ray", RayCluster()), ("submitit", Slurm(cluster="local"))], ids=["ray", "slurm"]
)
def test_what_is_not_installed_is_named(
    module: str, place: RayCluster | Slurm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    job = Job((), Store.create(tmp_path / "store").where)
    with pytest.raises(SpecError, match=r"pip install 'kdissect\[(ray|slurm)\]'"):
        place.executor(job, 1)
