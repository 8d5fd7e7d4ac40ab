import hashlib

import numpy as np
import pytest

from kdissect.data.brodenette import Drawing, World, draw, draw_images
from kdissect.data.brodenette.colornames import COLOR_NAMES, color_table
from kdissect.errors import ShapeError

WORLD = World(size=32)
MAPS = ("color", "object", "part", "material", "texture", "scene")
ARRAYS = ("images", "classes", "groups", *MAPS)
# Changes when any pixel or label does. To accept a change: look at a new contact sheet
# (`python -m kdissect.data.brodenette`), put the new digest here, and raise `version` of `Brodenette` and
# `BrodenetteProbe`, so that no saved result answers for the new pictures.
DIGEST = "636beddefe872acf"


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    return draw(WORLD, "test", np.arange(64), num_threads=1)


def test_an_image_does_not_depend_on_its_batch_or_on_threads(drawing):
    picked = np.array([40, 3, 3, 17])
    for threads in (1, 3):
        again = draw(WORLD, "test", picked, num_threads=threads)
        for name in (*ARRAYS, "trait"):
            assert np.array_equal(getattr(again, name), getattr(drawing, name)[picked]), name


def test_images_without_labels_are_the_same_images(drawing):
    pictures = draw_images(WORLD, "test", np.arange(64), num_threads=2)
    assert np.array_equal(pictures.images, drawing.images)
    assert np.array_equal(pictures.classes, drawing.classes)


@pytest.mark.parametrize(("world", "split"), [(World(size=32, seed=1), "test"), (WORLD, "train")])
def test_another_seed_or_split_is_another_set_of_images(drawing, world, split):
    other = draw_images(world, split, np.arange(64))
    same = (other.images == drawing.images).all(axis=(1, 2, 3))
    assert not same.any()
    assert (other.classes != drawing.classes).any()


def test_what_is_shown_does_not_depend_on_the_size(drawing):
    for size in (33, 96):
        large = draw(World(size=size), "test", np.arange(16))
        assert large.images.shape == (16, 3, size, size)
        assert large.object.shape == (16, size // 2, size // 2)
        assert np.array_equal(large.classes, drawing.classes[:16])
        assert np.array_equal(large.scene, drawing.scene[:16])
    small = drawing.object[:16]
    assert (large.object[:, 1::3, 1::3] == small).mean() > 0.98  # the same cells, seen three times finer


def test_the_mask_is_where_the_class_is_seen(drawing):
    numbers = {label.name: label.number for label in WORLD.labels}
    for i, name in enumerate(WORLD.classes[c] for c in drawing.classes):
        assert np.array_equal(drawing.mask[i], drawing.object[i] == numbers[name])
        assert drawing.mask[i].any()
    others = drawing.object[~drawing.mask]
    assert not np.isin(others, [numbers[name] for name in WORLD.classes]).any()


def test_the_group_is_that_of_the_class(drawing):
    for fine, coarse in zip(drawing.classes, drawing.groups, strict=True):
        assert WORLD.classes[fine] in WORLD.groups[coarse][1]


def test_the_color_label_names_the_pixel_at_the_centre_of_the_cell(drawing):
    names = {label.number: label.name for label in WORLD.labels}
    pixels = drawing.images[:, :, 1::2, 1::2] // 8
    expected = color_table()[pixels[:, 0], pixels[:, 1], pixels[:, 2]]
    found = np.vectorize(names.get)(drawing.color)
    assert np.array_equal(found, np.array(COLOR_NAMES)[expected])


def test_parts_and_materials_belong_to_what_is_visible(drawing):
    plain = World(size=32, clutter=0, occlusion=0, sibling_overlap=0, scene_bias=1)
    shown = draw(plain, "test", np.arange(64))
    names = {0: "", **{label.number: label.name for label in plain.labels}}
    eyes = np.isin(shown.part[:, 1], [n for n, name in names.items() if name in ("eye", "pupil")])
    heads = np.isin(shown.part[:, 0], [n for n, name in names.items() if name == "head"])
    assert eyes.any()
    assert (heads | ~eyes).all()  # an eye is part of a head
    assert (shown.mask | ~heads).all()  # and here only the main object has one
    rock = next(n for n, name in names.items() if name == "rock")
    assert not (shown.object == rock).any()


@pytest.mark.parametrize("indices", [np.zeros((2, 2), np.int64), np.array([3, -1])])
def test_bad_indices_are_refused(indices):
    with pytest.raises(ShapeError, match="indices must be one-dimensional and not negative"):
        draw(WORLD, "test", indices)


def test_no_images_are_no_images():
    assert draw(WORLD, "test", np.arange(0)).images.shape == (0, 3, 32, 32)


def test_the_drawing_is_the_one_that_was_accepted(drawing):
    digest = hashlib.sha256()
    for name in ARRAYS:
        digest.update(np.ascontiguousarray(getattr(drawing, name)[:8]).tobytes())
    assert digest.hexdigest()[:16] == DIGEST


def test_traits_are_pieces_of_the_main_object_that_tell_its_class() -> None:
    drawing = draw(World(size=64, clutter=0, occlusion=0, scale=(0.9, 0.95)), "test", np.arange(64))
    inside = drawing.trait & drawing.mask
    assert not (drawing.trait & ~drawing.mask & (drawing.object == 0)).any()
    assert inside.any((1, 2)).mean() > 0.95
    assert 0.1 < inside.sum() / drawing.mask.sum() < 0.9
    # A trait's piece has a part label, or a variety of one, far more often than the rest of the object has.
    variety = drawing.part[:, 2] > 0
    assert variety[inside].mean() > 2 * variety[drawing.mask & ~inside].mean()
