from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from kdissect.data.brodenette import World, draw
from kdissect.data.brodenette.atlas import CATEGORIES
from kdissect.data.brodenette.kinds import GROUPS

WORLD = World(size=64)
NUMBERS = {label.name: label.number for label in WORLD.labels}


def test_labels_are_numbered_from_one_in_blocks():
    assert [label.number for label in WORLD.labels] == list(range(1, len(WORLD.labels) + 1))
    order = [label.category for label in WORLD.labels]
    assert tuple(dict.fromkeys(order)) == CATEGORIES
    assert sum(a != b for a, b in pairwise(order)) == len(CATEGORIES) - 1


def test_names_are_unique_and_suffixed_as_in_broden():
    assert len(NUMBERS) == len(WORLD.labels)
    for label in WORLD.labels:
        assert label.name.endswith("-c") == (label.category == "color")
        assert label.name.endswith("-s") == (label.category == "scene")
        assert not set(label.name) & set(',;\n<>&" ')


def test_there_are_many_concepts_of_every_kind():
    counts = Counter(label.category for label in WORLD.labels)
    least = {"color": 11, "object": 77, "part": 100, "material": 16, "scene": 16, "texture": 12}
    assert all(counts[category] >= least[category] for category in CATEGORIES)


def test_every_map_holds_labels_of_its_category_only():
    drawing = draw(WORLD, "test", np.arange(96))
    for category in CATEGORIES:
        own = {label.number for label in WORLD.labels if label.category == category}
        found = set(np.unique(getattr(drawing, category)).tolist())
        assert found - {0} <= own
        assert len(found & own) > 0.3 * len(own)
    for always in (drawing.color, drawing.object, drawing.scene):
        assert (always > 0).all()


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_every_class_shows_its_own_details_and_no_siblings(group):
    world = World(size=96, clutter=0, occlusion=0, sibling_overlap=0, scale=(0.8, 0.8))
    first = world.classes.index(group.classes[0])
    drawing = draw(world, "test", np.arange(len(world.classes) * 12))
    for place, name in enumerate(group.classes):
        seen = drawing.part[drawing.classes == first + place]
        seen_here = set(np.unique(seen[drawing.mask[drawing.classes == first + place][:, None].repeat(3, 1)]).tolist())
        own = {label for piece in group.pieces if place in piece.classes for label in piece.parts if label}
        alien = {label for piece in group.pieces for label in piece.parts if label} - own
        missing = {label for label in own if NUMBERS[label] not in seen_here}
        assert not missing, f"{name} never shows {missing}"
        assert not {label for label in alien if NUMBERS[label] in seen_here}, name
        assert alien, f"{name} has every part of its siblings"
