"""The verdict once more, on checkpoints of equal accuracy."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from kdissect.cli.measure import run_at_hand
from kdissect.errors import SpecError
from kdissect.records import Store
from kdissect.study import find_study, judge, match_accuracy, member
from kdissect.verdict import sentence, without_images


def at_equal_accuracy(
    store: Store,
    name: str | None,
    out: Path,
    held: str,
    arms: list[str],
    margins: dict[str, float],
    device: str,
    on: str,
) -> dict[str, Any]:
    """For each arm what the verdict would be at equal accuracy, as JSON."""
    try:
        study = find_study(name or str(store.path / "study.json"))
    except SpecError as error:
        if name is None:
            error.add_note("if the study has classes of your own, name it: --study FILE.py:STUDY")
        raise
    pairs = {arm: match_accuracy(study, store, arm, held) for arm in arms}
    found: dict[str, Any] = {}
    for arm, matched in pairs.items():
        folder = out / "matched" / arm
        runs = run_at_hand(matched.study(study), folder, device, on)
        by_group = {
            group: [runs[member(group, number)][0] for number in range(1, len(networks) + 1)]
            for group, networks in matched.networks.items()
        }
        verdict = judge(by_group, held, Store(folder), margins=margins)[arm]
        found[arm] = {
            "sentence": sentence(arm, held, verdict),
            "earlier": matched.earlier,
            "target": matched.target,
            "epochs": matched.epochs,
            "accuracies": matched.accuracies,
            **without_images(asdict(verdict)),
        }
    return found
