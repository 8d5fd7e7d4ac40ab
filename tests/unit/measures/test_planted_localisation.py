"""Planted truth: a network that looks only at the object, and one that looks only elsewhere."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from kdissect.attribution import ATTRIBUTIONS, Attribution, Occlusion
from kdissect.data import ClassTree, Dataset, Split
from kdissect.data.dataset import SplitName
from kdissect.errors import ShapeError, SpecError
from kdissect.measures import Localisation, LossGradient, Subject
from kdissect.models import Network

SIDE = 16


class TwoColours(Dataset):
    """A coloured square on one of four places; the rest has another colour. Both say the class."""

    @property
    def class_tree(self) -> ClassTree:
        return ClassTree(groups=(("all", ("a", "b", "c", "d")),))

    @property
    def title(self) -> str:
        return "two colours"

    @property
    def has_objects(self) -> bool:
        return True

    def objects(self, name: SplitName) -> Tensor:
        mask = torch.zeros(32, SIDE, SIDE, dtype=torch.bool)
        for k in range(32):
            top, left = 8 * (k // 4 % 2), 8 * (k // 8 % 2)
            mask[k, top : top + 8, left : left + 8] = True
        return mask

    def split(self, name: SplitName) -> Split:
        labels = torch.arange(32) % 4
        noise = torch.randint(0, 40, (32, 3, SIDE, SIDE), generator=torch.Generator().manual_seed(0))
        tint = torch.tensor([[200, 40, 40], [40, 200, 40], [40, 40, 200], [200, 200, 40]])[labels][:, :, None, None]
        return Split((noise + tint).to(torch.uint8), labels)


class Looks(nn.Module):
    """Colours inside the squares of the pictures, or outside them; it knows the pictures by their corner pixel."""

    def __init__(self, inside: bool) -> None:
        super().__init__()
        data = TwoColours()
        where = data.objects("test") if inside else ~data.objects("test")
        self.register_buffer("where", where.float())
        self.register_buffer("known", NETWORK.normalize(data.split("test").pictures))
        self.features = nn.Conv2d(3, 4, 1, bias=False)
        self.masked = nn.Identity()
        self.weight = nn.Parameter(torch.eye(4))
        with torch.no_grad():
            colours = torch.tensor([[2.0, -1, -1], [-1, 2, -1], [-1, -1, 2], [1, 1, -2]])
            self.features.weight.copy_(colours[:, :, None, None])

    def forward(self, images: Tensor) -> Tensor:
        # Which picture this is: the nearest one, by all pixels, so that noise and holes do not move the mask.
        with torch.no_grad():
            apart = (images[:, None] - self.known[None]).flatten(2).square().sum(2)
            where = self.where[apart.argmin(1)]
        maps = self.masked(self.features(images).relu() * where[:, None])
        pooled = maps.sum((2, 3)) / where.sum((1, 2))[:, None]
        return torch.tanh(pooled) @ self.weight


NETWORK = Network(architecture="small/resnet8", num_classes=4, width=4)


@pytest.fixture(params=ATTRIBUTIONS, ids=lambda kind: kind.__name__)
def method(request: pytest.FixtureRequest) -> Attribution:
    return Occlusion(window=4, stride=2) if request.param is Occlusion else request.param()


def test_the_object_is_told_from_the_background(method: Attribution, tmp_path: Path) -> None:
    if type(method).__name__ == "GradCam":
        method = type(method).from_mapping({"layer": "masked"})
    found = {}
    for inside in (True, False):
        folder = tmp_path / str(inside)
        folder.mkdir()
        subject = Subject(Looks(inside), NETWORK, TwoColours())
        scores = Localisation(attribution=method, images=32).run(subject, folder).scores
        found[inside] = {score.name: score.value for score in scores}
    for name in ("energy/all", "energy_gain/all", "auroc/all", "auprc/all"):
        assert found[True][name] > found[False][name] + 0.2, name
    # Occlusion spreads by its window; on the way from its baseline, integrated gradients see another picture's place.
    if type(method).__name__ not in ("IntegratedGradients", "Occlusion"):
        assert found[True]["energy/all"] == pytest.approx(1)
        assert found[False]["energy/all"] == pytest.approx(0, abs=1e-6)
        assert found[True]["pointing/all"] == 1
        assert found[False]["pointing/all"] == 0
    assert found[True]["area/all"] == 0.25


def test_loss_gradients_lie_where_the_network_looks(tmp_path: Path) -> None:
    for inside, energy in ((True, 1), (False, 0)):
        folder = tmp_path / str(inside)
        folder.mkdir()
        subject = Subject(Looks(inside), NETWORK, TwoColours())
        found = {score.name: score.value for score in LossGradient(images=32).run(subject, folder).scores}
        assert found["mask_energy/all"] == pytest.approx(energy, abs=1e-6)
        assert found["margin_energy/all"] == pytest.approx(energy, abs=1e-6)
        assert found["mask_auroc/all"] > 0.9 if inside else found["mask_auroc/all"] < 0.5


class WithoutMasks(TwoColours):
    @property
    def has_objects(self) -> bool:
        return False

    def objects(self, name: SplitName) -> Tensor:
        return Dataset.objects(self, name)


class SmallMasks(TwoColours):
    def objects(self, name: SplitName) -> Tensor:
        return super().objects(name)[:, :8, :8]


class NoMask(TwoColours):
    def objects(self, name: SplitName) -> Tensor:
        return torch.zeros(32, SIDE, SIDE, dtype=torch.bool)


def test_missing_masks_and_masks_of_another_size_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="WithoutMasks has no masks of its objects"):
        Localisation().run(Subject(Looks(True), NETWORK, WithoutMasks()), tmp_path)
    with pytest.raises(ShapeError, match=r"masks must be \(32, 16, 16\), as the pictures are, got \(32, 8, 8\)"):
        Localisation().run(Subject(Looks(True), NETWORK, SmallMasks()), tmp_path)


def test_empty_masks_are_left_out_and_counted(tmp_path: Path) -> None:
    measured = Localisation(images=32).run(Subject(NETWORK.build(), NETWORK, NoMask()), tmp_path)
    assert measured.facts["empty_masks"] == 32
    assert all(score.value is None for score in measured.scores if not score.name.startswith("right"))


def test_only_images_that_every_arm_gets_right_count(tmp_path: Path) -> None:
    right = torch.zeros(32, dtype=torch.bool)
    right[:3] = True
    subject = Subject(NETWORK.build(), NETWORK, TwoColours(), right_everywhere=right)
    measured = Localisation(images=32).run(subject, tmp_path)
    assert measured.facts["right"] == 3
    few = Subject(NETWORK.build(), NETWORK, TwoColours(), right_everywhere=right[:5])
    with pytest.raises(ShapeError, match="right_everywhere must be of the 32 test images, got 5"):
        Localisation().run(few, tmp_path)
