"""The size `tiny`: seconds on one core, for tests and for a first look at a study's results."""

from kdissect.data import Brodenette, BrodenetteProbe
from kdissect.data.brodenette import World
from kdissect.distill import CE, LS, as_objective
from kdissect.distill.presets import brodenette
from kdissect.models import Network
from kdissect.study.arm import Arm
from kdissect.study.catalogue.scale import Kind, Scale
from kdissect.training import Recipe

EASY = World(
    size=32,
    scene_bias=1.0,
    scale=(0.8, 0.95),
    clutter=0.0,
    occlusion=0.0,
    sibling_overlap=0.0,
    noise=0.01,
    lighting=0.0,
    detail=1.0,
)
"""So easy that two passes over some hundred images leave every network clearly above chance: it may have to teach."""

ADAMW = Recipe(epochs=3, batch_size=16, optimizer="adamw", learning_rate=2e-3, weight_decay=0.05)


def tiny() -> Scale:
    """Three epochs of 384 pictures of 32 pixels, two seeds. Its numbers say nothing about distillation."""
    dataset = Brodenette(world=EASY, train=384, val=128, test=128)
    classes = dataset.num_classes
    recipe = Recipe(epochs=3, batch_size=16, learning_rate=0.1)
    student = Network(architecture="small/resnet8", num_classes=classes, width=16, stem="half")
    teacher = Arm(
        name="teacher",
        network=student.changed(width=24),
        objective=as_objective(CE()),
        role="teacher",
        recipe=recipe.changed(epochs=6),
    )
    vit = Network(architecture="timm/test_vit", num_classes=classes)
    mobile = Network(architecture="timm/mobilenetv3_small_050", num_classes=classes)
    return Scale(
        size="tiny",
        dataset=dataset,
        probe=BrodenetteProbe(world=EASY, num_images=48),
        student=student,
        teacher=teacher,
        smooth_teacher=teacher.changed(name="teacher-LS", objective=as_objective(LS(smoothing=0.1))),
        vit=teacher.changed(
            name="teacher-ViT", network=vit, recipe=ADAMW.changed(epochs=12, learning_rate=1e-3), layer="blocks.5"
        ),
        recipe=recipe,
        methods={method.name: method for method in brodenette(epochs=3)},
        layer="layer3",
        kinds=(
            Kind("ResNet", student, "layer3"),
            Kind("VGG", student.changed(architecture="small/vgg8"), "layer3"),
            Kind("MobileNet", mobile, "blocks.1"),
            Kind("ConvNeXt", Network(architecture="timm/test_convnext", num_classes=classes), "stages.1", ADAMW),
        ),
        seeds=(0, 1),
        figure_seeds=(0, 1),
        feature_seeds=(0, 1),
        temperatures=(1, 4),
        grid=((1, 4), (0.1, 0.9)),
        generations=2,
        checkpoints=(0, 1, 2),
        images=16,
    )
