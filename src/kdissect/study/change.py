"""What people change daily, from the command line."""

from kdissect.errors import SpecError
from kdissect.study.quick import TEACHER_OBJECTIVE, TEACHER_RECIPE
from kdissect.study.study import Study


def change_study(
    study: Study, *, seeds: int | None = None, epochs: int | None = None, train_teacher: bool = False
) -> Study:
    """The study with the changes applied; None leaves a thing as it is.

    Args:
        study: the study.
        seeds: number of training seeds: 0, 1, ...
        epochs: of the study's recipe (an arm's own recipe stays).
        train_teacher: train the arms that come with weights, from the recipe that made the shipped ones.

    Raises:
        SpecError: a number is below 1.
    """
    fields = dict(study)
    if seeds is not None:
        if seeds < 1:
            raise SpecError(f"--seeds must be 1 or more, got {seeds}")
        fields["seeds"] = tuple(range(seeds))
    if epochs is not None:
        if epochs < 1:
            raise SpecError(f"--epochs must be 1 or more, got {epochs}")
        fields["recipe"] = study.recipe.model_copy(update={"epochs": epochs})
    if train_teacher:
        fields["arms"] = tuple(
            arm
            if arm.objective is not None
            else arm.model_copy(
                update={
                    "network": arm.network.model_copy(update={"weights": None}),
                    "objective": TEACHER_OBJECTIVE,
                    "recipe": TEACHER_RECIPE,
                    "stated_accuracy": None,
                }
            )
            for arm in study.arms
        )
    return Study(**fields)
