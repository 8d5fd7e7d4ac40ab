"""What holds for masks of any maps."""

import hypothesis.strategies as st
import torch
from hypothesis import given, settings

from kdissect.measures.ranking import kept, kept_pixels, ranks_of

SIDES = st.integers(1, 9)
SHARES = st.floats(0.001, 1)


@settings(deadline=None, max_examples=60)
@given(SIDES, SIDES, SHARES, SHARES, st.booleans(), st.integers(0, 99), st.integers(1, 5))
def test_masks_are_exact_and_nested(
    height: int, width: int, one: float, other: float, bottom: bool, seed: int, values: int
) -> None:
    """Also with many ties: there are few different values."""
    maps = torch.randint(-values, values, (4, height, width), generator=torch.Generator().manual_seed(seed)).float()
    ranks = ranks_of(maps)
    few, many = (kept(ranks, share, bottom=bottom) for share in sorted((one, other)))
    assert (few.sum((1, 2)) == kept_pixels(min(one, other), height * width)).all()
    assert (many.sum((1, 2)) == kept_pixels(max(one, other), height * width)).all()
    assert not (few & ~many).any()


@settings(deadline=None, max_examples=60)
@given(SIDES, SIDES, SHARES, st.integers(0, 99))
def test_no_pixel_that_stays_is_smaller_than_one_that_goes(height: int, width: int, share: float, seed: int) -> None:
    sizes = torch.randn(1, height, width, generator=torch.Generator().manual_seed(seed)).abs()
    ranks = ranks_of(-sizes)
    top, bottom = kept(ranks, share), kept(ranks, share, bottom=True)
    if not top.all():
        assert sizes[top].min() >= sizes[~top].max()
        assert sizes[bottom].max() <= sizes[~bottom].min()
    if kept_pixels(share, height * width) * 2 <= height * width:
        assert not (top & bottom).any()
