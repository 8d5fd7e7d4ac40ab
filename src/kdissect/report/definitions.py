"""What the scores of kdissect's own measures mean, for records that do not say it themselves."""

from kdissect.records import Record

TRAINING = {"val_accuracy": "share of the validation images whose largest logit is at the label, after the last epoch"}
ACCURACY = {
    "accuracy": "share of the test images whose largest logit is at the label",
    "nll": "mean of −log p(label) over the test images",
    "confidence": "mean of the largest probability",
    "output_entropy": "mean entropy of the whole output",
}
CLASS_SIMILARITY = {
    "entropy": "entropy of the output within the image's coarse group, mean over images, then over groups",
    "entropy/bits": "the same in bits",
    "entropy/soft": "the same at the measure's temperature",
    "entropy/partial": "the same without renormalising within the group",
    "entropy/class_mean": "entropy of the mean output of each class",
    "entropy/group_mean": "entropy of the mean output of each group",
    "entropy/correct": "over correctly classified images only",
    "entropy/matched": "at a temperature that gives every network the same mean entropy of the whole output",
    "group_accuracy": "share of images whose largest logit lies in their group",
    "group_mass": "probability within the image's group",
    "matched_temperature": "the temperature of the matched entropy",
}
DETECTORS = {
    "detectors": "units whose best concept reaches the IoU threshold",
    "unique_detectors": "different concepts among the detectors",
    "detector_share": "detectors divided by all units of the layer",
    "mean_iou": "mean over all units of the IoU of their best concept",
    "detectors/": "detectors whose best concept is of this category",
    "unique/": "different concepts of this category among the detectors",
    "any_category/": "units that reach the IoU threshold with some concept of this category, be it their best or not; "
    "a unit may count in several categories",
}
KNOWN = {
    "train": TRAINING,
    "Accuracy": ACCURACY,
    "ClassSimilarity": CLASS_SIMILARITY,
    "Detectors": DETECTORS,
}


def definition(record: Record, score: str) -> str:
    """One sentence on a score: the record's own (`facts["definitions"]`), or the one known here; or nothing."""
    family = f"{score.split('/')[0]}/"
    for definitions in (record.facts.get("definitions"), KNOWN.get(record.kind)):
        if isinstance(definitions, dict):
            found = definitions.get(score) or definitions.get(family)
            if found:
                return str(found)
    return ""
