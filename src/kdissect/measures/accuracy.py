"""Accuracy and confidence on the test split."""

import math
from pathlib import Path
from typing import ClassVar, final

import torch

from kdissect.measures.measure import Measure, Measured, Need, Subject
from kdissect.records import Score


@final
class Accuracy(Measure):
    """Top-1 accuracy on the test split, and the confidence that goes with it.

    Gives: `accuracy`, share of the test images whose largest logit is at the label, 0 to 1, higher is
    better; `nll`, mean of -log p(label) in nats, lower is better; `confidence`, mean of the largest
    probability, 0 to 1, and `output_entropy`, mean entropy of the whole output in nats, 0 to ln k:
    confounders of every measure that reads probabilities or gradients, no merit in themselves.

    Source: the definitions.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({"dataset"})
    passes: ClassVar[float] = 1
    definitions: ClassVar[dict[str, str]] = {
        "accuracy": "share of the test images whose largest logit is at the label",
        "nll": "mean of −log p(label) over the test images",
        "confidence": "mean of the largest probability",
        "output_entropy": "mean entropy of the whole output",
    }

    def run(self, subject: Subject, folder: Path) -> Measured:
        """Accuracy, NLL, confidence and entropy of the output."""
        labels = subject.the_dataset.split("test").labels
        log_p = torch.log_softmax(subject.logits("test").double(), dim=1)
        p = log_p.exp()
        hits = log_p.argmax(1) == labels
        return Measured(
            (
                Score(
                    name="accuracy", value=float(hits.double().mean()), unit="share", direction="higher", bounds=(0, 1)
                ),
                Score(
                    name="nll",
                    value=float(-log_p[torch.arange(len(labels)), labels].mean()),
                    unit="nats",
                    direction="lower",
                    bounds=(0, None),
                ),
                Score(name="confidence", value=float(p.amax(1).mean()), unit="share", bounds=(0, 1)),
                Score(
                    name="output_entropy",
                    value=float(-(p * log_p).sum(1).mean()),
                    unit="nats",
                    bounds=(0, math.log(log_p.shape[1])),
                ),
            )
        )
