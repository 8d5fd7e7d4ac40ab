"""Held against Quantus 0.6.0: equal where it is right, and examples of where it is not beside our answer.

Quantus is no dependency; docs/crosschecks.md says how to run this.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from kdissect.attribution import Gradient, InputGradient
from kdissect.measures import FILE, Stability
from kdissect.measures.against_masks import energy, pointing
from kdissect.measures.complexity import gini, map_entropy
from kdissect.measures.faithfulness import infidelity_of
from kdissect.measures.measure import Subject
from kdissect.models import Network
from kdissect.seeds import torch_generator

quantus = pytest.importorskip("quantus", exc_type=ImportError)

pytestmark = [
    # Quantus warns of its own settings, of masks and of noise, and divides by zero where it is wrong.
    pytest.mark.filterwarnings("ignore::UserWarning:quantus"),
    pytest.mark.filterwarnings("ignore::RuntimeWarning:quantus"),
]
RAW: dict[str, Any] = {"abs": False, "normalise": False, "disable_warnings": True}


def theirs(metric: Any, maps: Tensor, masks: Tensor | None = None) -> np.ndarray:
    """What a metric that asks no network says of `(b h w)` maps."""
    values = maps.double().numpy()[:, None].copy()  # some of them write into what they get
    given = {} if masks is None else {"s_batch": masks.numpy()[:, None]}
    number, _, height, width = values.shape
    labels = np.zeros(number, dtype=np.int64)
    images = np.zeros((number, 3, height, width))
    return np.asarray(metric(model=None, x_batch=images, y_batch=labels, a_batch=values, **given), dtype=float)


def drawn(seed: int, number: int = 4, side: int = 8) -> tuple[Tensor, Tensor]:
    """Signed maps and masks."""
    generator = torch.Generator().manual_seed(seed)
    maps = torch.randn(number, side, side, generator=generator).double()
    return maps, torch.rand(number, side, side, generator=generator) < 0.3


def test_gini_is_their_sparseness() -> None:
    maps, _ = drawn(0)
    # They add 1e-7 to every size, so they agree once the sizes are large beside it.
    found = theirs(quantus.Sparseness(**{**RAW, "abs": True}), 1e3 * maps)
    assert gini(maps) == pytest.approx(found, abs=1e-6)


def test_entropy_of_sizes_is_their_complexity() -> None:
    maps, _ = drawn(1)
    found = theirs(quantus.Complexity(**{**RAW, "abs": True}), maps)
    assert map_entropy(maps) == pytest.approx(found, abs=1e-6)


def test_energy_is_their_relevance_mass_of_positive_maps() -> None:
    maps, masks = drawn(2)
    found = theirs(quantus.RelevanceMassAccuracy(**RAW), maps.clip(min=0), masks)
    assert energy(maps, masks) == pytest.approx(found, abs=1e-6)
    inside = theirs(quantus.AttributionLocalisation(**RAW, positive_attributions=True), maps, masks)
    assert energy(maps, masks) == pytest.approx(inside, abs=1e-6)


def test_pointing_is_their_pointing_game_of_masks_that_are_not_empty() -> None:
    maps, masks = drawn(3, number=40)
    assert pointing(maps, masks).tolist() == theirs(quantus.PointingGame(**RAW), maps, masks).tolist()


def test_max_sensitivity_is_theirs_for_the_same_noise(tiny: Network, blobs: Any, tmp_path: Path) -> None:
    module = tiny.build(3).eval()
    subject = Subject(module=module, network=tiny, dataset=blobs)
    measure = Stability(images=6, samples=4)
    measure.run(subject, tmp_path)
    ours = np.load(tmp_path / FILE)["max_sensitivity"]
    images, labels = subject.images(slice(0, 6)), subject.labels(6)
    generator = torch_generator(0, "Stability")

    def noisy(arr: np.ndarray, indices: np.ndarray, **_: Any) -> np.ndarray:
        noise = (2 * torch.rand(images.shape[1:], generator=generator) - 1) * measure.radius
        return arr + noise.numpy().reshape(1, -1)

    def explain(inputs: np.ndarray, targets: np.ndarray, model: nn.Module, **_: Any) -> np.ndarray:
        maps = Gradient().explain(module, torch.as_tensor(inputs).float(), torch.as_tensor(targets))
        return maps.detach().numpy()[:, None]

    metric = quantus.MaxSensitivity(**RAW, nr_samples=4, perturb_func=noisy, lower_bound=measure.radius)
    found = metric(
        model=module, x_batch=images.numpy(), y_batch=labels.numpy(), a_batch=None, explain_func=explain, device="cpu"
    )
    assert ours == pytest.approx(np.asarray(found), abs=1e-6)


class Doubled(nn.Module):
    """A small network in double precision that takes single precision, as Quantus gives."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 8), nn.Tanh(), nn.Linear(8, 4)).double()

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.net(images.double())
        return logits


def squares_of(module: nn.Module, images: Tensor, labels: Tensor, maps: Tensor) -> tuple[Tensor, Tensor]:
    """Our infidelity with 16 squares, and where these were `(16 3 h w)`."""
    seen: list[Tensor] = []

    def ask(changed: Tensor) -> Tensor:
        seen.append(changed.detach().clone())
        with torch.no_grad():
            return module(changed).gather(1, labels[:, None])[:, 0]

    ours, _ = infidelity_of(ask, images, maps, 16)
    return ours, torch.stack([(changed == 0)[0] for changed in seen[1:]])


def best_scaled(a: np.ndarray, b: np.ndarray, **_: Any) -> np.ndarray:
    """Mean squared difference of losses `a` and sums of the map `b` after the best scaling, as Captum's `normalize`."""
    factor = (a * b).sum(1) / (b * b).sum(1)
    return np.asarray(((factor[:, None] * b - a) ** 2).mean(1))


def test_infidelity_is_theirs_for_the_same_squares() -> None:
    torch.manual_seed(0)
    module, labels = Doubled().eval(), torch.tensor([0, 1, 2])
    images = torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(7))
    maps = InputGradient().explain(module, images, labels).detach()
    ours, squares = squares_of(module, images, labels, maps)
    asked = iter(squares)

    def blank(arr: np.ndarray, indices: np.ndarray, **_: Any) -> np.ndarray:
        return (images * ~next(asked)).numpy().reshape(arr.shape)

    gradient = torch.autograd.grad(
        module(inputs := images.clone().requires_grad_()).gather(1, labels[:, None]).sum(), inputs
    )[0]
    metric = quantus.Infidelity(
        **RAW, perturb_patch_sizes=[4], n_perturb_samples=1, perturb_func=blank, loss_func=best_scaled
    )
    found = metric(model=module, x_batch=images.numpy(), y_batch=labels.numpy(), a_batch=gradient.numpy(), device="cpu")
    assert ours.numpy() == pytest.approx(np.asarray(found), abs=1e-6)


# From here on: where Quantus is wrong. Each test says what it gives, and what is right.


def mask_of(*places: tuple[int, int]) -> Tensor:
    mask = torch.zeros(1, 4, 4, dtype=torch.bool)
    for y, x in places:
        mask[0, y, x] = True
    return mask


def one_hot(y: int, x: int) -> Tensor:
    return (
        torch.zeros(1, 4, 4)
        .double()
        .index_put((torch.tensor(0), torch.tensor(y), torch.tensor(x)), torch.tensor(1.0).double())
    )


def test_an_empty_mask_is_a_hit_for_them() -> None:
    """NaN is put into an array of booleans, which makes it True."""
    assert theirs(quantus.PointingGame(**RAW), one_hot(0, 0), mask_of()).tolist() == [1.0]
    assert np.isnan(pointing(one_hot(0, 0), mask_of())).all()


def test_a_map_that_points_nowhere_is_a_hit_for_them() -> None:
    maps, masks = torch.cat([torch.zeros(1, 4, 4).double(), one_hot(0, 0)]), mask_of((3, 3)).expand(2, 4, 4)
    assert theirs(quantus.PointingGame(**RAW), maps, masks).tolist() == [1.0, 0.0]
    assert np.isnan(pointing(maps, masks)[0])


def test_a_weighted_pointing_game_fails_for_them() -> None:
    with pytest.raises((TypeError, ValueError)):
        theirs(quantus.PointingGame(**RAW, weighted=True), one_hot(3, 3), mask_of((3, 3)))


def test_weighted_localisation_depends_on_the_batch_for_them() -> None:
    """The size of an image is taken from `x_batch[2:]`, all images but the first two, in place of its last axes."""
    maps, masks = one_hot(3, 3).expand(4, 4, 4), mask_of((3, 3), (3, 2)).expand(4, 4, 4)
    metric = quantus.AttributionLocalisation(**RAW, weighted=True)
    three, four = theirs(metric, maps[:3], masks[:3]), theirs(metric, maps, masks)
    assert three[0] == pytest.approx(2 / 48, abs=1e-6)  # of 16 pixels, 2 / 16 would be right
    assert four[0] == pytest.approx(2 / 96, abs=1e-6)
    assert energy(maps, masks)[0] == energy(maps[:3], masks[:3])[0] == 1


def test_relevance_mass_of_signed_maps_is_no_share_for_them() -> None:
    maps = torch.zeros(1, 4, 4).double()
    maps[0, 0, 0], maps[0, 1, 1], maps[0, 2, 2] = 2.0, -1.0, 0.5
    found = theirs(quantus.RelevanceMassAccuracy(**RAW), maps, mask_of((1, 1)))
    assert found[0] == pytest.approx(-1 / 1.5)
    assert theirs(quantus.RelevanceMassAccuracy(**RAW), maps, mask_of((0, 0)))[0] == pytest.approx(2 / 1.5)
    assert energy(maps, mask_of((1, 1)))[0] == 0
    assert energy(maps, mask_of((0, 0)))[0] == pytest.approx(2 / 2.5)


def test_complexity_of_signed_maps_is_undefined_for_them() -> None:
    maps, _ = drawn(4, number=1)
    assert np.isnan(theirs(quantus.Complexity(**RAW), maps)).all()
    sizes = (maps.abs() / maps.abs().sum()).flatten()
    assert map_entropy(maps)[0] == pytest.approx(float(-(sizes * sizes.log()).sum()))


def test_sparseness_of_signed_maps_is_no_index_for_them() -> None:
    """Without `abs` the sum that divides may be near 0."""
    maps = torch.tensor([1.0, -1, 2, -1.9] + 3 * [1.0, -1, 1, -1]).double().view(1, 4, 4)
    assert theirs(quantus.Sparseness(**RAW), maps)[0] > 1
    assert 0 < gini(maps)[0] < 1


def test_squares_accumulate_for_them() -> None:
    """Each block is taken out of what the one before has left, so the last of their blocks is the whole image."""
    missing: list[float] = []

    class Watching(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(1))

        def forward(self, images: Tensor) -> Tensor:
            missing.append(float((images == images.min()).float().mean()))  # their black
            return self.scale * images.flatten(1)[:, :4]

    images = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(8)) + 0.5
    metric = quantus.Infidelity(**RAW, perturb_patch_sizes=[8], n_perturb_samples=1)
    metric(model=Watching().eval(), x_batch=images.numpy(), y_batch=np.array([0]), a_batch=images.numpy(), device="cpu")
    assert missing == pytest.approx([0, 0.25, 0.5, 0.75, 1], abs=0.01)
    module = Doubled().eval()
    _, squares = squares_of(module, images, torch.tensor([0]), torch.ones(1, 16, 16))
    assert squares.float().mean((1, 2, 3)).tolist() == pytest.approx([1 / 16] * 16)
