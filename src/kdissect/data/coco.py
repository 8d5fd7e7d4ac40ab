"""COCO-style JSON as a probe."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from kdissect.data.converted import ConvertedProbe, Item, Labels, Mask, picture_shape
from kdissect.errors import DataError


def coco_probe(
    annotations: Path | str, images: Path | str, *, size: int = 224, label_size: int = 112, min_frequency: int = 1
) -> ConvertedProbe:
    """Images and instance masks in COCO's format; every name of `categories` is an object.

    Masks are polygons (pixels whose centre lies inside, the outline included), or run lengths, plain or compressed;
    crowds are objects, too. Instances may overlap, see `ConvertedProbe`.

    Args:
        annotations: the JSON file, for example `instances_val2017.json`.
        images: folder of the images.
        size: height and width of the pictures.
        label_size: height and width of the label maps.
        min_frequency: names that fewer images have are left out.

    Raises:
        DataError: the file is no such JSON, or an image is missing.

    Source: Lin et al. 2014, "Microsoft COCO"; the format of its instance annotations.
    """
    annotations, images = Path(annotations), Path(images)
    try:
        found = json.loads(annotations.read_text(encoding="utf-8"))
        names = {category["id"]: str(category["name"]) for category in found["categories"]}
        records = {record["id"]: record for record in found["images"]}
        instances: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for instance in found["annotations"]:
            if "segmentation" not in instance:
                raise DataError(f"{annotations} has annotations without a segmentation; expected COCO instances")
            if instance["category_id"] not in names or instance["image_id"] not in records:
                raise DataError(f"{annotations}: annotation {instance.get('id')} is of an unknown image or category")
            instances[instance["image_id"]].append(instance)
        items, by_name = [], {}
        for number, record in records.items():
            path = images / record["file_name"]
            if not path.is_file():
                path = images / Path(record["file_name"]).name
            if ".." in Path(record["file_name"]).parts or not path.is_file():
                raise DataError(f"{images / record['file_name']} is missing; {annotations.name} names it")
            if record["file_name"] in by_name:
                raise DataError(f"{annotations} has two images {record['file_name']}; correct it")
            shape = (int(record["height"]), int(record["width"]))
            if picture_shape(path) != shape:
                raise DataError(f"{path} has size {picture_shape(path)}, {annotations.name} says {shape}; correct one")
            items.append(Item(record["file_name"], path, images.name, (annotations,)))
            by_name[record["file_name"]] = (number, shape)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, DataError):
            raise
        reason = f"{type(error).__name__}: {error}"
        raise DataError(
            f"{annotations} is no COCO instances file ({reason}); expected images, categories, annotations"
        ) from None

    def labels(item: Item) -> Labels:
        number, shape = by_name[item.name]
        try:
            masks = [
                ("object", names[instance["category_id"]], _mask(instance["segmentation"], shape))
                for instance in instances[number]
            ]
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise DataError(
                f"{annotations}: a mask of {item.name} cannot be read ({error}); restore the file"
            ) from None
        return Labels(masks)

    return ConvertedProbe(
        annotations.stem,
        "coco",
        ("object",),
        items,
        labels,
        size=size,
        label_size=label_size,
        min_frequency=min_frequency,
    )


def _mask(segmentation: Any, shape: tuple[int, int]) -> Mask:
    """A segmentation as a mask `(h w)`."""
    if isinstance(segmentation, dict):
        height, width = segmentation["size"]
        if (height, width) != shape:
            raise ValueError(f"a mask of {height} x {width} for an image of {shape[0]} x {shape[1]}")
        counts = segmentation["counts"]
        return from_runs(run_lengths(counts) if isinstance(counts, str | bytes) else counts, (height, width))
    canvas = Image.new("L", (shape[1], shape[0]))
    for polygon in segmentation:
        if len(polygon) >= 6:
            # COCO counts from the corner of a pixel, Pillow from its centre
            points = [(x - 0.5, y - 0.5) for x, y in zip(polygon[::2], polygon[1::2], strict=True)]
            ImageDraw.Draw(canvas).polygon(points, fill=1)
    mask: Mask = np.asarray(canvas) != 0
    return mask


def from_runs(counts: list[int], shape: tuple[int, int]) -> Mask:
    """Run lengths of background and object in turn, column after column, as a mask `(h w)`."""
    values = np.arange(len(counts)) % 2 == 1
    if min(counts, default=0) < 0 or sum(counts) != shape[0] * shape[1]:
        raise ValueError(f"runs of {sum(counts)} pixels for a mask of {shape[0]} x {shape[1]}")
    flat: NDArray[np.bool_] = np.repeat(values, counts)
    mask: Mask = flat.reshape(shape[1], shape[0]).T
    return mask


def run_lengths(text: str | bytes) -> list[int]:
    """The run lengths of COCO's compressed form.

    Each character holds five bits of a number, the lowest first, and whether more follow; the last one's highest bit
    is the sign. From the fourth on a number is the difference to the one before the last.
    """
    data = text.encode() if isinstance(text, str) else text
    counts: list[int] = []
    value, shift = 0, 0
    for byte in data:
        bits = byte - 48
        value |= (bits & 31) << shift
        shift += 5
        if not bits & 32:
            if bits & 16:
                value -= 1 << shift
            counts.append(value + (counts[-2] if len(counts) > 2 else 0))
            value, shift = 0, 0
    return counts
