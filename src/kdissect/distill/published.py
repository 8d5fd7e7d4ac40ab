"""Weights as papers and their code state them, translated: `alpha` means something else in each.

Every function returns an objective whose formula says plainly what is weighted by what.
"""

from kdissect.distill.terms import CE, KD
from kdissect.distill.terms.term import Objective, Term, Weighted
from kdissect.errors import SpecError


def paper_kd(*, alpha: float, temperature: float) -> Objective:
    """`(1 - alpha) CE + alpha T^2 KL`, as Han et al. 2023 write it: alpha weights the teacher.

    Args:
        alpha: 0 to 1.
        temperature: T.
    """
    _share(alpha)
    return _two(1 - alpha, alpha, temperature)


def torchdistill_kd(*, alpha: float, temperature: float, beta: float | None = None) -> Objective:
    """`alpha CE + beta T^2 KL`, as torchdistill's KDLoss, and so the paper's released code: alpha weights the labels.

    Args:
        alpha: 0 to 1, of CE.
        temperature: T.
        beta: of the teacher; 1 - alpha if None.
    """
    if beta is None:
        _share(alpha)
    return _two(alpha, 1 - alpha if beta is None else beta, temperature)


def repdistiller(
    *, gamma: float, alpha: float, beta: float = 0.0, feature: Term | None = None, temperature: float = 4.0
) -> Objective:
    """`gamma CE + alpha T^2 KL + beta feature`, as RepDistiller's `-r`, `-a` and `-b`.

    Args:
        gamma: of CE.
        alpha: of the teacher's logits.
        beta: of the feature term.
        feature: the feature term; needed if beta is above 0.
        temperature: T.

    Raises:
        SpecError: there is a weight for a feature term, and none is given.
    """
    if beta > 0 and feature is None:
        raise SpecError(f"beta={beta:g} weights a feature term, and none was given; pass feature=")
    extra = () if feature is None or beta == 0 else (Weighted(weight=beta, term=feature),)
    return Objective(terms=(*_two(gamma, alpha, temperature).terms, *extra))


def _two(ce_weight: float, kd_weight: float, temperature: float) -> Objective:
    parts: tuple[tuple[float, Term], ...] = ((ce_weight, CE()), (kd_weight, KD(temperature=temperature)))
    return Objective(terms=tuple(Weighted(weight=weight, term=term) for weight, term in parts if weight != 0))


def _share(alpha: float) -> None:
    if not 0 <= alpha <= 1:
        raise SpecError(f"alpha is a share: expected 0 to 1, got {alpha:g}")
