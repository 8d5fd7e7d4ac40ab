"""When in training do the differences arise?"""

from kdissect.study.catalogue.arms import distilled, scratch, smoothed, study_of
from kdissect.study.catalogue.scale import Size
from kdissect.study.catalogue.sizes import scale_of
from kdissect.study.study import Study


def training_time(size: Size = "small", data: str | None = None, probe: str | None = None) -> Study:
    """Scratch, KD and LS after epochs along the way, from the untrained network on: when do detectors arise?

    Source: kdissect; Bau et al. 2017, section 3.4, on detectors over training.
    """
    scale = scale_of(size, data, probe)
    arms = (scale.teacher, scratch(scale), distilled(scale), smoothed(scale))
    study = study_of(scale, "training_time", "Detectors over training time", arms)
    return study.changed(checkpoints=scale.checkpoints)
