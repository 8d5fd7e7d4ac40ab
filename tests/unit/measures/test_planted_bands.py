"""Planted truth: a network whose gradient is the telling part, and one whose gradient is elsewhere."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from kdissect.data import Cells, ClassTree, Dataset, Split
from kdissect.data.dataset import SplitName
from kdissect.errors import DivergedError, ShapeError, SpecError
from kdissect.measures import FILE, FiveBand, Subject
from kdissect.models import Network
from kdissect.study import measures_for

CELLS = Cells(size=32, train=1, val=1, test=48)
NETWORK = Network(architecture="small/resnet8", num_classes=10, width=4)
OBJECTS, FEATURES, LABELS = CELLS.objects("test"), CELLS.features("test"), CELLS.split("test").labels


class Weighs(nn.Module):
    """The label's logit weights pixels as told, one map a picture; other logits see nothing. It knows the pictures."""

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.weights = nn.Parameter(weights.float())
        self.register_buffer("known", NETWORK.normalize(CELLS.split("test").pictures))

    def forward(self, images: Tensor) -> Tensor:
        with torch.no_grad():
            which = (images[:, None] - self.known[None]).flatten(2).square().sum(2).argmin(1)
        # Of equal pictures (empty ones on black) the first answers for all; their weights are zero in any case.
        logit = (images * self.weights[which][:, None]).sum((1, 2, 3))
        return torch.zeros(len(images), 10).scatter(1, LABELS[which][:, None], logit[:, None])


def scores(weights: Tensor, folder: Path, measure: FiveBand | None = None) -> tuple[dict[str, float], dict]:
    folder.mkdir(exist_ok=True)
    measured = (measure or FiveBand()).run(Subject(Weighs(weights), NETWORK, CELLS), folder)
    return {score.name: score.value for score in measured.scores}, measured.facts


def heat(objects: Tensor, features: Tensor) -> Tensor:
    return 0.4 * objects + 0.5 * features


def test_a_gradient_that_is_the_truth_has_full_marks(tmp_path: Path) -> None:
    found, facts = scores(heat(OBJECTS, FEATURES), tmp_path)
    assert found["recall/corrected/all"] == 1
    assert found["precision/corrected/all"] == 1
    assert found["pixel_accuracy/corrected/all"] == 1
    assert found["fpr/corrected/all"] == 0
    assert found["precision/v1/all"] < 0.6  # as published, even a perfect map
    empty = (LABELS == 9).sum().item()
    assert facts["without_object"] == facts["zero_maps"] == empty
    assert facts["confusion"]["feature"] == {"against": 0, "background": 0, "object": 0, "feature": 1}
    for name, value in facts["baselines"]["perfect"].items():
        assert value == pytest.approx(found[f"{name}/all"], abs=0.4 if "clamp" in name else 1e-9)


def test_a_gradient_on_the_feature_alone_misses_the_object_only(tmp_path: Path) -> None:
    found, facts = scores(FEATURES.float(), tmp_path)
    assert found["precision/corrected/all"] == 1
    assert found["fpr/corrected/all"] == 0
    share = (FEATURES.sum((1, 2)) / OBJECTS.sum((1, 2))).numpy()
    of_class = [share[(LABELS.numpy() == k)].mean() for k in range(9)]
    assert found["recall/corrected/all"] == pytest.approx(np.mean(of_class))
    assert facts["confusion"]["object"]["background"] == 1


def test_a_gradient_on_the_background_is_all_wrong(tmp_path: Path) -> None:
    found, _ = scores(~OBJECTS & OBJECTS.flatten(1).any(1)[:, None, None], tmp_path)
    assert found["recall/corrected/all"] == 0
    assert found["precision/corrected/all"] == 0
    assert found["fpr/corrected/all"] == 1
    assert found["pixel_accuracy/corrected/all"] == 0


def test_maps_of_zeros_are_scored_and_counted(tmp_path: Path) -> None:
    found, facts = scores(torch.zeros(48, 32, 32), tmp_path)
    assert facts["zero_maps"] == 48
    assert found["pixel_accuracy/v1/all"] > 0.9
    assert found["pixel_accuracy/corrected/all"] == pytest.approx(1 / 3)
    assert {
        name: facts["baselines"]["zeros"][name.removesuffix("/all")] for name in found if name.endswith("/all")
    } == {name: pytest.approx(value) for name, value in found.items() if name.endswith("/all")}


def test_numbers_of_single_images_are_kept(tmp_path: Path) -> None:
    scores(heat(OBJECTS, FEATURES), tmp_path)
    kept = np.load(tmp_path / FILE)
    assert kept["recall/corrected"].shape == (48,)
    assert np.isnan(kept["recall/corrected"]).sum() == (LABELS == 9).sum()


def test_the_predicted_class_can_be_explained(tmp_path: Path) -> None:
    """This network predicts the label or, where its logit is not positive, class 0, whose gradient is zero."""
    weights = heat(OBJECTS, FEATURES)
    by_label, of_label = scores(weights, tmp_path / "a")
    by_prediction, of_prediction = scores(weights, tmp_path / "b", FiveBand(explained="predicted"))
    assert of_prediction["zero_maps"] > of_label["zero_maps"]
    assert by_prediction["recall/corrected/all"] < by_label["recall/corrected/all"]
    assert by_prediction["recall/corrected"] == by_label["recall/corrected"] == 1  # of what it gets right


class NoFeatures(Dataset):
    """Cells that do not know their features."""

    @property
    def class_tree(self) -> ClassTree:
        return CELLS.class_tree

    @property
    def title(self) -> str:
        return "no features"

    def split(self, name: SplitName) -> Split:
        return CELLS.split(name)

    @property
    def has_objects(self) -> bool:
        return True

    def objects(self, name: SplitName) -> Tensor:
        return CELLS.objects(name)


class SmallFeatures(NoFeatures):
    @property
    def has_features(self) -> bool:
        return True

    def features(self, name: SplitName) -> Tensor:
        return FEATURES[:, :8]


def test_data_without_features_or_of_another_size_are_refused(tmp_path: Path) -> None:
    module = Weighs(heat(OBJECTS, FEATURES))
    with pytest.raises(SpecError, match="NoFeatures does not know which part"):
        FiveBand().run(Subject(module, NETWORK, NoFeatures()), tmp_path)
    with pytest.raises(ShapeError, match="features must be"):
        FiveBand().run(Subject(module, NETWORK, SmallFeatures()), tmp_path)
    with torch.no_grad():
        module.weights.fill_(torch.nan)
    with pytest.raises(DivergedError):
        FiveBand().run(Subject(module, NETWORK, CELLS), tmp_path)


def test_the_word_bands_is_measured_where_the_data_allow() -> None:
    assert any(isinstance(one, FiveBand) for one in measures_for(None, CELLS, None, [NETWORK]))
    assert not any(isinstance(one, FiveBand) for one in measures_for(None, NoFeatures(), None, [NETWORK]))
    assert measures_for(["bands"], CELLS, None, [NETWORK], images=7) == (FiveBand(images=7),)
