import json
from pathlib import Path

import numpy as np
import pytest

from kdissect.errors import SpecError
from kdissect.report import write
from kdissect.verdict import FAMILIES, Sample, call_families, compare, overall, save, sentence

DETECTORS, ENERGY, STABILITY = "Detectors.detector_share", "Localisation.energy", "Stability.max_sensitivity"


def around(mean: float, direction: str = "higher", spread: float = 0.002, seeds: int = 5) -> Sample:
    """Values whose mean and spread are exact."""
    z = np.linspace(-1, 1, seeds)
    return Sample(tuple(float(value) for value in mean + spread * z), direction, "share")  # type: ignore[arg-type]


def test_the_four_calls() -> None:
    reference = {DETECTORS: around(0.50), ENERGY: around(0.30), STABILITY: around(0.20, "lower")}
    arm = {DETECTORS: around(0.60), ENERGY: around(0.3001), STABILITY: around(0.40, "lower")}
    found = {one.family: one.call for one in compare(arm, reference, resamples=50).families}
    assert found == {"concepts": "raised", "localisation": "kept", "stability": "lowered"}
    wide = {ENERGY: around(0.31, spread=0.2)}
    assert compare(wide, {ENERGY: around(0.30, spread=0.2)}, resamples=50).families[0].call == "undecided"


def test_a_smaller_value_is_better_where_the_measure_says_so() -> None:
    found = compare({STABILITY: around(0.1, "lower")}, {STABILITY: around(0.3, "lower")}, resamples=50)
    assert found.call == "raised"
    assert found.families[0].difference.mean == pytest.approx(-0.2)


def test_a_score_without_a_direction_raises_nothing() -> None:
    found = compare({DETECTORS: around(0.9, "neither")}, {DETECTORS: around(0.1, "neither")}, resamples=50)
    assert found.call == "undecided"


@pytest.mark.parametrize(
    ("calls", "sane", "wanted"),
    [
        ({"a": "raised", "b": "kept", "c": "undecided"}, True, "raised"),
        ({"a": "raised", "b": "lowered"}, True, "undecided"),
        ({"a": "raised"}, False, "undecided"),
        ({"a": "lowered", "b": "kept"}, True, "lowered"),
        ({"a": "kept", "b": "kept"}, True, "kept"),
        ({"a": "kept", "b": "undecided"}, True, "undecided"),
        ({"a": "lowered"}, False, "undecided"),
        ({"a": "kept"}, False, "undecided"),
        ({"a": "raised"}, None, "raised"),
    ],
)
def test_all_families_together(calls: dict, sane: bool | None, wanted: str) -> None:
    assert overall(calls, sane)[0] == wanted


def test_p_values_are_adjusted_over_the_families() -> None:
    """Two families whose p is 0.04 alone are not called together."""
    rng = np.random.default_rng(0)
    base = {family.primary: Sample(tuple(0.5 + 0.02 * rng.standard_normal(5)), "higher") for family in FAMILIES}
    shifted = {name: Sample(tuple(v + 0.03 for v in one.values), "higher") for name, one in base.items()}
    alone = call_families({DETECTORS: shifted[DETECTORS]}, {DETECTORS: base[DETECTORS]})["concepts"][1]
    together = call_families(shifted, base)["concepts"][1]
    assert alone is not None
    assert together is not None
    assert together > alone


def test_one_seed_is_refused_with_the_reason() -> None:
    one = {DETECTORS: Sample((0.5,), "higher")}
    with pytest.raises(
        SpecError, match="expected two training seeds or more, the arm has 1.*train it with other seeds"
    ):
        compare(one, {DETECTORS: around(0.5)})


def test_unknown_margins_and_nothing_in_common_are_refused() -> None:
    with pytest.raises(SpecError, match="no family 'concept' to have a margin; there are concepts, "):
        compare({DETECTORS: around(0.5)}, {DETECTORS: around(0.5)}, margins={"concept": 0.1})
    with pytest.raises(SpecError, match="no family was measured on both"):
        compare({DETECTORS: around(0.5)}, {ENERGY: around(0.5)})


def test_a_margin_of_ones_own_decides_what_is_kept() -> None:
    arm, reference = {DETECTORS: around(0.505, spread=0.01)}, {DETECTORS: around(0.5, spread=0.01)}
    assert call_families(arm, reference)["concepts"][0] == "kept"
    assert call_families(arm, reference, margins={"concepts": 0.006})["concepts"][0] == "undecided"


def test_confounders_and_other_scores_decide_nothing() -> None:
    arm = {DETECTORS: around(0.5), "Accuracy.accuracy": around(0.9), "Localisation.auroc": around(0.9)}
    reference = {DETECTORS: around(0.5), "Accuracy.accuracy": around(0.5), "Localisation.auroc": around(0.5)}
    found = compare(arm, reference, resamples=50)
    assert found.call == "kept"
    assert [one.score for one in found.confounders] == ["Accuracy.accuracy"]
    assert [one.score for one in found.others] == ["Localisation.auroc"]
    assert found.others[0].call is None


def test_a_verdict_is_saved_and_drawn(tmp_path: Path) -> None:
    images = tuple(np.linspace(0.4, 0.6, 50) for _ in range(5))
    arm = {DETECTORS: around(0.6), ENERGY: Sample(around(0.5).values, "higher", "share", images)}
    reference = {DETECTORS: around(0.5), ENERGY: Sample(around(0.5).values, "higher", "share", images)}
    found = compare(arm, reference, resamples=50)
    save({"<KD>": found}, "scratch", tmp_path / "verdict", {"dataset": "a world"})
    content = json.loads((tmp_path / "verdict" / "header.json").read_text())
    assert content["kind"] == "verdict"
    assert content["arms"]["<KD>"]["families"][0]["call"] == "raised"
    page = write(tmp_path / "verdict").read_text()
    assert "&lt;KD&gt; is more interpretable than scratch: raised in concepts, lowered in none." in page
    assert "<KD>" not in page
    assert (
        sentence("KD", "scratch", found)
        == "KD is more interpretable than scratch: raised in concepts, lowered in none."
    )


def test_images_widen_the_intervals_of_the_scores_that_decide() -> None:
    rng = np.random.default_rng(0)
    suits = 0.2 * rng.standard_normal(50)  # what of the images suits the arm
    arm, reference = (
        tuple(mean + 0.01 * k + own + 0.05 * rng.standard_normal(50) for k in range(5))
        for mean, own in ((0.6, suits), (0.5, 0 * suits))
    )
    one, other = (
        {ENERGY: Sample(tuple(float(v.mean()) for v in images), "higher", "share", images)}
        for images in (arm, reference)
    )
    bare = [{ENERGY: Sample(side[ENERGY].values, "higher", "share")} for side in (one, other)]
    with_images, without = compare(one, other).families[0], compare(*bare).families[0]
    assert with_images.resampled.g is not None
    assert without.resampled.g is not None
    assert with_images.resampled.g[0] < without.resampled.g[0]
    assert with_images.resampled.g[1] > without.resampled.g[1]
    assert with_images.call == without.call  # the seeds decide
    # Images of other data are no level to draw from.
    cut = {ENERGY: Sample(one[ENERGY].values, "higher", "share", tuple(values[:40] for values in arm))}
    assert compare(cut, other).families[0].resampled == without.resampled


def test_an_arm_with_more_seeds_than_the_reference_is_called_with_care() -> None:
    arm, reference = {DETECTORS: around(0.52, spread=0.01, seeds=3)}, {DETECTORS: around(0.5, spread=0.01, seeds=8)}
    found = compare(arm, reference, resamples=50).families[0]
    assert found.adjusted_p is not None
    assert found.difference.p is not None
    assert found.adjusted_p > found.difference.p


def test_seeds_that_are_all_alike_have_no_intervals(tmp_path: Path) -> None:
    found = compare({DETECTORS: Sample((0.5, 0.5), "higher")}, {DETECTORS: Sample((0.5, 0.5), "higher")})
    assert found.families[0].resampled.g is None
    assert found.families[0].resampled.superiority is None
    save({"KD": found}, "scratch", tmp_path / "verdict", {})
    assert write(tmp_path / "verdict").is_file()
