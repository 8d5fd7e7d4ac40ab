"""The one place where a device is chosen."""

import torch

from kdissect.errors import SpecError


def choose_device(name: str) -> torch.device:
    """The device of that name; `auto` is the first CUDA device, or the CPU.

    Raises:
        SpecError: there is no such device here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError):
        raise SpecError(f"expected a device that is here (auto, cpu, cuda, cuda:1, ...), got {name!r}") from None
    return device
