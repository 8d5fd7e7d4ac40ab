import numpy as np
import pytest

from kdissect.data.brodenette import World, draw
from kdissect.data.brodenette.kinds import GROUPS, SCENES
from kdissect.errors import SpecError


def test_groups_partition_the_classes():
    world = World()
    assert tuple(name for _, classes in world.groups for name in classes) == world.classes
    assert len(set(world.classes)) == len(world.classes) >= 24
    assert len(world.groups) >= 6


def test_each_block_of_images_has_every_class_once_in_its_own_order():
    count = len(World().classes)
    classes = draw(World(size=16), "test", np.arange(3 * count)).classes.reshape(3, count)
    assert all(np.array_equal(np.sort(block), np.arange(count)) for block in classes)
    assert not np.array_equal(classes[0], classes[1])
    assert not np.array_equal(classes[0], np.arange(count))


def test_every_scene_is_the_favourite_of_two_classes_of_different_groups():
    homes = [(scene, group.name) for group in GROUPS for scene in group.home]
    assert sorted(scene for scene, _ in homes) == sorted(2 * [scene.name for scene in SCENES])
    assert len(set(homes)) == len(homes)


@pytest.mark.parametrize("bias", [0.0, 0.6, 1.0])
def test_the_scene_is_the_favourite_one_as_often_as_said(bias):
    world = World(size=16, scene_bias=bias)
    drawing = draw(world, "test", np.arange(1600))
    numbers = {label.name: label.number for label in world.labels}
    favourite = np.array([numbers[f"{scene}-s"] for group in GROUPS for scene in group.home])
    share = (drawing.scene == favourite[drawing.classes]).mean()
    assert share == pytest.approx(bias + (1 - bias) / len(SCENES), abs=0.04)


def shown(**knobs):
    return draw(World(**{"size": 32, "clutter": 0, "occlusion": 0} | knobs), "test", np.arange(320))


def test_clutter_adds_kinds_of_objects():
    kinds = [np.mean([len(np.unique(one)) for one in shown(clutter=c).object]) for c in (0, 3, 8)]
    assert kinds[1] > kinds[0] + 1
    assert kinds[2] > kinds[1] + 1


@pytest.mark.parametrize(("occlusion", "least", "most"), [(0.4, 0.01, 0.05), (0.7, 0.1, 0.2), (1.0, 0.3, 0.5)])
def test_occlusion_covers_a_share_of_the_main_object(occlusion, least, most):
    free, left = (shown(occlusion=o).mask.sum(axis=(1, 2)) for o in (0, occlusion))
    assert least < 1 - (left / free).mean() < most
    assert (left > 0).mean() > 0.98


def test_scale_sets_the_share_of_the_frame():
    small, large = (shown(scale=(s, s)).mask.mean() for s in (0.3, 0.6))
    assert large / small == pytest.approx(4, rel=0.15)


def test_siblings_lend_traits_as_often_as_said():
    tails = {label.number: label.name for label in World().labels if label.name.endswith("-tail")}
    own = {"cat": "curved-tail", "fox": "bushy-tail", "hound": "whip-tail", "goat": "stub-tail"}
    world = World(size=32, clutter=0, occlusion=0, sibling_overlap=0.4, scale=(0.8, 0.8))
    drawing = draw(world, "test", np.arange(32 * 60))
    lent = []
    for i in np.flatnonzero(drawing.groups == 0):
        seen = [tails[n] for n in np.unique(drawing.part[i, 2][drawing.mask[i]]).tolist() if n in tails]
        lent += [seen[0] != own[world.classes[drawing.classes[i]]]] if len(seen) == 1 else []
    assert len(lent) > 200
    assert np.mean(lent) == pytest.approx(0.4, abs=0.08)


def test_noise_has_the_standard_deviation_that_was_asked_for():
    clean, noisy = (shown(noise=n, lighting=0).images.astype(float) for n in (0.0, 0.05))
    inside = (clean > 60) & (clean < 195)
    assert (noisy - clean)[inside].std() / 255 == pytest.approx(0.05, rel=0.05)


def test_lighting_changes_brightness_and_nothing_that_is_labelled():
    plain, lit = shown(lighting=0), shown(lighting=1)
    assert np.array_equal(plain.object, lit.object)
    means = [one.images.mean(axis=(1, 2, 3)).std() for one in (plain, lit)]
    assert means[1] > means[0] + 5


def test_detail_is_the_contrast_of_traits_and_nothing_that_is_labelled():
    faint, half, full = (shown(detail=d, lighting=0, noise=0) for d in (0.0, 0.5, 1.0))
    assert np.array_equal(faint.object, full.object)
    assert np.array_equal(faint.part, full.part)
    change = [np.abs(one.images.astype(float) - faint.images).mean() for one in (half, full)]
    assert change[1] > 1.7 * change[0] > 0


def test_without_detail_a_trait_has_the_colour_of_the_body():
    numbers = {label.name: label.number for label in World().labels}
    contrast = []
    for detail in (0.0, 1.0):
        drawing = shown(detail=detail, lighting=0, noise=0, sibling_overlap=0)
        grey = drawing.images[:, :, 1::2, 1::2].mean(axis=1)
        socks, torsos = (drawing.part[:, plane] == numbers[name] for plane, name in ((1, "sock"), (0, "torso")))
        contrast.append(grey[socks].mean() / grey[torsos & socks.any(axis=(1, 2), keepdims=True)].mean())
    assert contrast[0] > 0.75
    assert contrast[1] < 0.6


@pytest.mark.parametrize(
    "wrong", [{"scale": (0.6, 0.4)}, {"scene_bias": 1.5}, {"size": 4}, {"clutter": -1}, {"colour": 1}]
)
def test_a_wrong_world_is_refused(wrong):
    with pytest.raises(SpecError, match=next(iter(wrong))):
        World(**wrong)


def test_a_world_makes_the_round_trip_through_json():
    world = World(seed=3, scale=(0.2, 0.5))
    assert World.from_json(world.model_dump_json()) == world
    assert hash(world) == hash(World(seed=3, scale=(0.2, 0.5)))
