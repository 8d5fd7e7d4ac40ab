import pytest
from unit.report.by_hand import evidence

from kdissect.report.evidence import ArmCard, CellCard
from kdissect.report.headline import Headline, headline
from kdissect.report.quantity import collect
from kdissect.report.scores import measure_sections


def said(**arguments) -> Headline:
    found = evidence(**arguments)
    return headline(found, collect(found))


# The half widths: t(0.975, 2) = 4.3027 times the standard error, 1/sqrt(3) for 1, 2, 3. Welch with equal variances
# and sizes has 4 degrees of freedom: t(0.975, 4) = 2.7764 times sqrt(1/3 + 1/3).


def test_more_detectors():
    found = said(values={"scratch": [10, 11, 12], "KD": [20, 21, 22]})
    assert found.sentence == (
        "KD students have 21.0 ± 2.5 concept detectors against 11.0 ± 2.5 for scratch: "
        "+10.0 (95 % interval 7.7 to 12.3), more with 3 seeds."
    )
    assert found.comparisons == ()
    assert "Student" in found.note


def test_fewer_detectors():
    found = said(values={"scratch": [20, 21, 22], "KD": [10, 11, 12]})
    assert found.sentence.endswith("for scratch: −10.0 (95 % interval −12.3 to −7.7), fewer with 3 seeds.")


def test_not_distinguishable():
    found = said(values={"scratch": [10, 11, 12], "KD": [11, 12, 13]})
    assert found.sentence.endswith("+1.0 (95 % interval −1.3 to 3.3), not distinguishable with 3 seeds.")


def test_one_seed_has_no_interval_and_says_so():
    found = said(values={"scratch": [58], "KD": [61]})
    assert found.sentence == (
        "KD students have 61 concept detectors against 58 for scratch: +3, with 1 seed; "
        "one seed says nothing about chance, run more."
    )
    assert found.note == ""


def test_one_seed_on_one_side():
    found = said(values={"scratch": [58, 60], "KD": [61]})
    assert "with 1 and 2 seeds; one seed says nothing" in found.sentence
    assert "interval" not in found.sentence.split(":")[1]


def test_unequal_numbers_of_seeds_are_named():
    assert said(values={"scratch": [10, 11, 12], "KD": [20, 22]}).sentence.endswith("more with 2 and 3 seeds.")


def test_no_detector_on_either_side():
    assert said(values={"scratch": [0, 0], "KD": [0, 0]}).sentence == (
        "Neither KD nor scratch students have a single concept detector."
    )


def test_without_spread_nothing_is_claimed():
    found = said(values={"scratch": [3, 3], "KD": [5, 5]})
    assert found.sentence.endswith(
        "+2.0, the same number with each of 2 seeds; without spread nothing is known about chance."
    )


def test_no_result_at_all():
    missing = [CellCard(digest="d", kind="Detectors", arm="KD", seed=0)]
    found = said(values={}, arms=[ArmCard(name="KD")], missing=missing)
    assert found.sentence == "No measure has a result yet: 0 of 1 cells are there."


def test_reference_is_missing():
    found = said(values={"KD": [61, 62]}, arms=[ArmCard(name="scratch"), ArmCard(name="KD")])
    assert found.sentence == (
        "Nothing can be compared yet: scratch, the reference, has no concept detectors. "
        "Concept detectors: KD 61.5 ± 6.4."
    )


def test_compared_arm_is_missing():
    found = said(values={"scratch": [61, 62]}, arms=[ArmCard(name="scratch"), ArmCard(name="KD")])
    assert found.sentence == "KD has no concept detectors yet."


def test_without_a_reference_the_values_stand_alone():
    found = said(values={"a": [3.0], "b": [4.0]}, reference=None)
    assert found.sentence == "Concept detectors: a 3 and b 4."


def test_a_teacher_is_not_compared():
    arms = [ArmCard(name="teacher", role="teacher"), ArmCard(name="scratch"), ArmCard(name="KD")]
    found = said(values={"teacher": [90], "scratch": [10, 12], "KD": [10, 13]}, arms=arms)
    assert "teacher" not in found.sentence


def test_several_arms_are_summed_up_and_listed():
    found = said(
        values={"scratch": [10, 11, 12], "KD": [20, 21, 22], "AT": [20, 21, 23], "LS": [1, 2, 3], "SD": [10, 11, 13]}
    )
    assert found.sentence == (
        "Against scratch, the number of concept detectors is higher with KD and AT, is lower with LS and shows no "
        "clear difference with SD."
    )
    assert [comparison.arm for comparison in found.comparisons] == ["KD", "AT", "LS", "SD"]
    assert found.comparisons[2].sentence.endswith("fewer with 3 seeds.")


def test_another_measure_is_named_with_its_unit():
    found = said(
        values={"scratch": [0.5, 0.51, 0.52], "KD": [0.6, 0.61, 0.62]},
        score={"name": "entropy", "unit": "nats"},
        kind="ClassSimilarity",
    )
    assert found.sentence.startswith("KD students have entropy 0.610 ± 0.025 nats against 0.510 ± 0.025 for scratch:")
    assert found.sentence.endswith("higher with 3 seeds.")


@pytest.mark.parametrize("values", [[10, 11, 12], [10]])
def test_the_headline_is_about_detectors_where_there_are_some(values):
    both = evidence({"scratch": values, "KD": values})
    similar = evidence({"scratch": values, "KD": values}, score={"name": "entropy"}, kind="ClassSimilarity")
    assert "concept detectors" in headline(both, (*collect(similar), *collect(both))).sentence


def test_a_network_that_stands_alone_has_its_main_numbers_and_no_charts_of_single_marks():
    found = said(
        values={"network-1": [0.8]}, score={"name": "energy", "unit": "share"}, kind="Localisation", reference=None
    )
    assert found.sentence == "network-1: energy 0.800."
    alone = evidence({"network-1": [0.8]}, score={"name": "energy", "unit": "share"}, kind="Localisation")
    assert measure_sections(alone, collect(alone)) == ()
    two = evidence({"a": [0.8], "b": [0.7]}, score={"name": "energy", "unit": "share"}, kind="Localisation")
    assert len(measure_sections(two, collect(two))) == 1
