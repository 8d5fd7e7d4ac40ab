"""What planning costs: cells and their digests, median of seven runs."""

import statistics
import time

from kdissect.distill import CE, KD
from kdissect.measures import (
    Accuracy,
    ClassSimilarity,
    Complexity,
    Detectors,
    Faithfulness,
    Localisation,
    LossGradient,
    Stability,
    Transfer,
)
from kdissect.study import Arm, Study, plan
from kdissect.study.catalogue.quick import quick

RUNS = 7
MEASURES = (
    Accuracy(),
    ClassSimilarity(),
    Detectors(layer="layer3"),
    Localisation(),
    LossGradient(),
    Faithfulness(),
    Stability(),
    Complexity(),
    Transfer(),
)


def large(arms: int, seeds: int) -> Study:
    """A study of that many students and seeds; of its measures seven look at all arms or at a teacher."""
    study = quick()
    student = study.arm("scratch").network
    students = (
        Arm(name=f"KD-{k}", network=student, objective=CE() + KD(temperature=1 + k), teacher="teacher")
        for k in range(arms)
    )
    return study.changed(
        arms=(study.arm("teacher"), *students), seeds=tuple(range(seeds)), measures=MEASURES, reference="KD-0"
    )


def main() -> None:
    print(f"{'arms':>4}  {'seeds':>5}  {'cells':>6}  {'planning s':>10}  {'digests s':>9}  {'both, slowest s':>15}")
    for arms, seeds in ((10, 3), (10, 10), (100, 10)):
        study = large(arms, seeds)
        times = []
        for _ in range(RUNS):
            started = time.perf_counter()
            cells = plan(study)
            planned = time.perf_counter()
            assert len({cell.digest for cell in cells}) == len(cells)
            times.append((planned - started, time.perf_counter() - planned))
        planning, digests = (statistics.median(column) for column in zip(*times, strict=True))
        slowest = max(map(sum, times))
        print(f"{arms:>4}  {seeds:>5}  {len(cells):>6}  {planning:>10.3f}  {digests:>9.3f}  {slowest:>15.3f}")


if __name__ == "__main__":
    main()
