"""Contact sheets: every class of a world at a glance, and one image with all that is known about it."""

import colorsys

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from kdissect.data.brodenette.colornames import COLOR_NAMES, color_table
from kdissect.data.brodenette.drawing import PART_PLANES, Drawing, draw
from kdissect.data.brodenette.world import World

_PAPER, _INK, _FAINT = (252, 250, 246), (48, 44, 40), (140, 132, 124)
_SIDE, _GAP, _MARGIN = 96, 6, 24
_PANEL, _LEGEND = 224, 9


def contact_sheet(world: World, *, samples: int = 3) -> Image.Image:
    """Every fine class with some images, one coarse group a row."""
    per_class = _samples(world.model_copy(update={"size": _SIDE}), samples)
    most = max(len(classes) for _, classes in world.groups)
    cell = samples * (_SIDE + 2) + 2 * _GAP
    sheet = Image.new("RGB", (2 * _MARGIN + most * cell, 2 * _MARGIN + len(world.groups) * (_SIDE + 46)), _PAPER)
    pen = ImageDraw.Draw(sheet)
    number = 0
    for row, (group, classes) in enumerate(world.groups):
        top = _MARGIN + row * (_SIDE + 46)
        pen.text((_MARGIN, top), group, fill=_FAINT, font=ImageFont.load_default(14))
        for column, name in enumerate(classes):
            left = _MARGIN + column * cell
            pen.text((left, top + 16), name, fill=_INK, font=ImageFont.load_default(16))
            for k, image in enumerate(per_class[number]):
                sheet.paste(_picture(image), (left + k * (_SIDE + 2), top + 38))
            number += 1
    return sheet


def layers_sheet(world: World, split: str, index: int) -> Image.Image:
    """One image with its six kinds of labels, each label in a colour of its own and the largest by name."""
    drawing = draw(world.model_copy(update={"size": _PANEL}), split, np.array([index]))
    names = {0: "", **{label.number: label.name for label in world.labels}}
    planes = {"color": drawing.color[0], "object": drawing.object[0]}
    titles = ("part", "part of a part", "variety of a part")
    planes |= {titles[k]: drawing.part[0, k] for k in range(PART_PLANES)}
    planes |= {"material": drawing.material[0], "texture": drawing.texture[0]}
    width, height = _PANEL + 2 * _GAP, _PANEL + 24 + _LEGEND * 17 + 16
    sheet = Image.new("RGB", (2 * _MARGIN + 4 * width, 2 * _MARGIN + 2 * height), _PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((_MARGIN, _MARGIN), "image", fill=_INK, font=ImageFont.load_default(16))
    sheet.paste(_picture(drawing.images[0]), (_MARGIN, _MARGIN + 24))
    _legend(pen, _MARGIN, _MARGIN + 30 + _PANEL, _facts(world, drawing, names), {})
    for place, (title, plane) in enumerate(planes.items(), start=1):
        left, top = _MARGIN + place % 4 * width, _MARGIN + place // 4 * height
        pen.text((left, top), title, fill=_INK, font=ImageFont.load_default(16))
        tints = {number: _tint(int(number), names) for number in np.unique(plane)}
        pixels = np.zeros((*plane.shape, 3), np.uint8)
        for number, tint in tints.items():
            pixels[plane == number] = tint
        panel = Image.fromarray(pixels).resize((_PANEL, _PANEL), Image.Resampling.NEAREST)
        sheet.paste(panel, (left, top + 24))
        numbers, counts = np.unique(plane[plane > 0], return_counts=True)
        largest = numbers[np.argsort(-counts, kind="stable")][:_LEGEND]
        _legend(
            pen, left, top + 30 + _PANEL, [names[int(n)] for n in largest], {names[int(n)]: tints[n] for n in largest}
        )
    return sheet


def _samples(world: World, samples: int) -> list[list[NDArray[np.uint8]]]:
    """For each class its first images in which the main object is easy to see."""
    drawing = draw(world, "sheet", np.arange(len(world.classes) * samples * 3))
    seen = drawing.mask.mean(axis=(1, 2))
    own = [np.flatnonzero(drawing.classes == number) for number in range(len(world.classes))]
    best = [indices[np.argsort(-seen[indices], kind="stable")][:samples] for indices in own]
    return [[drawing.images[i] for i in sorted(indices)] for indices in best]


def _facts(world: World, drawing: Drawing, names: dict[int, str]) -> list[str]:
    fine = world.classes[drawing.classes[0]]
    coarse = world.groups[drawing.groups[0]][0]
    shown = 100 * drawing.mask[0].mean()
    scene = names[int(drawing.scene[0])]
    return [f"class: {fine}", f"group: {coarse}", f"scene: {scene}", f"main object: {shown:.0f} % of the image"]


def _legend(
    pen: ImageDraw.ImageDraw, left: int, top: int, lines: list[str], tints: dict[str, tuple[int, int, int]]
) -> None:
    for i, line in enumerate(lines):
        y = top + 17 * i
        if line in tints:
            pen.rectangle((left, y + 2, left + 11, y + 13), fill=tints[line], outline=_FAINT)
        indent = 18 if line in tints else 0
        pen.text((left + indent, y), line, fill=_INK, font=ImageFont.load_default(12))


def _tint(number: int, names: dict[int, str]) -> tuple[int, int, int]:
    """A colour for a label: for a colour name a typical value, else a hue of its own; white for none."""
    if number == 0:
        return (255, 255, 255)
    if names[number] in COLOR_NAMES:
        cells = np.argwhere(color_table() == COLOR_NAMES.index(names[number]))
        red, green, blue = (cells.mean(axis=0) * 8 + 4).astype(int)
        return int(red), int(green), int(blue)
    hue = number * 0.61803 % 1.0
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.45 + 0.3 * (number % 3) / 2, 0.95 - 0.25 * (number % 4) / 3)
    return int(255 * red), int(255 * green), int(255 * blue)


def _picture(image: NDArray[np.uint8]) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(image.transpose(1, 2, 0)))
