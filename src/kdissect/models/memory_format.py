"""The layout of maps in memory in which a network runs."""

import torch
from torch import nn

SAFE_UNITS = 16


def format_of(network: nn.Module) -> torch.memory_format:
    """Channels last, which is faster; contiguous where PyTorch cannot do that.

    On the CPU the backward pass of a strided 1x1 convolution of few channels (12 and fewer were seen) over large maps
    ends in a segmentation fault with channels last (torch 2.15 with AVX-512; a fault of its oneDNN). Networks that have
    one run contiguously.
    """
    on_cpu = all(parameter.device.type == "cpu" for parameter in network.parameters())
    risky = any(
        isinstance(part, nn.Conv2d)
        and part.kernel_size == (1, 1)
        and max(part.stride) > 1
        and part.in_channels // part.groups < SAFE_UNITS
        for part in network.modules()
    )
    return torch.contiguous_format if on_cpu and risky else torch.channels_last
