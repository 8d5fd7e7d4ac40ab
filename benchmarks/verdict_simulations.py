"""How often the verdict is wrong: null simulations, margins, and the coverage of intervals.

Every line simulates studies whose truth is known. The calls are made for all studies at once, by the rule of
`kdissect.verdict.call_families`, which is asked too, for the first studies of each line, and must say the same.

    python benchmarks/verdict_simulations.py [--studies 20000] [--intervals 2000]
"""

import argparse
import math

import numpy as np
from scipy.special import stdtr
from scipy.stats import norm, t, ttest_ind

from kdissect.stats import difference
from kdissect.two_levels import two_levels
from kdissect.verdict import ALPHA, FAMILIES, Sample, call_families, overall

SPREAD = 0.02
"""Standard deviation between seeds of every score."""
MARGINS = np.array([family.margin for family in FAMILIES])
CALLS = ("raised", "kept", "lowered", "undecided")


def tail(a, b, limit):
    """Probability that two t variables, each times its sample's standard error, add up to more than the limit."""
    first, second = (x.std(-1, ddof=1) / math.sqrt(x.shape[-1]) for x in (a, b))
    swapped = first < second
    small, large = np.minimum(first, second), np.maximum(first, second)
    frees = a.shape[-1] - 1, b.shape[-1] - 1
    free = np.where(swapped, frees[1], frees[0])
    # Trapezoids over the density of the one with the smaller error, far into its tails.
    places = np.linspace(-9, 9, 61)
    values, weights = np.sinh(places), 0.3 * np.cosh(places)
    total = np.zeros(limit.shape)
    for value, *both in zip(values, *(weights * t.pdf(values, number) for number in frees), strict=True):
        total += np.where(swapped, *both) * stdtr(free, (value * small - limit) / large)
    return total


def tests(a, b):
    """P values for no difference, and for a difference of the margin."""
    if a.shape[-1] != b.shape[-1]:
        mean = a.mean(-1) - b.mean(-1)
        return 2 * tail(a, b, np.abs(mean)), tail(a, b, MARGINS - np.abs(mean))
    above = ttest_ind(a + MARGINS[:, None], b, axis=-1, equal_var=False, alternative="greater").pvalue
    below = ttest_ind(a - MARGINS[:, None], b, axis=-1, equal_var=False, alternative="less").pvalue
    return ttest_ind(a, b, axis=-1, equal_var=False).pvalue, np.maximum(above, below)


def calls(a, b):
    """The call on every family of every study, as places in `CALLS`; `(studies families)` from `(... seeds)`."""
    p, margin_p = tests(a, b)
    order = p.argsort(1)
    steps = np.take_along_axis(p, order, 1) * np.arange(len(FAMILIES), 0, -1)
    adjusted = np.empty_like(steps)
    np.put_along_axis(adjusted, order, np.maximum.accumulate(steps, 1).clip(max=1), 1)
    one_way = np.where(a.mean(-1) > b.mean(-1), CALLS.index("raised"), CALLS.index("lowered"))
    other = np.where(margin_p < ALPHA, CALLS.index("kept"), CALLS.index("undecided"))
    return np.where(adjusted < ALPHA, one_way, other)


def arm(values):
    """One study's scores as the verdict takes them."""
    return {
        family.primary: Sample(tuple(map(float, row)), "higher", "share")
        for family, row in zip(FAMILIES, values, strict=True)
    }


def simulated(rng, studies, seeds, shifts, spread):
    """Calls of studies, 10,000 at a time."""
    parts = []
    for first in range(0, studies, 10_000):
        shape = (min(10_000, studies - first), len(FAMILIES))
        a = np.array(shifts)[:, None] + spread * SPREAD * rng.standard_normal((*shape, seeds[0]))
        b = SPREAD * rng.standard_normal((*shape, seeds[1]))
        parts.append(calls(a, b))
        for study in range(10) if not first else ():
            said = [call for call, _ in call_families(arm(a[study]), arm(b[study])).values()]
            assert said == [CALLS[place] for place in parts[0][study]], "the rule above is not the verdict's"
    return np.concatenate(parts)


def all_together(found):
    """Shares of the overall calls."""
    every = dict.fromkeys(CALLS, 0)
    kinds, numbers = np.unique(found, axis=0, return_counts=True)
    for kind, number in zip(kinds, numbers, strict=True):
        call = overall({family.name: CALLS[place] for family, place in zip(FAMILIES, kind, strict=True)})[0]
        every[call] += number
    return " / ".join(f"{every[name] / len(found):.1%}" for name in CALLS)


def coverage(rng, studies, seeds, effect, spread, draw):
    """Shares of intervals that hold the truth: Welch's difference, and those of g and P(larger)."""
    pooled = math.sqrt(np.average([spread**2, 1], weights=[seeds[0] - 1, seeds[1] - 1]))
    many = effect * pooled + spread * draw(rng, 1_000_000), draw(rng, 1_000_000)
    share = norm.cdf(effect * pooled / math.hypot(spread, 1)) if draw is normal else np.mean(many[0] > many[1])
    hits = np.zeros(3)
    for _ in range(studies):
        a, b = effect * pooled + spread * draw(rng, seeds[0]), draw(rng, seeds[1])
        welch, found = difference(a.tolist(), b.tolist()), two_levels(a, b, num=2000)
        hits += (
            welch.low <= effect * pooled <= welch.high,
            found.g[0] <= effect <= found.g[1],
            found.superiority[0] <= share <= found.superiority[1],
        )
    return hits / studies


def image_coverage(rng, studies, seeds, by_arm, images=200):
    """Shares of intervals of g that hold the truth over seeds and images: with the images, and by seeds alone.

    Args:
        rng: random numbers.
        studies: how many.
        seeds: a side.
        by_arm: variance of the difference that is due to the images, as a share of that due to the seeds.
        images: in the test set.
    """
    shared, own = math.sqrt(by_arm * images / seeds), 3.0
    truth = 1 / math.sqrt(1 + own**2 / images)
    hits = np.zeros(2)
    for _ in range(studies):
        easy = 10 * rng.standard_normal(images)
        a, b = (
            effect
            + easy
            + rng.standard_normal((seeds, 1))
            + shared * rng.standard_normal(images)
            + own * rng.standard_normal((seeds, images))
            for effect in (1.0, 0.0)
        )
        for k, pictures in enumerate(((a, b), None)):
            low, high = two_levels(a.mean(1), b.mean(1), pictures, num=2000).g
            hits[k] += low <= truth <= high
    return hits / studies


def normal(rng, shape):
    return rng.standard_normal(shape)


def heavy(rng, shape):
    """Student's t with 5 degrees of freedom, of variance 1."""
    return rng.standard_t(5, shape) / math.sqrt(5 / 3)


def skewed(rng, shape):
    """Exponential, of mean 0 and variance 1."""
    return rng.exponential(size=shape) - 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--studies", type=int, default=20_000)
    parser.add_argument("--intervals", type=int, default=2000, help="studies for each line on intervals")
    asked = parser.parse_args()
    studies, rng = asked.studies, np.random.default_rng(0)
    error = 1.96 * math.sqrt(ALPHA * (1 - ALPHA) / studies)
    none = [0.0] * len(FAMILIES)
    edge, beyond = ([factor * FAMILIES[0].margin, *none[1:]] for factor in (1, 1.3))
    print(f"{studies} studies a line, {len(FAMILIES)} families, level {ALPHA:.0%} (binomial error {error:.1%})\n")
    print("| truth | seeds a side | any difference called | first family KEPT | raised / kept / lowered / undecided |")
    print("|---|---|---|---|---|")
    for title, shifts, spread in (
        ("no difference", none, 1),
        ("no difference, spread twice as large in the arm", none, 2),
        ("first family at its margin", edge, 1),
        ("first family at 1.3 margins", beyond, 1),
    ):
        for seeds in (3, 5, 8):
            found = simulated(rng, studies, (seeds, seeds), shifts, spread)
            called = np.isin(found, [CALLS.index("raised"), CALLS.index("lowered")]).any(1).mean()
            kept = (found[:, 0] == CALLS.index("kept")).mean()
            print(f"| {title} | {seeds} | {called:.1%} | {kept:.1%} | {all_together(found)} |", flush=True)
    spreads = (1, 1.5, 2, 4)
    print("\n| no difference; seeds of arm and reference | " + " | ".join(f"spread x {r}" for r in spreads) + " |")
    print("|---|" + "---|" * len(spreads))
    for seeds in ((3, 3), (5, 5), (8, 8), (16, 16), (4, 5), (5, 8), (3, 8), (8, 3)):
        number = studies if seeds[0] == seeds[1] else studies // 4  # another test, which takes longer
        found = [simulated(rng, number, seeds, none, spread) for spread in spreads]
        shares = [np.isin(one, [CALLS.index("raised"), CALLS.index("lowered")]).any(1).mean() for one in found]
        print(f"| {seeds[0]}, {seeds[1]} | " + " | ".join(f"{share:.1%}" for share in shares) + " |", flush=True)
    error = 1.96 * math.sqrt(ALPHA * (1 - ALPHA) / asked.intervals)
    print(f"\ncoverage, {asked.intervals} studies a line (binomial error {error:.1%})\n")
    print("| seeds | effect | spread of the arm | scores | Welch, difference | g | P(larger) |")
    print("|---|---|---|---|---|---|---|")
    sides = [(n, n) for n in (3, 5, 8, 16)]
    lines = [(n, effect, spread, normal) for n in sides for spread in (1, 2) for effect in (0, 1, 2)]
    lines += [(n, 1, spread, normal) for n in ((3, 8), (8, 3)) for spread in (1, 2)]
    lines += [((n, n), effect, 1, draw) for draw in (heavy, skewed) for n in (3, 5, 8) for effect in (0, 1, 2)]
    for seeds, effect, spread, draw in lines:
        found = " | ".join(f"{share:.1%}" for share in coverage(rng, asked.intervals, seeds, effect, spread, draw))
        print(f"| {seeds[0]}, {seeds[1]} | {effect} | x {spread} | {draw.__name__} | {found} |", flush=True)
    print(
        "\n| seeds a side | variance by images / by seeds | g, seeds and images | g, seeds alone |\n|---|---|---|---|"
    )
    for seeds in (3, 5, 8):
        for by_arm in (0, 0.5, 2):
            found = image_coverage(rng, asked.intervals // 2, seeds, by_arm)
            print(f"| {seeds} | {by_arm} | " + " | ".join(f"{share:.1%}" for share in found) + " |", flush=True)


if __name__ == "__main__":
    main()
