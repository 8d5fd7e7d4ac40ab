"""A study whose checkpoints are kept at a URL nearly at once, and whose dead owners are soon known."""

from own_study import own

from kdissect.records import claims, remote
from kdissect.study import Study

remote.CHECKPOINT_SECONDS = 0.3
claims.PATIENCE = 3.0


def long() -> Study:
    study = own()
    teacher, scratch, _ = study.arms
    recipe = study.recipe.changed(epochs=40)
    return study.changed(
        name="long",
        arms=(teacher.changed(recipe=recipe), scratch),
        recipe=recipe,
        seeds=(0,),
        measures=study.measures[:1],
    )
