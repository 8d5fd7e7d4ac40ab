"""The spec of a drawn world."""

from typing import Annotated

from pydantic import Field, model_validator

from kdissect.data.brodenette.atlas import Label, labels
from kdissect.data.brodenette.kinds import GROUPS
from kdissect.specs import Spec

Share = Annotated[float, Field(ge=0, le=1)]


class World(Spec):
    """A procedurally drawn world: image i of a split is a pure function of (world, split, i).

    What an image shows does not depend on `size`.

    Attributes:
        seed: another seed is another set of images of the same classes.
        size: side of the images, pixels.
        scene_bias: probability that a class is seen in its favourite scene; else the scene is drawn from
            all of them. The higher, the more the background gives the class away.
        clutter: mean number of distractors behind the main object.
        occlusion: how many distractors stand in front of it, and how near and large they are, 0..1. They cover
            about 3 % of it at 0.4, 15 % at 0.7 and 40 % at 1, where some objects vanish.
        sibling_overlap: probability that a trait (ears, tail, coat, ...) is taken from a sibling class.
            At 0 every trait tells the class; the higher, the more traits must be seen and weighed.
        detail: contrast of what tells siblings apart, 0..1.
        scale: smallest and largest size of the main object, shares of the frame.
        lighting: strength of changes of brightness, colour cast and gradient, 0..1.
        noise: standard deviation of pixel noise, in shares of the full range.
    """

    seed: int = 0
    size: int = Field(default=64, ge=16, le=1024)
    scene_bias: Share = 0.6
    clutter: float = Field(default=5.0, ge=0, le=12)
    occlusion: Share = 0.4
    sibling_overlap: Share = 0.12
    detail: Share = 0.8
    scale: tuple[float, float] = (0.35, 0.8)
    lighting: Share = 0.6
    noise: float = Field(default=0.03, ge=0, le=0.5)

    @model_validator(mode="after")
    def _scale_is_a_range(self) -> "World":
        if not 0.1 <= self.scale[0] <= self.scale[1] <= 1.0:
            raise ValueError(f"scale must be (low, high) with 0.1 <= low <= high <= 1, got {self.scale}")
        return self

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the fine classes; a class's place is its number."""
        return tuple(name for group in GROUPS for name in group.classes)

    @property
    def groups(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Coarse groups: name, and names of their fine classes."""
        return tuple((group.name, group.classes) for group in GROUPS)

    @property
    def labels(self) -> tuple[Label, ...]:
        """Every concept, numbered from 1 in blocks: color, object, part, material, scene, texture."""
        return labels()
