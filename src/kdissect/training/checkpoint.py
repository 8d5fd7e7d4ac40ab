"""Checkpoints: weights, optimiser state and the curve so far, in one safetensors file that runs no code."""

import json
import os
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from kdissect.errors import RecordError
from kdissect.models import save_weights

NAME = "checkpoint.safetensors"


def save_checkpoint(
    folder: Path,
    student: nn.Module,
    optimizer: torch.optim.Optimizer,
    *,
    key: str,
    epoch: int,
    curve: list[dict[str, float]],
) -> None:
    """Write the state after `epoch` epochs; the file before stays whole until the new one is.

    Args:
        folder: where the checkpoint is kept; made if missing.
        student: the network in training.
        optimizer: its optimiser.
        key: digest of all that decides the run.
        epoch: epochs done.
        curve: what `fit` reports of each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        f"student.{name}": value.detach().cpu().contiguous().clone() for name, value in student.state_dict().items()
    }
    for number, state in optimizer.state_dict()["state"].items():
        for name, value in state.items():
            if isinstance(value, Tensor):
                tensors[f"optimizer.{number}.{name}"] = value.detach().cpu().contiguous()
    facts = {"key": key, "epoch": str(epoch), "curve": json.dumps(curve)}
    temporary = folder / f".{NAME}.{os.getpid()}"
    try:
        save_file(tensors, temporary, metadata=facts)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
    except (OSError, SafetensorError) as error:
        temporary.unlink(missing_ok=True)
        raise RecordError(f"cannot write {folder / NAME} ({error}); free some space and run again") from None
    os.replace(temporary, folder / NAME)


def keep_weights(folder: Path, student: nn.Module, *, epoch: int) -> None:
    """Write the weights after `epoch` epochs as `epoch-0005.safetensors`, whole or not at all.

    Args:
        folder: where they are kept; made if missing.
        student: the network in training.
        epoch: epochs done; 0 is before training.

    Raises:
        RecordError: the file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"epoch-{epoch:04d}.safetensors"
    temporary = folder / f".{path.name}.{os.getpid()}"
    try:
        save_weights(student, temporary, facts={"epoch": str(epoch)})
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
    except (OSError, SafetensorError) as error:
        temporary.unlink(missing_ok=True)
        raise RecordError(f"cannot write {path} ({error}); free some space and run again") from None
    os.replace(temporary, path)


def load_checkpoint(
    folder: Path, student: nn.Module, optimizer: torch.optim.Optimizer, *, key: str
) -> tuple[int, list[dict[str, float]]]:
    """Continue from the folder's checkpoint, if it belongs to this run; (epochs done, curve).

    A checkpoint of another run (other specs, seed or code version) is left alone and not used.

    Raises:
        RecordError: the file is damaged.
    """
    path = folder / NAME
    if not path.is_file():
        return 0, []
    try:
        with safe_open(path, framework="pt") as file:
            facts = file.metadata()
            if facts.get("key") != key:
                return 0, []
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    except SafetensorError as error:
        raise RecordError(f"{path} is damaged ({error}); delete it to train from the start") from None
    own = {name.removeprefix("student."): v for name, v in tensors.items() if name.startswith("student.")}
    student.load_state_dict(own)
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        if name.startswith("optimizer."):
            _, number, field = name.split(".", 2)
            state.setdefault(int(number), {})[field] = value
    parameters = _parameters(optimizer)
    for number, entries in state.items():
        parameter = parameters[number]
        for field, value in entries.items():
            if value.shape == parameter.shape:
                # The fused optimisers read both through one set of strides.
                entries[field] = torch.empty_like(parameter).copy_(value)
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
    return int(facts["epoch"]), json.loads(facts["curve"])


def _parameters(optimizer: torch.optim.Optimizer) -> list[Tensor]:
    return [parameter.detach() for group in optimizer.param_groups for parameter in group["params"]]
