import pickle
from pathlib import Path

import pytest
import torch
from torch import nn

from kdissect.errors import DataError, SpecError
from kdissect.models import Anatomy, Network, find_weights, load_weights, save_weights

SMALL = Network(architecture="small/resnet8", num_classes=4, width=4)


def test_equal_seeds_give_equal_weights() -> None:
    one, same, other = (SMALL.build(seed).state_dict()["conv1.weight"] for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_building_leaves_the_global_generator_alone() -> None:
    before = torch.random.get_rng_state()
    SMALL.build(5)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(("stem", "side"), [("full", 8), ("half", 4), ("quarter", 2)])
def test_stages_have_the_stated_widths_and_sides(stem: str, side: int) -> None:
    module = Network(architecture="small/resnet14", num_classes=4, width=6, stem=stem).build()
    maps: dict[str, torch.Tensor] = {}
    module.layer3.register_forward_hook(lambda _m, _i, out: maps.update(layer3=out))
    assert module(torch.zeros(2, 3, 32, 32)).shape == (2, 4)
    assert maps["layer3"].shape == (2, 24, side, side)


def test_a_bare_name_is_kept_with_its_source() -> None:
    assert Network(architecture="resnet18", num_classes=10).architecture == "torchvision/resnet18"
    assert Network(architecture="vit_tiny_patch16_224", num_classes=10).architecture == "timm/vit_tiny_patch16_224"


def test_torchvision_and_timm_networks_are_built_with_the_classes() -> None:
    assert Network(architecture="torchvision/resnet18", num_classes=7).build()(torch.zeros(1, 3, 64, 64)).shape == (
        1,
        7,
    )
    assert Network(architecture="timm/resnet10t", num_classes=7).build().eval()(torch.zeros(1, 3, 64, 64)).shape == (
        1,
        7,
    )


def test_a_users_own_factory_is_called(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("from torch import nn\ndef net(num_classes):\n    return nn.Linear(3, num_classes)\n")
    assert isinstance(Network(architecture=f"{file}:net", num_classes=5).build(), nn.Linear)
    with pytest.raises(SpecError, match="has no function 'other'; it has net"):
        Network(architecture=f"{file}:other", num_classes=5).build()
    with pytest.raises(DataError, match=r"there is no .*gone\.py"):
        Network(architecture=f"{tmp_path}/gone.py:net", num_classes=5).build()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"architecture": "resnet81", "num_classes": 4}, "did you mean .*resnet18"),
        ({"architecture": "small/resnet9", "num_classes": 4}, r"depth 6n \+ 2"),
        ({"architecture": "small/vgg11", "num_classes": 4}, r"depth 6n \+ 2"),
        ({"architecture": "torchvision/resnet18", "num_classes": 4, "width": 8}, "width and stem belong to small"),
        ({"architecture": "small/resnet8", "num_classes": 1}, "greater than or equal to 2"),
        ({"architecture": "small/resnet8", "num_classes": 4, "std": (0, 1, 1)}, "std must be positive"),
    ],
)
def test_a_wrong_network_is_refused_in_one_line(fields: dict[str, object], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        Network(**fields)


def test_weights_come_back_whole_and_halved(tmp_path: Path) -> None:
    module = SMALL.build(1)
    save_weights(module, tmp_path / "whole.safetensors", facts={"seed": "1"})
    save_weights(module, tmp_path / "half.safetensors", half=True)
    whole = SMALL.model_copy(update={"weights": str(tmp_path / "whole.safetensors")}).build(7)
    half = SMALL.model_copy(update={"weights": str(tmp_path / "half.safetensors")}).build(7)
    for name, value in module.state_dict().items():
        assert torch.equal(whole.state_dict()[name], value)
        assert half.state_dict()[name].dtype == value.dtype
        torch.testing.assert_close(half.state_dict()[name], value, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("key", [None, "model", "state_dict"])
def test_a_state_dict_is_read_bare_or_under_its_usual_names(tmp_path: Path, key: str | None) -> None:
    module = SMALL.build(1)
    state = {f"module.{name}": value for name, value in module.state_dict().items()}
    torch.save({key: state} if key else state, tmp_path / "w.pth")
    fresh = SMALL.build(2)
    load_weights(fresh, tmp_path / "w.pth")
    assert torch.equal(fresh.state_dict()["fc.weight"], module.state_dict()["fc.weight"])


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("raise SystemExit('ran')",))


def test_weights_that_do_not_fit_change_nothing(tmp_path: Path) -> None:
    wide = Network(architecture="small/resnet8", num_classes=4, width=8)
    save_weights(wide.build(), tmp_path / "wide.safetensors")
    module = SMALL.build(1)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    with pytest.raises(DataError, match=r"does not fit small/resnet8: .*another shape.*expected \(4.*got \(8"):
        load_weights(module, tmp_path / "wide.safetensors", network="small/resnet8")
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    torch.save({"fc.weight": torch.zeros(4, 16)}, tmp_path / "part.pth")
    with pytest.raises(DataError, match="tensors are missing"):
        load_weights(module, tmp_path / "part.pth")


def test_files_that_cannot_be_weights_are_refused_in_one_line(tmp_path: Path) -> None:
    module = SMALL.build()
    (tmp_path / "evil.pth").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(DataError, match="without running code; save it as safetensors"):
        load_weights(module, tmp_path / "evil.pth")
    torch.save(module, tmp_path / "module.pth")
    with pytest.raises(DataError, match="without running code"):
        load_weights(module, tmp_path / "module.pth")
    torch.save(Network(architecture="small/resnet8", num_classes=4, width=16).build().state_dict(), tmp_path / "cut.pt")
    (tmp_path / "cut.pt").write_bytes((tmp_path / "cut.pt").read_bytes()[:20_000])
    with pytest.raises(DataError, match="no state dict that can be read"):
        load_weights(module, tmp_path / "cut.pt")
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(DataError, match="holds no state dict: .*got list"):
        load_weights(module, tmp_path / "list.pth")
    save_weights(module, tmp_path / "cut.safetensors")
    (tmp_path / "cut.safetensors").write_bytes((tmp_path / "cut.safetensors").read_bytes()[:2000])
    with pytest.raises(DataError, match="no complete safetensors"):
        load_weights(module, tmp_path / "cut.safetensors")
    with pytest.raises(DataError, match="there is no"):
        find_weights(str(tmp_path / "gone.safetensors"))
    with pytest.raises(DataError, match="no weights 'kdissect:gone' come with kdissect"):
        find_weights("kdissect:gone")


def test_normalisation_is_the_usual_one() -> None:
    pictures = torch.randint(0, 256, (2, 3, 4, 4)).to(torch.uint8)
    mean, std = torch.tensor(SMALL.mean).view(3, 1, 1), torch.tensor(SMALL.std).view(3, 1, 1)
    torch.testing.assert_close(SMALL.normalize(pictures), (pictures / 255 - mean) / std)


def test_a_small_vgg_is_the_small_resnet_without_shortcuts() -> None:
    vgg, resnet = (
        Network(architecture=f"small/{kind}8", num_classes=4, width=4, stem="half").build()
        for kind in ("vgg", "resnet")
    )
    images = torch.zeros(2, 3, 32, 32)
    assert vgg(images).shape == (2, 4)
    shapes = [Anatomy.of(module, images).shape for module in (vgg, resnet)]
    for layer in ("layer1", "layer2", "layer3"):
        assert shapes[0](layer) == shapes[1](layer)
    convolutions = [[m for m in module.modules() if isinstance(m, nn.Conv2d)] for module in (vgg, resnet)]
    assert len(convolutions[0]) == 7
    assert len(convolutions[1]) == 7 + 2  # the two shortcuts that change the width
    deeper = Network(architecture="small/vgg14", num_classes=4).build()
    assert len([m for m in deeper.modules() if isinstance(m, nn.Conv2d)]) == 13
