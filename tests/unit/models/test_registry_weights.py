"""Published weights, from the registries' own caches on disk."""

import json
from pathlib import Path

import pytest
import torch
from torchvision.models import SqueezeNet1_1_Weights, squeezenet1_1

from kdissect.errors import DataError
from kdissect.models import Network


def test_torchvisions_weights_come_from_its_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    torch.manual_seed(5)
    published = squeezenet1_1()
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    torch.save(published.state_dict(), folder / Path(SqueezeNet1_1_Weights.DEFAULT.url).name)
    network = Network(architecture="squeezenet1_1", num_classes=1000, weights="torchvision:DEFAULT")
    built = network.build(3)
    assert all(torch.equal(value, built.state_dict()[name]) for name, value in published.state_dict().items())
    assert network.weights_digest() == "torchvision:DEFAULT"


def test_timms_weights_come_from_its_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants as hub
    import timm
    from safetensors.torch import save_file

    torch.manual_seed(5)
    published = timm.create_model("test_resnet")
    tag = published.default_cfg["tag"]
    folder = tmp_path / f"models--timm--test_resnet.{tag}"
    (folder / "snapshots" / "0123").mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("0123")
    save_file(published.state_dict(), folder / "snapshots" / "0123" / "model.safetensors")
    (folder / "snapshots" / "0123" / "config.json").write_text(json.dumps({}))
    monkeypatch.setattr(hub, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", True)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    built = Network(architecture="timm/test_resnet", num_classes=1000, weights="timm:default").build(3)
    assert all(torch.equal(value, built.state_dict()[name]) for name, value in published.state_dict().items())


@pytest.mark.parametrize(
    ("architecture", "weights", "classes", "message"),
    [
        (
            "torchvision/resnet18",
            "torchvision:NOTHING",
            1000,
            "no weights 'NOTHING' for resnet18; there are DEFAULT, IM",
        ),
        (
            "torchvision/resnet18",
            "timm:default",
            1000,
            "they must come from torchvision",
        ),
        (
            "timm/resnet18",
            "timm:nothing",
            1000,
            "no weights 'nothing' for resnet18; there are default, .*a1_in1k",
        ),
    ],
)
def test_weights_that_are_not_there_are_named(architecture: str, weights: str, classes: int, message: str) -> None:
    with pytest.raises(DataError, match=message):
        Network(architecture=architecture, num_classes=classes, weights=weights).build()


def test_weights_that_cannot_be_had_are_an_error_and_never_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*_args: object, **_more: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub.download_url_to_file", offline)
    with pytest.raises(DataError, match=r"cannot load torchvision:DEFAULT .*no route to host"):
        Network(architecture="resnet18", num_classes=1000, weights="torchvision:DEFAULT").build()


def test_weights_of_other_classes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.models import ShuffleNet_V2_X0_5_Weights, shufflenet_v2_x0_5

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    torch.save(shufflenet_v2_x0_5().state_dict(), folder / Path(ShuffleNet_V2_X0_5_Weights.DEFAULT.url).name)
    with pytest.raises(DataError, match="have 1000 classes, the network is to have 7"):
        Network(architecture="shufflenet_v2_x0_5", num_classes=7, weights="torchvision:DEFAULT").build()
