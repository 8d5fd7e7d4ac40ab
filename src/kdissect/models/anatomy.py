"""What a network is made of: the shapes its layers give, its stages, and its classifier."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Self, final

import torch
from torch import Tensor, nn

from kdissect.errors import LayerError, ShapeError
from kdissect.models.layer_name import bare, find_layer
from kdissect.models.layout import find_prefix, only_tensor, to_maps

MAX_STAGES = 4
EMBEDDING = "embedding"
"""The name under which the input of the classifier is read, `(b u)`."""
CLASS_MAPS = "class_maps"
"""The name under which the last stage's maps, weighted by the classifier, are read, `(b k h w)`."""
_POOLS = (nn.AdaptiveAvgPool2d, nn.AvgPool2d, nn.MaxPool2d, nn.Dropout, nn.Flatten)


@final
@dataclass(frozen=True)
class Anatomy:
    """The layers of one network for images of one size.

    Attributes:
        network: name of the network's class, for messages.
        shapes: for each submodule that gives feature maps its `(u, h, w)`, in the order of running; one that runs
            several times is left out.
        overwritten: layers whose output the next layer changes in place; a reader copies these.
        stages: the last layer of each resolution, finest first, at most four; for a transformer its blocks at
            each quarter of the depth.
        classifier: name of the linear layer that gives the logits; None if there is none.
        embedding: width of what goes into it; 0 if there is none.
        num_classes: width of the logits.
    """

    network: str
    shapes: Mapping[str, tuple[int, int, int]]
    overwritten: frozenset[str]
    stages: tuple[str, ...]
    classifier: str | None
    embedding: int
    num_classes: int

    @classmethod
    def of(cls, network: nn.Module, images: Tensor) -> Self:
        """Look at a network by one pass in evaluation mode; it is left as it was found.

        Args:
            network: any.
            images: a batch as the network takes it, `(b 3 h w)`, of any content.

        Raises:
            ShapeError: the network gives no logits `(b k)`, or cannot take such images.
        """
        network = bare(network)
        every: dict[str, list[object]] = {}
        versions: dict[str, int] = {}
        last_linear: list[tuple[str, int, int]] = []
        modes = [(part, part.training) for part in network.modules()]
        with ExitStack() as stack:
            for name, part in network.named_modules():
                if name:
                    stack.callback(part.register_forward_hook(_keep(name, every, versions, last_linear)).remove)
            try:
                network.eval()
                stack.enter_context(torch.compiler.set_stance("force_eager"))
                stack.enter_context(torch.no_grad())
                logits = network(images)
            except torch.OutOfMemoryError:
                raise
            except (AssertionError, RuntimeError, ValueError) as error:
                side = "x".join(map(str, images.shape[2:]))
                raise ShapeError(
                    f"{type(network).__name__} cannot take images of {side}: {' '.join(str(error).split())[:200]}; "
                    "choose another size or network"
                ) from None
            finally:
                for part, mode in modes:
                    part.training = mode
        if not isinstance(logits, Tensor) or logits.dim() != 2:
            what = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
            raise ShapeError(f"{type(network).__name__} must give logits (b k), got {what}; choose another network")
        shapes: dict[str, tuple[int, int, int]] = {}
        prefix = find_prefix(network)
        for name, runs in every.items():
            if len(runs) == 1:
                try:
                    maps = to_maps(runs[0], images, prefix, name)
                except LayerError:
                    continue
                shapes[name] = (maps.shape[1], maps.shape[2], maps.shape[3])
        overwritten = frozenset(
            name
            for name, runs in every.items()
            if isinstance(output := only_tensor(runs[-1]), Tensor) and output._version != versions[name]
        )
        classifier = next((name for name, _, out in reversed(last_linear) if out == logits.shape[1]), None)
        width = next((width for name, width, _ in reversed(last_linear) if name == classifier), 0)
        return cls(
            type(network).__name__,
            shapes,
            overwritten,
            _stages(network, shapes),
            classifier,
            width,
            logits.shape[1],
        )

    def shape(self, layer: str, network: nn.Module | None = None) -> tuple[int, int, int]:
        """Units, height and width of a layer's maps; of `embedding` and `class_maps` too.

        Raises:
            LayerError: there is no such layer, it gives no maps, or the network has no classifier; lists candidates.
        """
        if layer == EMBEDDING:
            if self.classifier is None:
                raise LayerError(f"{self.network} has no linear classifier, so it has no {EMBEDDING}; name a layer")
            return (self.embedding, 1, 1)
        if layer == CLASS_MAPS:
            u, h, w = self.shape(self.last_stage)
            if u != self.embedding:
                raise LayerError(
                    f"{self.network} has no {CLASS_MAPS}: its classifier takes {self.embedding} values, its last stage "
                    f"{self.last_stage!r} has {u} units"
                )
            return (self.num_classes, h, w)
        if layer not in self.shapes:
            if network is not None:
                find_layer(network, layer)  # raises with the names there are, if there is none
            stages = ", ".join(self.stages)
            raise LayerError(f"{self.network} has no layer {layer!r} with feature maps; its stages are {stages}")
        return self.shapes[layer]

    @property
    def last_stage(self) -> str:
        """The coarsest maps.

        Raises:
            LayerError: no layer gives maps.
        """
        if not self.stages:
            raise LayerError(f"{self.network} has no layer with feature maps; choose an objective without layers")
        return self.stages[-1]


def _keep(
    name: str, every: dict[str, list[object]], versions: dict[str, int], linear: list[tuple[str, int, int]]
) -> Callable[[nn.Module, tuple[object, ...], object], None]:
    def hook(module: nn.Module, _inputs: tuple[object, ...], output: object) -> None:
        every.setdefault(name, []).append(output)
        single = only_tensor(output)
        if single is not None:
            versions[name] = single._version
        if isinstance(module, nn.Linear):
            linear.append((name, module.in_features, module.out_features))

    return hook


def _stages(network: nn.Module, shapes: Mapping[str, tuple[int, int, int]]) -> tuple[str, ...]:
    """The shallowest, then last, layer of each resolution; quarters of the longest chain of blocks if all are one."""
    kept = {
        name: shape
        for name, shape in shapes.items()
        if shape[1] * shape[2] > 1 and not isinstance(network.get_submodule(name), _POOLS)
    }
    best: dict[tuple[int, int], str] = {}
    for name, (_, h, w) in kept.items():
        other = best.get((h, w))
        if other is None or name.count(".") <= other.count("."):
            best[h, w] = name
    if len(best) == 1:
        chains = [
            [f"{name}.{child}" for child, _ in part.named_children() if f"{name}.{child}" in kept]
            for name, part in network.named_modules()
            if name and isinstance(part, nn.Sequential | nn.ModuleList)
        ]
        chain = max(chains, key=len, default=[])
        if len(chain) >= MAX_STAGES:
            return tuple(chain[(k + 1) * len(chain) // MAX_STAGES - 1] for k in range(MAX_STAGES))
    # timm writes its stages down; the last one here stays, since it is what the classifier looks at
    written = [info.get("module") for info in getattr(network, "feature_info", None) or () if isinstance(info, dict)]
    for stage in written:
        if isinstance(stage, str) and stage in kept and kept[stage][1:] != list(kept.values())[-1][1:]:
            best[kept[stage][1], kept[stage][2]] = stage
    finest_first = sorted(best, key=lambda side: -side[0] * side[1])
    return tuple(best[side] for side in finest_first)[-MAX_STAGES:]
