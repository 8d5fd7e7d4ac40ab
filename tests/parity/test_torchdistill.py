"""Terms against those of torchdistill, where it is installed: equal on random inputs."""

import warnings
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from kdissect.distill import AT, CE, DIST, FT, KD, PKT, RKD, SP, Term
from kdissect.models import Anatomy
from kdissect.training import Pair, Seen

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    losses = pytest.importorskip("torchdistill.losses.mid_level")

SIDE = {
    "student_module_path": "s",
    "student_module_io": "output",
    "teacher_module_path": "t",
    "teacher_module_io": "output",
}


def tensors(*shape: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(4)
    return torch.randn(*shape, generator=generator).double(), torch.randn(*shape, generator=generator).double() * 2


def theirs(loss: nn.Module, student: Tensor, teacher: Tensor, labels: Tensor | None = None) -> float:
    found = loss({"s": {"output": student.clone()}}, {"t": {"output": teacher.clone()}}, labels)
    return float(found.detach())


@pytest.mark.parametrize("temperature", [1.0, 4.0])
@pytest.mark.parametrize("standardize", [False, True])
def test_kd_with_their_alpha(temperature: float, standardize: bool) -> None:
    student, teacher = tensors(8, 10)
    labels = torch.arange(8)
    seen = Seen(labels, student, teacher)
    kind = losses.LogitStdKDLoss if standardize else losses.KDLoss
    loss = kind(**SIDE, temperature=temperature, alpha=0.3)
    own = 0.3 * CE().loss(seen) + 0.7 * KD(temperature=temperature, standardize=standardize).loss(seen)
    assert own.item() == pytest.approx(theirs(loss, student, teacher, labels), abs=1e-10)


def test_dist_at_a_temperature_of_one() -> None:
    student, teacher = tensors(8, 10)
    own = DIST(classes_weight=2, images_weight=3).loss(Seen(torch.arange(8), student, teacher))
    assert own.item() == pytest.approx(theirs(losses.DISTLoss(**SIDE, beta=2, gamma=3), student, teacher), abs=1e-8)


def bound(term: Term, student: Tensor, teacher: Tensor, layer: str) -> float:
    """The term's value for these outputs of one layer on each side."""
    shape: Any = (student.shape[1], *student.shape[2:], *(1,) * (4 - student.dim()))
    anatomy = Anatomy("Net", {layer: shape[:3]}, frozenset(), (layer,), "fc", shape[0], 4)
    part = term.part(Pair(anatomy, anatomy, 4))
    from kdissect.training import Taught

    labels = torch.zeros(len(student), dtype=torch.int64)
    target = term.target(Taught(labels, torch.zeros(len(student), 4), {layer: teacher}), part)
    seen = Seen(labels, torch.zeros(len(student), 4), maps={layer: student}, target=target)
    return float((term.loss(seen) if part is None else term.loss(seen, part)).detach())


def test_at_in_the_form_of_the_code() -> None:
    student, teacher = tensors(6, 5, 4, 4)
    pairs = {"one": {"teacher": {"io": "output", "path": "t"}, "student": {"io": "output", "path": "s"}, "weight": 1}}
    loss = losses.ATLoss(at_pairs=pairs, mode="code")
    assert bound(AT(layers=("x",)), student, teacher, "x") == pytest.approx(theirs(loss, student, teacher), abs=1e-12)


def test_sp() -> None:
    student, teacher = tensors(6, 5, 4, 4)
    """They pass 1 as the order of the norm; the paper's rows have length 1 in the second norm, as ours have."""
    loss = losses.SPKDLoss("s", "t", reduction="batchmean")
    grams = [z.flatten(1) @ z.flatten(1).T for z in (student, teacher)]
    for order, found in ((1, theirs(loss, student, teacher)), (2, bound(SP(layers=("x",)), student, teacher, "x"))):
        one, other = (nn.functional.normalize(gram, p=order, dim=1) for gram in grams)
        assert found == pytest.approx((one - other).square().mean().item(), abs=1e-12)


def test_pkt() -> None:
    student, teacher = tensors(6, 5)
    assert bound(PKT(), student, teacher, "embedding") == pytest.approx(
        theirs(losses.PKTLoss(**SIDE), student, teacher), abs=1e-7
    )


def test_rkd() -> None:
    student, teacher = tensors(6, 5)
    loss = losses.RKDLoss("s", "t", 25.0, 50.0, reduction="mean")
    assert bound(RKD(), student, teacher, "embedding") == pytest.approx(theirs(loss, student, teacher), abs=1e-6)


def test_ft() -> None:
    """Their loss on the factors that ours makes."""
    student, teacher = tensors(6, 5, 4, 4)
    anatomy = Anatomy("Net", {"x": (5, 4, 4)}, frozenset(), ("x",), None, 0, 4)
    term = FT()
    part = term.part(Pair(anatomy, anatomy, 4))
    assert part is not None
    part.double()
    factors = part.translator(student), part.paraphraser.encoder(teacher)  # type: ignore[operator, union-attr]
    loss = losses.FTLoss(p=1, paraphraser_path="t", translator_path="s")
    from kdissect.training import Taught

    labels = torch.zeros(6, dtype=torch.int64)
    target = term.target(Taught(labels, torch.zeros(6, 4), {"x": teacher}), part)
    own = term.loss(Seen(labels, torch.zeros(6, 4), maps={"x": student}, target=target), part)
    assert own.item() == pytest.approx(theirs(loss, *factors), abs=1e-12)
