"""The catalogue: studies of the paper's questions, each at three sizes."""

from kdissect.study.catalogue.architectures import architectures as architectures
from kdissect.study.catalogue.causal_controls import causal_controls as causal_controls
from kdissect.study.catalogue.every_measure import every_measure as every_measure
from kdissect.study.catalogue.feature_methods import feature_methods as feature_methods
from kdissect.study.catalogue.figure1 import figure1 as figure1
from kdissect.study.catalogue.paper import PARTS
from kdissect.study.catalogue.paper import paper as paper
from kdissect.study.catalogue.quick import quick as quick
from kdissect.study.catalogue.scale import SIZES as SIZES
from kdissect.study.catalogue.scale import Size as Size
from kdissect.study.catalogue.self_distillation import self_distillation as self_distillation
from kdissect.study.catalogue.smooth_teacher import smooth_teacher as smooth_teacher
from kdissect.study.catalogue.temperature_weight import temperature_weight as temperature_weight
from kdissect.study.catalogue.training_time import training_time as training_time

STUDIES = (quick, *PARTS)
"""Functions that return the studies of the catalogue at a size; a study's name is its function's."""

COLLECTIONS = (paper,)
"""Functions that return several of them."""
