"""From records to verdicts: the scores of arms over their seeds, each held against a reference."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kdissect.errors import RecordError, SpecError
from kdissect.measures import FILE, RIGHT
from kdissect.records import Record, Store, described
from kdissect.two_levels import Values
from kdissect.verdict import Arm, Sample, Verdict, compare

Runs = Mapping[str, Sequence[Sequence[Record]]]
"""For each group its training runs, and of each run the records of its measures."""


SANITY = ("Sanity", "RandomLabels")
"""Measures that say whether explanations passed a check of sanity."""
AGAINST = ("Transfer", "ConceptInheritance")
"""Measures that hold a network against a teacher."""


def unfinished(store: Store, study: str | None = None) -> dict[str, str]:
    """The arms of a study of which a cell is not done, and the title of the first such cell.

    Args:
        store: the store.
        study: name of the study; the one that ran last if None.

    Raises:
        SpecError: there is no study of that name.
        RecordError: no study ran in the store.
    """
    done, found = store.done(), dict[str, str]()
    for cell in described(store, study)["cells"]:
        if cell["digest"][:16] not in done:
            found.setdefault(cell["arm"], f"{cell['kind']} {cell['arm']}, seed {cell['seed']}")
    return found


def runs_of(store: Store, study: str | None = None, without: Collection[str] = ()) -> dict[str, list[list[Record]]]:
    """The measured runs of a study, by arm, after their last epoch; teachers are among them.

    Args:
        store: the store.
        study: name of the study; the one that ran last if None.
        without: arms to leave out.

    Raises:
        SpecError: there is no study of that name.
        RecordError: a cell of the study is not done yet, or no study ran.
    """
    found: dict[str, dict[int, list[Record]]] = {}
    for cell in described(store, study)["cells"]:
        if cell.get("epoch") is not None or cell["arm"] in without:
            continue
        records = found.setdefault(cell["arm"], {}).setdefault(cell["seed"], [])
        record = store.find(cell["digest"])
        if record is None:
            raise RecordError(
                f"{cell['kind']} {cell['arm']}, seed {cell['seed']} is not done; finish the study, then ask again"
            )
        if cell["kind"] != "train":
            records.append(record)
    return {name: list(by_seed.values()) for name, by_seed in found.items()}


def judge(
    runs: Runs,
    reference: str,
    store: Store,
    *,
    margins: Mapping[str, float] | None = None,
    aside: Collection[str] = (),
) -> dict[str, Verdict]:
    """A verdict on every other group against the reference.

    Args:
        runs: what was measured.
        reference: the group that the others are held against.
        store: where the records lie.
        margins: margins of one's own, by family.
        aside: families that decide nothing, see `kdissect.verdict.compare`.

    Raises:
        SpecError: there is no such group; the reference, or every other group, has one run only; nothing was measured
            on both sides, or not on the same data.
    """
    if reference not in runs:
        raise SpecError(f"no arm {reference!r} to hold the others against; there are {', '.join(runs)}")
    single = [name for name, members in runs.items() if len(members) < 2]
    if reference in single:
        raise SpecError(
            f"expected two training seeds or more of {reference}, got one: one run cannot tell what distillation did "
            "from chance; train it with other seeds"
        )
    others = [name for name in runs if name != reference and name not in single]
    if not others:
        raise SpecError(
            f"expected two training seeds or more of an arm to judge, {', '.join(single) or 'there is none'}: one run "
            "cannot tell what distillation did from chance; train it with other seeds"
        )
    _refuse_other_data({name: runs[name] for name in (reference, *others)})
    arms = {name: samples(runs[name], store) for name in (reference, *others)}
    sane = {name: _both(_sane(runs[name]), _sane(runs[reference])) for name in arms}
    return {
        name: compare(arms[name], arms[reference], margins=margins, sane=sane[name], aside=aside) for name in others
    }


def levels(runs: Runs) -> dict[str, dict[str, float]]:
    """Mean scores of agreement with the teacher, by group and MEASURE.SCORE: levels to hold students against.

    A student that was never taught says how much two networks agree that never met; another teacher, how much the
    best could.

    Args:
        runs: what was measured; groups that nothing was held against are left out.
    """
    found: dict[str, dict[str, float]] = {}
    for name, members in runs.items():
        sums: dict[str, list[float]] = {}
        for record in (record for records in members for record in records if record.kind in AGAINST):
            for score in record.scores:
                if score.value is not None and not score.name.endswith("/all"):
                    sums.setdefault(f"{record.kind}.{score.name}", []).append(score.value)
        if sums:
            found[name] = {score: sum(values) / len(values) for score, values in sums.items()}
    return found


def _refuse_other_data(runs: Runs) -> None:
    """Refuse groups that were not measured on the same images.

    Raises:
        SpecError: names the measure and the groups.
    """
    seen: dict[tuple[str, str], tuple[str, object]] = {}
    for name, members in runs.items():
        for record in (record for records in members for record in records):
            for what in ("dataset", "probe"):
                if what not in record.key:
                    continue
                first, data = seen.setdefault((record.kind, what), (name, record.key[what]))
                if data != record.key[what]:
                    raise SpecError(
                        f"{record.kind} of {first} and of {name} are of another {what}; measure all on the same data"
                    )


def samples(members: Sequence[Sequence[Record]], store: Store) -> Arm:
    """The scores of a group's runs, by MEASURE.SCORE; those with fewer than two values are left out."""
    found: dict[str, list[tuple[float, Any, Values | None]]] = {}
    for records in members:
        seen: dict[str, int] = {}
        for record in records:
            seen[record.kind] = seen.get(record.kind, 0) + 1
            # The same measure with other settings gets a number, or its scores would stand for other runs.
            measure = record.kind if seen[record.kind] == 1 else f"{record.kind}({seen[record.kind]})"
            images = _images(store.folder(record.digest))
            for score in record.scores:
                if score.value is not None:
                    entry = (score.value, score, images.get(score.name))
                    found.setdefault(f"{measure}.{score.name}", []).append(entry)
    arm = {}
    for name, entries in found.items():
        if len(entries) < 2:
            continue
        score = entries[0][1]
        own = tuple(values for _, _, values in entries if values is not None and len(values))
        arm[name] = Sample(
            tuple(value for value, _, _ in entries),
            score.direction,
            score.unit,
            own if len(own) == len(entries) else (),
        )
    return arm


def _images(folder: Path) -> dict[str, Values]:
    """For each score of a record the numbers of all images, NaN for those that its mean is not made of."""
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        with np.load(path, allow_pickle=False) as arrays:
            right = arrays[RIGHT]
            every = {name: arrays[name] for name in arrays.files if name != RIGHT}
    except (OSError, ValueError, KeyError) as error:
        raise RecordError(f"{path} cannot be read ({error}); delete {folder} and measure again") from None
    found = {}
    for name, values in every.items():
        found[name] = np.where(right, values, np.nan)
        found[f"{name}/all"] = values
    return found


def _sane(members: Sequence[Sequence[Record]]) -> bool | None:
    """Whether every check of sanity passed; None if none was made, or none says anything."""
    found = [record.facts.get("passed") for records in members for record in records if record.kind in SANITY]
    said = [passed for passed in found if passed is not None]
    return all(said) if said else None


def _both(a: bool | None, b: bool | None) -> bool | None:
    said = [one for one in (a, b) if one is not None]
    return all(said) if said else None
