"""The size `full`: the paper's scale, on data that the user has."""

from pathlib import Path

from kdissect.data import BrodenFolder, ImageFolder, PackedFolder, ProbeSource
from kdissect.data.image_folder import GROUPS
from kdissect.data.packed import HEADER
from kdissect.distill import LS, as_objective
from kdissect.distill.presets import paper_fair
from kdissect.errors import DataError, SpecError
from kdissect.models import Network
from kdissect.study.arm import Arm
from kdissect.study.catalogue.scale import Kind, Scale

WHAT = (
    "full needs a folder of ImageNet (train/CLASS, val/CLASS and groups.yaml) and one of Broden (packed, or with its "
    "index.csv); give them with --data FOLDER --probe FOLDER"
)


def full(data: str | None, probe: str | None) -> Scale:
    """ResNet-34 teaches ResNet-18 on ImageNet for 100 epochs, dissected on Broden; five seeds.

    Args:
        data: folder of images in torchvision's layout, with a `groups.yaml`.
        probe: folder of the probe, packed or in Broden's format.

    Raises:
        SpecError: a folder is not named.
        DataError: a folder does not hold what it should.
    """
    if data is None or probe is None:
        raise SpecError(WHAT)
    dataset = _dataset(Path(data))
    classes = dataset.num_classes
    methods = {method.name: method for method in paper_fair()}
    recipe = methods["scratch"].recipe
    adamw = recipe.changed(
        optimizer="adamw", learning_rate=1e-3, weight_decay=0.05, schedule="cosine", warmup_share=0.05
    )
    student = Network(architecture="torchvision/resnet18", num_classes=classes)
    teacher = Network(architecture="torchvision/resnet34", num_classes=classes)
    vit = Network(architecture="torchvision/vit_b_16", num_classes=classes, weights="torchvision:DEFAULT")
    return Scale(
        size="full",
        dataset=dataset,
        probe=_probe(Path(probe)),
        student=student,
        teacher=Arm(
            name="teacher",
            network=teacher.changed(weights="torchvision:DEFAULT"),
            role="teacher",
            stated_accuracy=0.733,
        ),
        smooth_teacher=Arm(
            name="teacher-LS", network=teacher, objective=as_objective(LS(smoothing=0.1)), role="teacher"
        ),
        vit=Arm(
            name="teacher-ViT",
            network=vit,
            role="teacher",
            stated_accuracy=0.810,
            layer="encoder.layers.encoder_layer_11",
        ),
        recipe=recipe,
        methods=methods,
        layer="layer4",
        kinds=(
            Kind("ResNet", student, "layer4"),
            Kind("VGG", Network(architecture="torchvision/vgg11_bn", num_classes=classes), "features"),
            Kind("MobileNet", Network(architecture="torchvision/mobilenet_v2", num_classes=classes), "features"),
            Kind("ConvNeXt", Network(architecture="torchvision/convnext_tiny", num_classes=classes), "features", adamw),
        ),
        seeds=(0, 1, 2, 3, 4),
        figure_seeds=(0, 1, 2, 3, 4),
        feature_seeds=(0, 1, 2, 3, 4),
        temperatures=(1, 2, 4, 8),
        grid=((1, 2, 4, 8), (0.1, 0.5, 0.9)),
        generations=3,
        checkpoints=(0, 5, 10, 20, 30, 31, 45, 60, 61, 75, 90),
        images=1000,
    )


def _dataset(folder: Path) -> ImageFolder:
    for needed in ("train", "val", GROUPS):
        if not (folder / needed).exists():
            raise DataError(f"expected {folder / needed}, there is none; {WHAT}")
    return ImageFolder(path=str(folder.resolve()))


def _probe(folder: Path) -> ProbeSource:
    if (folder / HEADER).is_file():
        return PackedFolder(path=str(folder.resolve()))
    if (folder / "index.csv").is_file():
        return BrodenFolder(path=str(folder.resolve()))
    raise DataError(f"{folder} is no probe: it has neither {HEADER} nor index.csv; {WHAT}")
