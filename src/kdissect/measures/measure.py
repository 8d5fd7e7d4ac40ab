"""What a measure is, and what it gets to see."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, final

from torch import Tensor, nn

from kdissect.data.dataset import Dataset, SplitName
from kdissect.data.probe import Probe
from kdissect.errors import SpecError
from kdissect.models import Network
from kdissect.records import Score
from kdissect.specs import Plugin
from kdissect.training import predict

Need = Literal["dataset", "probe"]


@final
@dataclass
class Subject:
    """A trained network under measurement, and the data to measure it on.

    Attributes:
        module: the network; measures leave its weights, mode and hooks as they found them.
        network: its spec.
        dataset: the data set it was trained for; None if there is none.
        probe: images with concept labels; None if there are none.
        progress: called with the number of images done.
    """

    module: nn.Module
    network: Network
    dataset: Dataset | None = None
    probe: Probe | None = None
    progress: Callable[[int], None] | None = None
    _logits: dict[str, Tensor] = field(default_factory=dict, repr=False)

    def logits(self, split: SplitName) -> Tensor:
        """Logits over a split, `(b k)`, computed on the first call."""
        if split not in self._logits:
            self._logits[split] = predict(self.module, self.network, self.the_dataset.split(split))
        return self._logits[split]

    @property
    def the_dataset(self) -> Dataset:
        """The data set.

        Raises:
            SpecError: there is none.
        """
        if self.dataset is None:
            raise SpecError("this measure needs a data set with labels, and none was given")
        return self.dataset

    @property
    def the_probe(self) -> Probe:
        """The probe.

        Raises:
            SpecError: there is none.
        """
        if self.probe is None:
            raise SpecError("this measure needs a probe (images with concept labels), and none was given")
        return self.probe


@final
@dataclass(frozen=True)
class Measured:
    """What a measure found.

    Attributes:
        scores: the numbers.
        facts: further JSON for the report.
    """

    scores: tuple[Score, ...]
    facts: dict[str, Any] = field(default_factory=dict)


class Measure(Plugin, ABC):
    """Turns a trained network and data into scores. Abstract.

    Class attributes:
        needs: the data that `Subject` must hold.
        definitions: one sentence on each score, by its name, or by what stands before the slash (`detectors/`)
            for a family of scores; kept with every record, and shown in the report.
    """

    needs: ClassVar[frozenset[Need]] = frozenset()
    definitions: ClassVar[dict[str, str]] = {}

    def check(self, module: nn.Module) -> None:
        """Refuse a network that cannot be measured, before it is trained; the default accepts all.

        Raises:
            KdissectError: what is wrong, for example that a layer is missing.
        """
        return

    @abstractmethod
    def run(self, subject: Subject, folder: Path) -> Measured:
        """The scores of a network. Independent of batch size and image order.

        Args:
            subject: the network and the data.
            folder: an empty folder for files that the record should keep.
        """
