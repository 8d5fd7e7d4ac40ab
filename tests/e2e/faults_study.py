"""A study that lasts some seconds, whose measure tells a file outside the store each time that it is made."""

import os
import time
from pathlib import Path
from typing import ClassVar

from own_study import own

from kdissect.measures import Measure, Measured, Subject
from kdissect.records import Score
from kdissect.study import Study

LOG = "KDISSECT_TEST_LOG"


class Told(Measure):
    """Writes a line each time it is made.

    Attributes:
        number: any.
    """

    needs: ClassVar[frozenset[str]] = frozenset()
    definitions: ClassVar[dict[str, str]] = {"parameters": "how many numbers the network has"}
    number: int = 0

    def run(self, subject: Subject, folder: Path) -> Measured:
        if path := os.environ.get(LOG):
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            first = next(iter(subject.module.parameters()))
            os.write(handle, f"{self.number} {first.sum().item()!r}\n".encode())
            os.close(handle)
        time.sleep(0.05)
        count = sum(parameter.numel() for parameter in subject.module.parameters())
        return Measured((Score(name="parameters", value=count, unit="numbers"),), {})


def faults() -> Study:
    study = own()
    return study.changed(
        name="faults",
        recipe=study.recipe.changed(epochs=40),
        measures=(*study.measures, *(Told(number=number) for number in range(6))),
    )
