"""How often the verdict is wrong: null simulations, margins, and the coverage of intervals.

Every line simulates studies whose truth is known. The level is 5 %; its binomial error is printed beside.

    python benchmarks/verdict_simulations.py [--studies 2000]
"""

import argparse
import math

import numpy as np

from kdissect.stats import difference
from kdissect.two_levels import two_levels
from kdissect.verdict import ALPHA, FAMILIES, Sample, call_families, overall

SPREAD = 0.02
"""Standard deviation between seeds of every score."""


def arm(rng, seeds, shifts, spread=SPREAD):
    """An arm with all families, each shifted."""
    return {
        family.primary: Sample(tuple(0.5 + shift + spread * rng.standard_normal(seeds)), "higher", "share")
        for family, shift in zip(FAMILIES, shifts, strict=True)
    }


def shares(rng, studies, seeds, shifts, spread):
    """Share of studies in which any family was called different, the first was kept, and each overall call was made."""
    none = [0.0] * len(FAMILIES)
    called, kept, every = 0, 0, dict.fromkeys(("raised", "kept", "lowered", "undecided"), 0)
    for _ in range(studies):
        pairs = call_families(arm(rng, seeds, shifts, spread), arm(rng, seeds, none))
        calls = {family: call for family, (call, _) in pairs.items()}
        called += any(call in ("raised", "lowered") for call in calls.values())
        kept += calls[FAMILIES[0].name] == "kept"
        every[overall(calls)[0]] += 1
    return called / studies, kept / studies, {name: number / studies for name, number in every.items()}


def coverage(rng, studies, seeds):
    """Share of intervals that hold the truth: Welch's difference, and the two-level ones of g and P(larger)."""
    truth_g = 1.0
    truth_p = 0.5 * (1 + math.erf(truth_g / math.sqrt(2) / math.sqrt(2)))
    hits = np.zeros(3)
    for _ in range(studies):
        a, b = truth_g + rng.standard_normal(seeds), rng.standard_normal(seeds)
        welch = difference(a.tolist(), b.tolist())
        boot = two_levels([a[k : k + 1] for k in range(seeds)], [b[k : k + 1] for k in range(seeds)], num=500)
        hits += (
            welch.low <= truth_g <= welch.high,
            boot.g is not None and boot.g[0] <= truth_g <= boot.g[1],
            boot.superiority[0] <= truth_p <= boot.superiority[1],
        )
    return hits / studies


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--studies", type=int, default=2000)
    studies = parser.parse_args().studies
    rng = np.random.default_rng(0)
    error = 1.96 * math.sqrt(ALPHA * (1 - ALPHA) / studies)
    none = [0.0] * len(FAMILIES)
    edge = [FAMILIES[0].margin, *none[1:]]
    beyond = [1.3 * FAMILIES[0].margin, *none[1:]]
    print(f"{studies} studies a line, {len(FAMILIES)} families, level {ALPHA:.0%} (binomial error {error:.1%})\n")
    print("| truth | seeds a side | any difference called | first family KEPT | raised / kept / lowered / undecided |")
    print("|---|---|---|---|---|")
    for title, shifts, spread in (
        ("no difference", none, SPREAD),
        ("no difference, spread twice as large in the arm", none, 2 * SPREAD),
        ("first family at its margin", edge, SPREAD),
        ("first family at 1.3 margins", beyond, SPREAD),
    ):
        for seeds in (3, 5, 8):
            called, kept, every = shares(rng, studies, seeds, shifts, spread)
            calls = " / ".join(f"{every[name]:.1%}" for name in ("raised", "kept", "lowered", "undecided"))
            print(f"| {title} | {seeds} | {called:.1%} | {kept:.1%} | {calls} |", flush=True)
    print("\n| seeds a side | Welch's interval of the difference | two-level, g | two-level, P(larger) |")
    for seeds in (3, 5, 8, 16):
        print(
            f"| {seeds} | " + " | ".join(f"{share:.1%}" for share in coverage(rng, studies, seeds)) + " |", flush=True
        )


if __name__ == "__main__":
    main()
