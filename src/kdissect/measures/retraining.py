"""Training a network anew, for what a measure asks of it."""

import torch
from torch import nn
from torch.nn import functional as F

from kdissect.data.dataset import Split
from kdissect.errors import SpecError
from kdissect.models import Network, format_of
from kdissect.seeds import key
from kdissect.training import Recipe, accuracy, predict
from kdissect.training.batches import Batches
from kdissect.training.losses import Losses


def plain(recipe: Recipe) -> Recipe:
    """The recipe, if it is one that `train_anew` follows.

    Raises:
        ValueError: it asks for half precision or compilation.
    """
    if recipe.precision != "fp32" or recipe.compile != "off":
        raise ValueError(
            f"a measure trains in fp32 and without compilation, got {recipe.precision} and compile {recipe.compile}"
        )
    return recipe


def train_anew(network: Network, split: Split, recipe: Recipe, *, seed: int, device: torch.device) -> nn.Module:
    """A network of that spec after the recipe's last epoch on hard labels, in eval mode.

    Initial weights, order, augmentation and what the network itself draws depend on the seed alone, so two calls differ
    by their images and labels only. The loop is its own since objectives, which `fit` takes, are unknown to measures.

    Raises:
        SpecError: the split is smaller than a batch.
        DivergedError: a loss is not finite.
    """
    if len(split) < recipe.batch_size:
        raise SpecError(f"expected a batch of at most {len(split)} (the images to train on), got {recipe.batch_size}")
    module = network.build(seed).to(device)
    layout = format_of(module)
    module = module.to(memory_format=layout)
    optimizer = recipe.build_optimizer(list(module.parameters()))
    batches = Batches(split, recipe, seed, device)
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices), torch.enable_grad():
        torch.manual_seed(key(seed, "retraining"))  # dropout and its kind draw from the global generator
        module.train()
        for epoch in range(recipe.epochs):
            losses = Losses(epoch)
            for step, batch in enumerate(batches.epoch(epoch)):
                for group in optimizer.param_groups:
                    group["lr"] = recipe.rate(epoch * batches.steps + step, recipe.epochs * batches.steps)
                images = network.normalize(batch.pictures).contiguous(memory_format=layout)
                loss = F.cross_entropy(module(images), batch.labels)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                losses.add({"CE": loss})
            losses.means()  # raises where one was not finite
    return module.eval()


def accuracy_anew(
    network: Network, train: Split, test: Split, recipe: Recipe, *, seed: int, device: torch.device
) -> float:
    """Test accuracy of a network trained anew, after the last epoch: nothing is chosen on the test images."""
    module = train_anew(network, train, recipe, seed=seed, device=device)
    return accuracy(predict(module, network, test), test.labels)
