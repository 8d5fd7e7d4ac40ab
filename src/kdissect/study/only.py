"""A part of studies: some of their arms, measures or seeds, and what these need."""

from collections.abc import Mapping, Sequence
from typing import Any

from kdissect.errors import SpecError
from kdissect.study.study import Study

KINDS = ("arm", "measure", "seed")


def only_some(studies: Sequence[Study], words: Sequence[str]) -> tuple[Study, ...]:
    """The studies with some of their arms, measures or seeds; those that have none of what is named are left out.

    With an arm come those that teach it, those that a measure holds it against, and the reference; with a seed the
    teachers' own. What is left keeps its results, but for measures of the images that every arm gets right: those are
    then the arms that are left.

    Args:
        studies: one or several.
        words: as on the command line: `arm=KD,LS`, `measure=Detectors`, `seed=0`; several of one kind add up.

    Raises:
        SpecError: a word is of no such kind, or names what no study has; lists what there is.
    """
    chosen: dict[str, list[str]] = {}
    for word in words:
        kind, equals, named = word.partition("=")
        if kind not in KINDS or not equals or not all(named.split(",")):
            raise SpecError(f"--only must be arm=NAME, measure=NAME or seed=NUMBER (several with commas), got {word!r}")
        chosen.setdefault(kind, []).extend(named.split(","))
    for kind, names in chosen.items():
        there = list(dict.fromkeys(name for study in studies for name in _names(study, kind)))
        if odd := [name for name in names if name not in there]:
            every = ", ".join(study.name for study in studies)
            raise SpecError(f"no {kind} {odd[0]!r} in {every}; there are {', '.join(there) or 'none'}")
    return tuple(
        _part(study, chosen)
        for study in studies
        if all(set(names) & set(_names(study, kind)) for kind, names in chosen.items())
    )


def _names(study: Study, kind: str) -> list[str]:
    if kind == "arm":
        return [arm.name for arm in study.arms]
    if kind == "measure":
        return [type(measure).__name__ for measure in study.measures]
    return [str(seed) for seed in study.seeds]


def _part(study: Study, chosen: Mapping[str, Sequence[str]]) -> Study:
    fields: dict[str, Any] = {}
    if measures := chosen.get("measure"):
        fields["measures"] = tuple(one for one in study.measures if type(one).__name__ in measures)
    if arms := chosen.get("arm"):
        own = {arm.name for arm in study.arms} & {*arms, study.reference}
        kept = _with_what_they_need(study.changed(**fields), own)
        fields["arms"] = tuple(arm for arm in study.arms if arm.name in kept)
    if seeds := chosen.get("seed"):
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
