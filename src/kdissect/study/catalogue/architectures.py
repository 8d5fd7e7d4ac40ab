"""Students and teachers of other architectures."""

from kdissect.distill import CE, KD, as_objective
from kdissect.study.arm import Arm
from kdissect.study.catalogue.arms import study_of, taught
from kdissect.study.catalogue.scale import Kind, Scale, Size
from kdissect.study.catalogue.sizes import scale_of
from kdissect.study.study import Study


def architectures(size: Size = "small", data: str | None = None, probe: str | None = None) -> Study:
    """ResNet, VGG, MobileNet and ConvNeXt from scratch and by one teacher, and the ResNet by a ViT: does it carry over?

    Each student is dissected at a late layer of its own. Hold a student against its own kind from scratch; `scratch` is
    the ResNet's.

    Source: kdissect; the settings of the paper's code name ResNet, DenseNet, EfficientNet and AlexNet.
    """
    scale = scale_of(size, data, probe)
    students = [arm for kind in scale.kinds for arm in _pair(scale, kind)]
    by_vit = taught(
        scale,
        "ResNet-KD-ViT",
        CE() + KD(temperature=4),
        scale.vit.name,
        {"architecture": "ResNet", "method": "KD", "teacher": "ViT"},
    )
    return study_of(scale, "architectures", "Other architectures", (scale.teacher, scale.vit, *students, by_vit))


def _pair(scale: Scale, kind: Kind) -> tuple[Arm, Arm]:
    """A kind of student from scratch and distilled. The first kind is the student of all other studies."""
    name = "" if kind.network == scale.student else f"{kind.name}-"
    layer = None if kind.layer == scale.layer else kind.layer
    alone = Arm(
        name=f"{name}scratch",
        network=kind.network,
        objective=as_objective(CE()),
        recipe=kind.recipe,
        layer=layer,
        place={"architecture": kind.name, "method": "scratch", "teacher": "none"},
    )
    return alone, alone.changed(
        name=f"{name}KD",
        objective=CE() + KD(temperature=4),
        teacher="teacher",
        place={"architecture": kind.name, "method": "KD", "teacher": "ResNet"},
    )
