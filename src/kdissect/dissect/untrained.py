"""The untrained network: the same architecture before it has learned anything."""

import copy

import torch
from torch import nn

from kdissect.dissect.layer import bare
from kdissect.errors import SpecError


def untrained(network: nn.Module, seed: int = 0) -> nn.Module:
    """A copy with fresh weights, as each module draws them when it is made; statistics of normalisation are reset, too.

    Args:
        network: any whose modules with parameters have a `reset_parameters`, or that has timm's `init_weights`. Others
            are built anew from their factory.
        seed: of the weights; torch's own generator is left as it was.

    Raises:
        SpecError: names a module whose parameters cannot be drawn anew.
    """
    fresh = copy.deepcopy(bare(network))
    own = [
        name or type(part).__name__
        for name, part in fresh.named_modules()
        if any(True for _ in part.parameters(recurse=False)) and not hasattr(part, "reset_parameters")
    ]
    whole = getattr(fresh, "init_weights", None)
    if own and not callable(whole):
        raise SpecError(f"{', '.join(own[:3])} cannot be drawn anew (no reset_parameters); build the network again")
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.default_generator.manual_seed(seed)
        for part in fresh.modules():
            reset = getattr(part, "reset_parameters", None)
            if callable(reset):
                reset()
        if own and callable(whole):
            whole()
    return fresh
