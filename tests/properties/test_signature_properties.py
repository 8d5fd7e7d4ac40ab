"""Signatures give every formula the pixels that counting one by one gives, whatever the labels are."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from probes import random_probe

from kdissect.dissect.active import active_maps
from kdissect.dissect.bilinear import upsample
from kdissect.dissect.formula import OPERATORS, Formula
from kdissect.dissect.signatures import Signatures

LABELS, IMAGES, SHAPE = 9, 7, (8, 6)


def drawn(rng: np.random.Generator) -> Formula:
    labels = rng.permutation(np.arange(1, LABELS))[: rng.integers(1, 5)].tolist()
    return Formula(tuple(labels), tuple(OPERATORS[k] for k in rng.integers(0, 3, len(labels) - 1)))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), split=st.integers(1, IMAGES - 1))
def test_areas_and_intersections_are_those_of_the_pixels(seed: int, split: int) -> None:
    rng = np.random.default_rng(seed)
    formula = drawn(rng)
    probe = random_probe(rng, IMAGES, SHAPE, LABELS)
    activations = torch.from_numpy(rng.normal(size=(IMAGES, 3, 3, 3)).astype(np.float32))
    limits = torch.full((3,), 0.3, dtype=torch.float64)
    masks = (upsample(activations.flatten(0, 1), SHAPE).unflatten(0, (IMAGES, 3)) > 0.3).numpy()
    notes = [probe.annotation(k) for k in range(IMAGES)]
    has = np.stack(
        [
            np.stack([(note.planes == label).any(0) | (label in note.scalars) for label in formula.labels], -1)
            for note in notes
        ]
    )
    holds = formula.holds(has.reshape(-1, formula.length)).reshape(IMAGES, *SHAPE)

    signatures = Signatures.of(probe)
    sets = signatures.where(formula)
    whole = active_maps(activations, limits)
    batches = [*whole.parts(split)]
    under = signatures.under(batches, probe, limits, [2, 0, 1]).toarray()
    assert signatures.pixels[sets].sum() == holds.sum()
    assert under[:, sets].sum(1).tolist() == [(masks[:, unit] & holds).sum() for unit in (2, 0, 1)]
    assert under.sum(1).tolist() == [masks[:, unit].sum() for unit in (2, 0, 1)]
