"""Selection of the largest values, where equal values are the hard case."""

import numpy as np
import pytest

from kdissect.dissect.order import insert, largest_first, tighten


@pytest.mark.parametrize("kind", ["zeros", "two values", "ascending", "descending", "random", "organ pipe"])
@pytest.mark.parametrize("count", [1, 7, 49, 50])
def test_largest_first(kind: str, count: int) -> None:
    values = {
        "zeros": np.zeros(50),
        "two values": np.arange(50) % 2,
        "ascending": np.arange(50),
        "descending": -np.arange(50),
        "random": np.random.default_rng(0).normal(size=50),
        "organ pipe": -np.abs(np.arange(50) - 25),
    }[kind].astype(np.float32)
    row = np.append(values, np.float32(99))  # beyond `size`: must stay
    largest_first(row, 50, count)
    assert sorted(row[:50]) == sorted(values)
    assert sorted(row[:count]) == sorted(values)[50 - count :]
    assert row[50] == 99


def test_many_equal_values_take_no_quadratic_time() -> None:
    row = np.zeros(2_000_000, np.float32)
    largest_first(row, row.size, row.size // 200)  # quadratic: an hour


def test_insert_keeps_the_largest_of_each_unit() -> None:
    rng = np.random.default_rng(0)
    maps = rng.integers(0, 50, (300, 3, 2)).astype(np.float32)
    units = np.arange(300) % 3
    top, filled, bound = np.empty((3, 20), np.float32), np.zeros(3, np.int64), np.full(3, -np.inf)
    for k in range(0, 300, 30):
        insert(top, filled, bound, maps[k : k + 30], units[k : k + 30], 12)
        assert (filled < 20).all()
    tighten(top, filled, bound, 12)
    for unit in range(3):
        expected = sorted(maps[units == unit].ravel())[-12:]
        assert sorted(top[unit, :12]) == expected
        assert top[unit, 0] == bound[unit] == expected[0]
