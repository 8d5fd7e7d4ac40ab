"""Each term a second time: naive, float64, with loops."""

import math
import random

import pytest
import torch
from torch import Tensor

from kdissect.distill import CE, KD, LS
from kdissect.training import Seen


def softmax(logits: list[float], temperature: float = 1.0) -> list[float]:
    weights = [math.exp(z / temperature) for z in logits]
    return [weight / sum(weights) for weight in weights]


@pytest.fixture
def seen() -> Seen:
    rng = random.Random(5)
    student = [[rng.gauss(0, 2) for _ in range(6)] for _ in range(5)]
    teacher = [[rng.gauss(0, 2) for _ in range(6)] for _ in range(5)]
    labels = torch.tensor([0, 3, 5, 5, 1])
    return Seen(labels, torch.tensor(student, dtype=torch.float64, requires_grad=True), torch.tensor(teacher).double())


def rows(logits: Tensor | None) -> list[list[float]]:
    assert logits is not None
    return logits.detach().tolist()


def test_ce(seen: Seen) -> None:
    expected = [-math.log(softmax(z)[y]) for z, y in zip(rows(seen.student), seen.labels.tolist(), strict=True)]
    assert CE().loss(seen).item() == pytest.approx(sum(expected) / 5, abs=1e-12)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7, 1.0])
def test_ls(seen: Seen, smoothing: float) -> None:
    total = 0.0
    for z, y in zip(rows(seen.student), seen.labels.tolist(), strict=True):
        p = softmax(z)
        for k in range(6):
            target = (1 - smoothing) * (k == y) + smoothing / 6
            total -= target * math.log(p[k])
    assert LS(smoothing=smoothing).loss(seen).item() == pytest.approx(total / 5, abs=1e-12)


def test_ls_is_the_label_smoothing_of_torch(seen: Seen) -> None:
    torchs = torch.nn.functional.cross_entropy(seen.student, seen.labels, label_smoothing=0.1)
    torch.testing.assert_close(LS(smoothing=0.1).loss(seen), torchs)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_kd(seen: Seen, temperature: float) -> None:
    total = 0.0
    for s, t in zip(rows(seen.student), rows(seen.teacher), strict=True):
        p, q = softmax(s, temperature), softmax(t, temperature)
        total += sum(b * math.log(b / a) for a, b in zip(p, q, strict=True))
    expected = temperature**2 * total / 5
    assert KD(temperature=temperature).loss(seen).item() == pytest.approx(expected, abs=1e-10)


def test_kd_has_the_gradient_of_the_cross_entropy_with_soft_targets(seen: Seen) -> None:
    assert seen.teacher is not None
    soft = torch.softmax(seen.teacher / 4, 1)
    by_hand = (torch.softmax(seen.student / 4, 1) - soft) * 4 / 5
    (gradient,) = torch.autograd.grad(KD(temperature=4).loss(seen), seen.student)
    torch.testing.assert_close(gradient, by_hand.detach())


def test_kd_tends_to_logit_matching_at_high_temperature(seen: Seen) -> None:
    assert seen.teacher is not None
    centred = [z - z.mean(1, keepdim=True) for z in (seen.student, seen.teacher)]
    limit = ((centred[0] - centred[1]) ** 2).sum(1).mean() / (2 * 6)
    assert KD(temperature=1e4).loss(seen).item() == pytest.approx(limit.item(), rel=1e-3)
