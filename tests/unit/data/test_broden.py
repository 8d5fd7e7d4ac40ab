"""Broden's directory format: what is read, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from probes import edit, write_broden, write_csv, write_plane

from kdissect.data.broden import Broden
from kdissect.errors import DataError, SpecError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_broden(tmp_path / "probe")


def test_reads_labels_of_all_kinds(folder: Path) -> None:
    probe = Broden(folder)
    assert (probe.name, len(probe), probe.plane_shape) == ("probe", 3, (4, 4))
    assert probe.categories == ("object", "part", "scene", "texture")
    dog, street, cloth = (probe.annotation(k) for k in range(3))
    assert dog.planes.dtype == np.int16
    assert dog.planes.shape == (3, 4, 4)
    assert dog.plane_categories.tolist() == [0, 1, 1]
    assert dog.planes[0].tolist() == [[1] * 4] * 2 + [[0] * 4] * 2
    assert street.planes.shape == (0, 4, 4)
    assert (street.scalars.tolist(), street.scalar_categories.tolist()) == ([3], [2])
    assert cloth.scalars.tolist() == [0]
    assert set(np.unique(cloth.planes)) == {0, 300}  # two bytes
    assert probe.concepts[300].name == "striped"
    assert probe.concepts[300].categories == ("texture",)
    assert probe.image_name(1) == "a/street.png"


def test_label_maps_are_decoded_once(folder: Path) -> None:
    probe = Broden(folder)
    first = probe.annotation(0).planes
    (folder / "images/a/dog_object.png").unlink()
    assert np.array_equal(probe.annotation(0).planes, first)


def test_primary_category_is_that_of_largest_coverage_and_the_last_on_a_tie(folder: Path) -> None:
    write_csv(folder / "c_object.csv", [{"number": 1, "coverage": 0.7}, {"number": 3, "coverage": 0.5}])
    write_csv(folder / "c_part.csv", [{"number": 1, "coverage": 0.2}, {"number": 2, "coverage": 0.1}])
    probe = Broden(folder)
    assert probe.primary[[1, 2, 3, 300]].tolist() == [0, 1, 2, 3]
    assert probe.primary[[0, 4]].tolist() == [3, 3]  # no coverage at all


def test_categories_filter_in_the_order_of_the_file_and_drop_images(folder: Path) -> None:
    probe = Broden(folder, categories=["scene", "object"])
    assert probe.categories == ("object", "scene")
    # the last image has the scalar 0 only: that is no label
    assert [probe.image_name(k) for k in range(len(probe))] == ["a/dog.png", "a/street.png"]
    assert probe.annotation(0).planes.shape == (1, 4, 4)


def test_pictures_are_rgb_and_resized_on_wish(folder: Path) -> None:
    pictures = Broden(folder).pictures([2, 0])
    assert pictures.shape == (2, 3, 8, 8)
    assert pictures[:, 0, 0, 0].tolist() == [150, 30]
    assert Broden(folder, size=5).pictures([0]).shape == (1, 3, 5, 5)
    assert Broden(folder, size=(4, 6)).pictures([0]).shape == (1, 3, 4, 6)


def test_grey_pictures_get_three_channels(folder: Path) -> None:
    Image.new("L", (8, 8), 7).save(folder / "images/a/dog.png")
    assert Broden(folder).pictures([0]).unique().tolist() == [7]


def test_digest_follows_tables_files_and_options(folder: Path) -> None:
    seen = {Broden(folder).digest, Broden(folder, size=5).digest, Broden(folder, categories=["object"]).digest}
    assert len(seen) == 3
    assert Broden(folder, name="other").digest in seen
    edit(folder / "label.csv", "dog", "cat")
    seen.add(Broden(folder).digest)
    Image.new("RGB", (900, 8), (1, 2, 3)).save(folder / "images/a/dog.png")
    seen.add(Broden(folder).digest)
    assert len(seen) == 5


def test_a_link_inside_the_folder_is_followed(folder: Path) -> None:
    (folder / "images/a/dog.png").rename(folder / "images/a/real.png")
    (folder / "images/a/dog.png").symlink_to("real.png")
    assert Broden(folder).pictures([0]).shape == (1, 3, 8, 8)


def without(path: str):
    return lambda folder: (folder / path).unlink()


def edited(path: str, old: str, new: str):
    return lambda folder: edit(folder / path, old, new)


def linked_out(folder: Path) -> None:
    outside = folder.parent / "secret.png"
    Image.new("RGB", (8, 8)).save(outside)
    (folder / "images/a/dog.png").unlink()
    (folder / "images/a/dog.png").symlink_to(outside)


def linked_folder(folder: Path) -> None:
    (folder / "images/a").rename(folder.parent / "outside")
    (folder / "images/a").symlink_to(folder.parent / "outside")


def a_folder_as_picture(folder: Path) -> None:
    (folder / "images/a/dog.png").unlink()
    (folder / "images/a/dog.png").mkdir()


@pytest.mark.parametrize(
    ("damage", "parts"),
    [
        (without("images/a/dog.png"), ["index.csv line 2", "a/dog.png", "missing", "unpack"]),
        (without("images/a/dog_part_2.png"), ["index.csv line 2", "a/dog_part_2.png", "missing"]),
        (without("index.csv"), ["index.csv", "missing"]),
        (without("label.csv"), ["label.csv", "missing"]),
        (without("category.csv"), ["category.csv", "missing"]),
        (without("c_part.csv"), ["c_part.csv", "missing"]),
        (edited("index.csv", "scene", "view"), ["index.csv", "no column 'scene'"]),
        (edited("label.csv", "number", "id"), ["label.csv", "no column 'number'"]),
        (edited("c_part.csv", "coverage", "covers"), ["c_part.csv", "no column 'coverage'"]),
        (edited("c_part.csv", "0.5", "half"), ["c_part.csv line 2", "coverage", "'half'"]),
        (edited("c_part.csv", "1,2,", "1,999,"), ["c_part.csv line 2", "999", "label.csv"]),
        (edited("label.csv", "7,unused_7", "9,unused_7"), ["label.csv", "9", "taken"]),
        (edited("label.csv", "300,striped", "301,striped"), ["label.csv", "without a gap"]),
        (edited("label.csv", "300,striped", "-3,striped"), ["label.csv", "line 301", "number", "'-3'"]),
        (edited("index.csv", ",3\n", ",301\n"), ["index.csv line 3", "scene", "301", "1 to 300"]),
        (edited("index.csv", "a/dog.png", "../dog.png"), ["index.csv line 2", "'../dog.png'", "leaves"]),
        (edited("index.csv", "a/dog.png", "/etc/passwd"), ["index.csv line 2", "'/etc/passwd'", "leaves", "empty"]),
        (edited("index.csv", "a/dog_object.png", "a/../../x.png"), ["index.csv line 2", "leaves"]),
        (edited("index.csv", "a/dog.png", "C:/dog.png"), ["index.csv line 2", "leaves"]),
        (edited("index.csv", "a/dog.png", ""), ["index.csv line 2", "empty"]),
        (edited("index.csv", "8,8,4,4,,a/dog", "8,8,4,5,,a/dog"), ["index.csv line 3", "one size"]),
        (edited("index.csv", "8,8,4,4,,a/dog", "9,8,4,4,,a/dog"), ["index.csv", "several sizes", "size="]),
        (edited("index.csv", "8,8,4,4,,a/dog", "8,8,4,x,,a/dog"), ["index.csv line 2", "sw", "'x'"]),
        (lambda folder: write_csv(folder / "index.csv", [], (folder / "index.csv").read_text().splitlines()[0]),
         ["index.csv", "no image", "object, part, scene, texture"]),
        (lambda folder: (folder / "label.csv").write_bytes(b"number,name,category\n1,\xff,x"), ["label.csv", "CSV"]),
        (linked_out, ["index.csv line 2", "'a/dog.png'", "link", "leaves"]),
        (linked_folder, ["index.csv line 2", "link", "leaves"]),
        (a_folder_as_picture, ["index.csv line 2", "no file"]),
    ],
)  # fmt: skip
def test_bad_folder_is_refused_on_opening_in_one_line(folder: Path, damage, parts: list[str]) -> None:
    damage(folder)
    with pytest.raises(DataError) as caught:
        Broden(folder)
    assert "\n" not in str(caught.value)
    for part in parts:
        assert part in str(caught.value)


def truncated(path: str):
    def damage(folder: Path) -> None:
        whole = (folder / path).read_bytes()
        (folder / path).write_bytes(whole[: len(whole) // 2])

    return damage


@pytest.mark.parametrize(
    ("damage", "parts"),
    [
        (truncated("images/a/dog.png"), ["a/dog.png", "index.csv line 2", "damaged"]),
        (truncated("images/a/dog_part_1.png"), ["a/dog_part_1.png", "index.csv line 2", "damaged"]),
        (lambda folder: (folder / "images/a/dog.png").write_text("html"), ["a/dog.png", "damaged"]),
        (lambda folder: write_plane(folder / "images/a/dog_object.png", np.full((4, 4), 301)),
         ["a/dog_object.png", "line 2", "301", "1 to 300"]),
        (lambda folder: write_plane(folder / "images/a/dog_object.png", np.ones((4, 5), int)),
         ["a/dog_object.png", "line 2", "(4, 5)", "(4, 4)"]),
        (lambda folder: Image.new("L", (4, 4)).save(folder / "images/a/dog_object.png"),
         ["a/dog_object.png", "mode L", "RGB"]),
    ],
)  # fmt: skip
def test_damaged_file_is_refused_on_reading_in_one_line(folder: Path, damage, parts: list[str]) -> None:
    damage(folder)
    probe = Broden(folder)
    with pytest.raises(DataError) as caught:
        _ = probe.pictures([0, 1]), probe.annotation(0)
    assert "\n" not in str(caught.value)
    for part in parts:
        assert part in str(caught.value)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere is no folder.*index\.csv"):
        Broden(tmp_path / "nowhere")


def test_unknown_category(folder: Path) -> None:
    with pytest.raises(SpecError, match=r"among object, part, scene, texture, got colour"):
        Broden(folder, categories=["colour"])
    with pytest.raises(SpecError, match=r"got none"):
        Broden(folder, categories=[])
