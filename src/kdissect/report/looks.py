"""Images with the maps of each arm under them: what every arm looks at, side by side."""

import numpy as np
from numpy.typing import NDArray

from kdissect.report.block import PictureGrid, PictureRow, Section, Shot
from kdissect.report.evidence import Evidence
from kdissect.report.pictures import picture
from kdissect.report.shown import Shown
from kdissect.report.wording import listed, measure_title

MOST_ARMS = 12
HOW = {
    "magnitude": "Red is the map's size, cut three standard deviations above its mean. Each map has its own scale.",
    "overlay": "An image is bright where its map is large. Each map has its own scale.",
}
Pixels = NDArray[np.uint8]


def looks_section(evidence: Evidence) -> Section | None:
    """For each measure that kept images their maps, a row for each arm (its first seed); None if none did."""
    firsts: dict[str, dict[str, Shown]] = {}
    for shown in evidence.shown:
        firsts.setdefault(shown.measure, {}).setdefault(shown.arm, shown)
    blocks = tuple(_grid(measure, list(arms.values()), evidence) for measure, arms in firsts.items())
    lead = "The same test images for every arm, those that all arms classify correctly first; one seed of each arm."
    return Section("looks", "What they look at", lead, blocks) if blocks else None


def _grid(measure: str, shown: list[Shown], evidence: Evidence) -> PictureGrid:
    """The images of the first arm, and the maps of all that show the same ones."""
    first = shown[0]
    same = [one for one in shown if np.array_equal(one.images, first.images)][:MOST_ARMS]
    numbers = {arm.name: number for number, arm in enumerate(evidence.arms)}
    rows = [PictureRow("image", None, _shots(first.pictures, [f"image {k}" for k in first.images.tolist()]))]
    for one in same:
        texts = [f"{one.arm}, seed {one.seed}, image {k}" for k in one.images.tolist()]
        rows.append(PictureRow(one.arm, numbers.get(one.arm), _shots(drawn(one), texts)))
    left = [one.arm for one in shown if one not in same]
    note = HOW.get(first.style, HOW["magnitude"]) + (f" Not shown: {listed(left)}." if left else "")
    title = f"{measure_title(measure)}: {first.what}" if first.what else measure_title(measure)
    return PictureGrid(title, note, tuple(rows))


def drawn(shown: Shown) -> Pixels:
    """The maps as pictures `(n h w 3)`: red on white, or the images, dark but for where the map is large.

    Source: Han et al. 2023 show loss gradients in red; their code overlays 0.2 plus 0.8 of an activation map.
    """
    if shown.style != "overlay":
        return np.stack([_red(np.abs(values)) for values in shown.maps])
    light = shown.maps.clip(min=0)
    most = light.max((1, 2), keepdims=True)
    light = 0.2 + 0.8 * np.divide(light, most, out=np.zeros_like(light), where=most > 0)
    found: Pixels = np.round(shown.pictures * light[..., None]).astype(np.uint8)
    return found


def _red(sizes: NDArray[np.float64]) -> Pixels:
    most = min(float(sizes.max()), float(sizes.mean() + 3 * sizes.std())) or 1.0
    share = np.minimum(sizes / most, 1)[:, :, None]
    white, red = np.array([255.0, 255, 255]), np.array([165.0, 15, 21])
    found: Pixels = np.round(white + share * (red - white)).astype(np.uint8)
    return found


def _shots(pictures: Pixels, texts: list[str]) -> tuple[Shot, ...]:
    small = [picture(np.ascontiguousarray(pixels)) for pixels in pictures]
    return tuple(Shot(one.webp, one.width, one.height, text) for one, text in zip(small, texts, strict=True))
