"""Network dissection: which concept each unit of a layer detects."""

from kdissect.dissect.dissecting import dissect as dissect
from kdissect.dissect.dissection import Dissection as Dissection
from kdissect.dissect.dissection import Found as Found
from kdissect.dissect.exemplars import Exemplars as Exemplars
from kdissect.dissect.keep import KeptMaps as KeptMaps
from kdissect.dissect.layer import find_layer as find_layer
from kdissect.dissect.quantile import thresholds as thresholds
from kdissect.dissect.tallying import GATES as GATES
from kdissect.dissect.tallying import Gate as Gate
from kdissect.dissect.tallying import Tally as Tally
from kdissect.dissect.tallying import tally as tally
from kdissect.dissect.winners import Winners as Winners
