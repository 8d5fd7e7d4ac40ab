"""The verdict: did an arm raise, keep or lower interpretability, against a reference, over training seeds?

What is repeated is the training seed, never the image. For each family of measures one primary score was chosen
beforehand (`FAMILIES`); a difference is called by Welch's t test of the seeds' scores (Behrens' and Fisher's where one
side has more seeds), adjusted by Holm over the families; without one, the score counts as kept only if two one-sided
tests exclude a difference of the family's margin. All else is undecided.
"""

import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, final

import numpy as np
from numpy.typing import NDArray

from kdissect.errors import SpecError
from kdissect.records import Direction, write_text, writing_folder
from kdissect.stats import (
    Difference,
    behrens_fisher_p,
    benjamini_hochberg,
    difference,
    equivalence_p,
    hedges_g,
    holm,
    permutation_p,
    seeds_needed,
    superiority,
)
from kdissect.two_levels import Resampled, two_levels

Call = Literal["raised", "kept", "lowered", "undecided"]
ALPHA = 0.05
Values = NDArray[np.float64]


@final
@dataclass(frozen=True)
class Family:
    """Measures of one kind of interpretability, and the score that decides for them.

    Attributes:
        name: for people.
        primary: MEASURE.SCORE that decides, for example `Detectors.detector_share`.
        margin: the smallest difference of it that matters, in its unit; stated beforehand.
        reason: why this margin.
    """

    name: str
    primary: str
    margin: float
    reason: str


FAMILIES = (
    Family("concepts", "Detectors.detector_share", 0.03, "about 15 of the paper's 512 units; its effect is 37"),
    Family("localisation", "Localisation.energy", 0.03, "a tenth of the usual gain over chance"),
    Family("loss gradients", "LossGradient.mask_auroc", 0.02, "a twentieth of the way from chance to perfect"),
    Family("faithfulness", "Faithfulness.road", 0.05, "a twentieth of the way from chance to the best"),
    Family("stability", "Stability.max_sensitivity", 0.05, "a twentieth of the map's size"),
    Family("complexity", "Complexity.gini", 0.03, "a thirtieth of the scale"),
    Family("transfer", "Transfer.agreement", 0.05, "a twentieth of the scale"),
    Family("class similarity", "ClassSimilarity.entropy/matched", 0.03, "nats at equal confidence"),
)
CONFOUNDERS = ("Accuracy.accuracy", "Accuracy.confidence", "Accuracy.output_entropy")
"""Scores that move others without being interpretability; reported beside the verdict."""


@final
@dataclass(frozen=True)
class Sample:
    """One score of one arm.

    Attributes:
        values: one number a seed.
        direction: which way is more interpretable.
        unit: of the numbers.
        images: for each seed the numbers of its images, if there are any: the same images in the same order for all
            seeds and arms, NaN where a seed has none.
    """

    values: tuple[float, ...]
    direction: Direction = "neither"
    unit: str = ""
    images: tuple[Values, ...] = ()


Arm = Mapping[str, Sample]
"""The scores of one arm, by MEASURE.SCORE."""


@final
@dataclass(frozen=True)
class Finding:
    """What is known about one score.

    Attributes:
        score: MEASURE.SCORE.
        family: its family, if it is a primary one.
        arm: the arm's numbers.
        reference: the reference's.
        call: raised, kept, lowered or undecided, `raised` being more interpretable whatever the score's direction;
            None for a score that decides nothing.
        difference: arm minus reference, with Welch's interval and p value.
        adjusted_p: by Holm over the primaries, by Benjamini and Hochberg over the rest; of primaries of which one side
            has more seeds it is of Behrens' and Fisher's test, and so larger than Welch's.
        exact_p: of the unpaired permutation test.
        kept_p: of the two one-sided tests; None for a score without a margin.
        margin: the margin.
        g: Hedges' g; superiority: probability that a seed of the arm has the larger value.
        resampled: their intervals, the ones to quote.
        seeds: how many seeds a side an effect of the measured size would take for a power of 0.8; None where there is
            no effect or no number is enough.
        seeds_for_margin: the same for a difference of the margin.
    """

    score: str
    family: str | None
    call: Call | None
    arm: Sample
    reference: Sample
    difference: Difference
    adjusted_p: float | None
    exact_p: float
    kept_p: float | None
    margin: float | None
    g: float | None
    superiority: float
    resampled: Resampled
    seeds: int | None
    seeds_for_margin: int | None


@final
@dataclass(frozen=True)
class Verdict:
    """The whole comparison of an arm with a reference.

    Attributes:
        call: of all families together; reason: why, in one sentence.
        families: a finding for each family that was measured.
        others: findings of the further scores.
        confounders: accuracy and confidence.
        sane: whether the sanity checks of both passed; None if none was made.
    """

    call: Call
    reason: str
    families: tuple[Finding, ...]
    others: tuple[Finding, ...]
    confounders: tuple[Finding, ...]
    sane: bool | None = None


def compare(
    arm: Arm,
    reference: Arm,
    *,
    margins: Mapping[str, float] | None = None,
    alpha: float = ALPHA,
    sane: bool | None = None,
    aside: Collection[str] = (),
    resamples: int = 4000,
) -> Verdict:
    """The verdict on an arm against a reference.

    Args:
        arm: its scores; scores that only one side has are left out.
        reference: the scores of what it is held against.
        margins: margins of one's own, by family.
        alpha: level of the tests.
        sane: whether the sanity checks of both passed; if not, nothing is called as a whole. None if none was made.
        aside: families that decide nothing here; their scores stand among the others.
        resamples: draws for the intervals of the sizes of effect.

    Raises:
        SpecError: a side has one seed; a margin is of no family that there is; no family was measured on both.
    """
    margins = checked_margins(margins or {})
    for who, side in (("the arm", arm), ("the reference", reference)):
        for score, sample in side.items():
            if len(sample.values) < 2:
                raise SpecError(
                    f"expected two training seeds or more, {who} has {len(sample.values)} ({score}): one run cannot "
                    "tell what distillation did from chance; train it with other seeds"
                )
    both = [score for score in arm if score in reference]
    by_primary = {one.primary: one for one in FAMILIES if one.primary in both and one.name not in aside}
    if not by_primary:
        raise SpecError(
            f"no family was measured on both; expected one of {', '.join(f.primary for f in FAMILIES)}. Most are means "
            "over the images that all networks get right: leave out networks at chance, which leave none"
        )
    deciding = {score: arm[score] for score in by_primary}
    called = call_families(deciding, reference, margins=margins, alpha=alpha)
    families = tuple(
        replace(
            _look(score, arm[score], reference[score], margins.get(family.name, family.margin), alpha, resamples),
            family=family.name,
            adjusted_p=called[family.name][1],
            call=called[family.name][0],
        )
        for score, family in by_primary.items()
    )
    rest = [score for score in both if score not in by_primary and score not in CONFOUNDERS]
    looked = [_look(score, arm[score], reference[score], None, alpha, resamples) for score in rest]
    corrected = _adjust(benjamini_hochberg, [finding.difference.p for finding in looked])
    others = tuple(_with_p(finding, p) for finding, p in zip(looked, corrected, strict=True))
    known = [score for score in CONFOUNDERS if score in both]
    confounders = tuple(_look(score, arm[score], reference[score], None, alpha, resamples) for score in known)
    call, reason = overall({one.family or "": one.call or "undecided" for one in families}, sane)
    return Verdict(call, reason, families, others, confounders, sane)


def checked_margins(margins: Mapping[str, float]) -> dict[str, float]:
    """Margins of one's own, by family.

    Raises:
        SpecError: there is no such family, or the margin is not above 0.
    """
    if unknown := set(margins) - {family.name for family in FAMILIES}:
        names = ", ".join(family.name for family in FAMILIES)
        raise SpecError(f"no family {sorted(unknown)[0]!r} to have a margin; there are {names}")
    for family, margin in margins.items():
        if not (margin > 0 and math.isfinite(margin)):
            raise SpecError(f"expected a margin above 0 for {family}, got {margin:g}")
    return dict(margins)


def call_families(
    arm: Arm, reference: Arm, *, margins: Mapping[str, float] | None = None, alpha: float = ALPHA
) -> dict[str, tuple[Call, float | None]]:
    """The call on each family that both sides have, and its p value, adjusted by Holm over these families.

    Args:
        arm: the scores of an arm.
        reference: the scores of what it is held against.
        margins: margins of one's own, by family.
        alpha: level of the tests.
    """
    margins = margins or {}
    known = [family for family in FAMILIES if family.primary in arm and family.primary in reference]
    sides = [(arm[family.primary], reference[family.primary]) for family in known]
    found = [difference(a.values, b.values, 1 - alpha) for a, b in sides]
    pairs = zip(sides, found, strict=True)
    adjusted = _adjust(holm, [_p(a.values, b.values, one) for (a, b), one in pairs])
    calls: dict[str, tuple[Call, float | None]] = {}
    for family, (a, b), one, p in zip(known, sides, found, adjusted, strict=True):
        if p is not None and p < alpha and a.direction != "neither":
            call: Call = "raised" if (one.mean > 0) == (a.direction == "higher") else "lowered"
        else:
            kept = equivalence_p(a.values, b.values, margins.get(family.name, family.margin))
            call = "kept" if kept is not None and kept < alpha else "undecided"
        calls[family.name] = call, p
    return calls


def _p(a: Sequence[float], b: Sequence[float], welch: Difference) -> float | None:
    """Of Welch's test, which calls too often where one side has more seeds: then of Behrens' and Fisher's."""
    return welch.p if len(a) == len(b) else behrens_fisher_p(a, b)


def _look(score: str, arm: Sample, reference: Sample, margin: float | None, alpha: float, resamples: int) -> Finding:
    a, b = arm.values, reference.values
    g = hedges_g(a, b)
    spread = _pooled(a, b)
    return Finding(
        score=score,
        family=None,
        call=None,
        arm=arm,
        reference=reference,
        difference=difference(a, b, 1 - alpha),
        adjusted_p=None,
        exact_p=permutation_p(a, b),
        kept_p=equivalence_p(a, b, margin) if margin is not None else None,
        margin=margin,
        g=g,
        superiority=superiority(a, b),
        # Images are drawn anew for the scores that decide; for the others the seeds alone, which matter most.
        resampled=two_levels(
            a, b, _images(arm, reference) if margin is not None else None, confidence=1 - alpha, num=resamples
        ),
        seeds=seeds_needed(g, alpha=alpha) if g else None,
        seeds_for_margin=seeds_needed(margin / spread, alpha=alpha) if margin is not None and spread > 0 else None,
    )


def _images(arm: Sample, reference: Sample) -> tuple[Values, Values] | None:
    """The images of both, if all their seeds have numbers of the same ones."""
    sides = arm.images, reference.images
    every = [values for side in sides for values in side]
    if not every or len({len(values) for values in every}) > 1 or any(np.isnan(values).all() for values in every):
        return None
    if any(len(side) != len(sample.values) for side, sample in zip(sides, (arm, reference), strict=True)):
        return None
    return np.stack(sides[0]), np.stack(sides[1])


def _pooled(a: Sequence[float], b: Sequence[float]) -> float:
    return math.sqrt((float(np.var(a, ddof=1)) + float(np.var(b, ddof=1))) / 2)


def _adjust(method: Callable[[Sequence[float]], list[float]], p: list[float | None]) -> list[float | None]:
    """Adjusted p values; those that are not defined stay None, and count as tests that called nothing."""
    found = method([1.0 if value is None else value for value in p])
    return [None if value is None else new for value, new in zip(p, found, strict=True)]


def _with_p(finding: Finding, p: float | None) -> Finding:
    return replace(finding, adjusted_p=p)


def overall(calls: Mapping[str, Call], sane: bool | None = None) -> tuple[Call, str]:
    """The call on all families together, and why.

    Args:
        calls: by family.
        sane: whether the sanity checks of the explanations passed; None if none was made.
    """
    by_call: dict[Call, list[str]] = {"raised": [], "kept": [], "lowered": [], "undecided": []}
    for family, call in calls.items():
        by_call[call].append(family)
    said = {call: ", ".join(names) for call, names in by_call.items()}
    if by_call["raised"] and by_call["lowered"]:
        return "undecided", f"raised in {said['raised']}, but lowered in {said['lowered']}"
    found: tuple[Call, str]
    if by_call["lowered"]:
        found = "lowered", f"lowered in {said['lowered']}, raised in none"
    elif by_call["raised"]:
        found = "raised", f"raised in {said['raised']}, lowered in none"
    elif by_call["undecided"]:
        return "undecided", f"no difference was found, and none was excluded in {said['undecided']}"
    else:
        found = "kept", f"within its margin in {said['kept']}"
    return found if sane is not False else ("undecided", f"{found[1]}, but a sanity check of the explanations failed")


def sentence(arm: str, reference: str, verdict: Verdict) -> str:
    """The verdict in one sentence."""
    words = {
        "raised": f"{arm} is more interpretable than {reference}",
        "lowered": f"{arm} is less interpretable than {reference}",
        "kept": f"{arm} is as interpretable as {reference}, within the margins",
        "undecided": f"whether {arm} is more or less interpretable than {reference} is undecided",
    }
    text = f"{words[verdict.call]}: {verdict.reason}."
    return text[0].upper() + text[1:]


def save(verdicts: Mapping[str, Verdict], reference: str, folder: Path, facts: Mapping[str, Any]) -> None:
    """Write verdicts as a folder with a `header.json`, for `kdissect report` and for other programs.

    Args:
        verdicts: by arm.
        reference: what they were held against.
        folder: replaced as a whole, or left as it was.
        facts: further JSON: the data set, the command's words, versions.
    """
    content = {
        "format": 1,
        "kind": "verdict",
        "reference": reference,
        "alpha": ALPHA,
        "arms": {
            name: {"sentence": sentence(name, reference, verdict), **without_images(asdict(verdict))}
            for name, verdict in verdicts.items()
        },
        **facts,
    }
    with writing_folder(folder) as draft:
        write_text(draft / "header.json", json.dumps(content, indent=1, allow_nan=False))


def without_images(value: Any) -> Any:
    """A finding or verdict as JSON holds it: of the images their number for each seed, `num_images`, in their place."""
    if isinstance(value, dict):
        kept = {name: without_images(each) for name, each in value.items() if name != "images"}
        if "images" in value:
            kept["num_images"] = [int(np.sum(~np.isnan(one))) for one in value["images"]]
        return kept
    return [without_images(each) for each in value] if isinstance(value, list | tuple) else value
