"""The whole catalogue."""

from kdissect.study.catalogue.architectures import architectures
from kdissect.study.catalogue.causal_controls import causal_controls
from kdissect.study.catalogue.every_measure import every_measure
from kdissect.study.catalogue.feature_methods import feature_methods
from kdissect.study.catalogue.figure1 import figure1
from kdissect.study.catalogue.scale import Size
from kdissect.study.catalogue.self_distillation import self_distillation
from kdissect.study.catalogue.smooth_teacher import smooth_teacher
from kdissect.study.catalogue.temperature_weight import temperature_weight
from kdissect.study.catalogue.training_time import training_time
from kdissect.study.study import Study

PARTS = (
    figure1,
    feature_methods,
    smooth_teacher,
    self_distillation,
    temperature_weight,
    causal_controls,
    architectures,
    every_measure,
    training_time,
)


def paper(size: Size = "small", data: str | None = None, probe: str | None = None) -> tuple[Study, ...]:
    """Every study of the catalogue in one store, what they have in common done once."""
    return tuple(part(size, data, probe) for part in PARTS)
