"""Several processes that train one student: each has a share of every batch."""

import atexit
import gc
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields, replace
from datetime import timedelta
from inspect import signature
from typing import Any, final

import torch
import torch.distributed as dist
from torch import Tensor, nn

from kdissect.errors import SpecError
from kdissect.training.seen import Seen, Taught


@final
class Processes:
    """The processes of this run: one, or those that `torchrun` started.

    The first call in a process under torchrun opens the process group, through accelerate (gloo on the CPU, nccl on
    GPUs).
    """

    def __init__(self) -> None:
        if dist.is_available() and dist.is_torchelastic_launched() and not dist.is_initialized():
            from accelerate import PartialState

            PartialState(cpu=not torch.cuda.is_available())
            atexit.register(_leave_together)
        on = dist.is_available() and dist.is_initialized()
        self.number: int = dist.get_world_size() if on else 1
        self.rank: int = dist.get_rank() if on else 0

    @property
    def first(self) -> bool:
        """Whether this process writes what is kept."""
        return self.rank == 0

    def check(self, batch_size: int, number: int = 1) -> None:
        """Refuse a batch that the processes cannot share evenly.

        Args:
            batch_size: images in a batch.
            number: how many processes there will be, if not all of them are there yet.

        Raises:
            SpecError: it is no multiple of the number of processes.
        """
        number = max(number, self.number)
        if batch_size % number:
            raise SpecError(
                f"batch_size is that of all processes together: expected a multiple of {number}, got {batch_size}"
            )

    def wrap(self, module: nn.Module, *, some_unused: bool) -> nn.Module:
        """The module as each process calls it: gradients become the mean over the processes.

        Args:
            module: what is trained.
            some_unused: whether the loss leaves some of its parameters without gradient.
        """
        if self.number == 1:
            return module
        device = next(module.parameters()).device
        kind = nn.parallel.DistributedDataParallel
        # Banks and statistics are kept equal by what goes into them; the word for "leave buffers alone" has changed.
        word = "forward_sync_buffers" if "forward_sync_buffers" in signature(kind).parameters else "broadcast_buffers"
        options: dict[str, Any] = {word: False}
        devices = [device] if device.type == "cuda" else None
        return kind(module, device_ids=devices, find_unused_parameters=some_unused, **options)

    def same_statistics(self, module: nn.Module) -> None:
        """Batch norm's running statistics become their mean over the processes."""
        if self.number == 1:
            return
        for name, buffer in module.named_buffers():
            if name.endswith(("running_mean", "running_var")):
                dist.all_reduce(buffer)
                buffer /= self.number

    def mean_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Gradients become their mean over the processes, for what is trained outside a wrapped module."""
        if self.number == 1:
            return
        for parameter in parameters:
            if parameter.grad is not None:
                dist.all_reduce(parameter.grad)
                parameter.grad /= self.number

    def taught_of_all(self, taught: Taught) -> Taught:
        """What the teacher gave to all processes."""
        if self.number == 1:
            return taught
        maps = {name: _gathered(value) for name, value in taught.maps.items()}
        return Taught(_gathered(taught.labels), _gathered(taught.logits), maps)

    def sum(self, value: Tensor) -> Tensor:
        """The sum over the processes."""
        if self.number > 1:
            dist.all_reduce(value)
        return value

    def wait(self) -> None:
        """Until every process is here."""
        if self.number > 1:
            dist.barrier()


def _leave_together() -> None:
    """Close the process group, once nobody uses it any more.

    A process that ends with the group open may pull the others down with it, and so may one that closes it while
    another still waits for its last answer: its threads then end the whole program. After an error nobody waits: the
    others are in the middle of something else, and torchrun ends them as soon as this process is gone.
    """
    if not dist.is_initialized():
        return
    gc.collect()  # a wrapped module holds the group
    # Of gloo's barriers this one has a limit of its own; nccl's would wait for minutes for a process that is gone.
    if dist.get_backend() == "gloo" and not hasattr(sys, "last_type"):
        with suppress(RuntimeError):
            dist.monitored_barrier(timeout=timedelta(seconds=10))
    dist.destroy_process_group()


def of_all(seen: Seen) -> Seen:
    """What all processes see, for a term that compares images with each other; gradients go back to their source.

    Every process then has the same loss. Its gradient reaches each process's own images once from each process, and the
    mean over processes that follows makes it the gradient of the whole batch.
    """
    if not (dist.is_available() and dist.is_initialized()) or dist.get_world_size() == 1:
        return seen
    changed: dict[str, object] = {}
    for field in fields(seen):
        value = getattr(seen, field.name)
        if isinstance(value, Tensor):
            changed[field.name] = _gathered(value)
        elif field.name in ("maps", "target"):
            changed[field.name] = {name: _gathered(tensor) for name, tensor in value.items()}
        elif field.name == "views":
            changed[field.name] = {name: of_all(view) for name, view in value.items()}
    return replace(seen, roots={}, **changed)  # type: ignore[arg-type]


class _Gathered(torch.autograd.Function):
    """All processes' rows; the gradient of each row is the sum of what all processes ask of it."""

    @staticmethod
    def forward(ctx: Any, tensor: Tensor) -> Tensor:
        ctx.rows = len(tensor)
        return _gathered(tensor.detach())

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        whole = gradients[0].contiguous().clone()
        dist.all_reduce(whole)
        return whole[dist.get_rank() * ctx.rows :][: ctx.rows]


def _gathered(tensor: Tensor) -> Tensor:
    if tensor.requires_grad:
        gathered: Tensor = _Gathered.apply(tensor)
        return gathered
    parts = [torch.empty_like(tensor, memory_format=torch.contiguous_format) for _ in range(dist.get_world_size())]
    dist.all_gather(parts, tensor.contiguous())
    return torch.cat(parts)
