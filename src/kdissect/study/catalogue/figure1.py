"""The paper's first figure: scratch, distillation and label smoothing."""

from kdissect.study.catalogue.arms import distilled, scratch, smoothed, study_of
from kdissect.study.catalogue.scale import Size
from kdissect.study.catalogue.sizes import scale_of
from kdissect.study.study import Study


def figure1(size: Size = "small", data: str | None = None, probe: str | None = None) -> Study:
    """Scratch, KD and LS over more seeds: do detectors rise with a teacher, and fall with label smoothing?

    Source: Han et al. 2023, figure 1 and the table of class-similarity entropy.
    """
    scale = scale_of(size, data, probe)
    arms = (scale.teacher, scratch(scale), distilled(scale), smoothed(scale))
    study = study_of(scale, "figure1", "Scratch, distillation and label smoothing", arms)
    return study.changed(seeds=scale.figure_seeds)
