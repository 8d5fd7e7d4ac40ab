"""Measures, one file each; to be listed here is to be tested."""

from kdissect.measures.accuracy import Accuracy as Accuracy
from kdissect.measures.class_similarity import ClassSimilarity as ClassSimilarity
from kdissect.measures.complexity import Complexity as Complexity
from kdissect.measures.detectors import Detectors as Detectors
from kdissect.measures.diff_roar import DiffRoar as DiffRoar
from kdissect.measures.each_image import FILE as FILE
from kdissect.measures.each_image import RIGHT as RIGHT
from kdissect.measures.each_image import EachImage as EachImage
from kdissect.measures.each_image import scores_of as scores_of
from kdissect.measures.faithfulness import Faithfulness as Faithfulness
from kdissect.measures.five_band import FiveBand as FiveBand
from kdissect.measures.inheritance import ConceptInheritance as ConceptInheritance
from kdissect.measures.localisation import Localisation as Localisation
from kdissect.measures.loss_gradient import LossGradient as LossGradient
from kdissect.measures.measure import Measure as Measure
from kdissect.measures.measure import Measured as Measured
from kdissect.measures.measure import Subject as Subject
from kdissect.measures.null_block import NullBlock as NullBlock
from kdissect.measures.random_labels import RandomLabels as RandomLabels
from kdissect.measures.sanity import Sanity as Sanity
from kdissect.measures.shown import keep_shown as keep_shown
from kdissect.measures.stability import Stability as Stability
from kdissect.measures.transfer import Transfer as Transfer

MEASURES: tuple[type[Measure], ...] = (
    Accuracy,
    ClassSimilarity,
    Detectors,
    Localisation,
    FiveBand,
    LossGradient,
    Faithfulness,
    Stability,
    Complexity,
    Sanity,
    Transfer,
    ConceptInheritance,
    NullBlock,
    DiffRoar,
    RandomLabels,
)
