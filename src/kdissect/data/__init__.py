"""Datasets with class trees, probes with concept labels, and Brodenette, the world that needs no download."""

from kdissect.data.ade20k import ade20k_probe as ade20k_probe
from kdissect.data.augment import Augment as Augment
from kdissect.data.block_mnist import BlockMnist as BlockMnist
from kdissect.data.broden import Broden as Broden
from kdissect.data.brodenette_dataset import Brodenette as Brodenette
from kdissect.data.brodenette_dataset import BrodenetteProbe as BrodenetteProbe
from kdissect.data.cells import Cells as Cells
from kdissect.data.class_tree import ClassTree as ClassTree
from kdissect.data.coco import coco_probe as coco_probe
from kdissect.data.converted import ConvertedProbe as ConvertedProbe
from kdissect.data.dataset import Dataset as Dataset
from kdissect.data.dataset import Split as Split
from kdissect.data.hidden_coordinate import hidden_coordinate as hidden_coordinate
from kdissect.data.image_folder import ImageFolder as ImageFolder
from kdissect.data.mask_folders import mask_probe as mask_probe
from kdissect.data.packed import PackedProbe as PackedProbe
from kdissect.data.packing import pack as pack
from kdissect.data.pascal_part import pascal_part_probe as pascal_part_probe
from kdissect.data.probe import Probe as Probe
from kdissect.data.probe_source import BrodenFolder as BrodenFolder
from kdissect.data.probe_source import PackedFolder as PackedFolder
from kdissect.data.probe_source import ProbeSource as ProbeSource
from kdissect.data.probe_source import open_probe as open_probe
from kdissect.data.real_broden import pack_broden as pack_broden

DATASETS: tuple[type[Dataset], ...] = (Brodenette, Cells, BlockMnist, ImageFolder)
PROBES: tuple[type[ProbeSource], ...] = (BrodenetteProbe, BrodenFolder, PackedFolder)
