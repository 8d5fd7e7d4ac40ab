"""The tally: how much the masks of each unit and the pixels of each concept have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kdissect.data.probe import Probe
from kdissect.dissect.active import active_maps
from kdissect.dissect.counting import count
from kdissect.dissect.counts import Counts
from kdissect.dissect.finite import all_finite
from kdissect.errors import DivergedError, ShapeError, SpecError
from kdissect.types import Activations, check

Gate = Literal["region", "image", "none"]
GATES: tuple[Gate, ...] = get_args(Gate)


@dataclass(frozen=True)
class Tally:
    """Pixels of masks and labels over a whole probe, and the IoU at one gate.

    The denominator of a label takes only part of a unit's masks, those that the gate lets pass for the
    label's primary category:

    - `region`: masks that hold at least one pixel with a label of the category, or whose image has a
      whole-image label of it (the published code, NetDissect-Lite and KD_XAI);
    - `image`: masks in images that have a label of the category anywhere (the paper's text, the code of 2017);
    - `none`: all masks.

    Attributes:
        intersection: `(u q)`, pixels in a unit's masks that have the label, once for each plane that has it.
        unit_area: `(u,)`, pixels of a unit's masks.
        category_areas: for each gate `(u c)`, pixels of the masks that it lets pass.
        label_area: `(q,)`, pixels of a label; a whole-image label counts the whole image.
        categories: names along the axis `c`.
        primary: primary category of each label `(q,)`, an index into `categories`.
        gate: the gate of `unit_category_area` and `iou`.

    All counts are whole numbers in float64, exact up to 2^53 pixels. Label 0 is "no label"; its counts come
    from whole-image labels only.
    """

    intersection: NDArray[np.float64]
    unit_area: NDArray[np.float64]
    category_areas: Mapping[Gate, NDArray[np.float64]]
    label_area: NDArray[np.float64]
    categories: tuple[str, ...]
    primary: NDArray[np.int64]
    gate: Gate = "region"

    @classmethod
    def of(cls, counts: Counts, probe: Probe, gate: Gate) -> "Tally":
        """The tally that those counts over a probe give.

        Raises:
            SpecError: there is no such gate.
        """
        return cls.from_counts(counts, probe.categories, probe.primary, gate)

    @classmethod
    def from_counts(
        cls, counts: Counts, categories: tuple[str, ...], primary: NDArray[np.int64], gate: Gate
    ) -> "Tally":
        """The tally that those counts give, with the probe's categories and primary categories.

        Raises:
            SpecError: there is no such gate.
        """
        areas = {
            "region": counts.region_area,
            "image": counts.image_area,
            "none": np.repeat(counts.unit_area[:, None], len(categories), axis=1),
        }
        tally = cls(
            counts.intersection.astype(np.float64),
            counts.unit_area.astype(np.float64),
            {name: areas[name].astype(np.float64) for name in GATES},
            counts.label_area.astype(np.float64),
            categories,
            primary,
        )
        return tally.at_gate(gate)

    def at_gate(self, gate: Gate) -> "Tally":
        """The same tally with another gate.

        Raises:
            SpecError: there is no such gate.
        """
        if gate not in GATES:
            raise SpecError(f"gate must be {', '.join(GATES[:-1])} or {GATES[-1]}, got {gate!r}")
        return replace(self, gate=gate)

    @property
    def unit_category_area(self) -> NDArray[np.float64]:
        """`(u c)`, pixels of the masks that the gate lets pass."""
        return self.category_areas[self.gate]

    @cached_property
    def iou(self) -> NDArray[np.float64]:
        """`(u q)`, intersection over union, higher is better; 0 to 1 unless a label lies on two planes of a pixel."""
        area = self.unit_category_area[:, self.primary]
        union = area + self.label_area - self.intersection
        iou: NDArray[np.float64] = self.intersection / (union + 1e-10)
        return iou


def tally(
    activations: Tensor,
    thresholds: Tensor,
    probe: Probe,
    *,
    gate: Gate = "region",
    label_zero: bool = True,
) -> Tally:
    """Tally the masks of units against the concepts of a probe.

    A unit's mask on an image is where its feature map, upsampled bilinearly to the size of the label maps
    (half-pixel centres, clamped edges, float64), is strictly above the unit's threshold. All three gates
    come out of the one pass.

    On a CPU a compiled loop counts, on another device torch does; both give the same integers.

    Args:
        activations: `(b u h w)`, one feature map for each image of the probe in the probe's order.
        thresholds: `(u,)`, from `thresholds()`.
        probe: the images' labels.
        gate: which masks a label's denominator takes, see `Tally`.
        label_zero: count the whole-image label 0, which real Broden has as `scene` of 1,987 images, like
            any label: as one of the last category. True is the published code. False ignores it, as the
            code of 2017 does (together with `gate="image"`).

    Raises:
        ShapeError: the shapes do not fit each other or the probe.
        DivergedError: an activation is not finite.
        SpecError: there is no such gate.
        DataError: a label map of the probe is damaged.

    Source: Bau et al. 2017, section 2; rules as in NetDissect-Lite.
    """
    check(activations=(activations, Activations))
    if len(activations) != len(probe) or thresholds.shape != activations.shape[1:2]:
        raise ShapeError(
            f"activations must be ({len(probe)} images, units, h, w) and thresholds one a unit, "
            f"got {tuple(activations.shape)} and {tuple(thresholds.shape)}"
        )
    if gate not in GATES:
        raise SpecError(f"gate must be {', '.join(GATES[:-1])} or {GATES[-1]}, got {gate!r}")
    if not all_finite(activations):
        raise DivergedError("activations must be finite, some are NaN or infinite")
    if activations.dtype in (torch.float16, torch.bfloat16):
        activations = activations.float()
    bounds = thresholds.detach().to(activations.device, torch.float64)
    active = active_maps(activations.detach().contiguous(), bounds)
    return Tally.of(count([active], probe, bounds, label_zero=label_zero), probe, gate)
