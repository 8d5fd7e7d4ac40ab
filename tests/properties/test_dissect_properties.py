"""What must not change a dissection, on random activations and labels."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from probes import MemoryProbe, random_probe
from torch import Tensor

from kdissect.dissect import GATES, KeptMaps, Tally, tally, thresholds
from kdissect.dissect.active import active_maps
from kdissect.dissect.counting import count
from kdissect.dissect.counts import Counts, PackedLabels
from kdissect.dissect.device_counting import contribute_on_device

quick = settings(max_examples=25, deadline=None)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Tensor, MemoryProbe, float]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    num_images, num_units = draw(st.integers(1, 9)), draw(st.integers(1, 5))
    size = draw(st.tuples(st.integers(1, 11), st.integers(1, 11)))
    activations = torch.from_numpy(rng.standard_normal((num_images, num_units, *size), dtype=np.float32))
    if draw(st.booleans()):  # equal values, zeros, silent units
        activations = activations.round().clamp(min=0)
    shape = draw(st.tuples(st.integers(1, 24), st.integers(1, 24)))
    return activations, random_probe(rng, num_images, shape), draw(st.sampled_from([0.005, 0.05, 0.3]))


def equal(left: Tally | Counts, right: Tally | Counts) -> bool:
    names = ("intersection", "unit_area", "label_area")
    areas = [(tally.category_areas[gate] for gate in GATES) for tally in (left, right) if isinstance(tally, Tally)]
    return all(np.array_equal(getattr(left, name), getattr(right, name)) for name in names) and all(
        np.array_equal(a, b) for a, b in zip(*areas, strict=True)
    )


@given(cases(), st.integers(1, 4))
@quick
def test_batches_do_not_matter(case: tuple[Tensor, MemoryProbe, float], batch: int) -> None:
    activations, probe, quantile = case
    kept = KeptMaps(len(activations), quantile=quantile)
    for part in activations.split(batch):
        kept.add(part)
    limits = kept.thresholds()
    assert torch.equal(limits, thresholds(activations, quantile=quantile))
    counts = count(kept.active(limits), probe, limits, label_zero=True)
    assert equal(Tally.of(counts, probe, "region"), tally(activations, limits, probe))


@given(cases(), st.randoms(use_true_random=False))
@quick
def test_order_of_images_does_not_matter(case, random) -> None:
    activations, probe, quantile = case
    order = random.sample(range(len(activations)), len(activations))
    limits = thresholds(activations, quantile=quantile)
    assert torch.equal(limits, thresholds(activations[order], quantile=quantile))
    assert equal(tally(activations, limits, probe), tally(activations[order], limits, probe.at(order)))


@given(cases(), st.randoms(use_true_random=False))
@quick
def test_units_do_not_know_each_other(case, random) -> None:
    activations, probe, quantile = case
    order = random.sample(range(activations.shape[1]), activations.shape[1])
    limits = thresholds(activations, quantile=quantile)
    assert torch.equal(limits[order], thresholds(activations[:, order], quantile=quantile))
    found, other = tally(activations, limits, probe), tally(activations[:, order], limits[order], probe)
    assert np.array_equal(found.intersection[order], other.intersection)
    assert np.array_equal(found.unit_category_area[order], other.unit_category_area)


@given(cases(), st.booleans())
@quick
def test_compiled_and_torch_paths_agree_exactly(case, label_zero: bool) -> None:
    activations, probe, quantile = case
    limits = thresholds(activations, quantile=quantile)
    active = active_maps(activations, limits)
    labels = PackedLabels.of(probe, active.images, label_zero)
    on_device = contribute_on_device(active, labels, limits, probe.primary, 3, num_bytes=3_000)
    found = [count([active], probe, limits, label_zero=label_zero), on_device.counts()]
    assert all(np.array_equal(values, getattr(found[1], name)) for name, values in vars(found[0]).items())


@given(cases())
@quick
def test_bounds(case) -> None:
    activations, probe, quantile = case
    single = MemoryProbe(
        [probe.annotation(k).planes[:1] for k in range(len(probe))], [[]] * len(probe), probe.primary.tolist()
    )
    found = tally(activations, thresholds(activations, quantile=quantile), single)
    previous = np.ones_like(found.iou)
    for gate in GATES:  # each lets more masks pass than the one before
        iou = found.at_gate(gate).iou
        assert (iou >= 0).all()
        assert (iou <= previous).all()
        previous = iou
    assert (found.intersection.sum(1) <= found.unit_area).all()
    assert (found.intersection <= found.label_area).all()


@given(cases(), st.floats(0.1, 8.0))
@quick
def test_scale_of_a_unit_does_not_matter(case, factor: float) -> None:
    activations, probe, quantile = case
    power = 2.0 ** round(factor)  # exact in floating point
    scaled = activations * power
    limits = thresholds(activations, quantile=quantile)
    assert torch.equal(thresholds(scaled, quantile=quantile), limits * power)
    assert equal(tally(activations, limits, probe), tally(scaled, limits * power, probe))
