"""The terms of an objective, one file each; to be listed here is to be tested."""

from kdissect.distill.terms.at import AT as AT
from kdissect.distill.terms.cat_kd import CATKD as CATKD
from kdissect.distill.terms.ce import CE as CE
from kdissect.distill.terms.crd import CRD as CRD
from kdissect.distill.terms.dist import DIST as DIST
from kdissect.distill.terms.dkd import DKD as DKD
from kdissect.distill.terms.dkd import NCKD as NCKD
from kdissect.distill.terms.dkd import TCKD as TCKD
from kdissect.distill.terms.e2kd import E2KD as E2KD
from kdissect.distill.terms.fitnet import FitNet as FitNet
from kdissect.distill.terms.ft import FT as FT
from kdissect.distill.terms.hard_kd import HardKD as HardKD
from kdissect.distill.terms.kd import KD as KD
from kdissect.distill.terms.ls import LS as LS
from kdissect.distill.terms.mlkd import MLKD as MLKD
from kdissect.distill.terms.ofa_kd import OFAKD as OFAKD
from kdissect.distill.terms.pkt import PKT as PKT
from kdissect.distill.terms.review_kd import ReviewKD as ReviewKD
from kdissect.distill.terms.rkd import RKD as RKD
from kdissect.distill.terms.sim_kd import SimKD as SimKD
from kdissect.distill.terms.sp import SP as SP
from kdissect.distill.terms.sskd import SS as SS
from kdissect.distill.terms.sskd import TF as TF
from kdissect.distill.terms.term import Term
from kdissect.distill.terms.tf_kd import TfKD as TfKD
from kdissect.distill.terms.vid import VID as VID

TERMS: tuple[type[Term], ...] = (
    CE, LS, TfKD, KD, TCKD, NCKD, DKD, DIST, MLKD, HardKD, AT, FT, FitNet, VID, SP, ReviewKD, SimKD, CATKD, E2KD,
    OFAKD, CRD, RKD, PKT, SS, TF,
)  # fmt: skip
