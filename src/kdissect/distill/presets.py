"""Presets: for each method its objective, its recipe and the kind of teacher, as somebody published or as we run it."""

from typing import Literal, final

from pydantic import Field

from kdissect.data.augment import Augment
from kdissect.distill.expression import sskd
from kdissect.distill.terms import AT, CE, CRD, DIST, DKD, FT, KD, LS, RKD, SP, FitNet, ReviewKD
from kdissect.distill.terms.term import Objective, as_objective
from kdissect.specs import Spec
from kdissect.training import Recipe

TeacherKind = Literal["none", "normal", "label smoothing", "same network"]


@final
class Method(Spec):
    """One method of a preset.

    Attributes:
        name: short.
        objective: what the student minimises.
        recipe: how it is trained.
        teacher: none; one trained with CE; one trained with label smoothing 0.1; one of the student's own kind.
        note: what is to be known of it.
    """

    name: str
    objective: Objective
    recipe: Recipe
    teacher: TeacherKind = "none"
    note: str = Field(default="")


_IMAGENET = Recipe(
    epochs=100,
    batch_size=256,
    learning_rate=0.1,
    nesterov=False,
    weight_decay=1e-4,
    schedule="steps",
    warmup_share=0.0,
    milestones=(0.3, 0.6, 0.9),
    augment=Augment(crop="resized"),
)


def paper_release() -> tuple[Method, ...]:
    """The settings that the code of Han et al. 2023 really has, unequal budgets and all.

    ResNet-34 to ResNet-18 on ImageNet.

    Only these six are released; scratch, LS, Self-KD and features with logits are not.
    """
    return (
        _method("KD", 0.5 * CE() + 0.5 * KD(temperature=1), _IMAGENET, "normal"),
        _method(
            "KD-from-LS", 0.1 * CE() + 0.9 * KD(temperature=2), _IMAGENET.changed(batch_size=512), "label smoothing",
            "the released flag for the teacher does nothing; without its file the code takes the normal teacher",
        ),
        _method(
            "AT", 0.1 * CE() + 1000 * AT(layers=("layer3", "layer4")), _IMAGENET.changed(batch_size=512), "normal",
            "CE has a weight of 1 in the original",
        ),
        _method(
            "FT", CE() + 1000 * FT(layers=("layer4",), stage_epochs=1),
            _IMAGENET.changed(epochs=90, milestones=(30 / 90, 60 / 90)), "normal",
            "ends before the third decay of the other methods",
        ),
        _method(
            "CRD", as_objective(CRD()), _IMAGENET.changed(batch_size=85), "normal",
            "CE has a weight of 0: the classifier is never trained, and its accuracy means nothing",
        ),
        _method(
            "SSKD", sskd(kd_weight=0), _IMAGENET.changed(batch_size=85, weight_decay=5e-4), "normal",
            "85 images, each in 4 rotations; its TF term is logit distillation",
        ),
    )  # fmt: skip


def paper_fair(*, epochs: int = 100, batch_size: int = 256) -> tuple[Method, ...]:
    """The paper's methods with equal budgets and the release's defects mended: every comparison that the paper makes.

    Feature methods alone are `CE + feature`, with logits `CE + KD(T=4) + feature`; weights are those of the methods'
    authors.

    Args:
        epochs: the same for all.
        batch_size: the same for all.
    """
    recipe = _IMAGENET.changed(epochs=epochs, batch_size=batch_size)
    features = {"AT": 1000 * AT(), "FT": 1000 * FT(), "CRD": 0.8 * CRD()}
    kd = KD(temperature=4)
    alone = [_method(name, CE() + term, recipe, "normal") for name, term in features.items()]
    both = [_method(f"{name}+KD", CE() + kd + term, recipe, "normal") for name, term in features.items()]
    # SSKD's own TF term teaches logits, so without logits its SS term stands alone.
    ss = [
        _method("SSKD", sskd(kd_weight=0, tf_weight=0), recipe, "normal", "without TF, which is logit distillation"),
        _method("SSKD+KD", sskd(kd_weight=1), recipe, "normal"),
    ]
    return (
        _method("scratch", as_objective(CE()), recipe),
        _method("LS", as_objective(LS(smoothing=0.1)), recipe),
        _method("KD", CE() + kd, recipe, "normal"),
        *(_method(f"KD-from-LS-T{t:g}", CE() + KD(temperature=t), recipe, "label smoothing") for t in (1, 2, 4, 8)),
        _method("Self-KD", CE() + kd, recipe, "same network"),
        *alone,
        ss[0],
        *both,
        ss[1],
    )


def cifar(*, learning_rate: float = 0.05) -> tuple[Method, ...]:
    """The field's recipe for CIFAR-100: 240 epochs of 64, a tenth of the rate at 150, 180 and 210.

    Args:
        learning_rate: 0.05; 0.01 for MobileNets and ShuffleNets.

    Source: RepDistiller, Tian et al. 2020, arXiv:1910.10699, and the later methods' own weights.
    """
    recipe = Recipe(
        epochs=240,
        batch_size=64,
        learning_rate=learning_rate,
        nesterov=False,
        weight_decay=5e-4,
        schedule="steps",
        warmup_share=0.0,
        milestones=(150 / 240, 180 / 240, 210 / 240),
        augment=Augment(shift_share=0.125),
    )
    kd = KD(temperature=4)
    return (
        _method("scratch", as_objective(CE()), recipe),
        _method("KD", 0.1 * CE() + 0.9 * kd, recipe, "normal"),
        _method("FitNet", CE() + 100 * FitNet(), recipe, "normal"),
        _method("AT", CE() + 1000 * AT(), recipe, "normal"),
        _method("SP", CE() + 3000 * SP(), recipe, "normal"),
        _method("RKD", CE() + RKD(), recipe, "normal"),
        _method("CRD", CE() + 0.8 * CRD(), recipe, "normal"),
        _method("CRD+KD", CE() + kd + 0.8 * CRD(), recipe, "normal"),
        _method("DKD", CE() + DKD(others_weight=8, warmup_epochs=20), recipe, "normal"),
        _method("DIST", CE() + 2 * DIST(), recipe, "normal"),
        _method("KD-standardized", 0.1 * CE() + 9 * KD(temperature=2, standardize=True), recipe, "normal"),
        _method("ReviewKD", CE() + ReviewKD(warmup_epochs=20), recipe, "normal"),
    )


def brodenette(*, epochs: int = 7) -> tuple[Method, ...]:
    """The methods of `paper_fair` at the size of Brodenette: minutes on two cores.

    Args:
        epochs: the same for all; teacher-side stages take a third of them.
    """
    recipe = Recipe(epochs=epochs, batch_size=64, learning_rate=0.1)
    stage = max(1, epochs // 3)
    small = []
    for method in paper_fair():
        parts = [
            part.model_copy(update={"term": part.term.changed(stage_epochs=stage)})
            if "stage_epochs" in type(part.term).model_fields
            else part
            for part in method.objective.terms
        ]
        small.append(method.changed(objective=Objective(terms=tuple(parts)), recipe=recipe))
    return tuple(small)


PRESETS = (paper_release, paper_fair, cifar, brodenette)
"""Functions that return the methods of a preset; its name is its function's."""


def _method(name: str, objective: Objective, recipe: Recipe, teacher: TeacherKind = "none", note: str = "") -> Method:
    return Method(name=name, objective=objective, recipe=recipe, teacher=teacher, note=note)
