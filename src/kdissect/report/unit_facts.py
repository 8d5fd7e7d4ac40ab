"""What the unit browser says about a unit beside its concept and its IoU."""

from dataclasses import dataclass

from kdissect.report.dissection import Dissection, Unit
from kdissect.report.extras import finite
from kdissect.report.wording import chance_text, from_to, share_text


@dataclass(frozen=True)
class UnitFacts:
    """The numbers of a unit as texts.

    Attributes:
        interval: of its IoU; empty without a bootstrap.
        facts: name and value of each further number.
        formula: the best compositional explanation, with its IoU; empty if there is none.
        p: how probable such an IoU is by chance, for sorting.
    """

    interval: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    formula: str = ""
    p: float | None = None


def unit_facts(dissection: Dissection, unit: Unit) -> UnitFacts:
    """What is known about a unit; empty where the dissection does not say."""
    extras = dissection.extras
    resampled = (extras.bootstrap or {}).get(unit.number, {})
    low, high = finite(resampled.get("low")), finite(resampled.get("high"))
    facts: list[tuple[str, str]] = []
    if unit.precision is not None:
        facts.append(("precision", f"{unit.precision:.2f}"))
    if unit.recall is not None:
        facts.append(("recall", f"{unit.recall:.2f}"))
    share = finite(resampled.get("detector_share"))
    if share is not None:
        facts.append(("detector in", f"{share_text(share)} of resamples"))
    tested = (extras.chance or {}).get(unit.number, {})
    p, q = finite(tested.get("p")), finite(tested.get("q"))
    facts += [(name, chance_text(value)) for name, value in (("p", p), ("q", q)) if value is not None]
    explained = (extras.compositional or {}).get(unit.number, ())
    formula = f"{explained[0]['formula']} (IoU {float(explained[0]['iou']):.3f})" if explained else ""
    interval = from_to(low, high, 3) if low is not None and high is not None else ""
    return UnitFacts(interval, tuple(facts), formula, p)
