"""Images with the maps of every arm under them."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from unit.report.synthetic_store import write_store

from kdissect.records import Store
from kdissect.report.block import Series
from kdissect.report.evidence import Evidence, read
from kdissect.report.looks import MOST_ARMS, drawn, looks_section
from kdissect.report.rendering import render_section
from kdissect.report.shown import FILE, Shown


def shown(arm: str, style: str = "magnitude", images: tuple[int, ...] = (3, 5)) -> Shown:
    rng = np.random.default_rng(len(arm))
    maps = np.zeros((len(images), 16, 16))
    maps[:, 4:8, 4:8] = 1
    pictures = rng.integers(100, 255, (len(images), 16, 16, 3), dtype=np.uint8)
    return Shown("LossGradient", arm, 0, style, "loss gradients", np.array(images), pictures, maps)


def test_a_magnitude_is_red_on_white() -> None:
    found = drawn(shown("a"))
    assert (found[0, 0, 0] == 255).all()
    assert tuple(found[0, 5, 5]) == (165, 15, 21)


def test_an_overlay_keeps_the_image_where_the_map_is_large() -> None:
    one = shown("a", "overlay")
    found = drawn(one)
    np.testing.assert_array_equal(found[:, 5, 5], one.pictures[:, 5, 5])
    np.testing.assert_array_equal(found[:, 0, 0], np.round(one.pictures[:, 0, 0] * 0.2).astype(np.uint8))
    flat = Shown("m", "a", 0, "overlay", "", one.images, one.pictures, -one.maps)
    np.testing.assert_array_equal(drawn(flat)[:, 5, 5], np.round(one.pictures[:, 5, 5] * 0.2).astype(np.uint8))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store whose measure kept images for two arms, and something broken for a third."""
    path = write_store(tmp_path / "store", dissect=False)
    for cell in read(path).study.cells:
        if cell.kind != "ClassSimilarity" or cell.arm == "teacher":
            continue
        folder = Store(path).folder(cell.digest)
        one = shown(cell.arm)
        if cell.arm == "LS" and cell.seed == 0:
            (folder / FILE).write_bytes(b"broken")
            continue
        pictures = one.pictures.transpose(0, 3, 1, 2)
        np.savez(folder / FILE, images=one.images, pictures=pictures, maps=one.maps.astype(np.float16))
    return path


def test_each_arm_has_a_row_of_the_same_images(store: Path) -> None:
    evidence = read(store)
    assert any("ClassSimilarity of LS, seed 0: shown.npz cannot be read" in text for text in evidence.complaints)
    section = looks_section(evidence)
    assert section is not None
    (grid,) = section.blocks
    assert [row.name for row in grid.rows] == ["image", "scratch", "KD", "LS"]
    assert all(len(row.shots) == 2 for row in grid.rows)
    assert grid.rows[3].shots[0].text == "LS, seed 1, image 3"  # the first seed that can be read
    with Image.open(io.BytesIO(grid.rows[1].shots[0].webp)) as image:
        red, green, _ = np.asarray(image.convert("RGB"))[5, 5].tolist()
    assert red > green + 80
    html = render_section(section, _series(evidence))
    assert html.count("<img ") == 8
    assert "</img>" not in html
    assert 'alt="KD, seed 0, image 5"' in html


def test_arms_with_other_images_are_named_and_left_out(store: Path) -> None:
    evidence = read(store)
    others = (*(shown(f"arm{number}") for number in range(MOST_ARMS)), shown("odd", images=(1, 2)))
    section = looks_section(replace(evidence, shown=others))
    assert section is not None
    grid = section.blocks[0]
    assert len(grid.rows) == 1 + MOST_ARMS
    assert grid.note.endswith("Not shown: odd.")
    assert looks_section(replace(evidence, shown=())) is None


def _series(evidence: Evidence) -> tuple[Series, ...]:
    return tuple(Series(arm.name, number) for number, arm in enumerate(evidence.arms))
