"""Cells: the few values of feature maps that decide their masks.

A pixel of the upsampled map takes its value from four neighbouring cells, and exceeds the threshold only if one
of the four does. So a cell matters only if it, or one of the eight cells around it, exceeds the threshold; all
others may be anything that does not. That leaves a small part of a map, less the larger the map is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self, no_type_check

import numpy as np
from numpy.typing import NDArray

from kdissect.dissect.compiled import compiled

Bounds = NDArray[np.float64]


@dataclass(frozen=True)
class Cells:
    """The cells that matter of the feature maps of some images, image by image.

    Maps that are not listed have an empty mask. A cell that is not listed is not above the bound, and none of the
    eight around it is.

    Attributes:
        images: index in the probe of each image `(n,)`, int64.
        map_starts: maps of the i-th image are those from `map_starts[i]` to `map_starts[i + 1]`, `(n + 1,)`, int64.
        units: unit of each map `(m,)`, int32.
        peaks: largest value of each map `(m,)`, of the type of the values.
        starts: cells of the j-th map are those from `starts[j]` to `starts[j + 1]`, `(m + 1,)`, int64.
        places: row * width + column of each cell in its map, ascending, int32.
        values: value of each cell, float32 or float64.
        shape: height and width of the maps.
    """

    images: NDArray[np.int64]
    map_starts: NDArray[np.int64]
    units: NDArray[np.int32]
    peaks: NDArray[Any]
    starts: NDArray[np.int64]
    places: NDArray[np.int32]
    values: NDArray[Any]
    shape: tuple[int, int]

    @classmethod
    def of(
        cls,
        images: NDArray[np.int64],
        maps: NDArray[Any],
        rows: NDArray[np.int64],
        units: NDArray[np.int32],
        map_starts: NDArray[np.int64],
        peaks: NDArray[Any],
        bounds: Bounds,
    ) -> Self:
        """The cells of dense maps that exceed their unit's bound, or have a neighbour that does.

        Args:
            images: as in the attributes.
            maps: a pool of maps `(p h w)`, float32 or float64.
            rows: for each map its place in the pool `(m,)`.
            units: as in the attributes.
            map_starts: as in the attributes.
            peaks: as in the attributes.
            bounds: `(u,)`, one for each unit.
        """
        starts = np.zeros(len(rows) + 1, np.int64)
        places, values = gather(maps, rows, units, bounds, starts)
        return cls(images, map_starts, units, peaks, starts, places, values, (maps.shape[1], maps.shape[2]))

    @classmethod
    def concatenate(cls, parts: Sequence["Cells"]) -> "Cells":
        """The cells of at least one part, of maps of one shape, in the order of the parts."""
        map_starts = np.concatenate([[0], *(np.diff(part.map_starts) for part in parts)]).cumsum()
        starts = np.concatenate([[0], *(np.diff(part.starts) for part in parts)]).cumsum()
        images, units, peaks, places, values = (
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("images", "units", "peaks", "places", "values")
        )
        return cls(images, map_starts, units, peaks, starts, places, values, parts[0].shape)

    @property
    def num_maps(self) -> int:
        """Number of maps."""
        return len(self.units)

    @property
    def num_bytes(self) -> int:
        """Bytes of all arrays."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))

    def above(self, bounds: Bounds) -> "Cells":
        """What still matters when the bounds `(u,)` have risen."""
        keep = np.flatnonzero(self.peaks > bounds[self.units])
        starts = np.zeros(len(keep) + 1, np.int64)
        places, values = sift(
            self.places, self.values, self.starts, keep, self.units, bounds, starts, self.shape[0], self.shape[1]
        )
        map_starts = np.searchsorted(keep, self.map_starts).astype(np.int64)
        return Cells(self.images, map_starts, self.units[keep], self.peaks[keep], starts, places, values, self.shape)

    def dense(self) -> NDArray[Any]:
        """The maps `(m h w)`; cells that are not listed have the lowest value of the type."""
        height, width = self.shape
        maps = np.full((self.num_maps, height * width), np.finfo(self.values.dtype).min, self.values.dtype)
        owner = np.repeat(np.arange(self.num_maps), np.diff(self.starts))
        maps[owner, self.places[self.starts[0] : self.starts[-1]]] = self.values[self.starts[0] : self.starts[-1]]
        return maps.reshape(-1, height, width)

    def parts(self, num_images: int) -> Iterator["Cells"]:
        """The same in parts of at most so many images; nothing is copied."""
        for first in range(0, len(self.images), num_images):
            map_starts = self.map_starts[first : first + num_images + 1]
            maps = slice(map_starts[0], map_starts[-1])
            yield Cells(
                self.images[first : first + num_images],
                map_starts - map_starts[0],
                self.units[maps],
                self.peaks[maps],
                self.starts[map_starts[0] : map_starts[-1] + 1],
                self.places,
                self.values,
                self.shape,
            )


@compiled
@no_type_check
def gather(maps, rows, units, bounds, starts):
    """Cells of dense maps that exceed their unit's bound, or have a neighbour that does; fills `starts`."""
    height, width = maps.shape[1:]
    near = np.zeros((height + 2, width + 2), np.bool_)
    room = max(1024, rows.size * min(height * width, 12))
    places, values = np.empty(room, np.int32), np.empty(room, maps.dtype)
    used = 0
    for k in range(rows.size):
        fmap, bound = maps[rows[k]], bounds[units[k]]
        if used + height * width > room:
            room = 2 * room + height * width
            places, values = grown(places, room), grown(values, room)
        low, high = height, -1
        for y in range(height):
            for x in range(width):
                if fmap[y, x] > bound:
                    near[y : y + 3, x : x + 3] = True
                    low, high = min(low, y), y
        low, high = max(low - 1, 0), min(high + 1, height - 1)
        for y in range(low, high + 1):
            for x in range(width):
                if near[y + 1, x + 1]:
                    places[used] = y * width + x
                    values[used] = fmap[y, x]
                    used += 1
        near[low : high + 3] = False
        starts[k + 1] = used
    return places[:used].copy(), values[:used].copy()


@compiled
@no_type_check
def sift(places, values, starts, keep, units, bounds, new_starts, height, width):
    """Of some maps' cells those that exceed a bound, or have a neighbour that does; fills `new_starts`."""
    near = np.zeros((height + 2, width + 2), np.bool_)
    room = 0
    for k in keep:
        room += starts[k + 1] - starts[k]
    new_places, new_values = np.empty(room, np.int32), np.empty(room, values.dtype)
    used = 0
    for j in range(keep.size):
        k = keep[j]
        bound = bounds[units[k]]
        low, high = height, -1
        for i in range(starts[k], starts[k + 1]):
            if values[i] > bound:
                y, x = places[i] // width, places[i] % width
                near[y : y + 3, x : x + 3] = True
                low, high = min(low, y), y
        for i in range(starts[k], starts[k + 1]):
            if near[places[i] // width + 1, places[i] % width + 1]:
                new_places[used] = places[i]
                new_values[used] = values[i]
                used += 1
        if high >= 0:
            near[low : high + 3] = False
        new_starts[j + 1] = used
    return new_places[:used].copy(), new_values[:used].copy()


@compiled
@no_type_check
def grown(array, room):
    """The array with more room behind it."""
    longer = np.empty(room, array.dtype)
    longer[: array.size] = array
    return longer
