"""Feature distillation with and without the teacher's logits."""

from kdissect.study.catalogue.arms import distilled, scratch, study_of, taught
from kdissect.study.catalogue.scale import Size
from kdissect.study.catalogue.sizes import scale_of
from kdissect.study.study import Study

METHODS = ("AT", "FT", "CRD", "SSKD")


def feature_methods(size: Size = "small", data: str | None = None, probe: str | None = None) -> Study:
    """AT, FT, CRD and SSKD, each alone and with logits: what do logits add to what features teach?

    Objectives are those of the preset `paper_fair`; stages on the teacher's side are shorter where the training is.

    Source: Han et al. 2023, the bar chart of detectors with and without logit distillation.
    """
    scale = scale_of(size, data, probe)
    pairs = [
        taught(
            scale,
            method + suffix,
            scale.methods[method + suffix.replace("-", "+")].objective,
            place={"method": method, "logits": "with" if suffix else "without"},
        )
        for method in METHODS
        for suffix in ("", "-KD")
    ]
    arms = (scale.teacher, scratch(scale), distilled(scale), *pairs)
    study = study_of(scale, "feature_methods", "Feature distillation with and without logits", arms)
    return study.changed(seeds=scale.feature_seeds)
