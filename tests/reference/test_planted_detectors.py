"""Planted truth: units that are concepts of Brodenette by construction are found to be exactly those."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from kdissect.data import Broden
from kdissect.data.brodenette import World, write_probe
from kdissect.dissect import Dissection, dissect

NUM_IMAGES = 60


class Oracle(nn.Module):
    """Recognises each picture of a probe, and shows where on it some concepts are."""

    def __init__(self, probe: Broden, labels: list[int]) -> None:
        super().__init__()
        self.pictures = probe.pictures(range(len(probe))).float()
        maps = torch.zeros(len(probe), len(labels), *probe.plane_shape)
        for k in range(len(probe)):
            note = probe.annotation(k)
            for unit, label in enumerate(labels):
                maps[k, unit] = torch.from_numpy((note.planes == label).any(axis=0) | (label in note.scalars))
        self.maps = maps
        self.last = nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        which = torch.cdist((images * 255).flatten(1), self.pictures.flatten(1)).argmin(1)
        return self.last(self.maps[which])


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Broden:
    folder = tmp_path_factory.mktemp("planted") / "probe"
    write_probe(World(seed=3, size=32), folder, NUM_IMAGES)
    return Broden(folder)


def planted(probe: Broden) -> list[int]:
    """For each category its three concepts that cover most without covering nearly all."""
    area = np.zeros(len(probe.concepts))
    for k in range(len(probe)):
        note = probe.annotation(k)
        area += np.bincount(note.planes.ravel(), minlength=len(area)) / note.planes[0].size
        np.add.at(area, note.scalars, 1.0)
    area[0] = 0
    area[area > 0.6 * NUM_IMAGES] = 0
    chosen = []
    for category in range(len(probe.categories)):
        own = np.where(probe.primary == category, area, 0)
        chosen += [int(label) for label in np.argsort(own)[::-1][:3] if own[label] > 0]
    return chosen


@pytest.fixture(scope="module")
def found(probe: Broden) -> Dissection:
    # a threshold of 0 for every unit: nine tenths of the positions may be active
    return dissect(Oracle(probe, planted(probe)), "last", probe, quantile=0.9, rule="plain", gate="none")


def test_each_unit_is_found_to_be_its_concept(probe: Broden, found: Dissection) -> None:
    labels = planted(probe)
    assert len({int(probe.primary[label]) for label in labels}) == len(probe.categories) == 6
    assert found.winners().label.tolist() == labels
    np.testing.assert_allclose(found.winners().iou, 1, atol=1e-9)
    assert found.num_detectors(0.999) == len(labels)


def test_at_every_gate(probe: Broden, found: Dissection) -> None:
    for gate in ("region", "image"):
        assert found.winners(gate).label.tolist() == planted(probe)
        np.testing.assert_allclose(found.winners(gate).iou, 1, atol=1e-9)


def test_others_of_the_category_do_not_come_near(probe: Broden, found: Dissection) -> None:
    iou = found.iou()
    for unit, label in enumerate(planted(probe)):
        category = probe.categories[probe.primary[label]]
        others = np.where(probe.primary == probe.primary[label], iou[unit], 0)
        others[label] = 0
        if category in ("color", "material", "texture", "scene"):  # a part may be all that is seen of another
            assert others.max() < 0.5
