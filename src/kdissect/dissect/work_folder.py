"""The work folder: what a dissection in shards leaves on disk, for processes to share and a killed run to go on."""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from kdissect.dissect.cells import Cells
from kdissect.dissect.contributions import Contributions
from kdissect.dissect.exemplars import TopImages
from kdissect.dissect.folder import read_arrays
from kdissect.dissect.gathering import Gathered
from kdissect.errors import RecordError
from kdissect.records import write_text, writing_folder

MARKER = "run.json"
FORMAT = 1


class WorkFolder:
    """A folder of finished shards.

    ::

        WORK/run.json                         what is dissected: another run is refused
        WORK/shard-00000/<view>.npz           what the forward pass over a range of images left
        WORK/counted-00000/<view>-<k>.npz     its contributions at the k-th quantile
        WORK/thresholds/thresholds.npz        of all views and quantiles

    Each folder is complete once it has its name.

    Args:
        path: the folder; made if missing.
        key: all that decides the numbers.

    Raises:
        RecordError: the folder holds something else, or another run.
    """

    def __init__(self, path: Path, key: Mapping[str, Any]) -> None:
        self.path = path
        text = json.dumps({"format": FORMAT, **key}, sort_keys=True, indent=1)
        marker = path / MARKER
        if path.exists() and not path.is_dir():
            raise RecordError(f"expected a folder for unfinished work, {path} is a file; choose another")
        if marker.exists():
            if marker.read_text(encoding="utf-8") != text:
                raise RecordError(
                    f"{path} has the unfinished work of another dissection ({_differing(marker, text)} differ); delete "
                    "it, or choose another folder"
                )
        elif path.exists() and any(path.iterdir()):
            raise RecordError(f"{path} holds something else than unfinished work; choose another folder")
        path.mkdir(parents=True, exist_ok=True)
        write_text(marker, text)

    def has(self, name: str) -> bool:
        """Whether a part is finished."""
        return (self.path / name).is_dir()

    def put_gathered(self, shard: int, gathered: Mapping[str, Gathered]) -> None:
        """Keep what the forward pass over a shard left, by view."""
        with writing_folder(self.path / f"shard-{shard:05d}") as folder:
            for number, found in enumerate(gathered.values()):
                arrays: dict[str, Any] = {
                    "bounds": found.bounds,
                    "activity": found.activity,
                    "num_batches": np.array(len(found.cells)),
                    **{f"top_{name}": value for name, value in vars(found.top).items()},
                }
                for k, cells in enumerate(found.cells):
                    arrays |= {f"{k}_{field.name}": np.asarray(getattr(cells, field.name)) for field in fields(Cells)}
                np.savez(folder / f"{number}.npz", **arrays)

    def gathered(self, shard: int, view: int) -> Gathered:
        """What `put_gathered` kept of a view.

        Raises:
            RecordError: the file is missing or damaged.
        """
        path = self.path / f"shard-{shard:05d}" / f"{view}.npz"
        arrays = read_arrays(path)
        cells = []
        for k in range(int(arrays["num_batches"])):
            values: dict[str, Any] = {field.name: arrays[f"{k}_{field.name}"] for field in fields(Cells)}
            height, width = (int(side) for side in values["shape"])
            cells.append(Cells(**{**values, "shape": (height, width)}))
        top = TopImages(**{field.name: arrays[f"top_{field.name}"] for field in fields(TopImages)})
        return Gathered(cells, arrays["bounds"], top, arrays["activity"])

    def put_thresholds(self, found: Sequence[Sequence[Tensor]]) -> None:
        """Keep the thresholds, `found[view][quantile]`."""
        with writing_folder(self.path / "thresholds") as folder:
            for number, each in enumerate(found):
                np.savez(folder / f"{number}.npz", thresholds=torch.stack(list(each)).numpy())

    def thresholds(self, view: int) -> Tensor:
        """The thresholds of a view `(quantiles, u)`.

        Raises:
            RecordError: the file is missing or damaged.
        """
        return torch.from_numpy(read_arrays(self.path / "thresholds" / f"{view}.npz")["thresholds"])

    def put_counted(self, shard: int, counted: Sequence[Sequence[Contributions]]) -> None:
        """Keep the contributions of a shard's images, `counted[view][quantile]`."""
        with writing_folder(self.path / f"counted-{shard:05d}") as folder:
            for view, each in enumerate(counted):
                for k, found in enumerate(each):
                    arrays: dict[str, Any] = found.arrays()
                    np.savez(folder / f"{view}-{k}.npz", **arrays)

    def counted(self, shard: int, view: int, quantile: int) -> Contributions:
        """What `put_counted` kept.

        Raises:
            RecordError: the file is missing or damaged.
        """
        return Contributions.of_arrays(read_arrays(self.path / f"counted-{shard:05d}" / f"{view}-{quantile}.npz"))


def _differing(marker: Path, text: str) -> str:
    """The names of what two runs do not have in common."""
    try:
        there, here = json.loads(marker.read_text(encoding="utf-8")), json.loads(text)
        return ", ".join(name for name in sorted({*there, *here}) if there.get(name) != here.get(name))
    except (ValueError, TypeError):
        return "unreadable, so all may"


def earlier_shards(path: Path) -> int | None:
    """How many images a shard has in the work that lies there; None if there is none."""
    try:
        return int(json.loads((path / MARKER).read_text(encoding="utf-8"))["shard_images"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remove_work(path: Path) -> None:
    """Delete a work folder, or a folder of such, once the result is written; anything else is left alone."""
    if (path / MARKER).is_file():
        shutil.rmtree(path, ignore_errors=True)
    elif path.is_dir():
        for inner in path.iterdir():
            if (inner / MARKER).is_file():
                shutil.rmtree(inner, ignore_errors=True)
        if not any(path.iterdir()):
            path.rmdir()


def weights_digest(network: nn.Module) -> str:
    """SHA-256 of all weights and buffers, with their names."""
    digest = hashlib.sha256()
    for name, tensor in network.state_dict().items():
        if isinstance(tensor, Tensor):
            digest.update(f"{name}\0{tensor.dtype}\0{tuple(tensor.shape)}\n".encode())
            plain = tensor.detach().cpu().contiguous().reshape(-1)
            digest.update(plain.view(torch.uint8).numpy().data)
    return digest.hexdigest()
