"""Networks with a projector behind the last stage and a classifier of another width."""

from typing import final

from pydantic import Field
from torch import nn

from kdissect.errors import ShapeError
from kdissect.models.anatomy import Anatomy
from kdissect.specs import Spec

FACT = "projection"
"""Name under which a file of weights says how the network was rebuilt."""


@final
class Projection(Spec):
    """How a network's end was rebuilt; enough to do it again before weights are loaded.

    Attributes:
        stage: the layer behind which the projector stands; it becomes a sequence of itself and the projector.
        units: of the layer.
        out: units after the projector.
        narrowing: the projector's middle has `out // narrowing` units.
        classifier: name of the linear layer that was replaced.
        num_classes: of the classifier.
    """

    stage: str
    units: int = Field(ge=1)
    out: int = Field(ge=1)
    narrowing: int = Field(ge=1)
    classifier: str
    num_classes: int = Field(ge=2)

    def apply(self, network: nn.Module) -> None:
        """Rebuild the network's end, with weights of no meaning yet."""
        middle = max(1, self.out // self.narrowing)
        projector = nn.Sequential(
            nn.Conv2d(self.units, middle, 1, bias=False),
            nn.BatchNorm2d(middle),
            nn.ReLU(),
            nn.Conv2d(middle, middle, 3, 1, 1, bias=False),
            nn.BatchNorm2d(middle),
            nn.ReLU(),
            nn.Conv2d(middle, self.out, 1, bias=False),
            nn.BatchNorm2d(self.out),
            nn.ReLU(),
        )
        parameter = next(network.parameters())
        projector.to(parameter.device, parameter.dtype)
        classifier = nn.Linear(self.out, self.num_classes).to(parameter.device, parameter.dtype)
        network.set_submodule(self.stage, nn.Sequential(network.get_submodule(self.stage), projector))
        network.set_submodule(self.classifier, classifier)


def projection_of(network: nn.Module) -> Projection | None:
    """How a network was rebuilt; None if it was not."""
    found = getattr(network, "kdissect_projection", None)
    return found if isinstance(found, Projection) else None


def projection_facts(network: nn.Module) -> dict[str, str]:
    """What a file of the network's weights says of how it was rebuilt; nothing if it was not."""
    found = projection_of(network)
    return {FACT: found.model_dump_json()} if found is not None else {}


def project(student: nn.Module, anatomy: Anatomy, teacher: nn.Module, taught: Anatomy, *, narrowing: int) -> Projection:
    """Give a student a projector to the teacher's last maps, and the teacher's classifier, frozen.

    Raises:
        ShapeError: a classifier does not look at the mean of its network's last maps.
    """
    for who, one in (("student", anatomy), ("teacher", taught)):
        if one.classifier is None or one.shape(one.last_stage)[0] != one.embedding:
            raise ShapeError(
                f"the {who}'s classifier must look at the pooled last stage: expected {one.shape(one.last_stage)[0]} "
                f"values into it, got {one.embedding}; choose another {who}"
            )
    assert anatomy.classifier is not None
    assert taught.classifier is not None
    done = Projection(
        stage=anatomy.last_stage,
        units=anatomy.shape(anatomy.last_stage)[0],
        out=taught.embedding,
        narrowing=narrowing,
        classifier=anatomy.classifier,
        num_classes=taught.num_classes,
    )
    rebuild(student, done)
    classifier = student.get_submodule(anatomy.classifier)
    classifier.load_state_dict(teacher.get_submodule(taught.classifier).state_dict())
    classifier.requires_grad_(False)
    return done


def rebuild(network: nn.Module, projection: Projection) -> None:
    """Rebuild a network's end as `projection` says, and write it down on the module."""
    projection.apply(network)
    object.__setattr__(network, "kdissect_projection", projection)
