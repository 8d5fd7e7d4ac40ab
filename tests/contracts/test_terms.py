"""Every term that is listed keeps the promises of a term."""

import pytest
import torch

from kdissect.distill import CE, KD, LS, TERMS, Objective, Term, as_objective
from kdissect.errors import ShapeError, SpecError
from kdissect.training import Seen


@pytest.fixture(params=TERMS, ids=lambda kind: kind.__name__)
def term(request: pytest.FixtureRequest) -> Term:
    return request.param()


def a_batch(*, same: bool = False) -> Seen:
    generator = torch.Generator().manual_seed(3)
    student = torch.randn(8, 5, generator=generator) * 3
    teacher = student.clone() if same else torch.randn(8, 5, generator=generator) * 3
    return Seen(torch.arange(8) % 5, student.requires_grad_(), teacher)


def test_a_term_is_a_finite_scalar_with_gradient(term: Term) -> None:
    seen = a_batch()
    loss = term.loss(seen)
    assert loss.shape == ()
    loss.backward()
    assert seen.student.grad is not None
    assert seen.student.grad.isfinite().all()
    assert seen.student.grad.abs().sum() > 0


def test_a_term_does_not_depend_on_the_order_of_the_batch(term: Term) -> None:
    seen = a_batch()
    assert seen.teacher is not None
    flipped = Seen(seen.labels.flip(0), seen.student.flip(0), seen.teacher.flip(0))
    torch.testing.assert_close(term.loss(seen), term.loss(flipped))


def test_a_term_makes_the_round_trip_through_json(term: Term) -> None:
    objective = as_objective(term)
    assert Objective.from_json(objective.model_dump_json()) == objective


def test_a_term_names_its_source(term: Term) -> None:
    assert "Source:" in (type(term).__doc__ or "")


def test_a_term_that_needs_a_teacher_is_zero_and_at_rest_when_both_agree(term: Term) -> None:
    if not term.needs_teacher:
        return
    seen = a_batch(same=True)
    loss = term.loss(seen)
    assert loss.item() == pytest.approx(0, abs=1e-5)
    (gradient,) = torch.autograd.grad(loss, seen.student)
    assert gradient.abs().max() < 1e-5


def test_a_term_stays_finite_for_extreme_logits(term: Term) -> None:
    seen = a_batch()
    assert seen.teacher is not None
    big = Seen(seen.labels, (seen.student * 300).detach().requires_grad_(), seen.teacher * 300)
    loss = term.loss(big)
    (gradient,) = torch.autograd.grad(loss, big.student)
    assert loss.isfinite()
    assert gradient.isfinite().all()


def test_an_objective_is_written_as_it_is_said() -> None:
    objective = 0.5 * CE() + 0.5 * KD(temperature=4)
    assert objective.formula == "0.5*CE + 0.5*KD(T^2*KL(t||s), T=4, batchmean)"
    assert objective.needs_teacher
    assert not as_objective(LS()).needs_teacher


def test_an_objective_sums_its_weighted_terms() -> None:
    seen = a_batch()
    losses = (CE() + 2 * LS(smoothing=0.3) + 3 * (CE() * 0.5)).losses(seen)
    assert list(losses) == ["CE", "LS", "CE2"]
    torch.testing.assert_close(losses["LS"], 2 * LS(smoothing=0.3).loss(seen))
    torch.testing.assert_close(losses["CE2"], 1.5 * CE().loss(seen))


def test_logits_that_do_not_fit_are_refused() -> None:
    seen = a_batch()
    with pytest.raises(SpecError, match="needs the teacher's logits"):
        (CE() + KD()).losses(Seen(seen.labels, seen.student))
    with pytest.raises(ShapeError, match=r"logits of one shape, got \(8, 4\) and \(8, 5\)"):
        (CE() + KD()).losses(Seen(seen.labels, seen.student, torch.zeros(8, 4)))


def test_an_objective_without_weight_is_refused() -> None:
    with pytest.raises(SpecError, match="a weight above 0"):
        as_objective(0 * CE())
