"""What a measure is, and what it gets to see."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar, final

import torch
from torch import Tensor, nn

from kdissect.attribution import Attribution
from kdissect.data.dataset import Dataset, SplitName
from kdissect.data.probe import Probe
from kdissect.errors import ShapeError, SpecError
from kdissect.models import Network, format_of
from kdissect.records import Score
from kdissect.specs import Plugin, digest
from kdissect.training import predict

Need = Literal["dataset", "probe", "objects", "features", "nulls", "teacher", "arms"]
"""What a measure can ask for: labelled images, images with concept labels, masks of the labelled objects, masks of the
parts that tell a class from its like, masks of where nothing tells the class, the network that taught (or that all arms
are held against), and all arms, to know which images every one of them gets right."""
EXPLAINED_AT_ONCE = 64
Made = TypeVar("Made")


@contextmanager
def evaluating(*modules: nn.Module) -> Iterator[None]:
    """The modules in eval mode and without gradient; each is left in the mode it was in."""
    training = [module.training for module in modules]
    for module in modules:
        module.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        for module, mode in zip(modules, training, strict=True):
            module.train(mode)


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
        teacher: the network to hold this one against; None if there is none.
        right_everywhere: test images that every arm under comparison classifies correctly, `(b)` bool; None if this
            network stands alone.
    """

    module: nn.Module
    network: Network
    dataset: Dataset | None = None
    probe: Probe | None = None
    progress: Callable[[int], None] | None = None
    teacher: "Subject | None" = None
    right_everywhere: Tensor | None = None
    _maps: dict[str, Tensor] = field(default_factory=dict, repr=False)
    _logits: dict[str, Tensor] = field(default_factory=dict, repr=False)
    _made: dict[str, Any] = field(default_factory=dict, repr=False)

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """What `make` gives, made on the first call with a name: what several measures, or students, share."""
        if name not in self._made:
            self._made[name] = make()
        found: Made = self._made[name]
        return found

    def logits(self, split: SplitName) -> Tensor:
        """Logits over a split, `(b k)`, computed on the first call."""
        if split not in self._logits:
            self._logits[split] = predict(self.module, self.network, self.the_dataset.split(split))
        return self._logits[split]

    def images(self, rows: slice | Tensor, split: SplitName = "test") -> Tensor:
        """Some pictures of a split as the network takes them, on its device, `(b 3 h w)`."""
        device = next(self.module.parameters()).device
        pictures = self.the_dataset.split(split).pictures[rows].to(device)
        return self.network.normalize(pictures).contiguous(memory_format=format_of(self.module))

    def labels(self, chosen: int | Tensor, split: SplitName = "test") -> Tensor:
        """Labels of the first images of a split, or of those at some places, `(b)`."""
        labels = self.the_dataset.split(split).labels
        return labels[:chosen] if isinstance(chosen, int) else labels[chosen]

    def objects(self, count: int) -> Tensor:
        """Where the labelled object is, in the first images of the test split, `(b h w)` bool.

        Raises:
            SpecError: the data set has no masks.
            ShapeError: the masks are not of the pictures' size.
        """
        return self._of_pictures(self.the_dataset.objects("test"))[:count]

    def features(self, count: int) -> Tensor:
        """Where the part is that tells the class from its like, in the first images of the test split, `(b h w)` bool.

        Raises:
            SpecError: the data set does not know.
            ShapeError: the masks are not of the pictures' size.
        """
        return self._of_pictures(self.the_dataset.features("test"), "features")[:count]

    def nulls(self, count: int) -> Tensor:
        """Where nothing tells the class, in the first images of the test split, `(b h w)` bool.

        Raises:
            SpecError: the data set does not know.
            ShapeError: the masks are not of the pictures' size.
        """
        return self._of_pictures(self.the_dataset.nulls("test"))[:count]

    def _of_pictures(self, masks: Tensor, what: str = "masks") -> Tensor:
        """The masks, if they are of the test split's pictures."""
        pictures = self.the_dataset.split("test").pictures
        if masks.shape != (len(pictures), *pictures.shape[2:]):
            raise ShapeError(
                f"{what} must be {(len(pictures), *pictures.shape[2:])}, as the pictures are, got {tuple(masks.shape)}"
            )
        return masks

    def right(self, count: int) -> Tensor:
        """Which of the first test images every arm (or this network, if it stands alone) gets right, `(b)` bool.

        Raises:
            ShapeError: what was said to be right is of other images.
        """
        if self.right_everywhere is None:
            return self.logits("test")[:count].argmax(1) == self.labels(count)
        if len(self.right_everywhere) != len(self.the_dataset.split("test")):
            raise ShapeError(
                f"right_everywhere must be of the {len(self.the_dataset.split('test'))} test images, "
                f"got {len(self.right_everywhere)}; measure all arms on the same data"
            )
        return self.right_everywhere[:count]

    def maps(
        self,
        attribution: Attribution,
        chosen: int | Tensor,
        classes: Tensor | None = None,
        *,
        split: SplitName = "test",
    ) -> Tensor:
        """Attribution maps of images, `(b h w)` float32 on the CPU; made on the first call.

        Args:
            attribution: the method.
            chosen: how many images, from the first; or the places of images in the split, `(b)`.
            classes: what to explain in each; the labels if left out, so that every arm explains the same class.
            split: whose images.
        """
        classes = self.labels(chosen, split) if classes is None else classes
        rows = torch.arange(len(classes)) if isinstance(chosen, int) else chosen
        name = digest([attribution.model_dump(mode="json"), classes.tolist(), split, rows.tolist()])
        if name not in self._maps:
            device, found = next(self.module.parameters()).device, []
            for some, own in zip(*(torch.split(each, EXPLAINED_AT_ONCE) for each in (rows, classes)), strict=True):
                found.append(attribution.explain(self.module, self.images(some, split), own.to(device)).cpu())
            self._maps[name] = torch.cat(found)
        return self._maps[name]

    @property
    def the_teacher(self) -> "Subject":
        """The network to hold this one against.

        Raises:
            SpecError: there is none.
        """
        if self.teacher is None:
            raise SpecError("this measure needs a teacher, and none was given")
        return self.teacher

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
        passes: what it costs an image (of `images`, or of the test split or the probe), in forward passes of the
            network over it, at the default settings. For estimates before a run, right within a factor of three; other
            work on the image counts as the passes that would take as long.
        retrains: whether it trains networks, which takes minutes; such a measure is only run where it is named.
        definitions: one sentence on each score, by its name, or by what stands before the slash (`detectors/`)
            for a family of scores; kept with every record, and shown in the report.
    """

    needs: ClassVar[frozenset[Need]] = frozenset()
    passes: ClassVar[float] = 1
    retrains: ClassVar[bool] = False
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
