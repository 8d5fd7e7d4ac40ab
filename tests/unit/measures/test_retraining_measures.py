"""DiffROAR, null blocks and random labels: planted truth, symmetry, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from kdissect.attribution import Attribution, Gradient
from kdissect.data import BlockMnist, Brodenette, Dataset
from kdissect.data.augment import Augment
from kdissect.data.block_mnist import null_block
from kdissect.data.dataset import SplitName
from kdissect.errors import ShapeError, SpecError
from kdissect.measures import FILE, MEASURES, DiffRoar, Measure, NullBlock, RandomLabels, Subject, random_labels
from kdissect.measures.retraining import train_anew
from kdissect.models import Network
from kdissect.study import measures_for
from kdissect.training import Recipe

STILL = Augment(shift_share=0, flip=False)
ONCE = Recipe(epochs=1, batch_size=16, learning_rate=0.02, augment=STILL)
TEN = Network(architecture="small/resnet8", num_classes=10, width=4, stem="half")


class Drawn(Attribution):
    """Different numbers for all pixels, the same in every image, or these in opposite order."""

    reverse: bool = False

    def maps(self, network: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
        height, width = images.shape[2:]
        places = torch.randperm(height * width, generator=torch.Generator().manual_seed(0)).view(height, width)
        sizes = (places + 1).float() / (height * width)
        # Signs say nothing here: pixels are ranked by size.
        signs = torch.where(places % 2 == 0, 1, -1)
        return (signs * (1.5 - sizes if self.reverse else sizes)).expand(len(images), -1, -1).to(images)


class Coded(Attribution):
    """Another row for each class, so that a mask tells the label."""

    def maps(self, network: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
        rows = torch.arange(images.shape[2])[None] // 4 == classes[:, None]
        return rows[:, :, None].expand(-1, -1, images.shape[3]).to(images)


class Constant(Attribution):
    """The same everywhere."""

    def maps(self, network: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
        return torch.ones_like(images[:, 0])


class Oracle(Attribution):
    """The block of BlockMNIST that is not the null block, its brightest pixels first; the null block last."""

    def maps(self, network: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
        lights = images[:, 0] - images[:, 0].amin((1, 2), keepdim=True)
        null = torch.from_numpy(null_block()).to(images) / 255
        apart = [(block / block.amax((1, 2), keepdim=True) - null).abs().sum((1, 2)) for block in lights.split(28, 1)]
        below = apart[0] < apart[1]  # the upper block is the null block
        signal = (torch.arange(56) >= 28)[None] == below[:, None]
        return torch.where(signal[:, :, None], 10 + lights, 0.1 * lights)


class Wrong(Oracle):
    """The null block first."""

    def maps(self, network: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
        return 1 / (1 + super().maps(network, images, classes))


def scores(measure: Measure, subject: Subject, folder: Path) -> dict[str, float | None]:
    folder.mkdir()
    return {score.name: score.value for score in measure.run(subject, folder).scores}


@pytest.fixture
def subject(blobs: Dataset, tiny: Network) -> Subject:
    return Subject(tiny.build(3), tiny, blobs)


def test_a_reversed_ranking_turns_the_sign_exactly(subject: Subject, tmp_path: Path) -> None:
    measure = DiffRoar(attribution=Drawn(), levels=(0.02, 0.3), width=4, recipe=ONCE, images=64, controls=False)
    one = scores(measure, subject, tmp_path / "one")
    other = scores(measure.changed(attribution=Drawn(reverse=True)), subject, tmp_path / "other")
    assert one["diff_roar"] != 0
    for name in ("diff_roar", "diff_roar/0.02", "diff_roar/0.3"):
        assert other[name] == -one[name]
    for level in ("0.02", "0.3"):
        assert other[f"top/{level}"] == one[f"bottom/{level}"]
        assert one[f"diff_roar/{level}"] == one[f"top/{level}"] - one[f"bottom/{level}"]
    assert one["diff_roar"] == pytest.approx((one["diff_roar/0.02"] + one["diff_roar/0.3"]) / 2)


def test_where_all_pixels_stay_nothing_differs(subject: Subject, tmp_path: Path) -> None:
    measure = DiffRoar(levels=(1.0,), width=4, recipe=ONCE, images=64)
    found = scores(measure, subject, tmp_path / "a")
    assert found["diff_roar"] == found["random"] == found["blurred"] == 0
    assert found["top/1"] == found["bottom/1"] == found["unmasked"]
    assert 0 < found["unmasked"] < 1


def test_more_trainings_are_averaged_and_differ(subject: Subject, tmp_path: Path) -> None:
    measure = DiffRoar(levels=(0.3,), width=4, recipe=ONCE, images=64, controls=False)
    once = scores(measure, subject, tmp_path / "once")["top/0.3"]
    twice = scores(measure.changed(repeats=2), subject, tmp_path / "twice")["top/0.3"]
    assert twice != once
    assert (twice * 2 - once) * 64 == pytest.approx(round((twice * 2 - once) * 64))


def test_the_network_under_measurement_decides_nothing_but_the_maps(
    subject: Subject, tiny: Network, tmp_path: Path
) -> None:
    measure = DiffRoar(attribution=Drawn(), levels=(0.3,), width=4, recipe=ONCE, images=64, controls=False)
    wide = tiny.changed(width=8)
    other = Subject(wide.build(9), wide, subject.dataset)
    assert scores(measure, subject, tmp_path / "a") == scores(measure, other, tmp_path / "b")


def test_some_training_images_are_spread_over_the_split(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, list[int]]] = []
    whole = Subject.maps

    def maps(self: Subject, attribution: Attribution, chosen: Tensor, *rest: Tensor, split: SplitName) -> Tensor:
        seen.append((split, chosen.tolist()))
        return whole(self, attribution, chosen, *rest, split=split)

    monkeypatch.setattr(Subject, "maps", maps)
    measure = DiffRoar(levels=(0.3,), width=4, recipe=ONCE, images=10, train_images=16, controls=False)
    facts = measure.run(subject, tmp_path).facts
    assert dict(seen) == {"train": list(range(0, 64, 4)), "test": list(range(10))}
    assert (facts["train_images"], facts["images"], facts["kept"]) == (16, 10, {"0.3": 77})


def test_the_prediction_can_be_explained(subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Tensor] = {}
    whole = Gradient.explain

    def explain(self: Gradient, network: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
        seen["right"] = network.eval()(images).argmax(1) == classes
        return whole(self, network, images, classes)

    monkeypatch.setattr(Gradient, "explain", explain)
    measure = DiffRoar(levels=(0.3,), width=4, recipe=ONCE, images=64, controls=False)
    measure.run(subject, tmp_path)
    assert not seen["right"].all()
    measure.changed(explained="predicted").run(subject, tmp_path)
    assert seen["right"].all()


def test_maps_of_other_splits_are_their_own(subject: Subject) -> None:
    test, train = subject.maps(Gradient(), 5), subject.maps(Gradient(), 5, split="train")
    assert not torch.equal(test, train)
    some = torch.tensor([4, 1])
    torch.testing.assert_close(subject.maps(Gradient(), some, split="train"), train[some], rtol=1e-4, atol=1e-6)
    assert subject.labels(some, "train").tolist() == [0, 1]


@pytest.mark.slow
def test_masks_that_tell_the_label_are_found_out(subject: Subject, tmp_path: Path) -> None:
    recipe = Recipe(epochs=8, batch_size=16, learning_rate=0.05, augment=STILL)
    for attribution, share in ((Coded(), 1), (Drawn(), 0.25)):
        measure = DiffRoar(attribution=attribution, levels=(0.25,), width=4, recipe=recipe, images=64)
        found = scores(measure, subject, tmp_path / type(attribution).__name__)
        assert found["top_shape/0.25"] == found["bottom_shape/0.25"] == share


@pytest.mark.slow
def test_pixels_that_tell_the_class_are_told_from_those_that_do_not(tmp_path: Path) -> None:
    """Top of the oracle: nearly all that can be had. Bottom: a tenth, of ten classes. Maps that say nothing: alike."""
    dataset = BlockMnist(train=1197, test=400)
    recipe = Recipe(epochs=8, batch_size=32, learning_rate=0.1, augment=STILL)
    measure = DiffRoar(attribution=Oracle(), levels=(0.3,), width=4, recipe=recipe, images=400, fill="background")
    found = scores(measure, Subject(TEN.build(0), TEN, dataset), tmp_path / "oracle")
    assert found["unmasked"] > 0.85
    assert found["top/0.3"] > found["unmasked"] - 0.06
    assert found["bottom/0.3"] == pytest.approx(0.1, abs=0.06)
    assert abs(found["random/0.3"]) < 0.12


def test_the_share_in_the_null_block_is_none_or_all(tmp_path: Path) -> None:
    subject = Subject(TEN.build(0), TEN, BlockMnist(train=64, val=8, test=40))
    for attribution, share in ((Oracle(), 0), (Wrong(), 1)):
        found = scores(NullBlock(attribution=attribution), subject, tmp_path / type(attribution).__name__)
        assert {value for name, value in found.items() if name.endswith("/all")} == {share}
    assert set(found) == {
        f"null_share{percent}{which}"
        for percent in ("", "/2.5", "/5", "/10", "/15", "/20", "/25", "/30")
        for which in ("", "/all")
    }


def test_chance_is_the_null_blocks_area(tmp_path: Path) -> None:
    dataset = BlockMnist(train=64, val=8, test=200)
    measured = NullBlock(attribution=Drawn()).run(Subject(TEN.build(0), TEN, dataset), tmp_path)
    found = {score.name: score.value for score in measured.scores}
    assert measured.facts["chance"] == 0.5
    assert found["null_share/30/all"] == pytest.approx(0.5, abs=0.05)


def test_a_constant_map_names_nothing(tmp_path: Path) -> None:
    subject = Subject(TEN.build(0), TEN, BlockMnist(train=64, val=8, test=10))
    assert set(scores(NullBlock(attribution=Constant()), subject, tmp_path / "a").values()) == {None}
    assert np.isnan(np.load(tmp_path / "a" / FILE)["null_share"]).all()


def test_null_masks_of_another_size_are_refused(tmp_path: Path) -> None:
    class Small(type(BlockMnist())):  # type: ignore[misc]
        def nulls(self, name: SplitName) -> Tensor:
            return super().nulls(name)[:, :28]

    with pytest.raises(ShapeError, match=r"masks must be \(10, 56, 28\), as the pictures are, got \(10, 28, 28\)"):
        NullBlock().run(Subject(TEN.build(0), TEN, Small(train=64, val=8, test=10)), tmp_path)


def test_a_network_of_the_same_random_labels_explains_alike(
    blobs: Dataset, tiny: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network under measurement is the one that the check trains: similarity 1, and it does not pass."""
    labels = blobs.split("train").labels
    measure = RandomLabels(recipe=ONCE, images=32, train_images=None)

    class Mixed(type(blobs)):  # type: ignore[misc]
        def split(self, name: SplitName):  # type: ignore[no-untyped-def]
            found = super().split(name)
            from kdissect.seeds import torch_generator

            mixed = torch.randperm(len(labels), generator=torch_generator(0, "random labels"))
            return type(found)(found.pictures, found.labels[mixed]) if name == "train" else found

    same = train_anew(tiny, Mixed().split("train"), ONCE, seed=0, device=torch.device("cpu"))
    measured = measure.run(Subject(same, tiny, blobs), tmp_path)
    found = {score.name: score.value for score in measured.scores}
    assert found["random_label_similarity/all"] == pytest.approx(1)
    assert measured.facts["passed"] is None  # one epoch has taught the other network nothing
    monkeypatch.setattr(random_labels, "LEARNED", 0.0)
    assert measure.run(Subject(same, tiny, blobs), tmp_path).facts["passed"] is False
    assert measured.facts["fitted"] < 1
    (tmp_path / "other").mkdir()
    other = measure.run(Subject(tiny.build(7), tiny, blobs), tmp_path / "other")
    assert other.facts["passed"] is True
    assert {score.name: score.value for score in other.scores}["random_label_similarity/all"] < 0.5


def test_a_trained_network_depends_on_its_seed_alone(blobs: Dataset, tiny: Network) -> None:
    train = blobs.split("train")
    state = torch.get_rng_state()
    nets = [train_anew(tiny, train, ONCE, seed=seed, device=torch.device("cpu")) for seed in (0, 0, 1)]
    assert torch.equal(torch.get_rng_state(), state)
    weights = [torch.cat([p.detach().flatten() for p in net.parameters()]) for net in nets]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    assert not nets[0].training
    with pytest.raises(SpecError, match=r"expected a batch of at most 64 \(the images to train on\), got 65"):
        train_anew(tiny, train, Recipe(epochs=1, batch_size=65), seed=0, device=torch.device("cpu"))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"levels": (0.1, 0.1)}, "levels are different shares above 0 and at most 1"),
        ({"levels": (0.0,)}, "levels are different shares above 0 and at most 1"),
        ({"levels": (1.2,)}, "levels are different shares above 0 and at most 1"),
        ({"architecture": "small/resnet9"}, "a small ResNet or VGG has depth 6n"),
        ({"recipe": Recipe(epochs=1, precision="bf16")}, "in fp32 and without compilation, got bf16"),
        ({"recipe": Recipe(epochs=1, compile="on")}, "in fp32 and without compilation, got fp32 and compile on"),
    ],
)
def test_what_cannot_be_trained_is_refused_at_once(fields: dict[str, object], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        DiffRoar(**fields)


def test_percentages_are_checked() -> None:
    for wrong in ((0.0,), (5, 5), (101,)):
        with pytest.raises(SpecError, match="percentages must differ, above 0 and at most 100"):
            NullBlock(percentages=wrong)


def test_what_trains_networks_is_run_where_it_is_named_only(tiny: Network) -> None:
    blocks = BlockMnist(train=64, val=8, test=10)
    network = tiny.changed(num_classes=10)
    chosen = [type(one) for one in measures_for(None, blocks, None, [network])]
    assert NullBlock in chosen
    assert not [kind for kind in chosen if kind.retrains]
    assert {kind for kind in MEASURES if kind.retrains} == {DiffRoar, RandomLabels}
    named = measures_for(["diff-roar", "random-labels", "null-blocks"], blocks, None, [network], images=7)
    assert {type(one): one.images for one in named} == {NullBlock: 7, DiffRoar: 7, RandomLabels: 7}
    assert NullBlock not in [type(one) for one in measures_for(None, Brodenette(test=4), None, [network])]
