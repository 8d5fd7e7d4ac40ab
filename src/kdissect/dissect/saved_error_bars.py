"""Error bars of a dissection that was made without."""

from kdissect.dissect.bootstrap import Bootstrap, bootstrap
from kdissect.dissect.dissection import Dissection
from kdissect.dissect.resampling import Within
from kdissect.errors import SpecError


def bootstrap_of(
    found: Dissection,
    *,
    replicates: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
    threshold: float | None = None,
    within: Within = "source",
) -> Bootstrap:
    """Error bars of a dissection, also of one that was made without.

    To keep them with it: `dataclasses.replace(found, bootstrap=bootstrap_of(found)).save(folder)`.

    Args:
        found: with its contributions (`per_image=True`).
        replicates: as in `bootstrap`.
        seed: as in `bootstrap`.
        confidence: as in `bootstrap`.
        threshold: IoU that makes a detector; the dissection's own if None.
        within: as in `bootstrap`.

    Raises:
        SpecError: the dissection has no contributions, or a number is out of range.
    """
    if (contributions := found.contributions) is None:
        raise SpecError("error bars need each image's contribution, this dissection has none; dissect with per_image")
    return bootstrap(
        contributions,
        sources=found.sources,
        names=found.names,
        threshold=found.threshold if threshold is None else threshold,
        replicates=replicates,
        seed=seed,
        confidence=confidence,
        within=within,
    )
