"""Layouts: what layers give, as feature maps `(b u h w)`.

Convolutions give maps. Vision transformers give tokens `(b n u)`, some of which stand in front and belong to no
place (class token, registers); Swin and others give maps with the units last. Fully connected layers give `(b u)`.
"""

import math

import torch
from torch import Tensor, nn

from kdissect.errors import LayerError

MAX_PREFIX = 8
SHAPES = "floats (b u h w), tokens (b n u), (b h w u) or (b u)"


def find_prefix(network: nn.Module) -> int | None:
    """How many tokens a vision transformer puts in front of those of the image; None if it does not say.

    timm writes it down as `num_prefix_tokens`; elsewhere class and distillation tokens are counted by name.
    """
    for module in network.modules():
        number = getattr(module, "num_prefix_tokens", None)
        if isinstance(number, int):
            return number
        tokens = [
            getattr(module, name, None) for name in ("class_token", "cls_token", "dist_token", "distillation_token")
        ]
        if number := sum(isinstance(token, nn.Parameter) for token in tokens):
            return number
    return None


def to_maps(output: object, images: Tensor, prefix: int | None, layer: str) -> Tensor:
    """What a layer gave, as feature maps `(b u h w)`; float16 and bfloat16 become float32.

    - `(b u)` are maps of one position.
    - Tokens `(b n u)` go row by row to a grid of the images' proportions. The tokens in front that have no place
      are dropped: `prefix` of them, or none if they are not there yet; of an unknown number the fewest that leave
      a grid.
    - Of `(b u h w)` and `(b h w u)` the one whose h and w have the proportions of the images; the first if both do.

    Args:
        output: what the layer gave.
        images: what the network was given, `(b 3 H W)`.
        prefix: tokens in front, from `find_prefix`.
        layer: its name, for messages.

    Raises:
        LayerError: it is none of these.
    """
    tensor = only_tensor(output)
    if tensor is None or not tensor.is_floating_point():
        raise LayerError(_refusal(layer, output))
    if tensor.dtype in (torch.float16, torch.bfloat16):
        tensor = tensor.float()
    aspect = images.shape[2] / images.shape[3]
    if tensor.dim() > 1 and len(tensor) != len(images):
        raise LayerError(
            f"layer {layer!r} gives {_described(output)} for {len(images)} images: not one map an image (windows of "
            "attention, perhaps); choose the block around it"
        )
    if tensor.dim() == 2:
        return tensor[:, :, None, None]
    if tensor.dim() == 3:
        return _grid(tensor, aspect, prefix, layer)
    if tensor.dim() == 4:
        first, last = (_stretch(tensor.shape[k], tensor.shape[k + 1], aspect) for k in (2, 1))
        if not any(_fits(tensor.shape[k], tensor.shape[k + 1], aspect) for k in (1, 2)):
            raise LayerError(
                f"layer {layer!r} gives {_described(output)}, where no height and width have the images' proportions; "
                "choose another layer"
            )
        return tensor.permute(0, 3, 1, 2) if last < first else tensor
    raise LayerError(_refusal(layer, output))


def only_tensor(output: object) -> Tensor | None:
    """The tensor that a layer gives, alone or as the first of a tuple or list with nothing else in it; else None."""
    if isinstance(output, tuple | list) and sum(item is not None for item in output) == 1:
        output = output[0]
    return output if isinstance(output, Tensor) else None


def _grid(tokens: Tensor, aspect: float, prefix: int | None, layer: str) -> Tensor:
    """Tokens `(b n u)` as maps."""
    number = tokens.shape[1]
    fronts = range(MAX_PREFIX + 1) if prefix is None else dict.fromkeys((prefix, 0))
    for front in fronts:
        height = round(math.sqrt(max(number - front, 0) * aspect))
        if height and (number - front) % height == 0 and _stretch(height, (number - front) // height, aspect) < 1e-6:
            placed = tokens[:, front:].transpose(1, 2)
            return placed.reshape(*placed.shape[:2], height, -1)
    tried = f"0 to {MAX_PREFIX}" if prefix is None else f"{prefix}, or none,"
    raise LayerError(
        f"layer {layer!r} gives {number} tokens, which are no grid of the images' proportions behind {tried} in front; "
        "choose another layer, or another image size"
    )


def _stretch(height: int, width: int, aspect: float) -> float:
    """How far a map is from the proportions of the images; 0 if it has them."""
    return abs(math.log(height / width / aspect))


def _fits(height: int, width: int, aspect: float) -> bool:
    """Whether a map has the proportions of the images, but for what strides and borders round off."""
    wanted = width * aspect
    return abs(height - wanted) <= max(1, aspect) + 0.1 * max(height, wanted)


def _refusal(layer: str, output: object) -> str:
    return (
        f"layer {layer!r} gives no feature map: expected {SHAPES}, got {_described(output)}; "
        "choose a convolution, a block, or another layer with a value for each place"
    )


def _described(output: object) -> str:
    if isinstance(output, Tensor):
        return f"{str(output.dtype).removeprefix('torch.')}{tuple(output.shape)}"
    return f"a {type(output).__name__}"
