"""Resampling against torch's own, and the two properties that the compiled loop relies on."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from kdissect.dissect.bilinear import Samples, upsample


@pytest.mark.parametrize("size", [(7, 7), (1, 3), (13, 14), (56, 56), (112, 112), (120, 9)])
def test_agrees_with_torch(size: tuple[int, int]) -> None:
    maps = torch.randn(3, *size, dtype=torch.float64)
    expected = functional.interpolate(maps[None], (112, 96), mode="bilinear", align_corners=False)[0]
    assert torch.allclose(upsample(maps, (112, 96)), expected, rtol=0, atol=1e-13)


def test_a_constant_stays_that_constant_to_the_bit() -> None:
    maps = torch.full((1, 7, 13), 0.1, dtype=torch.float64)
    assert (upsample(maps, (112, 113)) == 0.1).all()


@pytest.mark.parametrize(("size", "pixels"), [(7, 112), (7, 113), (14, 112), (13, 96), (112, 56), (1, 4)])
def test_samples_ascend_and_stay_inside(size: int, pixels: int) -> None:
    samples = Samples.of(size, pixels)
    place = samples.lower + samples.fraction
    assert (np.diff(place) >= 0).all()
    assert samples.lower.min() >= 0
    assert samples.upper.max() < size
    assert (samples.fraction >= 0).all()
    assert (samples.fraction <= 1 - 1 / (2 * pixels)).all()
    assert np.allclose(place, np.clip((np.arange(pixels) + 0.5) * size / pixels - 0.5, 0, size - 1))
