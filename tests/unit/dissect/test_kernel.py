"""Where a row of an upsampled map crosses the threshold, against a look at every pixel."""

import numpy as np
import pytest

from kdissect.dissect.bilinear import Samples
from kdissect.dissect.kernel import crossing


@pytest.mark.parametrize(("size", "pixels"), [(7, 112), (7, 113), (9, 100), (3, 3), (50, 49), (6, 1000)])
def test_crossing_is_that_of_a_scan(size: int, pixels: int) -> None:
    rng = np.random.default_rng(size)
    samples = Samples.of(size, pixels)
    starts = np.searchsorted(samples.lower, np.arange(size + 1))
    for _ in range(3000):
        column = int(rng.integers(0, size - 1))
        begin, end = starts[column], starts[column + 1]
        left, right = (float(value) for value in rng.normal(size=2) * 10.0 ** rng.integers(-3, 4))
        values = left + samples.fraction[begin:end] * (right - left)
        # half of the time a threshold that a pixel meets exactly: there rounding decides
        inner = (left + right) / 2 if rng.random() < 0.5 or begin == end else float(rng.choice(values))
        if (left > inner) == (right > inner):
            continue
        other_side = (values > inner) != (left > inner)
        expected = begin + int(np.argmax(other_side)) if other_side.any() else end
        found = crossing(left, right, inner, column, samples.fraction, pixels / size, begin, end)
        assert found == expected
