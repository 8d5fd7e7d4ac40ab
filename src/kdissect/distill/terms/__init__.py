"""The terms of an objective, one file each; to be listed here is to be tested."""

from kdissect.distill.terms.ce import CE as CE
from kdissect.distill.terms.kd import KD as KD
from kdissect.distill.terms.ls import LS as LS
from kdissect.distill.terms.term import Term

TERMS: tuple[type[Term], ...] = (CE, LS, KD)
