"""A student that learns from its own kind, generation after generation."""

from kdissect.distill import CE, KD
from kdissect.study.catalogue.arms import distilled, scratch, study_of, taught
from kdissect.study.catalogue.scale import Size
from kdissect.study.catalogue.sizes import scale_of
from kdissect.study.study import Study


def self_distillation(size: Size = "small", data: str | None = None, probe: str | None = None) -> Study:
    """Self-KD and the generations born of it, each taught by the one before with the same seed.

    `Self-KD` learns from the scratch student of its seed, `Self-KD-2` from that one, and so on; none is larger than
    its teacher, so what changes is not what a larger network knows.

    Source: Han et al. 2023, Self-KD; Furlanello et al. 2018, arXiv:1805.04770, for generations.
    """
    scale = scale_of(size, data, probe)
    names = ["scratch", "Self-KD", *(f"Self-KD-{number}" for number in range(2, scale.generations + 1))]
    born = [
        taught(scale, name, CE() + KD(temperature=4), names[number], {"generation": number + 1})
        for number, name in enumerate(names[1:])
    ]
    first = scratch(scale).changed(place={"generation": 0})
    arms = (scale.teacher, first, distilled(scale), *born)
    return study_of(scale, "self_distillation", "Self-distillation and its generations", arms)
