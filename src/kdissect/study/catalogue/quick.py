"""The quick study: the paper's central comparison, from nothing to a report in minutes on two cores."""

from kdissect.study.catalogue.arms import distilled, scratch, smoothed, study_of
from kdissect.study.catalogue.scale import Size
from kdissect.study.catalogue.sizes import scale_of
from kdissect.study.study import Study


def quick(size: Size = "small", data: str | None = None, probe: str | None = None) -> Study:
    """Scratch, label smoothing and distillation from one teacher: accuracy, class similarity, detectors."""
    scale = scale_of(size, data, probe)
    arms = (scale.teacher, scratch(scale), smoothed(scale), distilled(scale))
    study = study_of(scale, "quick", "Does distillation make a student more interpretable?", arms)
    return study.changed(seeds=scale.seeds[:3])
