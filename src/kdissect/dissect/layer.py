"""The feature maps of one layer, read off a network that is left as it was found."""

import difflib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from kdissect.errors import LayerError

SHOWN = 12


def find_layer(network: nn.Module, layer: str) -> nn.Module:
    """The submodule with that dotted name.

    Raises:
        LayerError: there is none; lists those there are, those of similar name first.
    """
    names = [name for name, _ in network.named_modules() if name]
    if layer not in names:
        close = difflib.get_close_matches(layer, names, n=5, cutoff=0.6)
        choices = [*close, *(name for name in names if name not in close)]
        more = f" and {len(choices) - SHOWN} more" if len(choices) > SHOWN else ""
        hint = f"did you mean {close[0]!r}? " if close else ""
        listed = ", ".join(choices[:SHOWN]) or "none"
        raise LayerError(f"{type(network).__name__} has no layer {layer!r}; {hint}its layers: {listed}{more}")
    return network.get_submodule(layer)


@contextmanager
def reading(network: nn.Module, layer: str) -> Iterator[Callable[[Tensor], Tensor]]:
    """A function from images `(b 3 h w)` to the layer's activations `(b u h w)`, valid inside the block.

    Inside the block the network is in evaluation mode and no gradient is recorded. Afterwards, also after
    an error, every module has the mode it had and the hook is gone; weights and buffers are never written.

    Raises:
        LayerError: there is no such layer; or, on a call, the layer gives no feature map, or not just one.
    """
    module = find_layer(network, layer)
    outputs: list[object] = []

    def keep(_module: nn.Module, _inputs: object, output: object) -> None:
        # a later in-place ReLU would change what is kept
        outputs.append(output.clone() if isinstance(output, Tensor) else output)

    def activations(images: Tensor) -> Tensor:
        outputs.clear()
        network(images)
        if len(outputs) != 1:
            runs = f"{len(outputs)} times" if outputs else "never"
            raise LayerError(f"layer {layer!r} runs {runs} in a forward pass, expected once; choose another layer")
        output = outputs.pop()
        if not (isinstance(output, Tensor) and output.dim() == 4 and output.is_floating_point()):
            raise LayerError(
                f"layer {layer!r} gives no feature map: expected floats (b u h w), got {_described(output)}; "
                "choose a convolution, a block, or another layer whose output has height and width"
            )
        return output

    modes = [(part, part.training) for part in network.modules()]
    hook = module.register_forward_hook(keep)
    try:
        network.eval()
        with torch.inference_mode():
            yield activations
    finally:
        hook.remove()
        for part, mode in modes:
            part.training = mode


def _described(output: object) -> str:
    if isinstance(output, Tensor):
        return f"{str(output.dtype).removeprefix('torch.')}{tuple(output.shape)}"
    return f"a {type(output).__name__}"
