"""Signatures: the sets of labels that pixels of a probe have.

Whether a formula over concepts holds at a pixel depends on the set of its labels alone. There are far fewer such sets
than pixels, so that a formula is counted over all images by adding up the pixels of the sets in which it holds.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import scipy.sparse
import torch
from numpy.typing import NDArray
from torch import Tensor

from kdissect.data.probe import Annotation, Probe
from kdissect.dissect.counting import Batch, contributions
from kdissect.dissect.relabelled import Relabelled
from kdissect.errors import DataError

MOST = 2**15 - 1  # numbers of an image's signatures are int16


@dataclass(frozen=True)
class Signatures:
    """The sets of labels of a probe, numbered.

    Attributes:
        members: `(s q)`, sparse, 1 where a set has a label; label 0 is in none.
        pixels: pixels of the whole probe with exactly that set `(s,)`, int64.
        starts: sets of the i-th image are those from `starts[i]` to `starts[i + 1]` of `numbers`.
        numbers: number of each set of each image, in the order of `local_signatures`.
    """

    members: Any
    pixels: NDArray[np.int64]
    starts: NDArray[np.int64]
    numbers: NDArray[np.int64]

    @classmethod
    def of(cls, probe: Probe) -> Self:
        """The signatures of a probe.

        Raises:
            DataError: a label map is damaged, or an image has too many different sets.
        """

        def look(image: int) -> tuple[list[tuple[int, ...]], NDArray[np.int64]]:
            _, sets, times = local_signatures(probe, image)
            return sets, times

        known: dict[tuple[int, ...], int] = {}
        pixels: list[int] = []
        numbers: list[NDArray[np.int64]] = []
        with ThreadPoolExecutor(torch.get_num_threads()) as pool:
            for sets, times in pool.map(look, range(len(probe))):
                own = np.array([known.setdefault(labels, len(known)) for labels in sets], np.int64)
                pixels += [0] * (len(known) - len(pixels))
                for number, count in zip(own.tolist(), times.tolist(), strict=True):
                    pixels[number] += count
                numbers.append(own)
        sizes = [len(labels) for labels in known]
        columns = np.array([label for labels in known for label in labels], np.int64)
        shape = (len(known), len(probe.primary))
        ends = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        members = scipy.sparse.csr_array((np.ones(len(columns), np.int64), columns, ends), shape=shape)
        starts = np.cumsum([0, *(len(own) for own in numbers)], dtype=np.int64)
        return cls(members, np.array(pixels, np.int64), starts, np.concatenate(numbers))

    def under(self, batches: Sequence[Batch], probe: Probe, thresholds: Tensor) -> Any:
        """Pixels of each set under the masks of each unit `(u s)`, sparse, int64.

        Args:
            batches: the cells or maps that decide the masks, as for `count`.
            probe: the same probe.
            thresholds: `(u,)`.
        """
        no_category, nothing = np.zeros(1, np.int64), np.empty(0, np.int64)
        numbered = Relabelled(
            probe,
            lambda image: Annotation(local_signatures(probe, image)[0], no_category, nothing, nothing),
            primary=np.zeros(int(np.diff(self.starts).max()) + 1, np.int64),
        )
        found = contributions(batches, numbered, thresholds, label_zero=True)
        order = [int(image) for batch in batches for image in batch.images]
        image = np.repeat(np.array(order), np.diff(found.mask_starts))
        masks = np.repeat(np.arange(len(found.units)), np.diff(found.entry_starts))
        numbers = self.numbers[self.starts[image[masks]] + found.labels - 1]
        shape = (len(thresholds), len(self.pixels))
        return scipy.sparse.coo_array(
            (found.pixels.astype(np.int64), (found.units[masks], numbers)), shape=shape
        ).tocsr()


def local_signatures(probe: Probe, image: int) -> tuple[NDArray[np.int16], list[tuple[int, ...]], NDArray[np.int64]]:
    """The sets of labels of one image: which each pixel has `(1 h w)`, from 1; the sets; and their pixels.

    Raises:
        DataError: there are more sets than numbers.
    """
    note = probe.annotation(image)
    shape = probe.plane_shape
    # one key a pixel; label numbers have 15 bits, so four planes fit before keys must be made smaller
    keys = np.zeros(shape[0] * shape[1], np.int64)
    for number, plane in enumerate(note.planes):
        if number and number % 3 == 0:
            keys = np.unique(keys, return_inverse=True)[1].astype(np.int64)
        keys = (keys << 15) | plane.reshape(-1)
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    scalars = set(note.scalars.tolist())
    columns = note.planes.reshape(len(note.planes), len(keys))[:, first].T.tolist()
    sets = [tuple(sorted((set(labels) | scalars) - {0})) for labels in columns]
    # different planes may hold the same set
    distinct = {labels: number for number, labels in enumerate(dict.fromkeys(sets))}
    if len(distinct) > MOST:
        raise DataError(f"image {probe.image_name(image)} has {len(distinct)} different sets of labels, at most {MOST}")
    place = np.array([distinct[labels] for labels in sets])[inverse.reshape(-1)]
    times = np.bincount(place, minlength=len(distinct)).astype(np.int64)
    return (place + 1).astype(np.int16).reshape(1, *shape), list(distinct), times
