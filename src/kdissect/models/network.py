"""The spec of a network, and how it is built."""

import re
from typing import Any, Self, cast, final

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn

from kdissect.errors import SpecError
from kdissect.models.registry_weights import build_with_registry_weights, from_registry
from kdissect.models.small_resnet import SmallResNet, Stem
from kdissect.models.small_vgg import SmallVgg
from kdissect.models.weights import find_weights, load_weights
from kdissect.records import file_digest
from kdissect.specs import Spec
from kdissect.user_code import find_in_file

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_SMALL = re.compile(r"small/(resnet|vgg)(\d+)")


@final
class Network(Spec):
    """A frozen description of a network; `build` makes the module.

    Attributes:
        architecture: `small/resnet8`, `small/vgg8` (14, 20, ...: depth 6n + 2), `torchvision/NAME`, `timm/NAME`, or
            `FILE.py:FACTORY`, a function of one's own that takes `num_classes`. A bare name is looked
            up in torchvision, then in timm, and kept with its source.
        num_classes: number of classes, at least 2.
        width: channels of the first stage; small networks only (default 16).
        stem: side of the first maps relative to the image; small networks only (default `full`).
        weights: file with the weights (safetensors, or a state dict), `kdissect:NAME` for weights that come with the
            package, `torchvision:TAG` or `timm:TAG` for those of the registries (`torchvision:DEFAULT`, `timm:default`;
            read from their cache on disk, or downloaded); None for weights drawn from the seed.
        mean: subtracted from pixels of 0 to 1, per RGB channel.
        std: the pixels are divided by it.
    """

    architecture: str
    num_classes: int = Field(ge=2)
    width: int | None = Field(default=None, ge=1)
    stem: Stem | None = None
    weights: str | None = None
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD

    @model_validator(mode="before")
    @classmethod
    def _name_the_source(cls, fields: Any) -> Any:
        if isinstance(fields, dict) and isinstance(fields.get("architecture"), str):
            return {**fields, "architecture": _with_source(fields["architecture"])}
        return fields

    @model_validator(mode="after")
    def _options_fit(self) -> Self:
        small = _SMALL.fullmatch(self.architecture)
        if small and (int(small[2]) < 8 or (int(small[2]) - 2) % 6):
            raise ValueError(f"a small ResNet or VGG has depth 6n + 2 (8, 14, 20, ...), got {self.architecture}")
        if not small and (self.width is not None or self.stem is not None):
            raise ValueError(f"width and stem belong to small/resnet* and small/vgg*, not to {self.architecture}")
        if any(value <= 0 for value in self.std):
            raise ValueError(f"std must be positive, got {self.std}")
        return self

    def build(self, seed: int = 0) -> nn.Module:
        """The module, with the spec's weights, or with weights drawn from `seed`.

        Raises:
            DataError: the weights are missing, damaged, a pickle, or of another network.
            SpecError: there is no such architecture or factory.
        """
        if self.weights is not None and from_registry(self.weights):
            return build_with_registry_weights(self.architecture, self.weights, self.num_classes)
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)  # the CPU's alone: modules are made there
            module = self._make()
        if self.weights is not None:
            load_weights(module, find_weights(self.weights), network=self.architecture)
        return module

    def weights_digest(self) -> str | None:
        """What decides the weights: the digest of their file, or a registry's name for them; None if there are none.

        Raises:
            DataError: there is no such file.
        """
        if self.weights is None or from_registry(self.weights):
            return self.weights
        return file_digest(find_weights(self.weights))

    def statistics(self, module: nn.Module) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """Mean and standard deviation of a module of this spec: timm's own, unless the spec names some."""
        if {"mean", "std"} & self.model_fields_set:
            return self.mean, self.std
        known = getattr(module, "pretrained_cfg", None) or {}
        mean, std = known.get("mean", self.mean), known.get("std", self.std)
        return (tuple(mean), tuple(std)) if len(mean) == len(std) == 3 else (self.mean, self.std)

    def normalize(self, pictures: Tensor) -> Tensor:
        """Pictures as the network takes them: `(b 3 h w)` uint8 to float32."""
        mean = torch.tensor(self.mean, device=pictures.device).view(3, 1, 1) * 255
        scale = 1 / (torch.tensor(self.std, device=pictures.device).view(3, 1, 1) * 255)
        return (pictures.to(torch.float32) - mean) * scale

    def _make(self) -> nn.Module:
        source, _, name = self.architecture.partition("/")
        if source == "small":
            kind = SmallResNet if name.startswith("resnet") else SmallVgg
            depth = int(name.removeprefix("resnet").removeprefix("vgg"))
            return kind(self.num_classes, depth, self.width or 16, self.stem or "full")
        if source == "torchvision" and name:
            from torchvision.models import get_model

            return cast(nn.Module, get_model(name, weights=None, num_classes=self.num_classes))
        if source == "timm" and name:
            import timm

            return timm.create_model(name, pretrained=False, num_classes=self.num_classes)
        factory = find_in_file(self.architecture)
        if not callable(factory):
            raise SpecError(f"{self.architecture} must be a function that takes num_classes")
        module = factory(num_classes=self.num_classes)
        if not isinstance(module, nn.Module):
            raise SpecError(f"{self.architecture} must return a torch module, got {type(module).__name__}")
        return module


def _with_source(architecture: str) -> str:
    """The architecture with `torchvision/` or `timm/` before a bare name."""
    if ".py:" in architecture or _SMALL.fullmatch(architecture):
        return architecture
    source, _, name = architecture.rpartition("/")
    if source in ("", "torchvision"):
        import torchvision

        if name in torchvision.models.list_models(module=torchvision.models):
            return f"torchvision/{name}"
    if source in ("", "timm"):
        import timm

        if name.split(".")[0] in timm.list_models():
            return f"timm/{name}"
    raise ValueError(
        f"no architecture {architecture!r}; expected small/resnet8 or small/vgg8 (14, 20, ...), a name of "
        f"torchvision or timm, or FILE.py:FACTORY{_nearest(name)}"
    )


def _nearest(name: str) -> str:
    import difflib

    import timm
    import torchvision

    known = {*torchvision.models.list_models(module=torchvision.models), *timm.list_models()}
    near = difflib.get_close_matches(name, sorted(known), n=3)
    return f"; did you mean {' or '.join(near)}?" if near else ""
