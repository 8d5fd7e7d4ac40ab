"""Each term on logits a second time: naive, float64, with loops."""

import math
import random

import numpy as np
import pytest
import torch
from torch import Tensor

from kdissect.distill import CE, DIST, DKD, KD, LS, MLKD, NCKD, TCKD, TF, HardKD, Permuted, Term, TfKD, UniformRest
from kdissect.training import Pair, Seen

GROUPS = [0, 0, 0, 1, 1, 2]


def softmax(logits: list[float], temperature: float = 1.0) -> list[float]:
    weights = [math.exp(z / temperature) for z in logits]
    return [weight / sum(weights) for weight in weights]


def kl(teacher: list[float], student: list[float]) -> float:
    return sum(t * math.log(t / s) for t, s in zip(teacher, student, strict=True))


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


def pairs(seen: Seen) -> list[tuple[list[float], list[float], int]]:
    return list(zip(rows(seen.student), rows(seen.teacher), seen.labels.tolist(), strict=True))


def test_ce(seen: Seen) -> None:
    expected = [-math.log(softmax(z)[y]) for z, _, y in pairs(seen)]
    assert CE().loss(seen).item() == pytest.approx(sum(expected) / 5, abs=1e-12)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7, 1.0])
@pytest.mark.parametrize("over", ["all", "others"])
def test_ls(seen: Seen, smoothing: float, over: str) -> None:
    total = 0.0
    for z, _, y in pairs(seen):
        p = softmax(z)
        for k in range(6):
            spread = smoothing / 6 if over == "all" else (k != y) * smoothing / 5
            total -= ((1 - smoothing) * (k == y) + spread) * math.log(p[k])
    term = LS.from_mapping({"smoothing": smoothing, "over": over})
    assert term.loss(seen).item() == pytest.approx(total / 5, abs=1e-12)


def test_ls_is_the_label_smoothing_of_torch(seen: Seen) -> None:
    torchs = torch.nn.functional.cross_entropy(seen.student, seen.labels, label_smoothing=0.1)
    torch.testing.assert_close(LS(smoothing=0.1).loss(seen), torchs)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_kd(seen: Seen, temperature: float) -> None:
    total = sum(kl(softmax(t, temperature), softmax(s, temperature)) for s, t, _ in pairs(seen))
    expected = temperature**2 * total / 5
    assert KD(temperature=temperature).loss(seen).item() == pytest.approx(expected, abs=1e-10)


def test_kd_with_standardised_logits(seen: Seen) -> None:
    def standard(z: list[float]) -> list[float]:
        return [float(v) for v in (np.array(z) - np.mean(z)) / (np.std(z, ddof=1) + 1e-7)]

    total = sum(kl(softmax(standard(t), 2), softmax(standard(s), 2)) for s, t, _ in pairs(seen))
    assert KD(temperature=2, standardize=True).loss(seen).item() == pytest.approx(4 * total / 5, abs=1e-10)


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


def test_the_two_halves_of_kd(seen: Seen) -> None:
    target = others = whole = 0.0
    for s, t, y in pairs(seen):
        p, q = softmax(s, 4), softmax(t, 4)
        two = kl([q[y], 1 - q[y]], [p[y], 1 - p[y]])
        rest = kl(
            softmax([v for k, v in enumerate(t) if k != y], 4), softmax([v for k, v in enumerate(s) if k != y], 4)
        )
        target, others, whole = target + two, others + rest, whole + two + (1 - q[y]) * rest
    assert TCKD(temperature=4).loss(seen).item() == pytest.approx(16 * target / 5, abs=1e-10)
    assert NCKD(temperature=4).loss(seen).item() == pytest.approx(16 * others / 5, abs=1e-10)
    assert KD(temperature=4).loss(seen).item() == pytest.approx(16 * whole / 5, abs=1e-10)
    both = DKD(temperature=4, target_weight=0.3, others_weight=7).loss(seen)
    assert both.item() == pytest.approx(16 * (0.3 * target + 7 * others) / 5, abs=1e-10)


def test_dkd_warms_up(seen: Seen) -> None:
    from dataclasses import replace

    cold, warm = (DKD(warmup_epochs=4).loss(replace(seen, epoch=epoch)) for epoch in (0, 3))
    assert cold.item() == pytest.approx(warm.item() / 4)
    assert DKD().loss(seen).item() == pytest.approx(warm.item())


def test_dist(seen: Seen) -> None:
    p, q = (np.array([softmax(z, 1.5) for z in rows(logits)]) for logits in (seen.student, seen.teacher))
    classes = np.mean([1 - np.corrcoef(a, b)[0, 1] for a, b in zip(p, q, strict=True)])
    images = np.mean([1 - np.corrcoef(a, b)[0, 1] for a, b in zip(p.T, q.T, strict=True)])
    term = DIST(temperature=1.5, classes_weight=2, images_weight=3)
    assert term.loss(seen).item() == pytest.approx(2 * classes + 3 * images, abs=1e-8)


def test_hard_kd(seen: Seen) -> None:
    expected = [-math.log(softmax(s)[int(np.argmax(t))]) for s, t, _ in pairs(seen)]
    assert HardKD().loss(seen).item() == pytest.approx(sum(expected) / 5, abs=1e-12)


def test_tf_kd(seen: Seen) -> None:
    total = 0.0
    for s, _, y in pairs(seen):
        virtual = [0.9 if k == y else 0.1 / 5 for k in range(6)]
        tempered = [v ** (1 / 20) for v in virtual]
        total += kl([v / sum(tempered) for v in tempered], softmax(s, 20))
    assert TfKD(correct=0.9, temperature=20).loss(seen).item() == pytest.approx(400 * total / 5, abs=1e-9)


def test_mlkd(seen: Seen) -> None:
    from dataclasses import replace

    strong = replace(seen, student=seen.student.roll(1, 1), teacher=seen.teacher.roll(2, 1))
    whole = replace(seen, views={"strong": strong})
    q = np.array([softmax(t) for t in rows(seen.teacher)])
    sure = q.max(1) >= np.sort(q.max(1))[2]
    mass = q.sum(0) >= np.sort(q.sum(0))[2]  # torch's median is the lower of the two in the middle
    total = 0.0
    for view in (seen, strong):
        for temperature in (2, 5):
            s, t = (np.array([softmax(z, temperature) for z in rows(x)]) for x in (view.student, view.teacher))
            every = [kl(list(b), list(a)) for a, b in zip(s, t, strict=True)]
            total += temperature**2 * sum(v for v, kept in zip(every, sure, strict=True) if kept) / sure.sum()
            total += 0.5 * ((s @ s.T - t @ t.T) ** 2).sum() / 5
            total += 2 * (((s.T @ s - t.T @ t) ** 2)[np.ix_(mass, mass)]).sum() / 6
    term = MLKD(temperatures=(2, 5), images_weight=0.5, classes_weight=2)
    assert term.loss(whole).item() == pytest.approx(total, abs=1e-9)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_tf_keeps_the_right_rows_and_the_least_wrong(seen: Seen, share: float) -> None:
    from dataclasses import replace

    views = {v: replace(seen, teacher=seen.teacher.roll(k, 1)) for k, v in enumerate(("rot90", "rot180", "rot270"))}
    every = []
    for view in views.values():
        for s, t, y in pairs(view):
            rank = sum(v > t[y] for v in t)
            every.append((rank, kl(softmax(t, 4), softmax(s, 4))))
    wrong = sorted((row for row in every if row[0] > 0), key=lambda row: row[0])
    kept = [row for row in every if row[0] == 0] + wrong[: math.floor(share * len(wrong))]
    expected = 16 * sum(value for _, value in kept) / max(1, len(kept))
    assert TF(wrong_share=share).loss(replace(seen, views=views)).item() == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    "term",
    [CE(), LS(), LS(over="others"), KD(), KD(standardize=True), TCKD(), NCKD(), DKD(), DIST(), HardKD(), TfKD(),
     MLKD(strong=False)],
    ids=lambda term: term.formula,
)  # fmt: skip
def test_gradients(term: Term, seen: Seen) -> None:
    from dataclasses import replace

    assert torch.autograd.gradcheck(lambda s: term.loss(replace(seen, student=s)), (seen.student,))


def a_pair(groups: list[int] | None = GROUPS) -> Pair:
    from kdissect.models import Anatomy

    nothing = Anatomy("Net", {}, frozenset(), (), None, 0, 6)
    return Pair(nothing, nothing, 6, groups=torch.tensor(groups) if groups is not None else None)


@pytest.mark.parametrize("classes", ["all", "within", "across"])
@pytest.mark.parametrize("seed", range(8))
def test_a_permuted_teacher_keeps_confidence_and_entropy_and_nothing_else(classes: str, seed: int, seen: Seen) -> None:
    assert seen.teacher is not None
    control = Permuted.from_mapping({"classes": classes, "seed": seed}).bind(a_pair())
    shown = control(seen.teacher, seen.labels, 4.0)
    for before, after, y in zip(rows(seen.teacher), rows(shown), seen.labels.tolist(), strict=True):
        assert sorted(after) == pytest.approx(sorted(before))
        assert after[y] == before[y]
        moved = [k for k in range(6) if k != y and after[k] != before[k]]
        if classes == "all":
            assert len(moved) == 5
        if classes == "within":
            for group in set(GROUPS):
                members = [k for k in range(6) if GROUPS[k] == group and k != y]
                assert sorted(after[k] for k in members) == pytest.approx(sorted(before[k] for k in members))
                assert len(members) == 1 or set(members) <= set(moved)
        if classes == "across":
            siblings = [k for k in range(6) if GROUPS[k] == GROUPS[y] and k != y]
            assert not {after[k] for k in siblings} & {before[k] for k in siblings}


def test_a_permutation_is_the_same_for_every_image_of_a_class(seen: Seen) -> None:
    control = Permuted().bind(a_pair(None))
    labels = torch.tensor([5, 5])
    logits = torch.tensor([[0.0, 1, 2, 3, 4, 5], [10.0, 11, 12, 13, 14, 15]])
    first, second = rows(control(logits, labels, 1.0))
    assert [v + 10 for v in first] == second


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_a_uniform_rest_keeps_the_confidence_at_the_temperature_of_the_term(temperature: float, seen: Seen) -> None:
    shown = UniformRest().bind(a_pair(None))(seen.teacher, seen.labels, temperature)
    for before, after, y in zip(rows(seen.teacher), rows(shown), seen.labels.tolist(), strict=True):
        p, q = softmax(before, temperature), softmax(after, temperature)
        assert q[y] == pytest.approx(p[y])
        others = [q[k] for k in range(6) if k != y]
        assert others == pytest.approx([(1 - p[y]) / 5] * 5)


def test_kd_from_a_uniform_rest_is_label_smoothing_by_the_teachers_amount(seen: Seen) -> None:
    part = UniformRest().bind(a_pair(None))
    term = KD(temperature=1, control=UniformRest())
    gradient, smooth = torch.autograd.grad(term.loss(seen, part), seen.student)[0], torch.zeros(5, 6).double()
    for row, (s, t, y) in enumerate(pairs(seen)):
        confidence = softmax(t)[y]
        for k in range(6):
            smooth[row, k] = (softmax(s)[k] - (confidence if k == y else (1 - confidence) / 5)) / 5
    torch.testing.assert_close(gradient, smooth)


def test_a_control_keeps_what_it_keeps_of_standardised_logits(seen: Seen) -> None:
    from kdissect.distill.terms.logit_term import standardized

    term = KD(temperature=2, standardize=True, control=UniformRest())
    shown = term.shown(seen, UniformRest().bind(a_pair(None)), 2.0, standardize=True)
    assert seen.teacher is not None
    for before, after, y in zip(rows(standardized(seen.teacher)), rows(shown), seen.labels.tolist(), strict=True):
        assert softmax(after, 2)[y] == pytest.approx(softmax(before, 2)[y])


def test_a_permutation_moves_every_class_even_where_there_is_no_other_group() -> None:
    order = Permuted(classes="across").bind(a_pair([0, 1, 1, 1, 1, 1]))(torch.arange(6.0)[None], torch.tensor([0]), 1.0)
    assert all(order[0, k] != k for k in range(1, 6))
