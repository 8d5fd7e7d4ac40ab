"""What a teacher said, kept on disk: later students with the same stream of images need no teacher."""

import hashlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kdissect.errors import DataError, RecordError, SpecError
from kdissect.records import write_text
from kdissect.specs import digest

VERSION = 1
LOGITS = "logits"
ABANDONED_SECONDS = 86400
CHECKED_IMAGES = 16
"""Images of each epoch that the teacher sees again."""
TOLERANCE = {"float16": 4e-3, "float32": 1e-3}
"""Largest difference of a kept value, as a share of the largest value of its kind in the sample (at least 1).

Rounding is far smaller; the rest is for other batch shapes and devices."""


@final
@dataclass
class TeacherCache:
    """Where and how a teacher's outputs are kept.

    One file an epoch, one record an image, keyed by all that decides them: the teacher's weights, the data, the
    augmentation, the seed and what the objective keeps. Another key is another folder, so runs that differ in any of
    it never share.

    Attributes:
        root: folder; made if missing.
        max_bytes: the files together stay below it; what does not fit is not kept.
        dtype: of the values that are kept.
        top_k: keep only the largest logits of each image; the others share one value, chosen so that their
            probability at `tail_temperature` is right. None keeps all, which is right at every temperature.
        tail_temperature: see `top_k`.
    """

    root: Path
    max_bytes: int = 20 * 2**30
    dtype: Literal["float16", "float32"] = "float16"
    top_k: int | None = None
    tail_temperature: float = 4.0
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        self.root = Path(self.root)
        if self.max_bytes < 1:
            raise SpecError(f"a cache needs room, got max_bytes={self.max_bytes}")
        if self.top_k is not None and self.top_k < 1:
            raise SpecError(f"top_k must be 1 or more, got {self.top_k}")

    def open(self, key: Mapping[str, Any], num_images: int) -> "KeptTargets":
        """The part of the cache that belongs to a key.

        Args:
            key: JSON-able; everything that decides the outputs.
            num_images: of the training split.

        Raises:
            RecordError: the folder belongs to something else, or cannot be read.
        """
        how: dict[str, Any] = {"version": VERSION, "dtype": self.dtype, "top_k": self.top_k}
        if self.top_k is not None:
            how["tail_temperature"] = self.tail_temperature
        whole = {**how, "num_images": num_images, **key}
        return KeptTargets(self, self.root / digest(whole)[:16], whole, num_images)

    def room(self, wanted: int) -> bool:
        """Whether so many more bytes fit."""
        used = sum(path.stat().st_size for path in self.root.rglob("epoch-*"))
        if used + wanted <= self.max_bytes:
            return True
        note = f"the cache {self.root} is full: {used / 2**30:.2f} GiB of {self.max_bytes / 2**30:.2f} are used"
        if note not in self.notes:
            self.notes.append(note)
        return False


@final
class KeptTargets:
    """The outputs of one teacher for one stream of images."""

    def __init__(self, cache: TeacherCache, folder: Path, key: Mapping[str, Any], num_images: int) -> None:
        self.cache, self.folder, self.num_images = cache, folder, num_images
        self.reading: tuple[int, NDArray[Any], NDArray[np.bool_]] | None = None
        self.writing: tuple[int, NDArray[Any], NDArray[np.bool_]] | None = None
        self.checked: set[int] = set()
        self.hits = self.misses = 0
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(".epoch-*"):  # of a run that was killed; another's, still at it, is younger
            if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                left.unlink(missing_ok=True)
        header = folder / "header.json"
        key = json.loads(json.dumps(key))
        if not header.is_file():
            write_text(header, json.dumps({"key": key}, indent=1))
        try:
            found = json.loads(header.read_text())["key"]
        except (ValueError, KeyError, TypeError, OSError):
            raise RecordError(f"{header} cannot be read; delete {folder} and run again") from None
        for name in sorted({*key, *found}):
            if key.get(name) != found.get(name):
                raise RecordError(
                    f"the cache {folder} was made with {name} {_short(found.get(name))}, this run has "
                    f"{_short(key.get(name))}; delete it or choose another folder"
                )

    def read(self, epoch: int, indices: NDArray[np.int64], device: torch.device) -> dict[str, Tensor] | None:
        """What is kept for these images in this epoch, one row an image; None if anything is missing."""
        if self.reading is None or self.reading[0] != epoch:
            self.reading = self._load(epoch)
        if self.reading is None or not self.reading[2][indices].all():
            self.misses += len(indices)
            return None
        self.hits += len(indices)
        rows = self.reading[1][indices]
        return self._unpack(rows, device)

    def write(self, epoch: int, indices: NDArray[np.int64], targets: Mapping[str, Tensor]) -> None:
        """Keep what the teacher gave for these images, until `finish`.

        Raises:
            DataError: a value is too large for the kept type.
        """
        if self.writing is None or self.writing[0] != epoch:
            self.writing = self._begin(epoch, targets)
        if self.writing is None:
            return
        _, records, seen = self.writing
        packed = self._pack(targets)
        for name, values in packed.items():
            records[name][indices] = values
        seen[indices] = True

    def finish(self, epoch: int) -> None:
        """The epoch is over: what was written becomes readable."""
        if self.writing is None or self.writing[0] != epoch:
            return
        _, records, seen = self.writing
        self.writing = None
        assert isinstance(records, np.memmap)
        if not seen.any():
            self._temporary(epoch).unlink(missing_ok=True)
            return
        records.flush()
        old = self._load(epoch)
        if old is not None and old[1].dtype == records.dtype:  # another batch size left other images out
            extra = old[2] & ~seen
            records[extra] = old[1][extra]
            seen |= extra
            records.flush()
        del records
        temporary = self._temporary(epoch)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(temporary, self.folder / f"epoch-{epoch:04d}.bin")
        marks = self._temporary(epoch, "seen")
        with marks.open("wb") as file:
            np.save(file, seen)
            os.fsync(file.fileno())
        os.replace(marks, self.folder / f"epoch-{epoch:04d}.seen")

    def must_check(self, epoch: int) -> bool:
        """Whether no image of this epoch was seen again yet; marks it as done."""
        new = epoch not in self.checked
        self.checked.add(epoch)
        return new

    def check(self, kept: Mapping[str, Tensor], again: Mapping[str, Tensor], epoch: int) -> None:
        """Refuse a cache whose values the teacher does not give.

        Raises:
            RecordError: names the largest difference.
        """
        for name, value in again.items():
            if self.cache.top_k is not None and name.rpartition("/")[2] == LOGITS:
                largest = value.topk(min(self.cache.top_k, value.shape[1]), 1)
                mine, value = kept[name].gather(1, largest.indices), largest.values
            else:
                mine = kept[name]
            # On the fp32-computed scale of the value itself: rounding to float16 is relative.
            scale = max(1.0, float(value.abs().max()))
            difference = float((mine.double() - value.double()).abs().max())
            if not difference <= TOLERANCE[self.cache.dtype] * scale:
                raise RecordError(
                    f"the cache {self.folder} does not hold what this teacher says: {name} of epoch {epoch + 1} "
                    f"differs by {difference:.3g}; delete the folder and run again"
                )

    def _temporary(self, epoch: int, kind: str = "bin") -> Path:
        return self.folder / f".epoch-{epoch:04d}.{kind}.{os.getpid()}"

    def _load(self, epoch: int) -> tuple[int, NDArray[Any], NDArray[np.bool_]] | None:
        marks, records = (self.folder / f"epoch-{epoch:04d}.{kind}" for kind in ("seen", "bin"))
        layout = self._layout()
        if layout is None or not marks.is_file() or not records.is_file():
            return None
        try:
            seen = np.load(marks, allow_pickle=False)
        except (ValueError, OSError, EOFError):
            return None
        if seen.shape != (self.num_images,) or records.stat().st_size != self.num_images * layout.itemsize:
            return None
        return epoch, np.memmap(records, dtype=layout, mode="r"), seen

    def _layout(self) -> np.dtype[Any] | None:
        path = self.folder / "layout.json"
        if not path.is_file():
            return None
        return np.dtype([(name, kind, tuple(shape)) for name, kind, shape in json.loads(path.read_text())])

    def _begin(self, epoch: int, targets: Mapping[str, Tensor]) -> tuple[int, NDArray[Any], NDArray[np.bool_]] | None:
        packed = self._pack({name: value[:1] for name, value in targets.items()})
        fields = [(name, values.dtype.str, list(values.shape[1:])) for name, values in packed.items()]
        layout = np.dtype([(name, kind, tuple(shape)) for name, kind, shape in fields])
        if not self.cache.room(self.num_images * layout.itemsize):
            return None
        if self._layout() != layout:
            write_text(self.folder / "layout.json", json.dumps(fields))
        records = np.memmap(self._temporary(epoch), dtype=layout, mode="w+", shape=(self.num_images,))
        return epoch, records, np.zeros(self.num_images, dtype=np.bool_)

    def _pack(self, targets: Mapping[str, Tensor]) -> dict[str, NDArray[Any]]:
        packed: dict[str, NDArray[Any]] = {}
        for name, value in targets.items():
            if not value.is_floating_point():
                packed[name] = value.cpu().numpy().astype(np.int32)
                continue
            parts = {name: value}
            if self.cache.top_k is not None and name.rpartition("/")[2] == LOGITS:
                parts = self._largest(name, value)
            for part, tensor in parts.items():
                if not tensor.is_floating_point():
                    packed[part] = tensor.cpu().numpy().astype(np.int32)
                    continue
                with np.errstate(over="ignore"):
                    values = tensor.float().cpu().numpy().astype(self.cache.dtype)
                if not np.isfinite(values).all():
                    raise DataError(
                        f"{part} of the teacher has values that {self.cache.dtype} cannot hold (largest "
                        f"{float(tensor.abs().max()):.3g}); keep float32, or train without a cache"
                    )
                packed[part] = values
        return packed

    def _largest(self, name: str, logits: Tensor) -> dict[str, Tensor]:
        """The largest logits, where they are, and one value for all the others."""
        number = min(self.cache.top_k or 0, logits.shape[1] - 1)
        top = logits.topk(number, 1)
        rest = torch.ones_like(logits, dtype=torch.bool).scatter_(1, top.indices, False)
        scaled = logits[rest].view(len(logits), -1) / self.cache.tail_temperature
        even = torch.logsumexp(scaled, 1) - float(np.log(scaled.shape[1]))
        return {
            f"{name}#values": top.values,
            f"{name}#classes": top.indices,
            f"{name}#rest": (even * self.cache.tail_temperature)[:, None],
            f"{name}#number": torch.full((len(logits), 1), logits.shape[1], dtype=torch.int64),
        }

    def _unpack(self, rows: NDArray[Any], device: torch.device) -> dict[str, Tensor]:
        assert rows.dtype.names is not None
        flat: dict[str, Tensor] = {}
        for name in rows.dtype.names:
            values = np.ascontiguousarray(rows[name])
            tensor = torch.from_numpy(values)
            flat[name] = tensor.to(device, torch.float32 if tensor.is_floating_point() else torch.int64)
        for name in [name.removesuffix("#values") for name in flat if name.endswith("#values")]:
            top, classes, rest, number = (flat.pop(f"{name}#{p}") for p in ("values", "classes", "rest", "number"))
            flat[name] = rest.repeat(1, int(number[0, 0])).scatter_(1, classes, top)
        return flat


def weights_digest(module: nn.Module) -> str:
    """SHA-256 of a module's parameters and buffers, in hexadecimal."""
    total = hashlib.sha256()
    for name, value in sorted(module.state_dict().items()):
        total.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        total.update(value.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return total.hexdigest()


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
