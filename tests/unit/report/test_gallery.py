import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from unit.report.synthetic_store import picture as drawn

from kdissect.report.dissection import Unit
from kdissect.report.evidence import read
from kdissect.report.gallery import IMAGES, MOST_UNITS, hang, in_order
from kdissect.report.pictures import LONGEST_SIDE, picture
from kdissect.report.unit_browser import left_out


@pytest.fixture(scope="module")
def dissections(store):
    return read(store).dissections


def test_the_best_unit_of_each_concept_comes_first():
    units = tuple(
        Unit(number, concept, "object", iou, 1.0)
        for number, (concept, iou) in enumerate(
            [("a", 0.3), ("a", 0.2), ("b", 0.1), ("", 0.0), ("b", 0.1), ("c", 0.05)]
        )
    )
    assert [unit.number for unit in in_order(units)] == [0, 2, 5, 1, 4]


def test_a_picture_is_stored_once_however_many_units_show_it(dissections):
    gallery = hang(dissections)
    shown = {index for one in gallery.shown for unit in one.units for index in unit.images}
    assert len(gallery.pictures) == len(shown) <= 24
    for one in gallery.shown:
        for unit in one.units:
            assert len(unit.images) == len(unit.pictures) == len(unit.peaks) == IMAGES


def test_a_picture_is_the_image_of_the_probe(dissections):
    gallery = hang(dissections)
    unit = gallery.shown[3].units[0]
    for index, number in zip(unit.images, unit.pictures, strict=True):
        seen = np.asarray(Image.open(io.BytesIO(gallery.pictures[number].webp)).convert("RGB"), dtype=float)
        assert np.abs(seen - drawn(index)).mean() < 8


def test_two_probes_do_not_share_pictures(dissections):
    other = replace(dissections[1], header={**dissections[1].header, "probe": {"digest": "another"}})
    alone, both = hang(dissections[:1]), hang((dissections[0], other))
    assert len(both.pictures) > len(alone.pictures)


def test_maps_are_those_of_the_store_bit_by_bit(dissections):
    dissection = dissections[2]
    stored = np.load(dissection.folder / "exemplars.npz")
    for unit in hang((dissection,)).shown[0].units:
        maps = np.frombuffer(unit.maps, dtype="<f2").reshape(IMAGES, 7, 7)
        np.testing.assert_array_equal(maps, stored["maps"][unit.unit.number][:IMAGES])


def test_units_are_shown_by_iou_and_know_whether_they_are_detectors(dissections):
    for one in hang(dissections).shown:
        ious = [unit.unit.iou for unit in one.units]
        assert ious == sorted(ious, reverse=True)
        assert all(unit.is_detector == (unit.unit.iou >= 0.05) for unit in one.units)


def test_a_small_budget_takes_the_same_number_of_units_from_each(dissections):
    gallery = hang(dissections, budget=100_000)
    numbers = {len(one.units) for one in gallery.shown}
    assert len(numbers) == 1
    assert 0 < numbers.pop() < MOST_UNITS
    num_bytes = sum(len(p.webp) for p in gallery.pictures) + sum(
        len(u.maps) for one in gallery.shown for u in one.units
    )
    assert num_bytes * 4 / 3 < 100_000
    assert "so that the page stays near 5 MB" in left_out(gallery)


def test_places_without_an_image_are_skipped(dissections, tmp_path):
    with np.load(dissections[0].folder / "exemplars.npz") as file:
        arrays = dict(file)
    arrays["images"][:, 2:] = -1
    arrays["images"][0] = -1
    np.savez(tmp_path / "exemplars.npz", **arrays)
    (one,) = hang((replace(dissections[0], folder=tmp_path),)).shown
    assert all(len(unit.images) == 2 for unit in one.units)
    assert 0 not in [unit.unit.number for unit in one.units]


def test_exemplars_of_other_units_are_refused(dissections, tmp_path):
    with np.load(dissections[0].folder / "exemplars.npz") as file:
        arrays = dict(file)
    np.savez(tmp_path / "exemplars.npz", **{**arrays, "peaks": arrays["peaks"][:, :2]})
    gallery = hang((replace(dissections[0], folder=tmp_path),))
    assert gallery.shown == ()
    assert "expected exemplars of 48 units, got images (48, 6), peaks (48, 2)" in gallery.complaints[0]


def test_large_pictures_are_made_small():
    made = picture(np.zeros((300, 600, 3), np.uint8))
    assert (made.width, made.height) == (LONGEST_SIDE, LONGEST_SIDE // 2)
