"""Networks: what they are, and how they are built."""

from kdissect.models.anatomy import CLASS_MAPS as CLASS_MAPS
from kdissect.models.anatomy import EMBEDDING as EMBEDDING
from kdissect.models.anatomy import Anatomy as Anatomy
from kdissect.models.checkpoints import Checkpoint as Checkpoint
from kdissect.models.checkpoints import find_checkpoints as find_checkpoints
from kdissect.models.ensemble import Ensemble as Ensemble
from kdissect.models.memory_format import format_of as format_of
from kdissect.models.network import Network as Network
from kdissect.models.reading import Reading as Reading
from kdissect.models.small_resnet import SmallResNet as SmallResNet
from kdissect.models.small_vgg import SmallVgg as SmallVgg
from kdissect.models.weights import find_weights as find_weights
from kdissect.models.weights import load_weights as load_weights
from kdissect.models.weights import save_weights as save_weights
