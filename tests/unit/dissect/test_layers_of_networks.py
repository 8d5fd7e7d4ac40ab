"""Layers of real architectures: names, globs, tokens, sides of a ReLU."""

import pytest
import timm
import timm.models.vision_transformer as timm_vit
import torch
import torchvision
from torch import nn

from kdissect.dissect.layer import find_layers, reading
from kdissect.errors import LayerError, SpecError
from kdissect.models.layer_name import LayerName
from kdissect.models.layout import to_maps


def read(network: nn.Module, layer: str, images: torch.Tensor) -> torch.Tensor:
    with reading(network, [layer]) as activations_of:
        return activations_of(images)[layer]


@pytest.fixture(scope="module")
def resnet() -> nn.Module:
    torch.manual_seed(0)
    return torchvision.models.resnet18(num_classes=5).eval()


IMAGES = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))


def test_names_are_read() -> None:
    assert LayerName.parse("a.b@2@pre") == LayerName("a.b", 2, "pre")
    for wrong in ("a@", "a@0", "a@pre@post", "a@x", "a@1@2"):
        with pytest.raises(SpecError, match=r"after @ comes pre, post, or which run"):
            LayerName.parse(wrong)


def test_several_layers_come_out_of_one_pass(resnet: nn.Module) -> None:
    passes = []
    handle = resnet.register_forward_hook(lambda *_: passes.append(1))
    with reading(resnet, ["layer1", "layer4.1.conv2", "fc", "layer1.0.relu@2"]) as activations_of:
        found = activations_of(IMAGES)
    handle.remove()
    assert len(passes) == 1
    shapes = {name: tuple(maps.shape) for name, maps in found.items()}
    assert shapes == {
        "layer1": (2, 64, 16, 16),
        "layer4.1.conv2": (2, 512, 2, 2),
        "fc": (2, 5, 1, 1),
        "layer1.0.relu@2": (2, 64, 16, 16),
    }
    with torch.inference_mode():
        assert torch.equal(found["fc"][:, :, 0, 0], resnet(IMAGES))


def test_before_and_after_the_relu(resnet: nn.Module) -> None:
    before, after = read(resnet, "layer4@pre", IMAGES), read(resnet, "layer4", IMAGES)
    assert (before < 0).any()
    assert torch.equal(before.relu(), after)
    assert torch.equal(read(resnet, "layer4.1.bn2@post", IMAGES), read(resnet, "layer4.1.bn2", IMAGES).relu())
    with pytest.raises(LayerError, match="does not end in an activation module"):
        read(resnet, "layer4.1.bn2@pre", IMAGES)


def test_globs_and_all(resnet: nn.Module) -> None:
    assert find_layers(resnet, ["layer*", "layer1"], IMAGES) == ("layer1", "layer2", "layer3", "layer4")
    assert find_layers(resnet, ["layer4.*.conv*"], IMAGES) == tuple(
        f"layer4.{block}.conv{k}" for block in (0, 1) for k in (1, 2)
    )
    assert find_layers(resnet, ["layer1**"], IMAGES)[:3] == ("layer1", "layer1.0", "layer1.0.conv1")
    every = find_layers(resnet, ["all"], IMAGES)
    assert {"conv1", "bn1", "relu", "layer4", "layer4.1.bn2", "fc"} <= set(every)
    assert "layer4.1" not in every  # the same output as layer4
    assert "layer1.0.relu@1" in every
    maps = {name: read(resnet, name, IMAGES) for name in every}
    for k, one in enumerate(every):
        for other in every[k + 1 :]:
            same = maps[one].shape == maps[other].shape and torch.equal(maps[one], maps[other])
            assert not same or {one, other} <= {"avgpool"}, (one, other)
    assert find_layers(resnet, ["layer1.*.relu@2"], IMAGES) == ("layer1.0.relu@2", "layer1.1.relu@2")
    assert find_layers(resnet, ["layer1.*.conv*@post"], IMAGES)[0] == "layer1.0.conv1@post"
    with pytest.raises(LayerError, match="no layer of ResNet with feature maps fits 'layre"):
        find_layers(resnet, ["layre*"], IMAGES)
    with pytest.raises(SpecError, match="at least one layer"):
        find_layers(resnet, [], IMAGES)


def plant(network: nn.Module, images: torch.Tensor, patch: int, row: int, column: int) -> torch.Tensor:
    """The images with one patch changed."""
    changed = images.clone()
    changed[:, :, row * patch : (row + 1) * patch, column * patch : (column + 1) * patch] += 3
    return changed


TRANSFORMERS = {
    "torchvision vit": (
        lambda: torchvision.models.VisionTransformer(32, 8, 1, 2, 16, 16),
        "encoder.layers.encoder_layer_0.ln_1",
    ),
    "timm vit, class token and registers": (
        lambda: timm_vit.VisionTransformer(32, 8, embed_dim=16, depth=1, num_heads=2, reg_tokens=4),
        "blocks.0.norm1",
    ),
    "timm deit, distilled": (
        lambda: timm.models.deit.VisionTransformerDistilled(32, 8, embed_dim=16, depth=1, num_heads=2),
        "blocks.0.norm1",
    ),
    "timm vit, pooled": (
        lambda: timm_vit.VisionTransformer(
            32, 8, embed_dim=16, depth=1, num_heads=2, class_token=False, global_pool="avg"
        ),
        "blocks.0.norm1",
    ),
    "torchvision swin": (
        lambda: torchvision.models.SwinTransformer([8, 8], 16, [2], [1], [2, 2]),
        "features.0",
    ),
    "timm swin": (
        lambda: timm.models.swin_transformer.SwinTransformer(
            32, 8, embed_dim=16, depths=(1,), num_heads=(1,), window_size=2
        ),
        "patch_embed",
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", TRANSFORMERS)
def test_tokens_lie_where_their_patch_is(name: str) -> None:
    make, layer = TRANSFORMERS[name]
    torch.manual_seed(0)
    network, images = make().eval(), torch.rand(2, 3, 32, 32)
    before = read(network, layer, images)
    assert before.shape == (2, 16, 4, 4)
    for row, column in ((0, 0), (0, 3), (2, 1), (3, 3)):
        after = read(network, layer, plant(network, images, 8, row, column))
        assert (after - before).abs().amax((0, 1)).nonzero().tolist() == [[row, column]]


def test_layouts() -> None:
    images = torch.zeros(2, 3, 32, 16)
    assert to_maps(torch.zeros(2, 8, 4, 7), images, None, "x").shape == (2, 7, 8, 4)
    assert to_maps(torch.zeros(2, 7, 8, 4), images, None, "x").shape == (2, 7, 8, 4)
    assert to_maps(torch.zeros(2, 33, 5), images, 1, "x").shape == (2, 5, 8, 4)
    assert to_maps(torch.zeros(2, 32, 5), images, 1, "x").shape == (2, 5, 8, 4)  # before the class token is there
    assert to_maps(torch.zeros(2, 37, 5), images, None, "x").shape == (2, 5, 8, 4)  # five in front, it seems
    assert to_maps((torch.zeros(2, 5).half(), None), images, None, "x").dtype == torch.float32
    for output, came in (
        (torch.zeros(2, 3, 2, 2, 2), r"float32\(2, 3, 2, 2, 2\)"),
        (torch.zeros(2, 3, 2, 2).int(), r"int32\(2, 3, 2, 2\)"),
        (torch.zeros(8, 4, 5), "not one map an image"),
        (torch.zeros(2, 3, 17, 64), "no height and width have the images' proportions"),
        (torch.zeros(2, 34, 5), "34 tokens, which are no grid"),
        ({"maps": 1}, "a dict"),
    ):
        with pytest.raises(LayerError, match=came):
            to_maps(output, images, 1, "x")


@pytest.mark.filterwarnings("ignore")
def test_compiled_and_channels_last_networks_give_the_same(resnet: nn.Module) -> None:
    expected = read(resnet, "layer2", IMAGES)
    compiled = torch.compile(resnet, backend="eager")
    with torch.inference_mode():
        compiled(IMAGES)  # from now on no new hook would fire
    assert torch.equal(read(compiled, "layer2", IMAGES), expected)
    assert torch.equal(read(nn.DataParallel(resnet), "layer2", IMAGES), expected)
    last = torchvision.models.resnet18(num_classes=5).eval()
    last.load_state_dict(resnet.state_dict())
    last = last.to(memory_format=torch.channels_last)
    assert torch.allclose(read(last, "layer2", IMAGES), expected, atol=1e-4)
