"""What must not move five-band scores, and what must."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kdissect.measures.five_band import numbers, tables_of

LABELS = np.zeros(2, np.int64)


def drawn(seed: int) -> tuple[torch.Tensor, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, (2, 6, 5)).astype(np.int8)
    truth[:, 0, 0], truth[:, 0, 1] = 2, 0
    return torch.from_numpy(rng.normal(size=(2, 6, 5))), truth


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), power=st.integers(-20, 20))
def test_scale_is_free_but_for_the_clamp(seed: int, power: int) -> None:
    maps, truth = drawn(seed)
    before, after = tables_of(maps, truth), tables_of(maps * 2.0**power, truth)
    assert all((before[name] == after[name]).all() for name in before if name != "v1_clamp")


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_pixels_and_of_images_is_free(seed: int) -> None:
    maps, truth = drawn(seed)
    order = np.random.default_rng(seed).permutation(30)
    moved = maps.flatten(1)[:, order].view(2, 6, 5), truth.reshape(2, 30)[:, order].reshape(2, 6, 5)
    before, after = tables_of(maps, truth), tables_of(*moved)
    turned = tables_of(maps.flip(0), truth[::-1])
    for name, table in before.items():
        assert (table == after[name]).all()
        assert (table == turned[name][::-1]).all()
        assert (table.sum((2, 3)) == 30).all()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_negative_of_a_positive_map_is_never_right(seed: int) -> None:
    maps, truth = drawn(seed)
    for each in numbers(tables_of(-maps.abs(), truth), LABELS):
        assert np.all((each.values >= 0) & (each.values <= 1))
        if each.name.startswith(("recall", "precision")):
            assert (each.values == 0).all()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_constant_map_recalls_all_and_hits_everything(seed: int) -> None:
    _, truth = drawn(seed)
    found = {each.name: each for each in numbers(tables_of(torch.ones(2, 6, 5), truth), LABELS)}
    for setting in ("v1", "v1_clamp", "v2"):
        assert np.allclose(found[f"recall/{setting}"].values, 1)
        assert np.allclose(found[f"fpr/{setting}"].values, 1)
    assert np.allclose(found["recall/corrected"].values, (truth == 2).sum((1, 2)) / (truth > 0).sum((1, 2)))
