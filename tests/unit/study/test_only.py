import pytest

from kdissect.errors import SpecError
from kdissect.study import Study, change_study, find_studies, find_study, only_some, plan


@pytest.fixture
def study() -> Study:
    return find_study("causal_controls@tiny")


def names(study: Study) -> list[str]:
    return [arm.name for arm in study.arms]


def test_an_arm_brings_its_teacher_and_the_reference(study: Study) -> None:
    assert names(change_study(study, only=("arm=KD-hard",))) == ["teacher", "scratch", "KD-hard"]
    assert names(change_study(study, only=("arm=LS", "measure=Accuracy"))) == ["scratch", "LS"]
    # Transfer holds every arm against the teacher.
    assert names(change_study(study, only=("arm=LS",))) == ["teacher", "scratch", "LS"]
    assert names(change_study(study, only=("arm=KD,LS", "arm=KD-hard"))) == [
        "teacher",
        "scratch",
        "LS",
        "KD",
        "KD-hard",
    ]


def test_a_generation_brings_all_before_it() -> None:
    found = change_study(find_study("self_distillation"), only=("arm=Self-KD-3",))
    assert names(found) == ["scratch", "Self-KD", "Self-KD-2", "Self-KD-3"]


def test_a_part_has_the_results_of_the_whole(study: Study) -> None:
    whole = {cell.digest for cell in plan(study)}
    part = change_study(study, only=("arm=KD", "measure=Accuracy,Detectors", "seed=1"))
    cells = plan(part)
    assert {cell.digest for cell in cells} <= whole
    assert [cell.title for cell in cells if cell.measure is None] == [
        "train teacher, seed 0",
        "train scratch, seed 1",
        "train KD, seed 1",
    ]
    assert {cell.kind for cell in cells} == {"train", "Accuracy", "Detectors"}


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("arm=KDD", "no arm 'KDD' in causal_controls; there are teacher, scratch, LS, KD"),
        ("measure=detectors", "no measure 'detectors' .* there are Accuracy, ClassSimilarity, Detectors, Transfer"),
        ("seed=7", "no seed '7' in causal_controls; there are 0, 1"),
        ("KD", "--only must be arm=NAME, measure=NAME or seed=NUMBER .* got 'KD'"),
        ("arm=", "--only must be"),
        ("arms=KD", "--only must be"),
    ],
)
def test_what_is_not_there_is_refused_with_the_choices(study: Study, word: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        change_study(study, only=(word,))


def test_seeds_are_counted_before_some_are_chosen(study: Study) -> None:
    assert change_study(study, seeds=5, only=("seed=4",)).seeds == (4,)
    assert change_study(study, seeds=5, only=("seed=4",)).teacher_seed == 0


def test_of_several_studies_those_that_have_the_arm_are_left() -> None:
    paper = find_studies("paper@tiny")
    found = only_some(paper, ["arm=KD-hard,KD-T4", "measure=Accuracy"])
    assert [study.name for study in found] == ["smooth_teacher", "causal_controls"]
    assert names(found[0]) == ["teacher", "scratch", "KD-T4"]
    assert only_some(paper, []) == paper
    with pytest.raises(
        SpecError, match="no arm 'KD-soft' in figure1, feature_methods, .*there are teacher, scratch, KD"
    ):
        only_some(paper, ["arm=KD-soft,KD"])
