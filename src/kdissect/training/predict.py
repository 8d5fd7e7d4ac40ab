"""Logits of a network over a split."""

import torch
from torch import Tensor, nn

from kdissect.data.dataset import Split
from kdissect.errors import DivergedError
from kdissect.models import Network, format_of


@torch.inference_mode()
def predict(module: nn.Module, network: Network, split: Split, *, batch_size: int = 256) -> Tensor:
    """Logits for every image of the split, `(b k)` float32, on the CPU.

    Runs in eval mode and leaves the module in the mode it was in.

    Raises:
        DivergedError: a logit is not finite; names the image.
    """
    training = module.training
    module.eval()
    device, layout = next(module.parameters()).device, format_of(module)
    try:
        logits = torch.cat(
            [
                module(network.normalize(pictures.to(device)).contiguous(memory_format=layout)).float().cpu()
                for pictures in torch.split(split.pictures, batch_size)
            ]
        )
    finally:
        module.train(training)
    finite = logits.isfinite().all(1)
    if not finite.all():
        image = int((~finite).nonzero()[0, 0])
        raise DivergedError(
            f"the network's output for image {image} is not finite; its weights or its input are damaged"
        )
    return logits


def accuracy(logits: Tensor, labels: Tensor) -> float:
    """Share of the images whose largest logit is at the label, 0 to 1."""
    return float((logits.argmax(1) == labels).double().mean())
