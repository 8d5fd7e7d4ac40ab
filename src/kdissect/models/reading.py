"""A network that returns what some of its layers give beside its logits."""

from collections.abc import Sequence
from functools import partial
from typing import final

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from kdissect.errors import LayerError
from kdissect.models.anatomy import CLASS_MAPS, EMBEDDING, Anatomy
from kdissect.models.layout import find_prefix, only_tensor, to_maps


@final
class Reading(nn.Module):
    """A network whose forward pass gives `(logits, maps)`, with gradient.

    The hooks are set here, before anything is compiled, and only hand a layer's output to `forward`, which returns
    it: `torch.compile` and DistributedDataParallel see ordinary inputs and outputs. (A hook set after the first
    compiled call never fires.)

    Args:
        network: the network; it is held, not copied.
        layers: dotted names of submodules; `embedding` for what goes into the classifier, `class_maps` for the last
            stage's maps weighted by the classifier.
        anatomy: of the network.

    Raises:
        LayerError: there is no such layer, or it gives no maps; lists those there are.
    """

    def __init__(self, network: nn.Module, layers: Sequence[str], anatomy: Anatomy) -> None:
        super().__init__()
        self.network = network
        self.layers = tuple(dict.fromkeys(layers))
        for layer in self.layers:
            anatomy.shape(layer, network)
        self.prefix = find_prefix(network)
        self.last = anatomy.last_stage if CLASS_MAPS in self.layers else None
        self.classifier = anatomy.classifier
        self._found: dict[str, Tensor | tuple[Tensor, ...]] = {}
        self._handles: list[RemovableHandle] = []
        real = [layer for layer in self.layers if layer not in (EMBEDDING, CLASS_MAPS)]
        for layer in dict.fromkeys([*real, *([self.last] if self.last else [])]):
            copied = layer in anatomy.overwritten
            # A bound method, not a closure: a deep copy then writes into the copy.
            hook = partial(self._keep, layer, copied)
            self._handles.append(network.get_submodule(layer).register_forward_hook(hook))
        if EMBEDDING in self.layers:
            assert anatomy.classifier is not None  # anatomy.shape refused
            classifier = network.get_submodule(anatomy.classifier)
            self._handles.append(classifier.register_forward_pre_hook(self._keep_input))

    def forward(self, images: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Logits `(b k)`, and for each layer its maps `(b u h w)`, of `embedding` `(b u)`."""
        self._found.clear()
        logits = self.network(images)
        if not isinstance(logits, Tensor):
            raise LayerError(f"the network must give logits (b k), got {type(logits).__name__}; choose another")
        maps: dict[str, Tensor] = {}
        for layer in self.layers:
            if layer == CLASS_MAPS:
                assert self.last is not None
                assert self.classifier is not None
                weight = self.network.get_submodule(self.classifier).weight
                assert isinstance(weight, Tensor)
                last = to_maps(self._found[self.last], images, self.prefix, self.last)
                maps[layer] = torch.einsum("buhw,ku->bkhw", last.to(weight.dtype), weight)
            elif layer == EMBEDDING:
                found = self._found[layer]
                assert isinstance(found, Tensor)
                maps[layer] = found.flatten(1)
            else:
                if layer not in self._found:
                    raise LayerError(f"layer {layer!r} does not run in a forward pass; choose another layer")
                maps[layer] = to_maps(self._found[layer], images, self.prefix, layer)
        self._found.clear()
        return logits, maps

    def release(self) -> nn.Module:
        """The bare network, without the hooks; the reading is of no use after that."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        return self.network

    def _keep(self, layer: str, copied: bool, _module: nn.Module, _inputs: object, output: object) -> None:
        single = only_tensor(output)
        if single is not None:
            self._found[layer] = single.clone() if copied else single

    def _keep_input(self, _module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self._found[EMBEDDING] = inputs[0]
