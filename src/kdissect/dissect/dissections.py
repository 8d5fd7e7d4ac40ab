"""Several dissections: of the layers, quantiles or checkpoints of one network."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import pyarrow as pa

from kdissect.dissect.dissection import FORMAT, Dissection
from kdissect.dissect.folder import BESIDE, HEADER, kind_of, read_header
from kdissect.dissect.frame import frame
from kdissect.dissect.tallying import Gate
from kdissect.errors import LayerError, RecordError
from kdissect.records import writing_folder


@dataclass(frozen=True)
class Dissections:
    """Dissections in the order in which they were asked for.

    Attributes:
        members: the dissections.
    """

    members: tuple[Dissection, ...]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.members)

    def __iter__(self) -> Iterator[Dissection]:
        """One after the other."""
        return iter(self.members)

    def __getitem__(self, index: int) -> Dissection:
        """The one at a place."""
        return self.members[index]

    def of(self, layer: str, quantile: float | None = None, checkpoint: str | None = None) -> Dissection:
        """The first dissection of a layer, at a quantile and of a checkpoint if those are given.

        Raises:
            LayerError: there is none; lists those there are.
        """
        for found in self.members:
            right = found.layer == layer and quantile in (None, found.quantile)
            if right and checkpoint in (None, found.checkpoint):
                return found
        there = ", ".join(folder_name(member) for member in self.members) or "none"
        raise LayerError(
            f"no dissection of layer {layer!r} (quantile {quantile}, checkpoint {checkpoint}); there: {there}"
        )

    def to_frame(self, kind: Literal["pandas", "polars"] = "pandas", gate: Gate | None = None) -> Any:
        """One row a dissection and unit: `layer`, `quantile`, `checkpoint`, and the columns of `Dissection.table`.

        Raises:
            SpecError: the library is not installed, or not one of the two.
        """
        rows = [
            {"layer": found.layer, "quantile": found.quantile, "checkpoint": found.checkpoint, **row}
            for found in self.members
            for row in found.table(gate)
        ]
        return frame(pa.Table.from_pylist(rows), kind)

    def save(self, folder: Path | str) -> None:
        """Write a folder with one dissection folder for each, whole or not at all; an older set is replaced.

        Raises:
            RecordError: the folder holds something else, or cannot be written.
        """
        folder = Path(folder)
        _refuse_other(folder)
        names = [folder_name(member) for member in self.members]
        members = [
            {"folder": name, "layer": found.layer, "quantile": found.quantile, "checkpoint": found.checkpoint}
            for name, found in zip(names, self.members, strict=True)
        ]
        header = {"format": FORMAT, "kind": "set", "members": members}
        with writing_folder(folder) as temporary:
            (temporary / HEADER).write_text(json.dumps(header, indent=1), encoding="utf-8")
            for name, found in zip(names, self.members, strict=True):
                found.save(temporary / name)
                found.write_csv(temporary / name / "tally.csv")

    @classmethod
    def load(cls, folder: Path | str) -> Self:
        """Read what `save` wrote, or a single dissection.

        Raises:
            RecordError: the folder holds neither, or a file is damaged.
        """
        folder = Path(folder)
        kinds = ("dissection", "set")
        header = read_header(folder, FORMAT, next((kind for kind in kinds if kind == kind_of(folder)), kinds[0]))
        if header.get("kind") == "dissection":
            return cls((Dissection.load(folder),))
        try:
            names = [str(member["folder"]) for member in header["members"]]
        except (KeyError, TypeError) as error:
            raise RecordError(f"{folder / HEADER} lacks its members ({error}); make the dissections again") from None
        if wrong := [name for name in names if not _SAFE.fullmatch(name)]:
            raise RecordError(f"{folder / HEADER} names the folder {wrong[0]!r}, which may leave the set")
        return cls(tuple(Dissection.load(folder / name) for name in names))


_SAFE = re.compile(r"[A-Za-z0-9_@=+-][A-Za-z0-9_.@=+-]*")


def folder_name(found: Dissection) -> str:
    """The name of a dissection's folder within a set: checkpoint, layer and, if it is not the usual one, quantile."""
    quantile = "" if found.quantile == 0.005 else f"@q={found.quantile:g}"
    checkpoint = "" if found.checkpoint is None else f"{found.checkpoint}@"
    return re.sub(r"[^A-Za-z0-9_.@=+-]", "_", f"{checkpoint}{found.layer}{quantile}").lstrip(".") or "_"


def _refuse_other(folder: Path) -> None:
    """A folder that is not empty must hold a set."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        names = {str(member["folder"]) for member in read_header(folder, FORMAT, "set")["members"]}
    except (RecordError, KeyError, TypeError):
        names = set()
    if not names or {path.name for path in folder.iterdir()} - names - {HEADER, *BESIDE}:
        raise RecordError(f"{folder} holds something else than a set of dissections; choose another folder")
