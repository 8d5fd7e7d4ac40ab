"""The atlas: every kind flattened into arrays that the drawing kernels read, and the numbered labels."""

from functools import cache
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kdissect.data.brodenette.colornames import COLOR_NAMES
from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.kinds import CLUTTER, GROUPS, SCENES
from kdissect.data.brodenette.paints import MATERIALS, Look
from kdissect.data.brodenette.patterns import PATTERNS
from kdissect.errors import SpecError

CATEGORIES = ("color", "object", "part", "material", "scene", "texture")
"""Order of the label blocks, as in the real Broden."""
PLACES = ("ground", "floor", "air", "wall", "water")
MOST_CLASSES = 4
Array = NDArray[Any]


class Label(NamedTuple):
    """One concept: its number (from 1), its name, its category."""

    number: int
    name: str
    category: str


class Atlas(NamedTuple):
    """Flat arrays; kinds are scenes first, then clutter, then groups. Columns are named in `compose`."""

    kinds: Array
    kind_ranges: Array
    joints: Array
    joint_at: Array
    joint_ranges: Array
    joint_chance: Array
    paints: Array
    paint_options: Array
    looks: Array
    look_ranges: Array
    pieces: Array
    piece_factors: Array
    points: Array
    class_of: Array
    class_label: Array
    class_home: Array
    counts: Array


@cache
def labels() -> tuple[Label, ...]:
    """Every label of every Brodenette world, numbered from 1 in blocks by category, then by name."""
    kinds = (*SCENES, *CLUTTER, *GROUPS)
    pieces = [piece for kind in kinds for piece in kind.pieces]
    used = [option for kind in kinds for _, options in kind.paints for looks in options for option in looks]
    objects = {piece.object for piece in pieces} | {kind.name for kind in CLUTTER}
    names = {
        "color": COLOR_NAMES,
        "object": objects | set(chain.from_iterable(kind.classes for kind in GROUPS)),
        "part": set(chain.from_iterable(piece.parts for piece in pieces)),
        "material": {option.material for option in used},
        "scene": {f"{scene.name}-s" for scene in SCENES},
        "texture": {PATTERNS[option.pattern] for option in used} - {"plain"},
    }
    found: dict[str, str] = {}
    for category in CATEGORIES:
        for name in sorted(names[category]):
            if name in found:
                raise SpecError(f"label {name!r} is in two categories, {found[name]} and {category}")
            if name:
                found[name] = category
    return tuple(Label(i + 1, name, category) for i, (name, category) in enumerate(found.items()))


@cache
def atlas() -> Atlas:
    """All kinds, flattened."""
    number = {"": 0, **{label.name: label.number for label in labels()}}
    scene_of = {scene.name: i for i, scene in enumerate(SCENES)}
    rows: dict[str, list[Any]] = {name: [] for name in Atlas._fields}
    for place, kind in enumerate((*SCENES, *CLUTTER, *GROUPS)):
        own = number.get(kind.name, 0) if kind in CLUTTER else 0
        _flatten(kind, own, number, rows)
        if kind in GROUPS:
            for i, name in enumerate(kind.classes):
                rows["class_of"].append((place, i))
                rows["class_label"].append(number[name])
                rows["class_home"].append(scene_of[kind.home[i]])
    rows["counts"] = [len(SCENES), len(CLUTTER), len(GROUPS)]
    real = {"kind_ranges", "joint_at", "joint_ranges", "joint_chance", "look_ranges", "piece_factors", "points"}
    return Atlas(**{
        name: np.array(rows[name], dtype=np.float64 if name in real else np.int64) for name in Atlas._fields
    })  # fmt: skip


def _flatten(kind: Kind, own: int, number: dict[str, int], rows: dict[str, list[Any]]) -> None:
    """Append one kind to the rows of every array."""
    rows["kinds"].append(
        (
            len(rows["joints"]), len(kind.joints), len(rows["paints"]), len(kind.paints), len(rows["pieces"]),
            len(kind.pieces), len(kind.classes), len(kind.slots), own,
            number.get(f"{kind.name}-s", 0), sum(1 << PLACES.index(place) for place in kind.places),
        )
    )  # fmt: skip
    low, high = kind.horizon
    rows["kind_ranges"].append(
        (kind.size[0] / 100, kind.size[1] / 100, kind.tilt, low / 100, high / 100, kind.foot / 100)
    )
    for joint in kind.joints:
        rows["joints"].append((joint.parent, joint.slot, *joint.draws, joint.chance_draw))
        rows["joint_at"].append(joint.at)
        rows["joint_ranges"].append(_padded([list(chain.from_iterable(tracks)) for tracks in joint.ranges]))
        rows["joint_chance"].append(_padded(list(joint.chance)))
    for slot, options in kind.paints:
        rows["paints"].append(slot)
        starts = []
        for choices in options:
            starts.append((len(rows["looks"]), len(choices)))
            for option in choices:
                _flatten_look(option, number, rows)
        rows["paint_options"].append(_padded(starts))
    for piece in kind.pieces:
        mask = sum(1 << i for i in piece.classes)
        rows["pieces"].append(
            (
                piece.joint, piece.paint, piece.slot, mask, piece.outline.kind, len(rows["points"]),
                len(piece.outline.points), number[piece.object], *(number[part] for part in piece.parts),
                int(piece.shadow), int(piece.far),
            )
        )  # fmt: skip
        rows["piece_factors"].append((piece.shade, piece.ink, piece.volume))
        rows["points"] += piece.outline.points


def _flatten_look(option: Look, number: dict[str, int], rows: dict[str, list[Any]]) -> None:
    texture = PATTERNS[option.pattern]
    rows["looks"].append((option.pattern, number[option.material], number.get(texture, 0)))
    grain = MATERIALS[option.material] if option.material else (1.0, 1.0, 0.0, 0.0)
    colours = chain.from_iterable((*option.first, *option.second))
    rows["look_ranges"].append((*colours, *option.size, *option.angle, *grain))


def _padded(per_class: list[Any]) -> list[Any]:
    """As many entries as the largest group has classes; the last one is repeated."""
    return per_class + [per_class[-1]] * (MOST_CLASSES - len(per_class))
