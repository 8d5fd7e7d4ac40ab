"""Reading a layer leaves the network as it was found."""

import pytest
import torch
from torch import nn

from kdissect.dissect.layer import reading
from kdissect.errors import LayerError
from kdissect.models.layer_name import find_layer


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True))
        self.unused = nn.Conv2d(1, 1, 1)
        self.pair = nn.LSTM(4, 4, batch_first=True)
        self.head = nn.Linear(4, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        pooled = self.features(images).mean((2, 3))
        return self.head(self.pair(pooled[:, None])[0][:, 0])


@pytest.fixture
def net() -> Net:
    network = Net()
    network.train()
    network.head.eval()  # a mixture of modes
    return network


def test_gives_the_activations_before_a_later_layer_changes_them_in_place(net: Net) -> None:
    images = torch.randn(2, 3, 6, 6)
    with reading(net, ["features.1"]) as activations_of:
        found = activations_of(images)["features.1"]
    net.eval()
    assert torch.equal(found, net.features[1](net.features[0](images)))
    assert (found < 0).any()  # the ReLU after it works in place


def test_network_is_left_as_found_also_after_an_error(net: Net) -> None:
    before = {name: value.clone() for name, value in net.state_dict().items()}
    modes = [part.training for part in net.modules()]
    with pytest.raises(RuntimeError, match="stop"), reading(net, ["features"]) as activations_of:  # noqa: PT012
        assert not activations_of(torch.randn(4, 3, 6, 6))["features"].requires_grad
        assert not any(part.training for part in net.modules())
        raise RuntimeError("stop")
    assert [part.training for part in net.modules()] == modes
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert not any(part._forward_hooks for part in net.modules())


def test_unknown_layer_lists_close_names_first(net: Net) -> None:
    with pytest.raises(LayerError, match=r"Net has no layer 'feature'; did you mean 'features'\? its layers: features"):
        find_layer(net, "feature")
    with pytest.raises(LayerError, match=r"no layer ''.*features, features.0, .*head$"):
        find_layer(net, "")
    with pytest.raises(LayerError, match=r"ReLU has no layer 'x'; its layers: none"):
        find_layer(nn.ReLU(), "x")
    with pytest.raises(LayerError, match=r"and 48 more$"):
        find_layer(nn.Sequential(*[nn.ReLU()] * 0, *(nn.ReLU() for _ in range(60))), "x")


@pytest.mark.parametrize(
    ("layer", "came"),
    [("pair", "a tuple"), ("unused", "runs never")],
)
def test_layer_without_a_feature_map(net: Net, layer: str, came: str) -> None:
    with reading(net, [layer]) as activations_of, pytest.raises(LayerError, match=f"'{layer}'.*{came}"):
        activations_of(torch.randn(2, 3, 6, 6))


def test_layer_that_runs_twice() -> None:
    relu = nn.ReLU()
    network = nn.Sequential(nn.Conv2d(3, 3, 1), relu, nn.Conv2d(3, 3, 1), relu)
    with reading(network, ["1"]) as activations_of, pytest.raises(LayerError, match="runs 2 times.*1@1 to 1@2"):
        activations_of(torch.randn(2, 3, 6, 6))
