"""Terms and objectives: what a student is taught."""

from kdissect.distill.terms import CE as CE
from kdissect.distill.terms import KD as KD
from kdissect.distill.terms import LS as LS
from kdissect.distill.terms import TERMS as TERMS
from kdissect.distill.terms.term import Objective as Objective
from kdissect.distill.terms.term import Term as Term
from kdissect.distill.terms.term import Weighted as Weighted
from kdissect.distill.terms.term import as_objective as as_objective
