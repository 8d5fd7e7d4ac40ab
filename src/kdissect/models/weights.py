"""Weights on disk: safetensors, and state dicts read without running code."""

import json
import pickle
import warnings
from importlib.resources import files
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from kdissect.errors import DataError, UnwritableError
from kdissect.models.projected import FACT, Projection, projection_facts, projection_of, rebuild

SHIPPED = "kdissect:"
STUDENT = "student."
"""What names of the network's tensors begin with in a checkpoint of training."""
UNREADABLE = (
    pickle.UnpicklingError,
    EOFError,
    OSError,
    RuntimeError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
)
"""What torch.load may raise for a file that is no state dict."""


def save_weights(module: nn.Module, path: Path, *, half: bool = False, facts: dict[str, str] | None = None) -> None:
    """Write the module's parameters and buffers as safetensors.

    Args:
        module: the network.
        path: file to write.
        half: keep floating-point tensors as float16 (half the size; loading gives float32 again).
        facts: strings kept in the file's header.
    """
    state = {name: value.detach().cpu().contiguous().clone() for name, value in module.state_dict().items()}
    if half:
        state = {name: value.half() if value.is_floating_point() else value for name, value in state.items()}
    save_tensors(state, path, {**projection_facts(module), **(facts or {})})


def save_tensors(tensors: dict[str, Tensor], path: Path, facts: dict[str, str]) -> None:
    """Write tensors as safetensors; the same tensors and facts give the same bytes.

    Raises:
        UnwritableError: the place is full or cannot be written.
    """
    try:
        save_file(tensors, path, metadata=facts or None)
        with path.open("r+b") as file:
            # safetensors writes the facts in an order of its own, another in each process.
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length))
            if facts:
                header["__metadata__"] = dict(sorted(facts.items()))
            text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
            file.seek(8)
            file.write(text.ljust(length))
    except (OSError, SafetensorError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UnwritableError(f"cannot write {path} ({reason}); free some space and run again") from None


def find_weights(name: str) -> Path:
    """The file of a weights name: a path, or `kdissect:NAME` for weights that come with the package.

    Raises:
        DataError: there is no such file.
    """
    if name.startswith(SHIPPED):
        folder = Path(str(files("kdissect.models") / "shipped"))
        path = folder / f"{name.removeprefix(SHIPPED)}.safetensors"
        if not path.is_file():
            there = ", ".join(sorted(p.stem for p in folder.glob("*.safetensors")))
            raise DataError(f"no weights {name!r} come with kdissect; there are: {there or 'none'}")
        return path
    path = Path(name)
    if not path.is_file():
        raise DataError(f"expected a file with weights, there is no {path}")
    return path


def load_weights(module: nn.Module, path: Path, *, network: str = "the network") -> None:
    """Load a file of weights into the module, all of them or none.

    A state dict may be bare, or under `model` or `state_dict`, and its names may begin with `module.`. Of a
    checkpoint that training left the student is read. Where training rebuilt the network's end (SimKD), the file says
    so, and the module is rebuilt first.

    Raises:
        DataError: the file is damaged, would run code when read, or does not fit the network.
    """
    state, projection = _read(path)
    if projection is not None and projection_of(module) is None:
        rebuild(module, projection)
    own = module.state_dict()
    missing = sorted(own.keys() - state.keys())
    extra = sorted(state.keys() - own.keys())
    wrong = sorted(name for name in own.keys() & state.keys() if own[name].shape != state[name].shape)
    if missing or extra or wrong:
        parts = []
        if missing:
            parts.append(f"{len(missing)} tensors are missing ({_some(missing)})")
        if extra:
            parts.append(f"{len(extra)} are unknown ({_some(extra)})")
        if wrong:
            name = wrong[0]
            parts.append(
                f"{len(wrong)} have another shape ({name}: expected {tuple(own[name].shape)}, "
                f"got {tuple(state[name].shape)})"
            )
        raise DataError(f"{path} does not fit {network}: {'; '.join(parts)}; check the architecture, width and classes")
    module.load_state_dict({name: value.to(own[name].dtype) for name, value in state.items()})


def _read(path: Path) -> tuple[dict[str, Tensor], Projection | None]:
    if path.suffix == ".safetensors":
        try:
            with safe_open(path, framework="pt") as file:
                names = list(file.keys())
                # Training's own checkpoint has the optimiser beside the student, and says so in its header.
                facts = file.metadata() or {}
                prefix = STUDENT if {"key", "curve"} <= facts.keys() else ""
                projection = Projection.from_json(facts[FACT]) if FACT in facts else None
                found = {n.removeprefix(prefix): file.get_tensor(n) for n in names if n.startswith(prefix)}
                return found, projection
        except SafetensorError as error:
            raise DataError(f"{path} is no complete safetensors file ({error}); copy it again") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a file of another pickle protocol is read, or refused below
            state = torch.load(path, map_location="cpu", weights_only=True)
    except UNREADABLE:
        raise DataError(
            f"{path} is no state dict that can be read without running code; save it as safetensors, "
            "or with torch.save(module.state_dict(), path)"
        ) from None
    for key in ("state_dict", "model"):
        if isinstance(state, dict) and isinstance(state.get(key), dict):
            state = state[key]
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise DataError(f"{path} holds no state dict: expected names with tensors, got {type(state).__name__}")
    return {name.removeprefix("module."): value for name, value in state.items()}, None


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
