"""Network dissection in one pass over a probe."""

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

import torch
from torch import nn

from kdissect import __version__
from kdissect.data.probe import Probe
from kdissect.dissect.bootstrap import bootstrap
from kdissect.dissect.chance import chance
from kdissect.dissect.choices import NETDISSECT, Choices, NormalizationName, Statistics
from kdissect.dissect.compositional import compositional
from kdissect.dissect.dissection import Dissection, PerImage, ProbeFacts
from kdissect.dissect.dissections import Dissections
from kdissect.dissect.forward import View
from kdissect.dissect.keep import MEMORY_BUDGET
from kdissect.dissect.layer import find_layers
from kdissect.dissect.quantile import Rule
from kdissect.dissect.sharing import Job, Passed, in_memory, in_shards
from kdissect.dissect.tallying import Gate, Tally
from kdissect.dissect.winners import Winners
from kdissect.errors import DataError, SpecError
from kdissect.models.layer_name import bare, find_layer

Normalization = tuple[Sequence[float], Sequence[float]]
Progress = Callable[[int, int], object]


class Options(TypedDict, total=False):
    """What can be said about a dissection; see `dissect`."""

    preset: str
    quantile: float | None
    quantiles: Sequence[float]
    rule: Rule | None
    gate: Gate | None
    threshold: float | None
    label_zero: bool | None
    normalization: NormalizationName | None
    normalize: Normalization | None
    batch_size: int
    num_exemplars: int
    exemplar_units: Literal["all", "detectors"] | Sequence[int]
    per_image: bool
    memory_budget: int
    network_name: str | None
    checkpoint: str | None
    bootstrap: int
    chance: int
    compositional: int
    work: Path | str | None
    shard_images: int | None
    progress: Progress | None


def dissect(network: nn.Module, layer: str, probe: Probe, **options: Unpack[Options]) -> Dissection:
    """Find the concept that each unit of a layer detects.

    One forward pass over the probe, on the device of the network's parameters; thresholds are exact. The
    network runs in evaluation mode and is left as it was found: weights, buffers, modes and hooks.

    Batch size, image order, number of threads and number of processes do not change a count of given activations. A
    batch size can change the activations: most networks round differently for another one, in the last bits of a float.

    Args:
        network: takes images `(b 3 h w)`, of the size that the probe gives. Compiled and data-parallel
            networks are unwrapped.
        layer: dotted name of a submodule, for example `layer4` or `features.28`. Its output is
            `(b u h w)`, `(b h w u)`, tokens `(b n u)` of a vision transformer, or `(b u)`, see `to_maps`.
            `layer4@pre` is what goes into the activation function that ends the layer, `NAME@post` the output after
            a ReLU, `NAME@2` the second run of a layer that runs several times.
        probe: images and labels.
        preset: name of a set of choices, see `PRESETS`; what follows changes single ones.
        quantile: share of positions above a unit's threshold, see `thresholds()`.
        quantiles: further quantiles of the same pass, for `dissect_layers`.
        rule: where that quantile is read, see `thresholds()`.
        gate: the gate of the results that do not name one, see `Tally`; all three are kept.
        threshold: IoU from which on a unit is a detector, inclusive (0.05 in the KD paper, 0.04 in Bau et al.).
        label_zero: as in `tally()`.
        normalization: `network` takes `normalize`, `netdissect` the statistics of the published code.
        normalize: mean and standard deviation of the three channels, for pictures scaled to 0..1, that the
            network was trained with; None: only scaled.
        batch_size: images a forward pass.
        num_exemplars: top images a unit; 0 for none.
        exemplar_units: which units have them.
        per_image: keep each image's contribution and each unit's mean activation on it, for error bars and
            comparisons; a few bytes for each label under each mask, and four for each image and unit.
        memory_budget: bytes of feature maps kept in memory, more go to a temporary file.
        network_name: what reports call the network; its class if None.
        checkpoint: name of the training checkpoint, if it is one.
        bootstrap: resamples of the images for error bars, see `bootstrap()`; 0 for none.
        chance: permutations of the labels for p-values, see `chance()`; 0 for none.
        compositional: explain each unit by formulas of up to so many concepts, see `compositional()`; 0 for none.
        work: folder for finished shards. A run that was killed goes on from there, and several processes (under
            torchrun) share the images through it. None keeps all in memory.
        shard_images: images a shard, rounded up to whole batches; None: at most 4,096, and two shards a process.
        progress: called after each batch with the number of images done and of all.

    Raises:
        SpecError: an argument is out of range.
        LayerError: there is no such layer, or its output is no feature map.
        DivergedError: an activation is not finite; names the image and the unit.
        DataError: the probe is empty or has a damaged file.
        RecordError: the feature maps fit neither in memory nor on the disk, or the work folder is another run's.

    Source: Bau et al. 2017; rules as in NetDissect-Lite, which the KD paper (Han et al. 2023) used.
    Departs: thresholds are exact instead of sketched; a unit that label 0 wins is no detector.
    """
    return _dissect(network, {layer: View(layer)}, probe, options)[0]


def dissect_layers(network: nn.Module, layers: Sequence[str], probe: Probe, **options: Unpack[Options]) -> Dissections:
    """Dissect several layers, and at several quantiles, in one pass over the probe.

    Args:
        network: as in `dissect`.
        layers: names, globs (`layer*`; `**` also crosses dots) or `all`, see `find_layers`.
        probe: as in `dissect`.
        options: as in `dissect`.

    Raises:
        KdissectError: as `dissect`.
    """
    _refuse_empty(probe)
    return Dissections(tuple(_dissect(network, _named(network, layers, probe), probe, options)))


def dissect_views(
    network: nn.Module, views: Mapping[str, View], probe: Probe, **options: Unpack[Options]
) -> dict[str, Dissection]:
    """Dissect views of layers, such as rotations of their units, in one pass over the probe.

    Args:
        network: as in `dissect`.
        views: what to dissect, by the name that becomes the result's `layer`.
        probe: as in `dissect`.
        options: as in `dissect`, without `quantiles`.

    Raises:
        KdissectError: as `dissect`.
    """
    return {found.layer: found for found in _dissect(network, views, probe, options)}


def _dissect(network: nn.Module, views: Mapping[str, View], probe: Probe, options: Options) -> list[Dissection]:
    """The dissections of all views, each at all quantiles, the main one first."""
    choices, quantiles = _choices(options)
    _refuse(probe, options)
    for view in views.values():
        find_layer(network, view.layer)
    statistics = _statistics(options.get("normalize") if choices.normalization == "network" else NETDISSECT)
    units = options.get("exemplar_units", "all")
    if isinstance(units, str) and units not in ("all", "detectors"):
        raise SpecError(f"exemplar_units must be all, detectors, or numbers of units, got {units!r}")
    job = Job(
        network=network,
        views=views,
        probe=probe,
        quantiles=quantiles,
        rule=choices.rule,
        label_zero=choices.label_zero,
        statistics=statistics,
        batch_size=options.get("batch_size", 64),
        num_exemplars=options.get("num_exemplars", 10),
        memory_budget=options.get("memory_budget", MEMORY_BUDGET),
        progress=options.get("progress"),
    )
    work = options.get("work")
    passed = in_memory(job) if work is None else in_shards(job, Path(work), options.get("shard_images"))
    return [
        _dissection(job, found, name, replace(choices, quantile=quantile), k, options)
        for name, found in passed.items()
        for k, quantile in enumerate(quantiles)
    ]


def _dissection(job: Job, passed: Passed, name: str, choices: Choices, number: int, options: Options) -> Dissection:
    """The dissection of one view at one quantile."""
    probe, each = job.probe, passed.contributions[number]
    tally = Tally.of(each.counts(), probe, choices.gate)
    units = options.get("exemplar_units", "all")
    chosen: Sequence[int] | None
    if isinstance(units, str):
        chosen = None if units == "all" else Winners.of(tally).detectors(choices.threshold).tolist()
    else:
        chosen = list(units)
        if wrong := [unit for unit in chosen if not 0 <= unit < each.num_units]:
            raise SpecError(
                f"exemplar_units must be all, detectors, or units of 0 to {each.num_units - 1}, got {wrong[0]}"
            )
    height, width = probe.pictures([0]).shape[2:]
    return Dissection(
        network=options.get("network_name") or type(bare(job.network)).__name__,
        layer=name,
        probe=ProbeFacts(probe.name, probe.digest, len(probe), probe.categories, probe.plane_shape),
        choices=choices,
        statistics=job.statistics,
        input_shape=(int(height), int(width)),
        map_shape=passed.map_shape,
        made_by={"kdissect": __version__, "torch": torch.__version__, "python": platform.python_version()},
        names=tuple(concept.name for concept in probe.concepts),
        image_names=tuple(probe.image_name(k) for k in range(len(probe))),
        sources=probe.sources,
        thresholds=passed.thresholds[number].numpy(),
        tally=tally,
        exemplars=passed.top.with_pictures(probe, chosen),
        per_image=PerImage(each, passed.activity) if options.get("per_image", True) else None,
        checkpoint=options.get("checkpoint"),
        **(_further(job, passed, choices, tally, options) if number == 0 else {}),
    )


def _further(job: Job, passed: Passed, choices: Choices, tally: Tally, options: Options) -> dict[str, Any]:
    """The further results that were asked for, at the main quantile."""
    found: dict[str, Any] = {}
    probe, limits = job.probe, passed.thresholds[0]
    if replicates := options.get("bootstrap", 0):
        found["bootstrap"] = bootstrap(
            passed.contributions[0],
            sources=probe.sources,
            names=tuple(concept.name for concept in probe.concepts),
            threshold=choices.threshold,
            replicates=replicates,
        )
    if permutations := options.get("chance", 0):
        found["chance"] = chance(
            passed.batches(),
            probe,
            limits,
            permutations=permutations,
            gate=choices.gate,
            threshold=choices.threshold,
            label_zero=choices.label_zero,
        )
    if length := options.get("compositional", 0):
        found["compositional"] = compositional(passed.batches(), probe, limits, tally, length=length)
    return found


def _named(network: nn.Module, layers: Sequence[str], probe: Probe) -> dict[str, View]:
    patterns = [layers] if isinstance(layers, str) else list(layers)
    anchor = next((tensor for tensor in bare(network).parameters() if tensor.is_floating_point()), torch.zeros(()))
    example = probe.pictures([0]).to(anchor) / 255
    return {layer: View(layer) for layer in find_layers(network, patterns, example)}


def _choices(options: Options) -> tuple[Choices, tuple[float, ...]]:
    """The choices, and all quantiles, the main one first."""
    names = ("quantile", "rule", "gate", "threshold", "label_zero", "normalization")
    changes: dict[str, Any] = {name: options.get(name) for name in names}
    more = tuple(options.get("quantiles", ()))
    if changes["quantile"] is None and more:
        changes["quantile"] = more[0]
    choices = Choices.of(options.get("preset", "default"), **changes)
    quantiles = tuple(dict.fromkeys((choices.quantile, *more)))
    for quantile in quantiles:
        replace(choices, quantile=quantile)  # refuses one that is out of range
    return choices, quantiles


def _refuse_empty(probe: Probe) -> None:
    if len(probe) == 0:
        raise DataError(f"probe {probe.name} has no images")


def _refuse(probe: Probe, options: Options) -> None:
    for name, least in (
        ("batch_size", 1),
        ("num_exemplars", 0),
        ("shard_images", 1),
        ("memory_budget", 0),
        ("bootstrap", 0),
        ("chance", 0),
        ("compositional", 0),
    ):
        value = options.get(name, least)
        value = least if value is None else value
        if not isinstance(value, int) or value < least:
            raise SpecError(f"{name} must be {least} or more, got {value}")
    _refuse_empty(probe)


def _statistics(normalize: Normalization | None) -> Statistics:
    mean, deviation = normalize or ((0.0,) * 3, (1.0,) * 3)
    if len(mean) != 3 or len(deviation) != 3 or min(deviation) <= 0:
        raise SpecError(
            f"normalize must be three means and three deviations above 0, got {tuple(mean)} and {tuple(deviation)}"
        )
    return (mean[0], mean[1], mean[2]), (deviation[0], deviation[1], deviation[2])
