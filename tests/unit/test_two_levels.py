import math

import numpy as np
import pytest
from scipy.stats import nct, norm

from kdissect.errors import SpecError
from kdissect.stats import difference
from kdissect.two_levels import Resampled, two_levels


def test_the_interval_of_g_is_the_inverted_noncentral_t():
    # Equal spreads, so Welch's degrees of freedom are 8; t = difference / (s * sqrt(2 / 5)).
    z = np.array([-1.2, -0.4, 0.1, 0.5, 1.0])
    a, b = 1.3 * z.std(ddof=1) + z, z
    low, high = two_levels(a, b, num=400_000).g
    t, scale = 1.3 * math.sqrt(5 / 2), math.sqrt(2 / 5)
    assert nct.cdf(t, 8, low / scale) == pytest.approx(0.975, abs=0.002)
    assert nct.cdf(t, 8, high / scale) == pytest.approx(0.025, abs=0.002)
    # Of two normal distributions, P(larger) is that of g / sqrt(2).
    shares = two_levels(a, b, num=400_000).superiority
    assert shares == pytest.approx([norm.cdf(low / math.sqrt(2)), norm.cdf(high / math.sqrt(2))], abs=1e-9)


@pytest.mark.parametrize("spread", [2.0, 0.3])
def test_the_interval_of_g_ends_at_zero_where_welchs_does(spread):
    rng = np.random.default_rng(3)
    a, b = spread * rng.standard_normal(4), rng.standard_normal(7)
    found = difference(a.tolist(), b.tolist())
    low, _ = two_levels(a - found.low, b, num=400_000).g  # now Welch's interval starts at 0
    assert low == pytest.approx(0, abs=0.01)


def test_the_interval_of_superiority_holds_the_observed_share():
    # Wholly apart: the observed share is 1, which no normal distribution gives.
    assert two_levels([4.0, 5, 6], [1, 2, 3]).superiority[1] == 1
    assert two_levels([1.0, 2, 3], [4, 5, 6]).superiority[0] == 0


def test_exchanging_the_arms_exchanges_the_sign():
    rng = np.random.default_rng(4)
    a, b = rng.standard_normal(5) + 1, 2 * rng.standard_normal(8)
    there, back = two_levels(a, b, num=100_000), two_levels(b, a, num=100_000)
    assert there.g == pytest.approx([-end for end in back.g[::-1]], abs=0.03)
    assert there.superiority == pytest.approx([1 - end for end in back.superiority[::-1]], abs=0.01)


def test_equal_seeds_tell_nothing():
    assert two_levels([0.1 + 0.2, 0.3], [0.3, 0.3]) == Resampled(None, None)


def test_what_does_not_fit_is_refused():
    two, images = [1.0, 2.0], np.zeros((2, 9))
    with pytest.raises(SpecError, match="two seeds or more"):
        two_levels([1.0], two)
    with pytest.raises(SpecError, match=r"images \(seeds images\) of \(2, 2\) seeds, got \[\(2, 9\), \(2, 8\)\]"):
        two_levels(two, two, (images, images[:, :8]))
    with pytest.raises(SpecError, match="a value for some image"):
        two_levels(two, two, (images, np.where([[True], [False]], images, np.nan)))


def arms(rng, effect, seeds, count, *, common=0.0, by_arm=0.0, by_seed=0.0, spread=1.0):
    """Images of two arms whose spread between seeds is 1 for the second, as `(seeds images)` each."""
    easy = common * rng.standard_normal(count)
    found = []
    for mean, own in ((effect, spread), (0.0, 1.0)):
        seed = mean + own * rng.standard_normal((seeds, 1))
        noise = by_seed * rng.standard_normal((seeds, count))
        found.append(seed + easy + by_arm * rng.standard_normal(count) + noise)
    return found


def test_images_that_are_easy_for_all_cancel():
    """The same images were seen by all: what they share says nothing about the arms."""
    a, b = arms(np.random.default_rng(5), 1.0, 5, 60, common=30.0)
    alone = two_levels(a.mean(1), b.mean(1))
    assert two_levels(a.mean(1), b.mean(1), (a, b)).g == pytest.approx(alone.g, abs=1e-6)


def test_what_single_seeds_make_of_an_image_is_not_counted_twice():
    a, b = arms(np.random.default_rng(6), 1.0, 8, 400, by_seed=20.0)  # as much again as the seeds themselves
    alone = two_levels(a.mean(1), b.mean(1), num=20_000)
    width, narrow = (one.g[1] - one.g[0] for one in (two_levels(a.mean(1), b.mean(1), (a, b), num=20_000), alone))
    assert 0.99 < width / narrow < 1.15


def test_images_that_are_easier_for_one_arm_widen():
    a, b = arms(np.random.default_rng(7), 1.0, 8, 100, by_arm=10.0)
    alone, both = two_levels(a.mean(1), b.mean(1)), two_levels(a.mean(1), b.mean(1), (a, b))
    # The image part of the variance, 2 * 10**2 / 100, is eight times that of the seeds, 2 / 8.
    assert (both.g[1] - both.g[0]) / (alone.g[1] - alone.g[0]) == pytest.approx(3, abs=0.8)


def test_images_that_a_seed_lacks_are_left_out():
    a, b = arms(np.random.default_rng(8), 1.0, 5, 300, by_arm=5.0)
    whole = two_levels(a.mean(1), b.mean(1), (a, b))
    a[1, :30] = np.nan
    gone = two_levels(np.nanmean(a, 1), b.mean(1), (a, b))
    assert gone.g == pytest.approx(whole.g, abs=0.5)
    assert gone.g != whole.g
    # Images that nobody has change nothing but the draws.
    lacking = [np.concatenate([side, np.full((5, 300), np.nan)], 1) for side in (a, b)]
    wider = two_levels(np.nanmean(a, 1), b.mean(1), (lacking[0], lacking[1]))
    assert wider.g == pytest.approx(gone.g, abs=0.15)


@pytest.mark.parametrize("seeds", [3, 5, 8])
@pytest.mark.parametrize(("effect", "spread"), [(0.0, 1.0), (1.0, 2.0), (2.0, 1.0)])
def test_intervals_hold_the_truth_as_often_as_they_say(seeds, effect, spread):
    """93 to 97 %, and three binomial errors of 600 studies; more studies and cases in benchmarks."""
    rng = np.random.default_rng(9)
    pooled = math.sqrt((spread**2 + 1) / 2)
    share = norm.cdf(effect * pooled / math.hypot(spread, 1))
    held = np.zeros(2)
    for _ in range(600):
        a, b = effect * pooled + spread * rng.standard_normal(seeds), rng.standard_normal(seeds)
        found = two_levels(a, b, num=1000)
        held += found.g[0] <= effect <= found.g[1], found.superiority[0] <= share <= found.superiority[1]
    assert ((held / 600 > 0.93 - 0.03) & (held / 600 < 0.97 + 0.021)).all(), held / 600


def test_intervals_hold_the_truth_for_new_images_too():
    """With images that suit one arm better, seeds alone promise too much."""
    rng = np.random.default_rng(10)
    held = np.zeros(2)
    for _ in range(300):
        a, b = arms(rng, 1.0, 5, 60, common=5.0, by_arm=5.0, by_seed=2.0)
        spread = math.sqrt(1 + 2**2 / 60)
        for k, images in enumerate([(a, b), None]):
            low, high = two_levels(a.mean(1), b.mean(1), images, num=1000).g
            held[k] += low <= 1 / spread <= high
    assert 0.915 < held[0] / 300 < 0.985
    assert held[1] / 300 < 0.87
