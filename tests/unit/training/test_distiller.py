"""A distiller in one's own loop."""

import copy
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from torch import Tensor, nn

from kdissect.distill import AT, CE, KD, TF, SimKD
from kdissect.errors import DataError, LayerError, ShapeError, SpecError
from kdissect.models import Anatomy, Ensemble, Network, Reading, format_of
from kdissect.training import Distiller

STUDENT = Network(architecture="small/resnet8", num_classes=5, width=4)
TEACHER = STUDENT.changed(width=6)


def images(number: int = 8) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(number, 3, 16, 16, generator=generator), torch.arange(number) % 5


def test_an_own_loop_teaches_a_student_and_exports_it_bare() -> None:
    student = STUDENT.build(0)
    distiller = Distiller(student, TEACHER.build(1), CE() + KD() + 100 * AT(), image_size=16).train()
    optimizer = torch.optim.SGD(distiller.parameters(), lr=0.05)
    losses = []
    for _ in range(12):
        out = distiller(*images())
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
        losses.append(out.loss.item())
    assert losses[-1] < losses[0]
    assert set(out.terms) == {"CE", "KD", "AT"}
    exported = distiller.export()
    assert exported is student
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in exported.modules())
    STUDENT.build(3).load_state_dict(exported.state_dict())


def test_a_term_alone_will_do() -> None:
    assert set(Distiller(STUDENT.build(0), None, CE(), image_size=16)(*images()).terms) == {"CE"}
    weighted = Distiller(STUDENT.build(0), TEACHER.build(1), 3 * KD(), image_size=16)
    assert set(weighted(*images()).terms) == {"KD"}


def test_a_teacher_moves_along_and_stays_in_eval_mode() -> None:
    distiller = Distiller(STUDENT.build(0), TEACHER.build(1), CE() + KD(), image_size=16)
    distiller.train().double()
    assert distiller.teacher is not None
    assert next(distiller.teacher.parameters()).dtype == torch.float64
    assert not distiller.teacher.training
    assert not any(name.startswith("_teacher") for name in distiller.state_dict())


def test_what_the_teacher_said_may_be_given() -> None:
    distiller = Distiller(STUDENT.build(0), TEACHER.build(1), CE() + KD() + AT() + TF(), image_size=16).eval()
    x, y = images()
    views = {view: torch.rot90(x, k + 1, (2, 3)) for k, view in enumerate(distiller.views)}
    targets = distiller.teach(x, y, views)
    assert set(targets) == {"logits", "AT.0", "AT.1"} | {
        f"rot{angle}/{name}" for angle in (90, 180, 270) for name in ("logits", "AT.0", "AT.1")
    }
    torch.testing.assert_close(distiller(x, y).loss, distiller(x, y, targets=targets).loss)


def test_uint8_pictures_need_the_specs() -> None:
    pictures, labels = torch.zeros(2, 3, 16, 16, dtype=torch.uint8), torch.tensor([0, 1])
    with pytest.raises(DataError, match="uint8 pictures need the networks' specs"):
        Distiller(STUDENT.build(0), None, CE(), image_size=16)(pictures, labels)
    known = Distiller(STUDENT.build(0), None, CE(), image_size=16, network=STUDENT)
    assert known(pictures, labels).loss.isfinite()


def test_a_copy_reads_its_own_layers() -> None:
    distiller = Distiller(STUDENT.build(0), TEACHER.build(1), CE() + AT(), image_size=16).eval()
    other = copy.deepcopy(distiller)
    expected = distiller(*images()).loss
    for parameter in distiller.student.parameters():
        parameter.data.zero_()
    torch.testing.assert_close(other(*images()).loss, expected)


def test_compiled_in_one_graph_it_gives_the_same_gradients() -> None:
    script = Path(__file__).with_name("compiled.py")
    done = subprocess.run([sys.executable, str(script), "aot_eager"], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("same"), done.stderr[-2000:]


def test_in_distributed_data_parallel_it_gives_the_same_gradients() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = dist.TCPStore("127.0.0.1", port, 1, True)
    dist.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        distiller = Distiller(STUDENT.build(0), TEACHER.build(1), CE() + KD() + 100 * AT(), image_size=16).train()
        plain = copy.deepcopy(distiller)
        wrapped = nn.parallel.DistributedDataParallel(distiller)
        for module in (plain, wrapped):
            module(*images()).loss.backward()
        for one, two in zip(plain.parameters(), distiller.parameters(), strict=True):
            assert one.grad is not None
            torch.testing.assert_close(one.grad, two.grad)
    finally:
        dist.destroy_process_group()


def test_an_ensemble_teaches_with_the_mean_of_its_logits() -> None:
    members = [TEACHER.build(1).eval(), TEACHER.build(2).eval()]
    both = Ensemble(members).eval()
    x, y = images()
    torch.testing.assert_close(both(x), (members[0](x) + members[1](x)) / 2)
    at = AT(layers=("layer3",), teacher=("members.1.layer3",))
    distiller = Distiller(STUDENT.build(0), both, CE() + KD() + at, image_size=16)
    assert distiller(x, y).loss.isfinite()
    with pytest.raises(SpecError, match="two members or more, got 1"):
        Ensemble(members[:1])


def test_a_student_whose_classifier_looks_at_something_else_cannot_take_the_teachers() -> None:
    vgg = Network(architecture="torchvision/vgg11", num_classes=5).build(0)
    with pytest.raises(ValueError, match="the student's classifier must look at the pooled last stage"):
        Distiller(vgg, TEACHER.build(1), SimKD(), image_size=32)


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("torchvision/resnet18", ("layer1", "layer2", "layer3", "layer4")),
        ("torchvision/mobilenet_v2", ("features.3", "features.6", "features.13", "features")),
        ("timm/vit_tiny_patch16_224", ("blocks.2", "blocks.5", "blocks.8", "blocks.11")),
        ("timm/convnext_atto", ("stages.0", "stages.1", "stages.2", "norm_pre")),
    ],
)
def test_stages_are_found_by_architecture(name: str, stages: tuple[str, ...]) -> None:
    side = 224 if "vit" in name else 64
    network = Network(architecture=name, num_classes=7).build(0)
    anatomy = Anatomy.of(network, torch.zeros(2, 3, side, side))
    assert anatomy.stages == stages
    assert anatomy.num_classes == 7
    logits, maps = Reading(network.eval(), [*stages, "embedding"], anatomy)(torch.zeros(2, 3, side, side))
    assert all(tuple(maps[layer].shape[1:]) == anatomy.shape(layer) for layer in stages)
    weight = network.get_submodule(anatomy.classifier or "")
    torch.testing.assert_close(weight(maps["embedding"]), logits)


def test_a_layer_that_the_next_one_overwrites_is_read_as_it_was() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(True), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 5))
    x = images()[0]
    anatomy = Anatomy.of(net, x)
    assert anatomy.overwritten == {"0"}
    assert Reading(net, ["0"], anatomy)(x)[1]["0"].min() < 0
    with pytest.raises(LayerError, match="has no layer 'seven'"):
        Reading(net, ["seven"], anatomy)


def test_a_network_that_cannot_take_the_images_is_named() -> None:
    vit = Network(architecture="timm/vit_tiny_patch16_224", num_classes=5).build(0)
    with pytest.raises(ShapeError, match="VisionTransformer cannot take images of 48x48: Input height"):
        Distiller(vit, None, CE(), image_size=48)


def test_narrow_strided_shortcuts_do_not_end_in_a_segmentation_fault() -> None:
    """As torch does with channels last, in a process of its own since it would take the tests with it."""
    narrow, wide = (Network(architecture="small/resnet8", num_classes=3, width=width).build(0) for width in (8, 16))
    assert format_of(narrow) == torch.contiguous_format
    assert format_of(wide) == torch.channels_last
    code = (
        "import torch; from kdissect.distill import CE; from kdissect.models import Network;"
        "from kdissect.training import Distiller;"
        "n = Network(architecture='small/resnet8', num_classes=3, width=8);"
        "d = Distiller(n.build(0), None, CE(), image_size=64, network=n).train();"
        "x = torch.zeros(8, 3, 64, 64, dtype=torch.uint8);"
        "d(x, torch.zeros(8, dtype=torch.int64)).loss.backward(); print('fine')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "fine", (done.returncode, done.stderr[-500:])
