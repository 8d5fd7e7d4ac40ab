"""Measures, one file each; to be listed here is to be tested."""

from kdissect.measures.accuracy import Accuracy as Accuracy
from kdissect.measures.class_similarity import ClassSimilarity as ClassSimilarity
from kdissect.measures.detectors import Detectors as Detectors
from kdissect.measures.measure import Measure as Measure
from kdissect.measures.measure import Measured as Measured
from kdissect.measures.measure import Subject as Subject

MEASURES: tuple[type[Measure], ...] = (Accuracy, ClassSimilarity, Detectors)
