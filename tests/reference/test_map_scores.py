"""Numbers of maps, each derived a second way: naively, by other libraries, or in closed form."""

import math

import numpy as np
import pytest
import torch
from captum.metrics import infidelity, sensitivity_max
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from kdissect.attribution import Gradient
from kdissect.errors import DivergedError, ShapeError
from kdissect.measures.against_masks import area, auprc, auroc, energy, pointing
from kdissect.measures.cka import LinearCka, hsic
from kdissect.measures.complexity import gini, map_entropy
from kdissect.measures.faithfulness import curves, infidelity_of, order, road_of
from kdissect.measures.impute import impute
from kdissect.measures.loss_gradient import alignment, gradients, roughness, sobel, spearman
from kdissect.measures.transfer import cosine, top_overlap
from kdissect.models import Network


@pytest.fixture
def maps() -> Tensor:
    return torch.randn(5, 8, 8, generator=torch.Generator().manual_seed(0)).round(decimals=1)  # with ties


@pytest.fixture
def masks() -> Tensor:
    mask = torch.rand(5, 8, 8, generator=torch.Generator().manual_seed(1)) > 0.7
    mask[3] = False
    mask[4] = True
    return mask


def test_energy_is_the_positive_share(maps: Tensor, masks: Tensor) -> None:
    found = energy(maps, masks)
    for k in (0, 1, 2):
        inside = sum(float(v) for v, m in zip(maps[k].flatten(), masks[k].flatten(), strict=True) if m and v > 0)
        total = sum(float(v) for v in maps[k].flatten() if v > 0)
        assert found[k] == pytest.approx(inside / total)
    assert np.isnan(found[3])
    assert found[4] == 1
    assert np.isnan(energy(-maps.abs(), masks)).all()
    assert energy(torch.ones(5, 8, 8), masks)[:3] == pytest.approx(area(masks)[:3])


def test_auroc_and_auprc_are_scikit_learns(maps: Tensor, masks: Tensor) -> None:
    found = auroc(maps, masks)
    for k in (0, 1, 2):
        assert found[k] == pytest.approx(roc_auc_score(masks[k].flatten(), maps[k].flatten()))
    assert np.isnan(found[3:]).all()
    assert auroc(masks.float(), masks)[:3] == pytest.approx(1)
    assert auprc(masks.float(), masks)[:3] == pytest.approx(1)
    assert np.isnan(auroc(torch.zeros(5, 8, 8), masks)).all()  # a map that says nothing is left out, as by energy
    assert np.isnan(auprc(torch.full((5, 8, 8), 0.5), masks)).all()


def test_pointing_hits_and_misses_and_leaves_out_what_points_nowhere(masks: Tensor) -> None:
    maps = torch.zeros(5, 8, 8)
    for k, (wanted, place) in enumerate([(True, masks[0]), (False, ~masks[1]), (True, masks[2])]):
        row, column = place.nonzero()[0].tolist()
        maps[k, row, column] = 1
        assert bool(masks[k, row, column]) is wanted
    found = pointing(maps, masks)
    assert found[:3].tolist() == [1, 0, 1]
    assert np.isnan(found[3])
    assert np.isnan(pointing(torch.zeros(5, 8, 8), masks)).all()


def test_ties_of_the_largest_value_hit_as_often_as_a_draw_would() -> None:
    """Of equal peaks, some in the mask: wherever the image stands among others."""
    maps, masks = torch.zeros(3, 4, 4), torch.zeros(3, 4, 4, dtype=torch.bool)
    maps[:, 0, 0] = maps[:, 3, 3] = 1
    maps[1, 2] = 1
    masks[:, 0, 0] = True
    assert pointing(maps, masks).tolist() == [1 / 2, 1 / 6, 1 / 2]


def test_maps_and_masks_of_different_sizes_and_nan_are_refused(maps: Tensor, masks: Tensor) -> None:
    with pytest.raises(ShapeError):
        energy(maps, masks[:, :4])
    maps[2, 0, 0] = torch.nan
    with pytest.raises(DivergedError, match="map of image 2"):
        auroc(maps, masks)


def test_gini_in_closed_form(maps: Tensor) -> None:
    found = gini(torch.stack([torch.ones(4, 4), torch.eye(16)[3].view(4, 4), torch.zeros(4, 4)]))
    assert found[0] == pytest.approx(0)
    assert found[1] == pytest.approx(1 - 1 / 16)
    assert np.isnan(found[2])
    values = maps[0].abs().flatten().double().numpy()
    naive = np.abs(values[:, None] - values).sum() / (2 * len(values) ** 2 * values.mean())
    assert gini(maps)[0] == pytest.approx(naive)
    assert gini(7 * maps) == pytest.approx(gini(maps))


def test_entropy_of_a_map() -> None:
    found = map_entropy(torch.stack([torch.ones(4, 4), torch.eye(16)[3].view(4, 4), torch.zeros(4, 4)]))
    assert found[0] == pytest.approx(math.log(16))
    assert found[1] == pytest.approx(0)
    assert np.isnan(found[2])


def test_rank_correlation_is_scipys(maps: Tensor) -> None:
    other = maps.roll(1, 0) + 0.5 * maps
    found = spearman(maps, other)
    for k in range(5):
        assert found[k] == pytest.approx(spearmanr(maps[k].flatten(), other[k].flatten()).statistic)
    assert np.isnan(spearman(maps, torch.zeros_like(maps))).all()


def test_roughness_of_a_checkerboard() -> None:
    board = (torch.arange(4)[:, None] + torch.arange(4)) % 2
    # 24 edges of height 1, and 8 ones
    assert roughness(board[None].float()) == pytest.approx(3)
    assert roughness(torch.ones(1, 4, 4)) == pytest.approx(0)


def test_cosine_and_overlap(maps: Tensor) -> None:
    assert cosine(maps, 3 * maps) == pytest.approx(1)
    assert cosine(maps, -maps) == pytest.approx(-1)
    assert top_overlap(maps, 2 * maps + 1) == pytest.approx(1)
    assert np.isnan(cosine(maps, torch.zeros_like(maps))).all()
    left, right = torch.zeros(1, 10, 10), torch.zeros(1, 10, 10)
    left[0, 0], right[0, 0, :5], right[0, 1, :5] = 1, 1, 1
    assert top_overlap(left, right) == pytest.approx(0.5)


class Softmax(nn.Module):
    """A linear network: its loss gradient is W^T (p - onehot(y))."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(5, 3 * 36, generator=torch.Generator().manual_seed(2)).double())

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1) @ self.weight.T


def test_loss_gradient_of_a_linear_network() -> None:
    network, labels = Softmax(), torch.tensor([0, 3, 4])
    images = torch.randn(3, 3, 6, 6, generator=torch.Generator().manual_seed(3)).double()
    loss, margin = gradients(network, images, labels)
    with torch.no_grad():
        p = network(images).softmax(1)
        wanted = (p - torch.eye(5)[labels].double()) @ network.weight
        second = network(images).scatter(1, labels[:, None], -torch.inf).argmax(1)
        edge = network.weight[labels] - network.weight[second]
    torch.testing.assert_close(loss.flatten(1), wanted)
    torch.testing.assert_close(margin.flatten(1), edge)
    assert network.weight.grad is None
    x, g = images.flatten(1), loss.flatten(1)
    torch.testing.assert_close(alignment(images, loss), torch.nn.functional.cosine_similarity(x, g).abs())
    shifted, _ = gradients(nn.Sequential(network, Shift()), images, labels)
    torch.testing.assert_close(shifted, loss)  # the softmax does not see what is added to all logits


class Shift(nn.Module):
    def forward(self, logits: Tensor) -> Tensor:
        return logits + logits.square().sum(1, keepdim=True)


def test_sobel_of_an_edge() -> None:
    images = torch.zeros(1, 1, 5, 6)
    images[..., 3:] = 1
    found = sobel(images)[0]
    assert found[:, 2:4].tolist() == [[4, 4]] * 5
    assert found[:, [0, 1, 4, 5]].abs().max() == 0


def test_order_is_a_ranking_with_drawn_ties() -> None:
    maps = torch.tensor([[[1.0, 5.0], [5.0, 0.0]]])
    ranks = order(maps.expand(2, 2, 2))
    assert sorted(ranks[0].flatten().tolist()) == [0, 1, 2, 3]
    assert ranks[0, 0, 0] == 2
    assert ranks[0, 1, 1] == 3
    assert torch.equal(ranks[0], ranks[1])
    flat = order(torch.zeros(1, 8, 8)).flatten()
    assert not torch.equal(flat, flat.sort().values)


def _linear_value(weight: Tensor):
    return lambda images: (images * weight).sum((1, 2, 3))


def test_curves_of_a_linear_value_are_areas_under_sorted_sums() -> None:
    generator = torch.Generator().manual_seed(4)
    weight = torch.rand(1, 3, 4, 4, generator=generator).double()
    images = torch.rand(2, 3, 4, 4, generator=generator).double()
    worth = (images * weight).sum(1)
    deletion, insertion = curves(_linear_value(weight), images, order(worth), 16)
    for k in range(2):
        sums = np.concatenate([[0], np.cumsum(np.sort(worth[k].flatten().numpy())[::-1])])
        sums /= sums[-1]
        wanted = ((sums[1:] + sums[:-1]) / 2).mean()
        assert float(insertion[k]) == pytest.approx(wanted)
        assert float(deletion[k]) == pytest.approx(1 - wanted)  # linear: what is not there was taken away


def test_imputed_pixels_solve_their_equations() -> None:
    generator = torch.Generator().manual_seed(5)
    images = torch.randn(2, 3, 9, 9, generator=generator).double()
    missing = torch.rand(2, 9, 9, generator=generator) < 0.6
    found = impute(images, missing)
    weights = np.array([[1, 2, 1], [2, 0, 2], [1, 2, 1]]) / 12
    for k in range(2):
        places = [tuple(place) for place in missing[k].nonzero().tolist()]
        index = {place: n for n, place in enumerate(places)}
        matrix, right = np.zeros((len(places), len(places))), np.zeros((len(places), 3))
        for (y, x), n in index.items():
            for dy in (-1, 0, 1):
                for dx in (-1, 0, 1):
                    at = (y + dy, x + dx)
                    if (dy or dx) and 0 <= at[0] < 9 and 0 <= at[1] < 9:
                        matrix[n, n] += weights[dy + 1, dx + 1]
                        if at in index:
                            matrix[n, index[at]] -= weights[dy + 1, dx + 1]
                        else:
                            right[n] += weights[dy + 1, dx + 1] * images[k, :, at[0], at[1]].numpy()
        exact = np.linalg.solve(matrix, right)
        ours = np.stack([found[k, :, y, x].numpy() for y, x in places])
        assert ours == pytest.approx(exact, abs=5e-3)
    assert torch.equal(found.permute(0, 2, 3, 1)[~missing], images.permute(0, 2, 3, 1)[~missing])
    assert impute(images, torch.ones(2, 9, 9, dtype=torch.bool)).abs().max() == 0


def test_road_tells_a_true_ranking_from_its_reverse() -> None:
    generator = torch.Generator().manual_seed(6)
    weight = torch.zeros(1, 3, 8, 8).double()
    weight[..., 2:5, 2:5] = 1
    images = torch.rand(3, 3, 8, 8, generator=generator).double() * 0.1
    images[..., 2:5, 2:5] += 1
    ranks = order(weight.sum(1).expand(3, 8, 8))
    up = road_of(_linear_value(weight), images, ranks, (0.2,))
    down = road_of(_linear_value(weight), images, 63 - ranks, (0.2,))
    assert (up > 5).all()
    torch.testing.assert_close(down, -up)


def test_infidelity_is_captums_for_the_same_squares(tiny: Network) -> None:
    network = tiny.build(3).eval().double()
    images = torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(7)).double()
    labels, maps = torch.tensor([0, 1, 2]), torch.randn(3, 16, 16, generator=torch.Generator().manual_seed(8)).double()
    seen: list[Tensor] = []

    def ask(changed: Tensor) -> Tensor:
        seen.append(changed.detach())
        with torch.no_grad():
            return network(changed).gather(1, labels[:, None])[:, 0]

    ours, explained = infidelity_of(ask, images, maps, 6)
    inside = torch.stack([(changed == 0)[0] for changed in seen[1:]])

    # Captum wants all perturbations of an image at once; ours are the same for every image.
    def perturb(inputs: Tensor) -> tuple[Tensor, Tensor]:
        every = inside.repeat(len(inputs) // len(inside), 1, 1, 1)
        return every.double(), inputs * ~every

    # The change of a pixel counts once, not once a channel: a third of the map to each channel.
    shared = maps[:, None].expand(3, 3, 16, 16) / 3
    theirs = infidelity(
        network, perturb, images, shared, target=labels, n_perturb_samples=6, normalize=True,
        max_examples_per_batch=18,
    )  # fmt: skip
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-9)
    assert (explained >= 0).all()
    assert (explained <= 1).all()


def test_a_linear_value_is_explained_wholly() -> None:
    generator = torch.Generator().manual_seed(9)
    weight, images = torch.randn(1, 3, 8, 8, generator=generator), torch.randn(4, 3, 8, 8, generator=generator)
    ask = _linear_value(weight)
    wrong, explained = infidelity_of(ask, images, 5 * (images * weight).sum(1), 6)
    torch.testing.assert_close(wrong, torch.zeros(4).double(), atol=1e-9, rtol=0)
    torch.testing.assert_close(explained, torch.ones(4).double())


def test_max_sensitivity_is_captums_for_the_same_noise(tiny: Network) -> None:
    network = tiny.build(3).eval()
    images = torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(10))
    labels, noise = torch.tensor([0, 1, 2]), 0.02 * torch.randn(3, 16, 16, generator=torch.Generator().manual_seed(11))

    def only(inputs: Tensor | tuple[Tensor, ...]) -> Tensor:
        return inputs if isinstance(inputs, Tensor) else inputs[0]

    theirs = sensitivity_max(
        lambda inputs: (Gradient().explain(network, only(inputs), labels),),
        (images,),
        perturb_func=lambda inputs: (only(inputs) + noise,),
        n_perturb_samples=1,
    )
    maps, other = (Gradient().explain(network, each, labels) for each in (images, images + noise))
    ours = (other - maps).flatten(1).norm(dim=1) / maps.flatten(1).norm(dim=1)
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)


def test_cka_knows_rotation_and_independence() -> None:
    generator = torch.Generator().manual_seed(12)
    x, other = torch.randn(512, 10, generator=generator), torch.randn(512, 12, generator=generator)
    turn = torch.linalg.qr(torch.randn(10, 10, generator=generator)).Q
    same, apart, constant = LinearCka(), LinearCka(), LinearCka()
    for first in range(0, 512, 64):
        rows = slice(first, first + 64)
        same.add(x[rows], 3 * x[rows] @ turn + 2)
        apart.add(x[rows], other[rows])
        constant.add(x[rows], torch.ones(64, 4))
    assert same.value() == pytest.approx(1)
    assert abs(apart.value()) < 0.05
    assert constant.value() is None
    with pytest.raises(ShapeError, match="at least 4 images"):
        same.add(x[:3], x[:3])


def test_hsic_is_the_mean_over_quadruples_of_images() -> None:
    """The unbiased estimator by its definition, over all ordered quadruples of different images."""
    generator = torch.Generator().manual_seed(13)
    a, b = torch.randn(6, 3, generator=generator).double(), torch.randn(6, 2, generator=generator).double()
    k, m = a @ a.T, b @ b.T
    total, number = 0.0, 0
    for i in range(6):
        for j in range(6):
            for q in range(6):
                for r in range(6):
                    if len({i, j, q, r}) == 4:
                        total += float(k[i, j] * (m[i, j] + m[q, r] - 2 * m[i, q]))
                        number += 1
    assert hsic(k.fill_diagonal_(0), m.fill_diagonal_(0)) == pytest.approx(total / number)
