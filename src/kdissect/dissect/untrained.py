"""The untrained network: the same architecture before it has learned anything."""

import copy
from collections.abc import Callable

import torch
from torch import nn

from kdissect import seeds
from kdissect.errors import SpecError
from kdissect.models.layer_name import bare

RESETS = ("reset_parameters", "_reset_parameters")  # torch.nn.MultiheadAttention and Transformer have the second


def untrained(network: nn.Module, seed: int = 0) -> nn.Module:
    """A copy with fresh weights, as each module draws them when it is made; statistics of normalisation are reset, too.

    No trained number is left: a parameter that nothing draws anew is an error, not a part of the result. Buffers other
    than the statistics of normalisation, such as masks and index tables, stay.

    Args:
        network: any whose modules with parameters have a `reset_parameters`, or that has timm's `init_weights`. Others
            (torchvision's vision transformers) are built anew from their factory. It is left as it was.
        seed: of the weights; torch's own generators are left as they were. Weights are drawn on the CPU, so that they
            do not depend on the device.

    Raises:
        SpecError: names parameters that cannot be drawn anew.
    """
    fresh = copy.deepcopy(bare(network))
    drawn = copy.deepcopy(fresh).cpu()
    with torch.no_grad():
        for parameter in drawn.parameters():
            parameter.fill_(torch.nan)  # what is still this afterwards was not drawn
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seeds.key(seed, "untrained"))
        for part in drawn.modules():
            if (reset := _reset_of(part)) is not None:
                reset()
        whole = getattr(drawn, "init_weights", None)
        if _left(drawn) and callable(whole):
            whole()
    if left := _left(drawn):
        more = f" and {len(left) - 3} more" if len(left) > 3 else ""
        raise SpecError(
            f"{', '.join(left[:3])}{more} cannot be drawn anew: no reset_parameters or init_weights of "
            f"{type(fresh).__name__} does; build the network again without its weights"
        )
    fresh.load_state_dict(drawn.state_dict())
    return fresh


def _reset_of(part: nn.Module) -> Callable[[], object] | None:
    """The method that draws a module's own parameters anew."""
    return next((getattr(part, name) for name in RESETS if callable(getattr(part, name, None))), None)


def _left(drawn: nn.Module) -> list[str]:
    """Parameters that have not been drawn."""
    return [name for name, parameter in drawn.named_parameters() if torch.isnan(parameter).any()]
