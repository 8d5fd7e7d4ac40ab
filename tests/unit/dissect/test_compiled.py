"""Compilation where no cache can be written."""

import numba
import pytest

from kdissect.dissect.compiled import compiled


def test_compiles_without_a_place_for_a_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    njit = numba.njit

    def nowhere(*functions: object, **options: object):
        if options.pop("cache", False):
            raise RuntimeError("cannot cache function: no locator available")
        return njit(*functions, **options)

    monkeypatch.setattr(numba, "njit", nowhere)

    def twice(number):
        return 2 * number

    assert compiled(twice)(3) == 6
