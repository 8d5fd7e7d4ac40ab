"""The one place where a device is chosen."""

import os
import subprocess
import sys

import torch
import torch.distributed as dist

from kdissect.errors import SpecError


def choose_device(name: str) -> torch.device:
    """The device of that name; `auto` is the first CUDA device, or the CPU.

    Raises:
        SpecError: there is no such device here.
    """
    if dist.is_torchelastic_launched() and name in ("auto", "cuda") and torch.cuda.is_available():
        name = f"cuda:{os.environ['LOCAL_RANK']}"
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError):
        raise SpecError(f"expected a device that is here (auto, cpu, cuda, cuda:1, ...), got {name!r}") from None
    return device


def device_elsewhere(name: str) -> torch.device:
    """The device of cells on other machines, which this one need not have; `auto` is as here.

    Raises:
        SpecError: it is none that a scheduler gives out.
    """
    if name == "auto":
        return choose_device(name)
    if name not in ("cpu", "cuda"):
        raise SpecError(f"on a cluster --device is auto, cpu or cuda (its scheduler chooses which GPU), got {name!r}")
    return torch.device(name)


def launch_together(devices: int) -> bool:
    """Run this command again in several processes under torchrun, and wait; False if this is one of them already.

    Raises:
        SpecError: there are fewer GPUs.
        SystemExit: with the exit code, if a process failed.
    """
    if dist.is_torchelastic_launched():
        return False
    if torch.cuda.is_available() and devices > torch.cuda.device_count():
        raise SpecError(f"--devices {devices}: there are {torch.cuda.device_count()} GPUs")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={devices}"]
    # With the shared store a killed process leaves the others waiting for minutes.
    environment = {**os.environ, "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}
    environment.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // devices)))
    done = subprocess.run([*command, "-m", "kdissect", *sys.argv[1:]], env=environment, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    return True
