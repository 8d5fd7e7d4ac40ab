"""Network dissection: which concept each unit of a layer detects."""

from kdissect.dissect.choices import PRESETS as PRESETS
from kdissect.dissect.choices import Choices as Choices
from kdissect.dissect.contributions import Contributions as Contributions
from kdissect.dissect.dissecting import dissect as dissect
from kdissect.dissect.dissecting import dissect_layers as dissect_layers
from kdissect.dissect.dissecting import dissect_views as dissect_views
from kdissect.dissect.dissection import Dissection as Dissection
from kdissect.dissect.dissection import Found as Found
from kdissect.dissect.dissections import Dissections as Dissections
from kdissect.dissect.exemplars import Exemplars as Exemplars
from kdissect.dissect.forward import View as View
from kdissect.dissect.keep import KeptMaps as KeptMaps
from kdissect.dissect.layer import find_layer as find_layer
from kdissect.dissect.layer import find_layers as find_layers
from kdissect.dissect.quantile import thresholds as thresholds
from kdissect.dissect.ranks import together as together
from kdissect.dissect.tallying import GATES as GATES
from kdissect.dissect.tallying import Gate as Gate
from kdissect.dissect.tallying import Tally as Tally
from kdissect.dissect.tallying import tally as tally
from kdissect.dissect.winners import Winners as Winners
