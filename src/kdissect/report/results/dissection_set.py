"""A set of dissections: several layers, quantiles or checkpoints of a network in one folder."""

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from kdissect.errors import DataError, RecordError
from kdissect.report.dissection import Dissection, read_dissection
from kdissect.report.extras import Fields, read_rows

WAYS = ("checkpoint", "layer", "quantile")
"""How members may differ; the first that they do differ in is drawn along the axis."""


@dataclass(frozen=True)
class DissectionSet:
    """What the folder of a set holds.

    Attributes:
        header: `header.json`, whole.
        name: of the folder.
        dissections: the members that could be read, in the order of the header.
        rotation: the rows of the rotation test.
        complaints: one sentence for each member or file that could not be read.
    """

    header: dict[str, Any]
    name: str
    dissections: tuple[Dissection, ...]
    rotation: tuple[Fields, ...] = ()
    complaints: tuple[str, ...] = ()

    @property
    def ways(self) -> tuple[str, ...]:
        """In what the members differ, that of the axis first."""
        places = [dissection.places for dissection in self.dissections]
        return tuple(way for way in WAYS if len({place.get(way, "") for place in places}) > 1)


def read_set(path: Path) -> DissectionSet:
    """Read a set; members that are missing or damaged are complained about, and stop nothing.

    Raises:
        RecordError: the header is none of a set.
    """
    header = json.loads((path / "header.json").read_text(encoding="utf-8"))
    members = header.get("members")
    if not isinstance(members, list):
        raise RecordError(
            f"expected {path / 'header.json'} to list the members of the set, got none; make the set again"
        )
    complaints: list[str] = []
    dissections: list[Dissection] = []
    for member in members:
        try:
            dissections.append(_member(path, member))
        except DataError as error:
            name = member.get("folder", "?") if isinstance(member, dict) else member
            complaints.append(f"{name}: {error}")
    rotation = read_rows(path / "rotation.parquet", ("power", "detectors", "unique_detectors"), complaints)
    return DissectionSet(header, path.resolve().name, tuple(dissections), rotation, tuple(complaints))


def _member(path: Path, member: object) -> Dissection:
    """A member of the set.

    Raises:
        DataError: it cannot be read, or does not lie in the folder.
    """
    folder = member.get("folder") if isinstance(member, dict) else None
    if not isinstance(member, dict) or not isinstance(folder, str):
        raise DataError("expected a member with a folder; make the set again")
    inside = PurePosixPath(folder)
    if inside.is_absolute() or ".." in inside.parts or not (path / inside).resolve().is_relative_to(path.resolve()):
        raise DataError("expected a folder within the set, this one lies elsewhere; make the set again")
    places = {way: f"{member[way]}" for way in WAYS if member.get(way) is not None}
    return read_dissection(path / inside, title=folder, places=places)
