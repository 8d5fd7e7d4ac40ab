"""What the hardware can do: half precision where it is fast, compilation where it pays."""

import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import torch

from kdissect.errors import SpecError

Precision = Literal["fp32", "bf16", "auto"]
Compile = Literal["off", "on", "auto"]
TRIAL_STEPS = 5
GAIN = 0.95
"""A compiled step must take less than this share of a plain one."""


def fast_bf16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 in hardware; without it autocast is ten times slower than float32."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return False


def autocast(precision: Precision, device: torch.device) -> Callable[[], AbstractContextManager[object]]:
    """A context for forward passes in this precision.

    Args:
        precision: `fp32`; `bf16`; `auto` for bf16 on GPUs that have it, and fp32 elsewhere (on CPUs even with
            hardware support small networks lose more by conversions than they gain).
        device: where the passes run.

    Raises:
        SpecError: bf16 is asked for and the device has no hardware for it.
    """
    if precision == "bf16" and not fast_bf16(device):
        raise SpecError(f"{device} has no bfloat16 hardware, and without it training is 10 times slower; use fp32")
    if precision == "bf16" or (precision == "auto" and device.type == "cuda" and fast_bf16(device)):
        return lambda: torch.autocast(device.type, torch.bfloat16)
    return nullcontext


def compilation_pays(step: Callable[[], None], compiled_step: Callable[[], None], steps: int) -> tuple[bool, str]:
    """Whether compiling makes the run shorter, by trying; and what was measured, for people.

    Args:
        step: one plain training step, ended when it returns.
        compiled_step: the same, compiled at its first call.
        steps: steps that remain.
    """
    plain = _median(step)
    started = time.perf_counter()
    compiled_step()
    compiling = time.perf_counter() - started
    compiled = _median(compiled_step)
    # Compiled code is kept by PyTorch, so the run itself pays the compilation a second time in part only; count it
    # once.
    pays = compiled < GAIN * plain and (plain - compiled) * steps > compiling
    return pays, f"step {plain * 1e3:.1f} ms, compiled {compiled * 1e3:.1f} ms after {compiling:.0f} s of compiling"


def _median(step: Callable[[], None]) -> float:
    step()
    seconds = []
    for _ in range(TRIAL_STEPS):
        started = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)
