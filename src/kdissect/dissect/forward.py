"""The forward pass: a network over a range of a probe's images, its layers' activations to those who gather them."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from kdissect.data.probe import Probe
from kdissect.dissect.ahead import ahead
from kdissect.dissect.choices import Statistics
from kdissect.dissect.finite import all_finite
from kdissect.dissect.gathering import Gathering
from kdissect.dissect.layer import reading
from kdissect.errors import DivergedError
from kdissect.models.layer_name import bare


@dataclass(frozen=True)
class View:
    """What is dissected of a layer.

    Attributes:
        layer: a layer's name, see `LayerName`.
        matrix: `(v u)`, mixes the units: unit v of the view is the sum over u of matrix[v, u] times unit u. None
            leaves them.
    """

    layer: str
    matrix: Tensor | None = None

    def of(self, activations: Tensor) -> Tensor:
        """The view `(b v h w)` of a layer's activations `(b u h w)`."""
        if self.matrix is None:
            return activations
        return torch.einsum("vu,buhw->bvhw", self.matrix.to(activations), activations)


def forward(
    network: nn.Module,
    views: Mapping[str, View],
    gatherings: Mapping[str, Gathering],
    probe: Probe,
    images: range,
    *,
    statistics: Statistics,
    batch_size: int,
    progress: Callable[[int], object],
) -> None:
    """Run the network over some images of the probe, on the device of its parameters.

    Args:
        network: takes images `(b 3 h w)`.
        views: what is dissected, by name.
        gatherings: who gathers each view's activations.
        probe: the images.
        images: which of them.
        statistics: mean and standard deviation of the channels, for pictures scaled to 0..1.
        batch_size: images a forward pass.
        progress: called after each batch with its number of images.

    Raises:
        LayerError: a layer gives no feature map.
        DivergedError: an activation is not finite; names the image and the unit.
        DataError: the probe has a damaged file.
        RecordError: the feature maps fit neither in memory nor on the disk.
    """
    anchor = next((tensor for tensor in bare(network).parameters() if tensor.is_floating_point()), torch.zeros(()))
    mean, deviation = (torch.tensor(values).reshape(3, 1, 1).to(anchor) for values in statistics)
    batches = [range(k, min(k + batch_size, images.stop)) for k in range(images.start, images.stop, batch_size)]

    def read(batch: range) -> Tensor:
        pictures = probe.pictures(batch)
        with ThreadPoolExecutor(torch.get_num_threads()) as pool:  # the labels are looked at before hours are spent
            list(pool.map(probe.annotation, batch))
        return pictures.pin_memory() if anchor.device.type == "cuda" else pictures

    layers = list(dict.fromkeys(view.layer for view in views.values()))
    with reading(network, layers) as activations_of:
        for batch, pictures in zip(batches, ahead(read, batches), strict=True):
            normal = pictures.to(anchor.device, non_blocking=True).to(anchor.dtype)
            normal.div_(255).sub_(mean).div_(deviation)  # in place: no large temporaries
            found = activations_of(normal)
            if anchor.device.type == "cpu":  # elsewhere it would mean to wait; what is gathered is looked at later
                for layer, activations in found.items():
                    _refuse_infinite(activations, layer, probe, batch)
            for name, view in views.items():
                gatherings[name].add(view.of(found[view.layer]), batch.start)
            progress(len(batch))


def _refuse_infinite(activations: Tensor, layer: str, probe: Probe, batch: range) -> None:
    if not all_finite(activations):
        finite = activations.isfinite()
        image, unit = (~finite).nonzero()[0, :2].tolist()
        raise DivergedError(
            f"layer {layer!r} gives {activations[image, unit][~finite[image, unit]][0].item()} in unit {unit} on image "
            f"{probe.image_name(batch[image])}; did training diverge, or are the weights damaged?"
        )
