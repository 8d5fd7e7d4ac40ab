"""Probe images as the page holds them: small, and each only once."""

import io
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LONGEST_SIDE = 128
QUALITY = 76


@dataclass(frozen=True)
class Picture:
    """A WebP file and the size of the image in it, in pixels."""

    webp: bytes
    width: int
    height: int


def picture(pixels: NDArray[np.uint8]) -> Picture:
    """An RGB image `(h w 3)` as WebP, at most `LONGEST_SIDE` pixels wide and high."""
    image = Image.fromarray(pixels)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=QUALITY, method=4)
    return Picture(buffer.getvalue(), image.width, image.height)


@dataclass
class Album:
    """Pictures by probe and index; one that several units show is encoded once."""

    pictures: dict[tuple[str, int], Picture] = field(default_factory=dict)

    def add(self, probe: str, index: int, pixels: NDArray[np.uint8]) -> Picture:
        """The image's picture, encoded unless it is there."""
        if (probe, index) not in self.pictures:
            self.pictures[probe, index] = picture(pixels)
        return self.pictures[probe, index]
