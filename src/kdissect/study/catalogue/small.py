"""The size `small`: minutes on two cores, on drawn pictures, with the teacher that comes with kdissect."""

from kdissect.data import Brodenette, BrodenetteProbe
from kdissect.data.brodenette import World
from kdissect.distill import CE, LS, as_objective
from kdissect.distill.presets import brodenette
from kdissect.models import Network
from kdissect.study.arm import Arm
from kdissect.study.catalogue.scale import Kind, Scale
from kdissect.training import Recipe

PICTURES = World(
    scale=(0.55, 0.92), clutter=2.5, occlusion=0.1, sibling_overlap=0.03, noise=0.015, lighting=0.45, detail=1.0
)
"""What the networks are trained on: one large object, as in ImageNet.

Chosen on the scratch student and the teacher alone: 6,000 images and a minute are enough to learn from, the teacher is
clearly better, and nobody is near perfect.
"""

STREETS = World(seed=1, scale=(0.25, 0.6), clutter=8, detail=1.0)
"""What they are dissected on: busy scenes with smaller objects, as in Broden.

On images like the training ones nearly every unit of the student becomes a detector, and the count says nothing.
"""

TEACHER_OBJECTIVE = as_objective(CE())
TEACHER_RECIPE = Recipe(epochs=30, batch_size=64, learning_rate=0.1)
"""What the shipped teacher was trained with; `--train-teacher` does it again."""

TEACHER = "kdissect:quick_teacher"
"""The shipped weights of the teacher; `tools/ship_teacher.py` put them there. Their header says what made them."""

ADAMW = Recipe(epochs=7, batch_size=64, optimizer="adamw", learning_rate=2e-3, weight_decay=0.05)
"""For networks that learn less with the others' recipe; as many epochs. Chosen on students from scratch."""


def small() -> Scale:
    """Seven epochs of 6,000 pictures of 64 pixels; every study takes less than half an hour on two cores."""
    dataset = Brodenette(world=PICTURES)
    classes = dataset.num_classes
    student = Network(architecture="small/resnet8", num_classes=classes, width=16, stem="half")
    teacher = Network(architecture="small/resnet8", num_classes=classes, width=24, stem="half")
    vit = Network(architecture="timm/test_vit", num_classes=classes)
    return Scale(
        size="small",
        dataset=dataset,
        probe=BrodenetteProbe(world=STREETS, num_images=2000),
        student=student,
        teacher=Arm(name="teacher", network=teacher.changed(weights=TEACHER), role="teacher", stated_accuracy=0.960),
        smooth_teacher=Arm(
            name="teacher-LS",
            network=teacher,
            objective=as_objective(LS(smoothing=0.1)),
            role="teacher",
            recipe=TEACHER_RECIPE,
        ),
        vit=Arm(
            name="teacher-ViT",
            network=vit,
            objective=TEACHER_OBJECTIVE,
            role="teacher",
            recipe=ADAMW.changed(epochs=30, learning_rate=1e-3),
            layer="blocks.5",
        ),
        recipe=Recipe(epochs=7, batch_size=64, learning_rate=0.1),
        methods={method.name: method for method in brodenette(epochs=7)},
        layer="layer3",
        kinds=(
            Kind("ResNet", student, "layer3"),
            Kind("VGG", student.changed(architecture="small/vgg8"), "layer3"),
            Kind("MobileNet", Network(architecture="timm/mobilenetv3_small_050", num_classes=classes), "blocks.3"),
            Kind("ConvNeXt", Network(architecture="timm/test_convnext", num_classes=classes), "stages.2", ADAMW),
        ),
        seeds=(0, 1, 2),
        figure_seeds=(0, 1, 2, 3, 4),
        feature_seeds=(0, 1),
        temperatures=(1, 2, 4, 8),
        grid=((1, 2, 4), (0.1, 0.5, 0.9)),
        generations=3,
        checkpoints=(0, 1, 2, 3, 5),
        images=300,
    )
