"""Choices: what the definition of a concept detector leaves open, as data, and the sets of choices with a name."""

from dataclasses import dataclass, replace
from typing import Any, Literal, Self, get_args

from kdissect.dissect.quantile import Position, Rule
from kdissect.dissect.tallying import GATES, Gate
from kdissect.errors import SpecError

NormalizationName = Literal["network", "netdissect"]
Statistics = tuple[tuple[float, float, float], tuple[float, float, float]]

NETDISSECT: Statistics = (
    (124.6901 / 255, 118.6897 / 255, 109.5388 / 255),
    (0.224, 0.224, 0.224),
)
"""Mean and standard deviation of the three channels in NetDissect-Lite: one deviation for all of them."""


@dataclass(frozen=True)
class Choices:
    """How units are thresholded and scored.

    Attributes:
        quantile: share of positions above a unit's threshold, see `thresholds()`.
        rule: where that quantile is read, see `thresholds()`.
        gate: the gate of the results that do not name one, see `Tally`; all three are kept.
        threshold: IoU from which on a unit is a detector, inclusive.
        label_zero: as in `tally()`.
        normalization: `network`, the statistics that the network was trained with, or `netdissect`, those of
            NetDissect-Lite.
    """

    quantile: float = 0.005
    rule: Rule = "netdissect"
    gate: Gate = "region"
    threshold: float = 0.05
    label_zero: bool = True
    normalization: NormalizationName = "network"

    def __post_init__(self) -> None:
        """Refuse choices that there are not.

        Raises:
            SpecError: names the choice, what was expected and what came.
        """
        Position.of(self.quantile, self.rule, 2)
        if not 0 <= self.threshold <= 1:
            raise SpecError(f"threshold is an IoU and must be 0 to 1, got {self.threshold}")
        if self.gate not in GATES:
            raise SpecError(f"gate must be {', '.join(GATES[:-1])} or {GATES[-1]}, got {self.gate!r}")
        if self.normalization not in get_args(NormalizationName):
            raise SpecError(f"normalization must be network or netdissect, got {self.normalization!r}")

    @classmethod
    def of(cls, preset: str, **changes: Any) -> Self:
        """A preset with some choices made otherwise; a change of None is none.

        Raises:
            SpecError: there is no such preset, or a choice is out of range.
        """
        if preset not in PRESETS:
            raise SpecError(f"preset must be one of {', '.join(PRESETS)}, got {preset!r}")
        found = replace(PRESETS[preset], **{name: value for name, value in changes.items() if value is not None})
        return cls(**vars(found))

    @property
    def preset(self) -> str:
        """The name of these choices; `custom` if they have none."""
        return next((name for name, choices in PRESETS.items() if choices == self), "custom")


PRESETS: dict[str, Choices] = {
    "default": Choices(),
    "parity": Choices(normalization="netdissect"),
    "cvpr2017": Choices(gate="image", threshold=0.04, label_zero=False, normalization="netdissect"),
}
"""`default`: the published rules, images as the network was trained. `parity`: NetDissect-Lite and so the KD paper, to
the last digit. `cvpr2017`: Bau et al. 2017 and their first code: masks count in images that have a label of the
category, label 0 does not count, detectors from 0.04 on."""
