import csv

import numpy as np
import pytest
from PIL import Image

from kdissect.data.brodenette import World, draw, probe_files, write_probe
from kdissect.errors import DataError, SpecError

WORLD = World(size=32)
COUNT = 70  # more than one chunk


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("probe") / "small"
    write_probe(WORLD, folder, COUNT, num_threads=2)
    return folder


@pytest.fixture(scope="module")
def drawing():
    return draw(WORLD, "probe", np.arange(COUNT))


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def read_map(path):
    pixels = np.asarray(Image.open(path)).astype(np.int64)
    assert pixels.shape == (16, 16, 3)
    assert not pixels[..., 2].any()
    return pixels[..., 0] + 256 * pixels[..., 1]


def test_the_files_hold_what_was_drawn(folder, drawing):
    rows = table(folder / "index.csv")
    assert ",".join(rows[0]) == "image,split,ih,iw,sh,sw,color,object,part,material,scene,texture"
    assert len(rows) == COUNT
    for i, row in enumerate(rows):
        assert [row[name] for name in ("split", "ih", "iw", "sh", "sw")] == ["probe", "32", "32", "16", "16"]
        image = np.asarray(Image.open(folder / "images" / row["image"]))
        assert np.array_equal(image, drawing.images[i].transpose(1, 2, 0))
        assert int(row["scene"]) == drawing.scene[i]
        for category in ("color", "object", "material", "texture"):
            drawn = getattr(drawing, category)[i]
            read = read_map(folder / "images" / row[category]) if row[category] else np.zeros((16, 16))
            assert np.array_equal(read, drawn)
        planes = [read_map(folder / "images" / path) for path in row["part"].split(";") if path]
        assert np.array_equal(planes, [plane for plane in drawing.part[i] if plane.any()])


def test_every_label_is_listed_and_really_counted(folder, drawing):
    rows = table(folder / "label.csv")
    assert [(int(row["number"]), row["name"]) for row in rows] == [label[:2] for label in WORLD.labels]
    categories = {row["name"]: row for row in table(folder / "category.csv")}
    for category, summary in categories.items():
        own = [label for label in WORLD.labels if label.category == category]
        coded = table(folder / f"c_{category}.csv")
        assert [int(row["code"]) for row in coded] == list(range(1, len(own) + 1))
        assert [int(summary[name]) for name in ("first", "last", "count")] == [own[0].number, own[-1].number, len(own)]
        maps = getattr(drawing, category).reshape(COUNT, -1)
        cells = 1 if category == "scene" else 16 * 16
        for label, row in zip(own, coded, strict=True):
            there = maps == label.number
            assert (int(row["number"]), row["name"]) == (label.number, label.name)
            assert int(row["frequency"]) == there.any(axis=1).sum()
            assert float(row["coverage"]) == pytest.approx(there.sum() / cells, abs=1e-5)
            listed = rows[label.number - 1]
            assert listed["category"] == f"{category}({row['frequency']})"
            assert (listed["frequency"], listed["coverage"]) == (row["frequency"], row["coverage"])
        assert int(summary["frequency"]) == sum(int(row["frequency"]) for row in coded)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(DataError, match="has something in it"):
        write_probe(WORLD, tmp_path, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_empty_folder_will_do(tmp_path):
    write_probe(WORLD, tmp_path / "new", 2)
    (tmp_path / "empty").mkdir()
    write_probe(WORLD, tmp_path / "empty", 2, split="train")
    assert (tmp_path / "empty" / "index.csv").is_file()


def test_nothing_is_left_when_writing_fails(tmp_path, monkeypatch):
    def full_disk(*_):
        raise OSError("no space left")

    monkeypatch.setattr(probe_files, "_write_tables", full_disk)
    with pytest.raises(OSError, match="no space left"):
        write_probe(WORLD, tmp_path / "probe", 2)
    assert list(tmp_path.iterdir()) == []


def test_no_images_are_refused(tmp_path):
    with pytest.raises(SpecError, match="num_images must be at least 1"):
        write_probe(WORLD, tmp_path / "probe", 0)
