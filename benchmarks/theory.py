"""Gradients that point anywhere but at the label: the simplified data of the DiffROAR paper, measured again.

A network of one hidden layer of ReLUs learns points x = y e_j, once plainly and once against an attack (8 steps of
projected gradient descent, l_inf, 0.45). How often does the largest gradient lie on coordinate j, how often the
smallest? Ranking and masking are those of `DiffRoar`. What the paper does not say is as in the authors' code (MIT):
PyTorch's own initialisation of linear layers, two logits, 500 epochs without momentum or decay of weights, the
gradient of the loss at the given label, an attack that starts at the point and stays within -1 and 1.

    python benchmarks/theory.py --only standard --width 25000 --epochs 12 --seeds 20
    python benchmarks/theory.py --only robust
"""

import argparse
import time

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.data.hidden_coordinate import hidden_coordinate
from kdissect.measures.ranking import kept, ranks_of
from kdissect.seeds import key, numpy_generator

POINTS, BATCH, TEST = 10_000, 250, 1_000
PUBLISHED = {
    "standard": {"top": 0.041, "bottom": 0.562, "score": -0.521, "cosine": 0.29},
    "robust": {"top": 1.0, "bottom": 0.0, "score": 1.0, "cosine": 1.0},
}


def train(points: Tensor, labels: Tensor, *, width: int, epochs: int, attack: float, seed: int) -> nn.Module:
    """A network of one hidden layer, by SGD with rate 0.1, times 0.75 every 50 epochs (0.001 at least).

    There are only 2d different points, and the attack draws nothing. So a batch is the different points and how often
    each of them occurs in it: the same gradient, at a tenth of the work.
    """
    network = untrained(points.shape[1], width, seed)
    codes = torch.cat([points, labels[:, None].float()], 1)
    different, which = codes.unique(dim=0, return_inverse=True)
    x, y = different[:, :-1], different[:, -1].long()
    for epoch in range(epochs):
        rate = 0.1 * max(0.01, 0.75 ** (epoch // 50))
        order = torch.from_numpy(numpy_generator(seed, "theory/order", epoch).permutation(len(points)))
        for rows in order.split(BATCH):
            share = torch.bincount(which[rows], minlength=len(x)) / len(rows)
            seen = attacked(network, x, y, attack) if attack else x
            loss = (F.cross_entropy(network(seen), y, reduction="none") * share).sum()
            slopes = torch.autograd.grad(loss, list(network.parameters()))
            with torch.no_grad():
                for parameter, slope in zip(network.parameters(), slopes, strict=True):
                    parameter -= rate * slope
    return network


def untrained(dimensions: int, width: int, seed: int) -> nn.Module:
    """One hidden layer of ReLUs and two logits, with PyTorch's own initialisation."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(key(seed, "theory"))
        return nn.Sequential(nn.Linear(dimensions, width), nn.ReLU(), nn.Linear(width, 2))


def attacked(network: nn.Module, x: Tensor, y: Tensor, size: float, steps: int = 8) -> Tensor:
    """The points, each moved to a larger loss by at most `size` in every coordinate."""
    moved = x.clone()
    for _ in range(steps):
        moved.requires_grad_()
        loss = F.cross_entropy(network(moved), y, reduction="sum")
        (slope,) = torch.autograd.grad(loss, moved)
        step = moved.detach() + 0.25 * size * slope.sign()
        moved = torch.clamp(x + (step - x).clamp(-size, size), -1, 1)
    return moved


def facts(network: nn.Module, points: Tensor, labels: Tensor) -> dict[str, float]:
    """How often the one coordinate kept is the one that tells the label, and the cosine of point and gradient."""
    x = points.clone().requires_grad_()
    (slope,) = torch.autograd.grad(F.cross_entropy(network(x), labels, reduction="sum"), x)
    maps = slope.abs()[:, None]
    share = 1 / points.shape[1]
    named = (points != 0)[:, None]
    found = {
        side: float((kept(ranks_of(maps), share, bottom=side == "bottom") & named).any(2).float().mean())
        for side in ("top", "bottom")
    }
    cosine = F.cosine_similarity(points, slope, dim=1).abs().mean()
    right = network(points).argmax(1) == labels
    return {
        **found,
        "score": found["top"] - found["bottom"],
        "cosine": float(cosine),
        "accuracy": float(right.float().mean()),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--width", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", choices=("standard", "robust"))
    chosen = parser.parse_args()
    print("| network | seed | P(top = signal) | P(bottom = signal) | score | cosine | accuracy | seconds |")
    print("|---|---|---|---|---|---|---|---|")
    for name, attack in (("standard", 0.0), ("robust", 0.45)):
        if chosen.only not in (None, name):
            continue
        known = PUBLISHED[name]
        print(f"| {name} | published | {known['top']} | {known['bottom']} | {known['score']} | {known['cosine']} | | |")
        for seed in range(chosen.seeds):
            started = time.perf_counter()
            points, labels = hidden_coordinate(POINTS, seed=seed)
            network = train(points, labels, width=chosen.width, epochs=chosen.epochs, attack=attack, seed=seed)
            found = facts(network, *hidden_coordinate(TEST, seed=seed, split="test"))
            numbers = " | ".join(f"{found[one]:.3f}" for one in ("top", "bottom", "score", "cosine", "accuracy"))
            print(f"| {name} | {seed} | {numbers} | {time.perf_counter() - started:.0f} |", flush=True)


if __name__ == "__main__":
    main()
