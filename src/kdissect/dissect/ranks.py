"""Ranks: the processes of one dissection, as torchrun starts them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch.distributed as dist

PATIENCE = timedelta(hours=24)
"""How long a process waits for the others: one may have the larger part of the work."""


def rank() -> int:
    """The number of this process, 0 if it is alone."""
    return dist.get_rank() if dist.is_available() and dist.is_initialized() else 0


def world() -> int:
    """The number of processes."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def wait() -> None:
    """Go on when all processes have come here."""
    if world() > 1:
        dist.barrier()


@contextmanager
def together() -> Iterator[None]:
    """Join the processes that torchrun started, for the block; nothing happens in a process that is alone."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1 or dist.is_initialized():
        yield
        return
    dist.init_process_group("gloo", timeout=PATIENCE)  # only words are exchanged: data goes through files
    try:
        yield
    finally:
        dist.destroy_process_group()
