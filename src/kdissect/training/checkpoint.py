"""Checkpoints: weights, optimiser state and the curve so far, in one safetensors file that runs no code."""

import json
import os
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from kdissect.errors import RecordError, UnwritableError
from kdissect.models import save_weights
from kdissect.models.projected import projection_facts
from kdissect.models.weights import save_tensors

NAME = "checkpoint.safetensors"


def save_checkpoint(
    folder: Path,
    student: nn.Module,
    optimizer: torch.optim.Optimizer,
    *,
    key: str,
    epoch: int,
    curve: list[dict[str, float]],
    parts: nn.Module | None = None,
    compiled: str = "",
    name: str = NAME,
) -> None:
    """Write the state after `epoch` epochs; the file before stays whole until the new one is.

    Args:
        folder: where the checkpoint is kept; made if missing.
        student: the network in training.
        optimizer: its optimiser.
        key: digest of all that decides the run.
        epoch: epochs done.
        curve: what `fit` reports of each.
        parts: what the objective trains and remembers.
        compiled: `on`, `off`, or empty where nobody chose.
        name: of the file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    modules = {"student": student} | ({"parts": parts} if parts is not None else {})
    tensors = {
        f"{whose}.{entry}": value.detach().cpu().contiguous().clone()
        for whose, module in modules.items()
        for entry, value in module.state_dict().items()
    }
    for number, state in optimizer.state_dict()["state"].items():
        for entry, value in state.items():
            if isinstance(value, Tensor):
                tensors[f"optimizer.{number}.{entry}"] = value.detach().cpu().contiguous()
    facts = {"key": key, "epoch": str(epoch), "curve": json.dumps(curve), "which": "last", "compiled": compiled}
    facts |= projection_facts(student)
    temporary = folder / f".{name}.{os.getpid()}"
    try:
        save_tensors(tensors, temporary, facts)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
    except (OSError, UnwritableError):
        temporary.unlink(missing_ok=True)
        raise
    os.replace(temporary, folder / name)


def keep_weights(
    folder: Path, student: nn.Module, *, epoch: int, name: str | None = None, facts: dict[str, str] | None = None
) -> None:
    """Write the weights after `epoch` epochs as `epoch-0005.safetensors` unless it has a name, whole or not at all.

    Args:
        folder: where they are kept; made if missing.
        student: the network in training.
        epoch: epochs done; 0 is before training.
        name: of the file.
        facts: strings for the file's header.

    Raises:
        UnwritableError: the file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (name or f"epoch-{epoch:04d}.safetensors")
    temporary = folder / f".{path.name}.{os.getpid()}"
    try:
        save_weights(student, temporary, facts={"epoch": str(epoch), **(facts or {})})
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
    except (OSError, UnwritableError):
        temporary.unlink(missing_ok=True)
        raise
    os.replace(temporary, path)


def load_checkpoint(
    folder: Path,
    student: nn.Module,
    optimizer: torch.optim.Optimizer,
    *,
    key: str,
    parts: nn.Module | None = None,
    name: str = NAME,
) -> tuple[int, list[dict[str, float]], str]:
    """Continue from the folder's checkpoint, if it belongs to this run; (epochs done, curve, compiled).

    A checkpoint of another run (other specs, seed or code version) is left alone and not used.

    Raises:
        RecordError: the file is damaged.
    """
    path = folder / name
    if not path.is_file():
        return 0, [], ""
    try:
        with safe_open(path, framework="pt") as file:
            facts = file.metadata()
            if facts.get("key") != key:
                return 0, [], ""
            tensors = {entry: file.get_tensor(entry) for entry in file.keys()}  # noqa: SIM118 (no mapping)
    except SafetensorError as error:
        raise RecordError(f"{path} is damaged ({error}); delete it to train from the start") from None
    for whose, module in (("student.", student), ("parts.", parts)):
        if module is not None:
            own = {entry.removeprefix(whose): v for entry, v in tensors.items() if entry.startswith(whose)}
            module.load_state_dict(own)
    state: dict[int, dict[str, Tensor]] = {}
    for entry, value in tensors.items():
        if entry.startswith("optimizer."):
            _, number, field = entry.split(".", 2)
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
    return int(facts["epoch"]), json.loads(facts["curve"]), facts.get("compiled", "")


def _parameters(optimizer: torch.optim.Optimizer) -> list[Tensor]:
    return [parameter.detach() for group in optimizer.param_groups for parameter in group["params"]]
