"""Every term that is listed keeps the promises of a term; every control those of a control."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor, nn

from kdissect.distill import CE, CONTROLS, KD, LS, OFAKD, TERMS, Control, Objective, Permuted, SimKD, Term, as_objective
from kdissect.distill.terms.layer_term import LayerTerm
from kdissect.distill.terms.logit_term import LogitTerm
from kdissect.errors import LayerError, ShapeError, SpecError
from kdissect.models import Network
from kdissect.training import Distilled, Distiller, Seen

CLASSES, IMAGES = 6, 12
GROUPS = torch.tensor([0, 0, 0, 1, 1, 1])
STUDENT = Network(architecture="small/resnet8", num_classes=CLASSES, width=8)
TEACHER = STUDENT.changed(width=12)
ON_LOGITS = [CE, LS, *(kind for kind in TERMS if issubclass(kind, LogitTerm) and kind is not OFAKD)]
AT_REST = {
    "KD", "TCKD", "NCKD", "DKD", "DIST", "MLKD", "AT", "SP", "RKD", "PKT", "CATKD", "E2KD", "TF",
}  # fmt: skip
"""Terms without a part of their own: zero, and without gradient, where student and teacher are one."""


@pytest.fixture(params=TERMS, ids=lambda kind: kind.__name__)
def term(request: pytest.FixtureRequest) -> Term:
    return request.param()


def a_batch() -> tuple[Tensor, Tensor, Tensor]:
    """Images, labels and indices."""
    generator = torch.Generator().manual_seed(3)
    return torch.rand(IMAGES, 3, 16, 16, generator=generator), torch.arange(IMAGES) % CLASSES, torch.arange(IMAGES)


def distiller(term: Term, *, same: bool = False, seed: int = 0) -> Distiller:
    teacher = TEACHER.build(1)
    student = TEACHER.build(1) if same else STUDENT.build(0)
    torch.manual_seed(seed)
    return Distiller(student, teacher, as_objective(term), image_size=16, num_images=40, groups=GROUPS)


@contextmanager
def frozen_statistics(module: Distiller) -> Iterator[None]:
    """Batch norm as the teacher's: student and teacher of equal weights then give equal outputs."""
    module.student.eval()
    yield


def state(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items()}


def step(module: Distiller) -> Distilled:
    out: Distilled = module(*a_batch(), draw=5)
    out.loss.backward()
    return out


def test_a_term_is_a_finite_scalar_with_gradient(term: Term) -> None:
    module = distiller(term).train()
    out = step(module)
    assert out.loss.shape == ()
    assert out.loss.isfinite()
    assert out.logits.shape == (IMAGES, CLASSES)
    grads = [p.grad for p in module.student.parameters() if p.grad is not None]
    assert all(grad.isfinite().all() for grad in grads)
    assert sum(grad.abs().sum() for grad in grads) > 0


def test_all_that_a_term_trains_gets_a_gradient(term: Term) -> None:
    module = distiller(term).train()
    step(module)
    without = [name for name, p in module.parts.named_parameters() if p.requires_grad and p.grad is None]
    assert not without


def test_a_teacher_never_changes_and_is_no_part_of_the_module(term: Term) -> None:
    module = distiller(term)
    if module.teacher is None:
        return
    before = state(module.teacher)
    module.train()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        step(module)
        optimizer.step()
    assert not module.teacher.training
    assert not any(part.training for part in module.teacher.modules())
    assert all(torch.equal(value, module.teacher.state_dict()[name]) for name, value in before.items())
    assert all(p.grad is None and not p.requires_grad for p in module.teacher.parameters())
    own = {id(p) for p in module.parameters()}
    assert not own & {id(p) for p in module.teacher.parameters()}


def test_a_step_changes_the_student_and_equal_seeds_give_equal_weights(term: Term) -> None:
    ends = []
    for _ in range(2):
        module = distiller(term).train()
        before = state(module.student)
        optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
        step(module)
        optimizer.step()
        ends.append(state(module))
        assert any(not torch.equal(before[name], value) for name, value in state(module.student).items())
    assert all(torch.equal(ends[0][name], ends[1][name]) for name in ends[0])


def test_a_term_makes_the_round_trip_through_json(term: Term) -> None:
    objective = as_objective(term)
    assert Objective.from_json(objective.model_dump_json()) == objective
    assert hash(objective) == hash(Objective.from_json(objective.model_dump_json()))


def test_a_term_names_its_source_and_its_formula(term: Term) -> None:
    assert "Source:" in (type(term).__doc__ or "")
    assert type(term).__name__ in term.formula


def test_a_term_is_at_rest_where_student_and_teacher_are_one(term: Term) -> None:
    if type(term).__name__ not in AT_REST:
        return
    module = distiller(term, same=True)
    with frozen_statistics(module):
        out = module(*a_batch(), draw=5)
    assert out.loss.item() == pytest.approx(0, abs=2e-5)
    trained = list(module.student.parameters())
    grads = torch.autograd.grad(out.loss, trained, allow_unused=True)
    assert max(float(grad.abs().max()) for grad in grads if grad is not None) < 1e-3


def test_a_term_does_not_depend_on_the_order_of_the_batch(term: Term) -> None:
    if term.needs_indices or "strong" in term.views:
        return  # what is drawn belongs to a place in the batch
    images, labels, indices = a_batch()
    losses = []
    for order in (slice(None), torch.arange(IMAGES - 1, -1, -1)):
        module = distiller(term)
        with frozen_statistics(module):
            losses.append(module(images[order], labels[order], indices[order], draw=5).loss)
    torch.testing.assert_close(losses[0], losses[1])


def seen_of(student: Tensor, teacher: Tensor, views: tuple[str, ...]) -> Seen:
    labels = torch.arange(len(student)) % student.shape[1]
    others = {view: Seen(labels, student.roll(1, 0), teacher.roll(1, 0)) for view in views}
    return Seen(labels, student, teacher, views=others)


@pytest.mark.parametrize("kind", ON_LOGITS)
def test_a_term_on_logits_stays_finite_and_ignores_a_shift(kind: type[Term]) -> None:
    term = kind()
    generator = torch.Generator().manual_seed(1)
    student, teacher = (torch.randn(8, CLASSES, generator=generator) * 3 for _ in range(2))
    part = (
        distiller(term).parts.get_submodule("parts").get_submodule(kind.__name__) if kind.__name__ == "OFAKD" else None
    )
    if part is not None:
        return  # reads layers, too
    base = term.loss(seen_of(student, teacher, term.views))
    shift = torch.randn(8, 1, generator=generator)
    torch.testing.assert_close(
        term.loss(seen_of(student + shift, teacher - shift, term.views)), base, rtol=1e-4, atol=1e-5
    )
    big = (student * 300).requires_grad_()
    loss = term.loss(seen_of(big, teacher * 300, term.views))
    (gradient,) = torch.autograd.grad(loss, big)
    assert loss.isfinite()
    assert gradient.isfinite().all()


@pytest.mark.parametrize("kind", [kind for kind in TERMS if issubclass(kind, LayerTerm)])
def test_a_layer_that_is_not_there_is_named_with_candidates(kind: type[LayerTerm]) -> None:
    with pytest.raises(LayerError, match=r"no layer 'layer7'.*layer3"):
        distiller(kind("layer7"))
    with pytest.raises(SpecError, match=r"one to one, got 1 of the student and 2"):
        distiller(kind("layer3", teacher=("layer2", "layer3")))


@pytest.mark.parametrize("kind", [kind for kind in TERMS if issubclass(kind, LayerTerm) and kind.single])
def test_a_term_on_one_layer_leaves_none_out_in_silence(kind: type[LayerTerm]) -> None:
    with pytest.raises(SpecError, match="compares one layer of each network; add a second"):
        kind("layer2", "layer3")


@pytest.mark.parametrize("kind", [kind for kind in TERMS if kind.needs_logits])
def test_a_teacher_of_other_classes_is_refused(kind: type[Term]) -> None:
    teacher = TEACHER.changed(num_classes=9).build(0)
    with pytest.raises(ShapeError, match="the teacher has 9, the student 6"):
        Distiller(STUDENT.build(0), teacher, as_objective(kind()), image_size=16)


@pytest.mark.parametrize("kind", [kind for kind in TERMS if kind.needs_teacher])
def test_a_missing_teacher_is_refused(kind: type[Term]) -> None:
    with pytest.raises(SpecError, match="needs a teacher"):
        Distiller(STUDENT.build(0), None, as_objective(kind()), image_size=16, num_images=40)


@pytest.mark.parametrize("kind", CONTROLS)
def test_a_control_makes_the_round_trip_and_is_said_in_the_formula(kind: type[Control]) -> None:
    control = kind()
    objective = CE() + KD(control=control)
    assert Objective.from_json(objective.model_dump_json()) == objective
    assert control.formula in objective.formula
    assert "Source:" in (kind.__doc__ or "")


def test_a_control_that_needs_groups_refuses_a_data_set_without() -> None:
    for groups in (None, torch.arange(CLASSES)):
        with pytest.raises(SpecError, match="class tree|groups of several classes"):
            Distiller(
                STUDENT.build(0), TEACHER.build(1), CE() + KD(control=Permuted(classes="within")), image_size=16,
                groups=groups,
            )  # fmt: skip


def test_an_objective_is_written_as_it_is_said() -> None:
    objective = 0.5 * CE() + 0.5 * KD(temperature=4)
    assert objective.formula == "0.5*CE + 0.5*KD(T^2*KL(t||s), T=4, batchmean)"
    assert objective.needs_teacher
    assert not as_objective(LS()).needs_teacher


def test_an_objective_sums_its_weighted_terms() -> None:
    objective = CE() + 2 * LS(smoothing=0.3) + 3 * (CE() * 0.5)
    module = Distiller(STUDENT.build(0), None, objective, image_size=16)
    out = module(*a_batch())
    labels = a_batch()[1]
    assert list(out.terms) == ["CE", "LS", "CE2"]
    torch.testing.assert_close(out.terms["LS"], 2 * LS(smoothing=0.3).loss(Seen(labels, out.logits)))
    torch.testing.assert_close(out.terms["CE2"], 1.5 * CE().loss(Seen(labels, out.logits)))
    torch.testing.assert_close(out.loss, sum(out.terms.values()))


def test_an_objective_without_weight_is_refused() -> None:
    with pytest.raises(SpecError, match="a weight above 0"):
        as_objective(0 * CE())


def test_only_one_term_may_rebuild_the_student() -> None:
    with pytest.raises(SpecError, match="only one term can rebuild the student"):
        Distiller(STUDENT.build(0), TEACHER.build(1), SimKD() + SimKD(narrowing=4), image_size=16)
