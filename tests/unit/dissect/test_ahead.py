"""Work done ahead."""

import threading

import pytest

from kdissect.dissect.ahead import ahead


def test_results_come_in_order() -> None:
    assert list(ahead(lambda k: k * k, range(10))) == [k * k for k in range(10)]


def test_an_error_comes_in_its_place_and_no_thread_is_left() -> None:
    def work(item: int) -> int:
        if item == 2:
            raise OSError("damaged")
        return item

    results = ahead(work, range(100))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(OSError, match="damaged"):
        next(results)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("kdissect-ahead")]


def test_runs_no_further_ahead_than_asked() -> None:
    items = iter(range(100))
    results = ahead(lambda k: k, items, depth=2)
    assert next(results) == 0
    results.close()
    assert next(items) == 3
