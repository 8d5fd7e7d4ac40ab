"""Network dissection in one pass over a probe."""

import platform
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import torch
from torch import Tensor, nn

from kdissect import __version__
from kdissect.data.probe import Probe
from kdissect.dissect.ahead import ahead
from kdissect.dissect.counting import count
from kdissect.dissect.dissection import Dissection, ProbeFacts
from kdissect.dissect.exemplars import RunningExemplars
from kdissect.dissect.finite import all_finite
from kdissect.dissect.keep import MEMORY_BUDGET, KeptMaps
from kdissect.dissect.layer import find_layer, reading
from kdissect.dissect.quantile import Position, Rule
from kdissect.dissect.tallying import GATES, Gate, Tally
from kdissect.dissect.winners import Winners
from kdissect.errors import DataError, DivergedError, SpecError

Normalization = tuple[Sequence[float], Sequence[float]]
Progress = Callable[[int, int], object]


def dissect(
    network: nn.Module,
    layer: str,
    probe: Probe,
    *,
    quantile: float = 0.005,
    rule: Rule = "netdissect",
    gate: Gate = "region",
    threshold: float = 0.05,
    label_zero: bool = True,
    batch_size: int = 64,
    normalize: Normalization | None = None,
    num_exemplars: int = 10,
    exemplar_units: Literal["all", "detectors"] | Sequence[int] = "all",
    memory_budget: int = MEMORY_BUDGET,
    network_name: str | None = None,
    progress: Progress | None = None,
) -> Dissection:
    """Find the concept that each unit of a layer detects.

    One forward pass over the probe, on the device of the network's parameters; thresholds are exact. The
    network runs in evaluation mode and is left as it was found: weights, buffers, modes and hooks.

    Batch size, image order and number of threads do not change a count of given activations. They can change
    the activations: most networks round differently for another batch size, in the last bits of a float.

    Args:
        network: takes images `(b 3 h w)`, of the size that the probe gives.
        layer: dotted name of a submodule with one output `(b u h w)`, for example `layer4` or `features.28`.
        probe: images and labels.
        quantile: share of positions above a unit's threshold, see `thresholds()`.
        rule: where that quantile is read, see `thresholds()`.
        gate: the gate of the results that do not name one, see `Tally`; all three are kept.
        threshold: IoU from which on a unit is a detector, inclusive (0.05 in the KD paper, 0.04 in Bau et al.).
        label_zero: as in `tally()`.
        batch_size: images a forward pass.
        normalize: mean and standard deviation of the three channels, for pictures scaled to 0..1; None: only
            scaled.
        num_exemplars: top images a unit; 0 for none.
        exemplar_units: which units have them.
        memory_budget: bytes of feature maps kept in memory, more go to a temporary file.
        network_name: what reports call the network; its class if None.
        progress: called after each batch with the number of images done and of all.

    Raises:
        SpecError: an argument is out of range.
        LayerError: there is no such layer, or its output is no feature map.
        DivergedError: an activation is not finite; names the image and the unit.
        DataError: the probe is empty or has a damaged file.
        RecordError: the feature maps fit neither in memory nor on the disk.

    Source: Bau et al. 2017; rules as in NetDissect-Lite, which the KD paper (Han et al. 2023) used.
    Departs: thresholds are exact instead of sketched; a unit that label 0 wins is no detector.
    """
    _refuse(probe, batch_size, num_exemplars, threshold, gate)
    Position.of(quantile, rule, 2)
    find_layer(network, layer)
    mean, deviation = _statistics(normalize)
    anchor = next((tensor for tensor in network.parameters() if tensor.is_floating_point()), torch.zeros(()))
    kept = KeptMaps(len(probe), quantile=quantile, rule=rule, memory_budget=memory_budget)
    exemplars = RunningExemplars(min(num_exemplars, len(probe)))
    batches = [range(k, min(k + batch_size, len(probe))) for k in range(0, len(probe), batch_size)]

    def read(batch: range) -> Tensor:
        pictures = probe.pictures(batch)
        with ThreadPoolExecutor(torch.get_num_threads()) as pool:  # the probe keeps label maps once they are decoded
            list(pool.map(probe.annotation, batch))
        return pictures

    with reading(network, layer) as activations_of:
        for batch, pictures in zip(batches, ahead(read, batches), strict=True):
            images = pictures.to(anchor.device).to(anchor.dtype)
            images.div_(255).sub_(mean.to(anchor)).div_(deviation.to(anchor))  # in place: no large temporaries
            activations = activations_of(images)
            if activations.dtype in (torch.float16, torch.bfloat16):
                activations = activations.float()
            _refuse_infinite(activations, layer, probe, batch)
            _refuse_units(exemplar_units, activations.shape[1])
            kept.add(activations)
            exemplars.add(activations)
            if progress is not None:
                progress(batch.stop, len(probe))
    limits = kept.thresholds()
    counts = count(kept.active(limits), probe, limits, label_zero=label_zero)
    result = Tally.of(counts, probe, gate)
    units: Sequence[int] | None
    if isinstance(exemplar_units, str):
        units = None if exemplar_units == "all" else Winners.of(result).detectors(threshold).tolist()
    else:
        units = list(exemplar_units)
    return Dissection(
        network=network_name or type(network).__name__,
        layer=layer,
        probe=ProbeFacts(probe.name, probe.digest, len(probe), probe.categories),
        quantile=quantile,
        rule=rule,
        label_zero=label_zero,
        threshold=threshold,
        map_shape=(int(kept.shape[1]), int(kept.shape[2])),
        made_by={"kdissect": __version__, "torch": torch.__version__, "python": platform.python_version()},
        names=tuple(concept.name for concept in probe.concepts),
        thresholds=limits.numpy(),
        tally=result,
        exemplars=exemplars.finish(probe, units),
    )


def _refuse(probe: Probe, batch_size: int, num_exemplars: int, threshold: float, gate: str) -> None:
    if batch_size < 1:
        raise SpecError(f"batch_size must be 1 or more, got {batch_size}")
    if num_exemplars < 0:
        raise SpecError(f"num_exemplars must be 0 or more, got {num_exemplars}")
    if not 0 <= threshold <= 1:
        raise SpecError(f"threshold is an IoU and must be 0 to 1, got {threshold}")
    if gate not in GATES:
        raise SpecError(f"gate must be {', '.join(GATES[:-1])} or {GATES[-1]}, got {gate!r}")
    if len(probe) == 0:
        raise DataError(f"probe {probe.name} has no images")


def _statistics(normalize: Normalization | None) -> tuple[Tensor, Tensor]:
    mean, deviation = normalize or ((0.0,) * 3, (1.0,) * 3)
    if len(mean) != 3 or len(deviation) != 3 or min(deviation) <= 0:
        raise SpecError(
            f"normalize must be three means and three deviations above 0, got {tuple(mean)} and {tuple(deviation)}"
        )
    return torch.tensor(mean).reshape(3, 1, 1), torch.tensor(deviation).reshape(3, 1, 1)


def _refuse_units(exemplar_units: str | Sequence[int], num_units: int) -> None:
    choices = ("all", "detectors") if isinstance(exemplar_units, str) else range(num_units)
    wrong = [
        unit
        for unit in ([exemplar_units] if isinstance(exemplar_units, str) else exemplar_units)
        if unit not in choices
    ]
    if wrong:
        raise SpecError(f"exemplar_units must be all, detectors, or units of 0 to {num_units - 1}, got {wrong[0]}")


def _refuse_infinite(activations: Tensor, layer: str, probe: Probe, batch: range) -> None:
    if not all_finite(activations):
        finite = activations.isfinite()
        image, unit = (~finite).nonzero()[0, :2].tolist()
        raise DivergedError(
            f"layer {layer!r} gives {activations[image, unit][~finite[image, unit]][0].item()} in unit {unit} on image "
            f"{probe.image_name(batch[image])}; did training diverge, or are the weights damaged?"
        )
