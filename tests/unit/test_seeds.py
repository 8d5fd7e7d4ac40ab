import numpy as np
import torch
from scipy import stats

from kdissect.seeds import key, numpy_generator, torch_generator, uniform

EVERY = np.arange(20_000, dtype=np.int64)


def test_a_row_depends_on_its_index_and_not_on_its_batch() -> None:
    whole = uniform(7, "augment", 3, EVERY, 4)
    assert np.array_equal(uniform(7, "augment", 3, EVERY[::-7], 4), whole[::-7])


def test_seed_purpose_and_epoch_each_move_every_draw() -> None:
    draws = uniform(0, "a", 0, EVERY[:100], 2)
    for other in (
        uniform(1, "a", 0, EVERY[:100], 2),
        uniform(0, "b", 0, EVERY[:100], 2),
        uniform(0, "a", 1, EVERY[:100], 2),
    ):
        assert not np.any(other == draws)


def test_draws_are_uniform_and_uncorrelated() -> None:
    draws = uniform(0, "augment", 0, EVERY, 3)
    assert draws.min() >= 0
    assert draws.max() < 1
    for column in draws.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-3
    assert np.abs(np.corrcoef(draws.T) - np.eye(3)).max() < 0.03
    assert abs(np.corrcoef(draws[:-1, 0], draws[1:, 0])[0, 1]) < 0.03


def test_generators_are_functions_of_seed_purpose_and_epoch() -> None:
    assert numpy_generator(1, "order", 2).random() == numpy_generator(1, "order", 2).random()
    first, second = torch_generator(1, "order", 2), torch_generator(1, "order", 3)
    assert torch.rand(1, generator=first) != torch.rand(1, generator=second)


def test_the_key_is_pinned() -> None:
    # Another value would silently give every study other numbers.
    assert key(0, "order", 1) == 4374215849138048446
