from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from kdissect.errors import DataError
from kdissect.models import Network, find_checkpoints, load_weights, save_weights
from kdissect.training.checkpoint import save_checkpoint


def test_checkpoints_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for name in ("epoch-10.pt", "epoch-9.safetensors", "resnet18_100.pth", "last.pt", "notes.txt", ".epoch-1.pt.77"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "epoch-1.pt").mkdir()
    found = find_checkpoints(tmp_path)
    assert [(one.name, one.number) for one in found] == [
        ("epoch-9", 9),
        ("epoch-10", 10),
        ("resnet18_100", 100),
        ("last", None),
    ]
    assert found[0].path == tmp_path / "epoch-9.safetensors"


def test_folders_without_checkpoints_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no folder"):
        find_checkpoints(tmp_path / "gone")
    with pytest.raises(DataError, match=r"has no checkpoints; expected files that end in \.safetensors"):
        find_checkpoints(tmp_path)
    for name in ("one.pt", "one.pth"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(DataError, match="two checkpoints one"):
        find_checkpoints(tmp_path)


def test_the_student_of_a_training_checkpoint_is_read(tiny: Network, tmp_path: Path) -> None:
    trained, fresh = tiny.build(1), tiny.build(2)
    optimizer = torch.optim.SGD(trained.parameters(), lr=0.1, momentum=0.9)
    torch.autograd.backward(trained(torch.rand(2, 3, 16, 16)).sum())
    optimizer.step()
    save_checkpoint(tmp_path, trained, optimizer, key="x", epoch=1, curve=[])
    load_weights(fresh, tmp_path / "checkpoint.safetensors")
    for name, value in trained.state_dict().items():
        assert torch.equal(value, fresh.state_dict()[name])


def test_a_module_that_is_called_student_keeps_its_name(tmp_path: Path) -> None:
    module = torch.nn.ModuleDict({"student": torch.nn.Linear(2, 2)})
    save_weights(module, tmp_path / "weights.safetensors", facts={"epoch": "1"})
    load_weights(module, tmp_path / "weights.safetensors")
    save_file({"student.weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(DataError, match="does not fit"):
        load_weights(module, tmp_path / "other.safetensors")
