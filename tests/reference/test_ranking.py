"""Ranks, masks and shares of null pixels, derived a second time: one pixel after the other."""

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from kdissect.measures.diff_roar import DiffRoar
from kdissect.measures.null_block import null_share
from kdissect.measures.ranking import blurred, kept, kept_pixels, only, random_maps, ranks_of

SHAPE = (5, 7, 4)


@pytest.fixture
def maps() -> Tensor:
    return torch.randn(SHAPE, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("share", [0.01, 0.05, 0.3, 0.5, 1.0])
@pytest.mark.parametrize("bottom", [False, True])
def test_the_pixels_that_stay(maps: Tensor, share: float, bottom: bool) -> None:
    found = kept(ranks_of(maps), share, bottom=bottom)
    for one, stay in zip(maps.tolist(), found.tolist(), strict=True):
        places = sorted(((abs(value), y, x) for y, row in enumerate(one) for x, value in enumerate(row)), reverse=True)
        number = max(1, int(share * 28 + 0.5))
        chosen = {(y, x) for _, y, x in (places[-number:] if bottom else places[:number])}
        assert chosen == {(y, x) for y in range(7) for x in range(4) if stay[y][x]}


def test_halves_are_rounded_upwards() -> None:
    assert [kept_pixels(share, 10) for share in (0.001, 0.05, 0.15, 0.25, 0.34, 1)] == [1, 1, 2, 3, 3, 10]


def test_masked_pictures_pixel_by_pixel(maps: Tensor) -> None:
    pictures = torch.randint(0, 256, (5, 3, 7, 4), generator=torch.Generator().manual_seed(1)).to(torch.uint8)
    stay, fill = kept(ranks_of(maps), 0.3), torch.tensor([7, 8, 9], dtype=torch.uint8)
    found = only(pictures, stay, fill)
    for b, c, y, x in np.ndindex(*pictures.shape):
        assert found[b, c, y, x] == (pictures[b, c, y, x] if stay[b, y, x] else fill[c])


def test_the_mean_colour_is_that_of_the_channels() -> None:
    pictures = torch.randint(0, 256, (9, 3, 5, 5), generator=torch.Generator().manual_seed(2)).to(torch.uint8)
    expected = [round(float(np.float64(pictures[:, c].numpy()).mean())) for c in range(3)]
    assert DiffRoar().colour(pictures).tolist() == expected
    assert DiffRoar(fill="background").colour(pictures).tolist() == [0, 0, 0]


def test_the_share_of_null_pixels(maps: Tensor) -> None:
    nulls = torch.rand(SHAPE, generator=torch.Generator().manual_seed(3)) < 0.4
    maps[4] = -2.0
    found = null_share(maps, nulls, 0.25)
    for one, null, value in list(zip(maps.numpy(), nulls.numpy(), found, strict=True))[:4]:
        first = np.argsort(-np.abs(one).ravel())[:7]
        assert value == pytest.approx(null.ravel()[first].sum() / 7)
    assert np.isnan(found[4])  # a constant map names nothing


def test_a_blur_is_a_sum_over_the_neighbours(maps: Tensor) -> None:
    deviation = 0.2 * 4
    reach = 3
    offsets = torch.arange(-reach, reach + 1)
    weights = torch.exp(-(offsets**2) / (2 * deviation**2)).double()
    kernel = weights[:, None] * weights[None]
    wide = F.pad(maps[:, None].double(), [reach] * 4, mode="reflect")[:, 0]
    expected = torch.stack(
        [
            torch.stack([(wide[:, y : y + 7, x : x + 7] * kernel).sum((1, 2)) for x in range(4)], dim=1)
            for y in range(7)
        ],
        dim=1,
    )
    torch.testing.assert_close(blurred(maps, 0.2).double(), expected / kernel.sum(), rtol=1e-5, atol=1e-6)


def test_ties_are_spread_and_drawn_alike() -> None:
    flat = torch.zeros(3, 20, 20)
    first = kept(ranks_of(flat), 0.25)
    assert torch.equal(first, kept(ranks_of(flat.clone()), 0.25))
    quarters = first[0].view(2, 10, 2, 10).sum((1, 3))
    assert first[0].sum() == 100
    assert (quarters > 10).all()


def test_random_maps_depend_on_place_and_purpose_alone() -> None:
    few, many = random_maps(torch.zeros(3, 4, 4), "train"), random_maps(torch.zeros(9, 4, 4), "train")
    assert torch.equal(few, many[:3])
    assert not torch.equal(few, random_maps(torch.zeros(3, 4, 4), "test"))
    assert not torch.equal(few[0], few[1])
