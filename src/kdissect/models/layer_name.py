"""Names of layers, and the modules that they mean."""

import difflib
from dataclasses import dataclass
from typing import Literal, Self

from torch import nn

from kdissect.errors import LayerError, SpecError

SHOWN = 12
Side = Literal["pre", "post"]


@dataclass(frozen=True)
class LayerName:
    """A layer as users write it: `layer4`, `layer4@pre`, `layer4.1.relu@2`, `features.0@post`.

    Attributes:
        module: dotted name of a submodule.
        call: which of its runs in a forward pass, from 1; None if it runs once.
        side: `pre` is what goes into the activation function that ends the layer, `post` is the output
            after a ReLU, None is the output as it is.
    """

    module: str
    call: int | None = None
    side: Side | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """The parts of a layer's name.

        Raises:
            SpecError: what follows an `@` is neither a number from 1 nor `pre` or `post`.
        """
        module, *options = text.split("@")
        call: int | None = None
        side: Side | None = None
        for option in options:
            if option in ("pre", "post") and side is None:
                side = "pre" if option == "pre" else "post"
            elif option.isdecimal() and int(option) > 0 and call is None:
                call = int(option)
            else:
                raise SpecError(f"layer {text!r}: after @ comes pre, post, or which run (1, 2, ...), got {option!r}")
        return cls(module, call, side)


def bare(network: nn.Module) -> nn.Module:
    """The network without the wrappers of `torch.compile` and of data parallelism; the weights are the same."""
    while True:
        if isinstance(network, nn.DataParallel | nn.parallel.DistributedDataParallel):
            network = network.module
        elif isinstance(inner := getattr(network, "_orig_mod", None), nn.Module):
            network = inner
        else:
            return network


def find_layer(network: nn.Module, layer: str) -> nn.Module:
    """The submodule that a layer's name means.

    Raises:
        LayerError: there is none; lists those there are, those of similar name first.
        SpecError: the name cannot be read.
    """
    network, module = bare(network), LayerName.parse(layer).module
    names = [name for name, _ in network.named_modules() if name]
    if module not in names:
        close = difflib.get_close_matches(module, names, n=5, cutoff=0.6)
        choices = [*close, *(name for name in names if name not in close)]
        more = f" and {len(choices) - SHOWN} more" if len(choices) > SHOWN else ""
        hint = f"did you mean {close[0]!r}? " if close else ""
        listed = ", ".join(choices[:SHOWN]) or "none"
        raise LayerError(f"{type(network).__name__} has no layer {module!r}; {hint}its layers: {listed}{more}")
    return network.get_submodule(module)
