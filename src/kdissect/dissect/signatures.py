"""Signatures: the sets of labels that pixels of a probe have.

Whether a formula over concepts holds at a pixel depends on the set of its labels alone. There are far fewer such sets
than pixels, so that a formula is counted over all images by adding up the pixels of the sets in which it holds.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import scipy.sparse
import torch
from numpy.typing import NDArray
from torch import Tensor

from kdissect.data.probe import Annotation, Probe
from kdissect.dissect.counting import Batch, contributions
from kdissect.dissect.formula import Formula
from kdissect.dissect.label_sets import number_pixels
from kdissect.dissect.relabelled import Relabelled
from kdissect.errors import DataError

MOST = 2**15 - 1  # numbers of an image's signatures are int16
IMAGES_A_SUM = 1024  # so many images' masks are held before they are added up


@dataclass(frozen=True)
class Signatures:
    """The sets of labels of a probe, numbered.

    Attributes:
        starts: labels of the i-th set are those from `starts[i]` to `starts[i + 1]` of `labels`, `(s + 1,)`, int64.
        labels: label numbers, int16; 0 is in no set.
        pixels: pixels of the whole probe with exactly that set `(s,)`, int64.
        image_starts: sets of the i-th image are those from `image_starts[i]` to `image_starts[i + 1]` of `numbers`.
        numbers: number of each set of each image, in the order of `local_signatures`, int32.
        num_labels: label numbers of the probe, 0 among them.
    """

    starts: NDArray[np.int64]
    labels: NDArray[np.int16]
    pixels: NDArray[np.int64]
    image_starts: NDArray[np.int64]
    numbers: NDArray[np.int32]
    num_labels: int

    def __len__(self) -> int:
        """Number of different sets."""
        return len(self.pixels)

    @classmethod
    def of(cls, probe: Probe) -> Self:
        """The signatures of a probe.

        Images are shared among `torch.get_num_threads()` threads. Each different set takes about 200 bytes.

        Raises:
            DataError: a label map is damaged, or an image has too many different sets.
        """

        def look(image: int) -> tuple[list[bytes], NDArray[np.int32]]:
            _, sets, times = local_signatures(probe, image)
            return sets, times.astype(np.int32)

        known: dict[bytes, int] = {}
        numbers, times = [], []
        with ThreadPoolExecutor(torch.get_num_threads()) as pool:
            for sets, own in pool.map(look, range(len(probe))):
                numbers.append(np.array([known.setdefault(labels, len(known)) for labels in sets], np.int32))
                times.append(own)
        image_starts = np.cumsum([0, *map(len, numbers)], dtype=np.int64)
        joined = np.concatenate(numbers)
        # sums of whole numbers, exact up to 2^53
        pixels = np.bincount(joined, np.concatenate(times), len(known)).astype(np.int64)
        starts = np.cumsum([0, *((len(key) + 1) // 2 for key in known)], dtype=np.int64)
        labels = np.frombuffer(b"".join(key + b"\0" * (len(key) % 2) for key in known), "<i2").astype(np.int16)
        if labels.size and not 0 < labels.min() <= labels.max() < len(probe.primary):
            raise DataError(
                f"labels of {probe.name} must be 0 to {len(probe.primary) - 1}, got {labels.min()} to {labels.max()}; "
                "correct the probe"
            )
        return cls(starts, labels, pixels, image_starts, joined, len(probe.primary))

    def having(self, label: int) -> NDArray[np.int32]:
        """Numbers of the sets that have a label."""
        sets, starts = self._by_label
        return sets[starts[label] : starts[label + 1]]

    def where(self, formula: Formula) -> NDArray[np.intp]:
        """Numbers of the sets in which a formula holds, rising."""
        true = np.zeros(len(self), np.bool_)
        true[self.having(formula.labels[0])] = True
        for operator, label in zip(formula.operators, formula.labels[1:], strict=True):
            own = self.having(label)
            if operator == "and":
                both = own[true[own]]
                true[:] = False
                true[both] = True
            else:
                true[own] = operator == "or"
        return np.flatnonzero(true)

    @cached_property
    def label_pixels(self) -> NDArray[np.int64]:
        """Pixels of the whole probe with each label, each pixel once `(q,)`."""
        # sums of whole numbers, exact up to 2^53
        pixels = np.repeat(self.pixels, np.diff(self.starts))
        return np.bincount(self.labels, pixels, self.num_labels).astype(np.int64)

    @cached_property
    def _by_label(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Sets by the label that they have, and where each label's begin."""
        sets = np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.starts))
        many = np.bincount(self.labels, minlength=self.num_labels)
        return sets[np.argsort(self.labels, kind="stable")], np.concatenate([[0], np.cumsum(many)])

    def under(self, batches: Sequence[Batch], probe: Probe, thresholds: Tensor, units: Sequence[int]) -> Any:
        """Pixels of each set under the masks of some units `(units s)`, sparse; about 10 bytes a unit and set there.

        Args:
            batches: the cells or maps that decide the masks, as for `count`.
            probe: the same probe.
            thresholds: `(u,)`.
            units: which, in the order of the rows.
        """
        nothing = np.empty(0, np.int64)
        numbered = Relabelled(
            probe,
            lambda image: Annotation(local_signatures(probe, image)[0], np.zeros(1, np.int64), nothing, nothing),
            primary=np.zeros(int(np.diff(self.image_starts).max()) + 1, np.int64),
        )
        row_of = np.full(len(thresholds), -1, np.int32)
        row_of[list(units)] = np.arange(len(units))
        kind: Any = np.int32 if self.pixels.sum() < 2**31 else np.int64
        total = scipy.sparse.csr_array((len(units), len(self)), dtype=kind)
        for part in (part for batch in batches for part in batch.parts(IMAGES_A_SUM)):
            found = contributions([part], numbered, thresholds, label_zero=True)
            first = self.image_starts[np.repeat(np.asarray(part.images), np.diff(found.mask_starts))]
            sizes = np.diff(found.entry_starts)
            rows = np.repeat(row_of[found.units], sizes)
            sets = self.numbers[np.repeat(first, sizes) + found.labels - 1]
            kept = rows >= 0
            values = found.pixels[kept].astype(kind), (rows[kept], sets[kept])
            total = total + scipy.sparse.coo_array(values, shape=total.shape).tocsr()
        return total


def local_signatures(probe: Probe, image: int) -> tuple[NDArray[np.int16], list[bytes], NDArray[np.int64]]:
    """The sets of labels of one image.

    Returns:
        Which set each pixel has `(1 h w)`, from 1; the sets, as label numbers of two bytes, falling, without zero bytes
        at the end; and their pixels.

    Raises:
        DataError: there are more sets than numbers.
    """
    note = probe.annotation(image)
    shape = probe.plane_shape
    planes = np.ascontiguousarray(note.planes.reshape(len(note.planes), shape[0] * shape[1]))
    place = np.empty(planes.shape[1], np.int32)
    seen = planes[:, number_pixels(planes, place)].T
    scalars = np.broadcast_to(note.scalars.astype(np.int16), (len(seen), len(note.scalars)))
    rows = -np.sort(-np.concatenate([seen, scalars], 1).astype("<i2"), axis=1)
    rows[:, 1:][rows[:, 1:] == rows[:, :-1]] = 0
    rows = np.ascontiguousarray(-np.sort(-rows, axis=1)) if rows.size else np.zeros((len(seen), 1), "<i2")
    # as text, zeros at the end are no part of the value; different planes may hold the same set
    keys = rows.view(f"S{2 * rows.shape[1]}")[:, 0].tolist()
    distinct = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    if len(distinct) > MOST:
        raise DataError(f"image {probe.image_name(image)} has {len(distinct)} different sets of labels, at most {MOST}")
    place = np.array([distinct[key] for key in keys], np.int32)[place]
    return (place + 1).astype(np.int16).reshape(1, *shape), list(distinct), np.bincount(place, minlength=len(distinct))
