"""Weights that torchvision and timm publish: named `torchvision:TAG` or `timm:TAG`, never loaded unless named."""

from typing import cast

from torch import nn

from kdissect.errors import DataError

SOURCES = ("torchvision:", "timm:")


def from_registry(weights: str) -> bool:
    """Whether a name of weights means a registry's, not a file."""
    return weights.startswith(SOURCES)


def build_with_registry_weights(architecture: str, weights: str, num_classes: int) -> nn.Module:
    """A network with published weights, from the registry's cache on disk, or downloaded by the registry's own code.

    Args:
        architecture: `torchvision/NAME` or `timm/NAME`.
        weights: `torchvision:DEFAULT`, `torchvision:IMAGENET1K_V1`, ...; `timm:default`, `timm:a1_in1k`, ...
        num_classes: of the published weights.

    Raises:
        DataError: there are no such weights, they are of other classes, or they cannot be had (no network).
    """
    source, _, tag = weights.partition(":")
    registry, _, name = architecture.partition("/")
    if source != registry:
        raise DataError(f"{weights} are no weights for {architecture}: they must come from {registry}")
    try:
        module = _torchvision(name, tag) if source == "torchvision" else _timm(name, tag)
    except DataError:
        raise
    except Exception as error:  # the registries raise whatever their download does
        raise DataError(
            f"cannot load {weights} for {architecture} ({' '.join(str(error).split())[:200]}); they come from the "
            "registry's cache on disk or from the internet"
        ) from None
    found = _classes(module)
    if found is not None and found != num_classes:
        raise DataError(f"{weights} for {architecture} have {found} classes, the network is to have {num_classes}")
    return module


def _torchvision(name: str, tag: str) -> nn.Module:
    from torchvision.models import get_model, get_model_weights

    known = get_model_weights(name)
    chosen = known.DEFAULT if tag == "DEFAULT" else known.__members__.get(tag)
    if chosen is None:
        raise DataError(
            f"torchvision has no weights {tag!r} for {name}; there are DEFAULT, {', '.join(known.__members__)}"
        )
    return cast(nn.Module, get_model(name, weights=chosen))


def _timm(name: str, tag: str) -> nn.Module:
    import timm

    base = name.split(".")[0]
    known = [one.partition(".")[2] for one in timm.list_pretrained(f"{base}.*")]
    if tag != "default" and tag not in known:
        raise DataError(f"timm has no weights {tag!r} for {base}; there are default, {', '.join(known) or 'no others'}")
    return timm.create_model(base if tag == "default" else f"{base}.{tag}", pretrained=True)


def _classes(module: nn.Module) -> int | None:
    """Width of the last linear layer."""
    widths = [part.out_features for part in module.modules() if isinstance(part, nn.Linear)]
    return widths[-1] if widths else None
