"""The eleven basic colour names, for every RGB value."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

_NAMES = "black blue brown green grey orange pink purple red white yellow"
COLOR_NAMES = tuple(f"{name}-c" for name in _NAMES.split())
"""Names as in Broden, in alphabetical order."""

_EXAMPLES = {
    "black-c": "000000 1a1a1a 101820 201510",
    "blue-c": "0000ff 2040c0 3070d0 60a0e0 90c0f0 102060 4682b4 70b0c8 00a0c0 20d0f0",
    "brown-c": "804000 6b4423 8b5a2b a0703c 50301a 9b7653 b08860 3a2412 704830",
    "green-c": "00ff00 20a020 006000 60b040 90c060 3a5f30 80a070 20c080 b0d890 506830 607820",
    "grey-c": "808080 606060 a0a0a0 404040 b8b8b8 788088 888078 c8c8c8",
    "orange-c": "ff8000 f09020 e06010 ffa040 d87030 ffb060 e88850",
    "pink-c": "ff80c0 ffb0c8 f060a0 e890b0 ffc8d8 e0a0a8 d86898",
    "purple-c": "8000ff 803090 a060c0 602080 c080d0 9070b0 400060 b090d0 705090 900090",
    "red-c": "ff0000 c01010 a02020 e04030 d02040 701010 b84038",
    "white-c": "ffffff f0f0f0 e8f0f8 f8f0e0 e0e0e0 f0e8e8",
    "yellow-c": "ffff00 f0d020 ffe060 e0c030 fff0a0 d8c040 c8b030 e8d880",
}
"""Typical values of each name; a pixel gets the name of the nearest one in CIELAB."""


@cache
def color_table() -> NDArray[np.uint8]:
    """Place in `COLOR_NAMES` for RGB values in steps of 8, `(32 32 32)`.

    Departs: Broden uses the probabilities of van de Weijer et al. (2009), learned from web images; this is
    the nearest of a few dozen typical values, for lack of a table that may be shipped.
    """
    steps = np.arange(32) * 8 + 4
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    values, owners = [], []
    for owner, name in enumerate(COLOR_NAMES):
        for text in _EXAMPLES[name].split():
            values.append([int(text[i : i + 2], 16) for i in (0, 2, 4)])
            owners.append(owner)
    lab, examples = _lab(grid), _lab(np.array(values))
    distance = ((lab[:, None, :] - examples[None]) ** 2).sum(axis=-1)
    table: NDArray[np.uint8] = np.array(owners, dtype=np.uint8)[distance.argmin(axis=1)]
    return table.reshape(32, 32, 32)


def _lab(rgb: NDArray[np.int64]) -> NDArray[np.float64]:
    """CIELAB (D65) of sRGB values 0..255."""
    share = rgb / 255.0
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    xyz = linear @ np.array([[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]])
    xyz = xyz / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=-1)
