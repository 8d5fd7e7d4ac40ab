"""A study of two arms that end with unequal accuracies, on a user's own data set."""

from kdissect.distill import CE
from kdissect.measures import Accuracy, Complexity
from kdissect.models import Network
from kdissect.study import Arm, Study
from kdissect.training import Recipe
from kdissect.user_code import find_in_file


def two_budgets() -> Study:
    """Two epochs against four."""
    network = Network(architecture="small/resnet8", num_classes=4, width=4)
    recipe = Recipe(epochs=4, batch_size=32, learning_rate=0.05)
    return Study(
        name="two-budgets",
        title="Two budgets",
        dataset=find_in_file(__file__.replace("two_budgets.py", "easy_data.py") + ":colours")(),
        arms=(
            Arm(name="short", network=network, objective=CE(), recipe=recipe.changed(epochs=2)),
            Arm(name="long", network=network, objective=CE()),
        ),
        recipe=recipe,
        measures=(Accuracy(), Complexity(images=32)),
        seeds=(0, 1),
        reference="short",
    )
