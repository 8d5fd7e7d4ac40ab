"""Networks that somebody already has, as a study: every one an arm that comes trained."""

from collections.abc import Mapping, Sequence

import torch

from kdissect.data import Dataset, ProbeSource
from kdissect.errors import SpecError
from kdissect.measures import (
    Accuracy,
    ClassSimilarity,
    Complexity,
    ConceptInheritance,
    Detectors,
    DiffRoar,
    Faithfulness,
    FiveBand,
    Localisation,
    LossGradient,
    Measure,
    NullBlock,
    RandomLabels,
    Sanity,
    Stability,
    Transfer,
)
from kdissect.models import Anatomy, Network
from kdissect.study.arm import Arm
from kdissect.study.study import Study
from kdissect.training import Recipe

SHORT: dict[str, type[Measure]] = {
    "accuracy": Accuracy,
    "similarity": ClassSimilarity,
    "detectors": Detectors,
    "localisation": Localisation,
    "bands": FiveBand,
    "gradients": LossGradient,
    "faithfulness": Faithfulness,
    "stability": Stability,
    "complexity": Complexity,
    "sanity": Sanity,
    "transfer": Transfer,
    "inheritance": ConceptInheritance,
    "null-blocks": NullBlock,
    "diff-roar": DiffRoar,
    "random-labels": RandomLabels,
}
"""Words for measures on the command line."""


def member(group: str, number: int) -> str:
    """The arm's name of a group's network, from 1."""
    return f"{group}-{number}"


def study_at_hand(
    groups: Mapping[str, Sequence[Network]],
    dataset: Dataset,
    probe: ProbeSource | None,
    measures: tuple[Measure, ...],
    *,
    teacher: Network | None = None,
) -> Study:
    """A study that measures trained networks, each an arm `GROUP-NUMBER`.

    Args:
        groups: networks with weights; several of a group are training seeds of the same, and those of one place in
            their groups (counted anew after the length of the shortest) are compared on the images that all of them,
            and the teacher, get right.
        dataset: what they were trained for.
        probe: images with concept labels, if a measure needs them.
        measures: what is measured.
        teacher: what the others are held against by measures that look at a teacher; the first group's first if None.

    Raises:
        SpecError: a measure asks for what is not there.
    """
    arms = [Arm(name="teacher-0", network=teacher, role="teacher")] if teacher is not None else []
    for group, networks in groups.items():
        for number, network in enumerate(networks, 1):
            # The first of all stands in for a teacher where none was named and others are to be held against it.
            first = not arms and any("teacher" in measure.needs for measure in measures)
            # Every network of the longer groups has fellows in the shorter ones: none is looked at on its own images.
            run = (number - 1) % min(map(len, groups.values())) + 1
            name = member(group, number)
            arms.append(Arm(name=name, network=network, role="teacher" if first else "student", run=run))
    return Study(
        name="at-hand",
        title="Networks at hand",
        dataset=dataset,
        probe=probe,
        arms=tuple(arms),
        recipe=Recipe(epochs=1),
        measures=measures,
        seeds=(0,),
        reference=arms[0].name,
    )


def measures_for(
    words: Sequence[str] | None,
    dataset: Dataset,
    probe: ProbeSource | None,
    networks: Sequence[Network],
    *,
    layer: str | None = None,
    teacher: Network | None = None,
    teacher_layer: str | None = None,
    images: int | None = None,
) -> tuple[Measure, ...]:
    """The measures that words name; without words all that the data allow, but for those that train networks.

    Args:
        words: keys of `SHORT`.
        dataset: what the networks were trained for.
        probe: images with concept labels; None leaves detectors out.
        networks: what will be measured, to find the layer that is dissected.
        layer: the layer to dissect; the last stage if None.
        teacher: another network to hold each against, if there is one.
        teacher_layer: the teacher's layer to dissect; `layer` if the teacher has it, else its last stage.
        images: how many test images the measures by image look at; their default if None.

    Raises:
        SpecError: a word is unknown, or the networks' last stages have different names.
    """
    if words is not None and (unknown := [word for word in words if word not in SHORT]):
        raise SpecError(f"no measure {unknown[0]!r}; there are {', '.join(SHORT)}")
    chosen: list[Measure] = []
    for word, kind in SHORT.items():
        if words is not None and word not in words:
            continue
        if words is None and (
            ("probe" in kind.needs and probe is None)
            or ("objects" in kind.needs and not dataset.has_objects)
            or ("features" in kind.needs and not dataset.has_features)
            or ("nulls" in kind.needs and not dataset.has_nulls)
            or ("teacher" in kind.needs and teacher is None)
            or kind.retrains
        ):
            continue
        if kind in (Detectors, ConceptInheritance):
            found = {"layer": layer or _last_stage(networks, dataset)}
            if kind is ConceptInheritance and teacher is not None:
                found["teacher_layer"] = teacher_layer or _own_layer(teacher, layer, dataset)
            chosen.append(kind.from_mapping(found))
        elif images is not None and "images" in kind.model_fields:
            chosen.append(kind.from_mapping({"images": images}))
        else:
            chosen.append(kind.from_mapping({}))
    if not chosen:
        raise SpecError(f"expected at least one measure of {', '.join(SHORT)}")
    return tuple(chosen)


def _own_layer(network: Network, name: str | None, dataset: Dataset) -> str:
    """The layer of that name, or else the last stage."""
    module = network.model_copy(update={"weights": None}).build()
    if name is not None and name in dict(module.named_modules()):
        return name
    return _last_stage([network], dataset)


def _last_stage(networks: Sequence[Network], dataset: Dataset) -> str:
    pictures = dataset.split("test").pictures[:2]
    found: dict[str, str] = {}
    for network in {one.model_copy(update={"weights": None}): one for one in networks}.values():
        with torch.no_grad():
            anatomy = Anatomy.of(network.model_copy(update={"weights": None}).build(), network.normalize(pictures))
        found[network.architecture] = anatomy.last_stage
    if len(set(found.values())) > 1:
        named = ", ".join(f"{layer} of {architecture}" for architecture, layer in found.items())
        raise SpecError(f"the last stages have different names ({named}); name a layer that all have with --layer")
    return next(iter(found.values()))
