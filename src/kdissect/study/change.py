"""What people change daily, from the command line."""

from collections.abc import Sequence
from typing import Any

from kdissect.errors import SpecError
from kdissect.study.arm import Arm
from kdissect.study.catalogue.small import TEACHER, TEACHER_OBJECTIVE, TEACHER_RECIPE
from kdissect.study.only import only_some
from kdissect.study.study import Study


def change_study(
    study: Study,
    *,
    seeds: int | None = None,
    epochs: int | None = None,
    train_teacher: bool = False,
    only: Sequence[str] = (),
) -> Study:
    """The study with the changes applied; None leaves a thing as it is.

    Args:
        study: the study.
        seeds: number of training seeds: 0, 1, ...
        epochs: of the study's recipe (an arm's own recipe stays).
        train_teacher: train the teacher that comes with kdissect, by the recipe that made it.
        only: some of its arms, measures or seeds, as `only_some` takes them; after all other changes.

    Raises:
        SpecError: a number is below 1, the study does not use that teacher, or `only` names what is not there.
    """
    fields: dict[str, Any] = {}
    if seeds is not None:
        if seeds < 1:
            raise SpecError(f"--seeds must be 1 or more, got {seeds}")
        fields["seeds"] = tuple(range(seeds))
    if epochs is not None:
        if epochs < 1:
            raise SpecError(f"--epochs must be 1 or more, got {epochs}")
        fields["recipe"] = study.recipe.changed(epochs=epochs)
    if train_teacher:
        if not any(arm.network.weights == TEACHER for arm in study.arms):
            raise SpecError(f"--train-teacher needs a teacher with the weights {TEACHER}, {study.name} has none")
        fields["arms"] = tuple(_trained(arm) if arm.network.weights == TEACHER else arm for arm in study.arms)
    return only_some([study.changed(**fields)], only)[0]


def _trained(arm: Arm) -> Arm:
    return arm.changed(
        network=arm.network.changed(weights=None),
        objective=TEACHER_OBJECTIVE,
        recipe=TEACHER_RECIPE,
        stated_accuracy=None,
    )
