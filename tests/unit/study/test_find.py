from pathlib import Path

import pytest
import yaml

from kdissect.errors import DataError, SpecError
from kdissect.study import find_studies, find_study


def test_a_name_has_a_size_and_small_is_the_one_without() -> None:
    assert find_study("figure1") == find_study("figure1@small")
    assert find_study("figure1@tiny").size == "tiny"
    assert find_study("figure1@tiny").dataset != find_study("figure1").dataset


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "figur1",
            "no study 'figur1'; expected one of quick, figure1, .*paper, with @tiny, @small, @full for a size, or",
        ),
        ("figur1@tiny", "no study 'figur1'; expected one of quick"),
        ("figure1@huge", "no size 'huge' of figure1; expected figure1@tiny, figure1@small, figure1@full"),
        ("figure1@", "no size '' of figure1"),
        ("figure1@full", "full needs a folder of ImageNet .* give them with --data FOLDER --probe FOLDER"),
        ("paper@full", "full needs a folder of ImageNet"),
    ],
)
def test_a_bad_name_gives_one_line_with_the_choices(name: str, message: str) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        find_studies(name)
    assert "\n" not in str(caught.value)


def test_one_study_is_not_a_collection() -> None:
    with pytest.raises(SpecError, match="paper@tiny is 9 studies, expected one of figure1, feature_methods"):
        find_study("paper@tiny")


def test_folders_belong_to_the_full_size(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="belong to the size full; small draws its own"):
        find_studies("quick", data=str(tmp_path))
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(find_study("quick@tiny").model_dump(mode="json")))
    assert find_study(str(tmp_path / "mine.yaml")) == find_study("quick@tiny")
    with pytest.raises(SpecError, match="names its own data"):
        find_studies(str(tmp_path / "mine.yaml"), probe=str(tmp_path))


def test_what_a_folder_lacks_is_said_at_once(tmp_path: Path) -> None:
    def line() -> str:
        with pytest.raises(DataError) as caught:
            find_studies("figure1@full", str(tmp_path / "data"), str(tmp_path / "probe"))
        assert "\n" not in str(caught.value)
        return str(caught.value)

    (tmp_path / "data").mkdir()
    assert f"expected {tmp_path / 'data' / 'train'}, there is none" in line()
    for split in ("train", "val"):
        for own in ("a", "b"):
            (tmp_path / "data" / split / own).mkdir(parents=True)
    assert "groups.yaml, there is none" in line()
    (tmp_path / "data" / "groups.yaml").write_text("one: [a, b]\n")
    assert f"{tmp_path / 'probe'} is no probe: it has neither header.json nor index.csv" in line()


def test_a_file_may_hold_several_studies(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from kdissect.study import find_studies\n"
        "def both():\n    return (*find_studies('quick@tiny'), *find_studies('figure1@tiny'))\n"
        "def none():\n    return ()\n"
        "def odd():\n    return (*find_studies('quick@tiny'), 3)\n"
    )
    assert [study.name for study in find_studies(f"{tmp_path}/mine.py:both")] == ["quick", "figure1"]
    for name, found in (("none", "tuple"), ("odd", "int")):
        with pytest.raises(SpecError, match=f"must be a function that returns a Study, got {found}"):
            find_studies(f"{tmp_path}/mine.py:{name}")
