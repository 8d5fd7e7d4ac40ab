"""Probes for tests: in memory, and as a folder in Broden's format."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from kdissect.data.probe import Annotation, Concept, Probe


class MemoryProbe(Probe):
    """A probe made of arrays. The last category owns label 0, as in Broden."""

    def __init__(
        self,
        planes: Sequence[NDArray[np.integer]],
        scalars: Sequence[Sequence[int]],
        primary: Sequence[int],
        pictures: NDArray[np.uint8] | None = None,
    ) -> None:
        self._planes = [np.asarray(plane, np.int16) for plane in planes]
        self._scalars = [np.array(list(numbers), np.int64) for numbers in scalars]
        self._primary = np.array(primary, np.int64)
        self._pictures = pictures

    name = "memory"
    digest = "0"

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(f"category_{index}" for index in range(int(self._primary.max()) + 1))

    @property
    def concepts(self) -> tuple[Concept, ...]:
        return tuple(Concept(number, f"label_{number}" if number else "", ()) for number in range(len(self._primary)))

    @property
    def primary(self) -> NDArray[np.int64]:
        return self._primary

    @property
    def plane_shape(self) -> tuple[int, int]:
        return self._planes[0].shape[1], self._planes[0].shape[2]

    @property
    def sources(self) -> tuple[str, ...]:
        return ("memory",) * len(self._planes)

    def __len__(self) -> int:
        return len(self._planes)

    def image_name(self, index: int) -> str:
        return f"image_{index}.jpg"

    def pictures(self, indices: Sequence[int]) -> torch.Tensor:
        assert self._pictures is not None
        return torch.from_numpy(self._pictures[list(indices)])

    def annotation(self, index: int) -> Annotation:
        planes, scalars = self._planes[index], self._scalars[index]
        return Annotation(planes, self._primary[planes.max(axis=(1, 2), initial=0)], scalars, self._primary[scalars])

    def at(self, order: Sequence[int]) -> "MemoryProbe":
        """The same images in another order."""
        return MemoryProbe(
            [self._planes[k] for k in order],
            [self._scalars[k] for k in order],
            self._primary.tolist(),
            None if self._pictures is None else self._pictures[list(order)],
        )


def random_probe(
    rng: np.random.Generator, num_images: int, shape: tuple[int, int] = (12, 12), num_labels: int = 13
) -> MemoryProbe:
    """Up to three planes and two scalars an image, label 0 among both, some images without any plane."""
    planes = []
    for _ in range(num_images):
        coarse = rng.integers(0, num_labels, (int(rng.integers(0, 4)), -(-shape[0] // 3), -(-shape[1] // 3)))
        planes.append(coarse.repeat(3, 1).repeat(3, 2)[:, : shape[0], : shape[1]])
    scalars = [rng.integers(0, num_labels, rng.integers(0, 3)).tolist() for _ in range(num_images)]
    primary = [2, *rng.permutation(np.arange(num_labels - 1) % 3).tolist()]
    pictures = rng.integers(0, 256, (num_images, 3, 16, 16), np.uint8)
    return MemoryProbe(planes, scalars, primary, pictures)


LABELS = {1: "dog", 2: "leg", 3: "street-s", 300: "striped"}
CATEGORIES = {"object": [1], "part": [2], "scene": [3], "texture": [300]}


def write_broden(folder: Path, side: int = 8) -> Path:
    """Three images: object and two part planes; a scene; a texture with number 300 (two bytes) as pixels."""
    images = folder / "images"
    (images / "a").mkdir(parents=True)
    planes = np.zeros((4, side // 2, side // 2), np.int64)
    planes[0, :2], planes[1, 0], planes[2, 1], planes[3, :, 1:] = 1, 2, 2, 300
    for name, plane in zip(("dog_object", "dog_part_1", "dog_part_2", "cloth_texture"), planes, strict=True):
        write_plane(images / "a" / f"{name}.png", plane)
    for k, name in enumerate(("dog", "street", "cloth")):
        Image.fromarray(np.full((side, side, 3), 60 * k + 30, np.uint8)).save(images / "a" / f"{name}.png")
    sizes = {"split": "train", "ih": side, "iw": side, "sh": side // 2, "sw": side // 2}
    rows = [
        {"image": "a/dog.png", "object": "a/dog_object.png", "part": "a/dog_part_1.png;a/dog_part_2.png"},
        {"image": "a/street.png", "scene": "3"},
        {"image": "a/cloth.png", "scene": "0", "texture": "a/cloth_texture.png"},
    ]
    write_csv(
        folder / "index.csv", [{**row, **sizes} for row in rows], "image,split,ih,iw,sh,sw,texture,object,part,scene"
    )
    write_csv(folder / "category.csv", [{"name": name, "first": 1, "last": 1} for name in CATEGORIES])
    kind = {number: name for name, numbers in CATEGORIES.items() for number in numbers}
    labels = [
        {"number": k, "name": LABELS.get(k, f"unused_{k}"), "category": f"{kind.get(k, 'object')}(1)", "syns": ""}
        for k in range(1, 301)
    ]
    write_csv(folder / "label.csv", labels)
    for name, numbers in CATEGORIES.items():
        write_csv(
            folder / f"c_{name}.csv", [{"code": 1, "number": k, "name": LABELS[k], "coverage": 0.5} for k in numbers]
        )
    return folder


def write_plane(path: Path, numbers: NDArray[np.integer]) -> None:
    """A label PNG: R + 256 G."""
    Image.fromarray(np.stack([numbers % 256, numbers // 256, 0 * numbers], -1).astype(np.uint8)).save(path)


def write_csv(path: Path, rows: Sequence[dict[str, object]], columns: str | None = None) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns.split(",") if columns else list(rows[0]), restval="")
        writer.writeheader()
        writer.writerows(rows)


def edit(path: Path, old: str, new: str) -> None:
    """Replaces text in a file; the text must be there."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
