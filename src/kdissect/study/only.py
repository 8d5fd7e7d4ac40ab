"""A part of a study: some of its arms, measures or seeds, and what these need."""

from collections.abc import Sequence
from typing import Any

from kdissect.errors import SpecError
from kdissect.study.study import Study

KINDS = ("arm", "measure", "seed")


def only_some(study: Study, words: Sequence[str]) -> Study:
    """The study with some of its arms, measures or seeds.

    With an arm come those that teach it, those that a measure holds it against, and the reference; with a seed the
    teachers' own. What is left keeps its results, but for measures of the images that every arm gets right: those are
    then the arms that are left.

    Args:
        study: the study.
        words: as on the command line: `arm=KD,LS`, `measure=Detectors`, `seed=0`; several of one kind add up.

    Raises:
        SpecError: a word is of no such kind, or names what is not there; lists what is.
    """
    chosen: dict[str, list[str]] = {}
    for word in words:
        kind, equals, names = word.partition("=")
        if kind not in KINDS or not equals or not all(names.split(",")):
            raise SpecError(f"--only must be arm=NAME, measure=NAME or seed=NUMBER (several with commas), got {word!r}")
        chosen.setdefault(kind, []).extend(names.split(","))
    fields: dict[str, Any] = {}
    if measures := chosen.get("measure"):
        there = [type(measure).__name__ for measure in study.measures]
        _check(study, "measure", measures, there)
        fields["measures"] = tuple(one for one, name in zip(study.measures, there, strict=True) if name in measures)
    if arms := chosen.get("arm"):
        _check(study, "arm", arms, [arm.name for arm in study.arms])
        kept = _with_what_they_need(study.changed(**fields), {*arms, study.reference})
        fields["arms"] = tuple(arm for arm in study.arms if arm.name in kept)
    if seeds := chosen.get("seed"):
        _check(study, "seed", seeds, [str(seed) for seed in study.seeds])
        fields["seeds"] = tuple(seed for seed in study.seeds if str(seed) in seeds)
        # A teacher is trained with the first seed of the whole study, or its students would have another one.
        fields["teacher_seed"] = study.seeds[0] if study.teacher_seed is None else study.teacher_seed
    return study.changed(**fields)


def _with_what_they_need(study: Study, names: set[str]) -> set[str]:
    """The arms, the arms that teach them, and those that a measure holds them against."""
    held_against = any("teacher" in measure.needs for measure in study.measures)
    while True:
        arms = [study.arm(name) for name in names]
        more = {teacher for arm in arms for teacher in arm.teachers}
        if held_against:
            more |= {judge.name for arm in arms if (judge := study.teacher_of(arm)) is not None}
        if more <= names:
            return names
        names = names | more


def _check(study: Study, kind: str, names: Sequence[str], there: Sequence[str]) -> None:
    if odd := [name for name in names if name not in there]:
        raise SpecError(f"no {kind} {odd[0]!r} in the study {study.name}; there are {', '.join(there) or 'none'}")
