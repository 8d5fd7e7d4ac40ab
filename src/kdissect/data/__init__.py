"""Datasets with class trees, probes with concept labels, and Brodenette, the world that needs no download."""

from kdissect.data.augment import Augment as Augment
from kdissect.data.broden import Broden as Broden
from kdissect.data.brodenette_dataset import Brodenette as Brodenette
from kdissect.data.brodenette_dataset import BrodenetteProbe as BrodenetteProbe
from kdissect.data.class_tree import ClassTree as ClassTree
from kdissect.data.dataset import Dataset as Dataset
from kdissect.data.dataset import Split as Split
from kdissect.data.probe import Probe as Probe
from kdissect.data.probe_source import BrodenFolder as BrodenFolder
from kdissect.data.probe_source import ProbeSource as ProbeSource

DATASETS: tuple[type[Dataset], ...] = (Brodenette,)
PROBES: tuple[type[ProbeSource], ...] = (BrodenetteProbe, BrodenFolder)
