"""Concept inheritance: which of a teacher's concepts does a student detect?"""

import json
from pathlib import Path
from typing import ClassVar, final

from pydantic import Field
from torch import nn

from kdissect.dissect import Dissection, Gate, dissect, find_layer
from kdissect.dissect import inheritance as inherit
from kdissect.errors import SpecError
from kdissect.measures.measure import Measure, Measured, Need, Subject
from kdissect.records import Score, write_text


@final
class ConceptInheritance(Measure):
    """Which concepts have a detector in the teacher and in the student, over images that both are dissected on.

    Gives: `kept_share` (concepts of the teacher that the student detects too, 0 to 1, higher is better), `kept`, `lost`
    and `new` (numbers of concepts), `overlap` (kept of all that either detects, 0 to 1, higher is better). Hold them
    against a student that was never taught, and against another teacher: two networks that never met share many
    concepts. `concepts.json` in the record says what became of each concept, called kept, lost or new where resamples
    of the images agree, else undecided.

    Attributes:
        layer: dotted name of the student's layer.
        teacher_layer: of the teacher's; the student's name if None.
        iou: overlap that makes a detector; 0 to 1.
        quantile: share of the positions above a unit's threshold; 0 to 1.
        gate: as in `Detectors`.
        replicates: resamples of the images, for the facts' intervals.

    Source: concept gains and losses as in `kdissect compare`; see `kdissect.dissect.inheritance`.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({"probe", "teacher"})
    passes: ClassVar[float] = 4
    definitions: ClassVar[dict[str, str]] = {
        "kept_share": "concepts of the teacher that the student detects too, of all that the teacher detects",
        "kept": "concepts that teacher and student detect",
        "lost": "concepts that the teacher detects and the student does not",
        "new": "concepts that the student detects and the teacher does not",
        "overlap": "concepts that both detect, of all that either detects",
    }

    layer: str
    teacher_layer: str | None = None
    iou: float = Field(default=0.05, gt=0, le=1)
    quantile: float = Field(default=0.005, gt=0, lt=1)
    gate: Gate = "region"
    replicates: int = Field(default=100, ge=1)

    def check(self, module: nn.Module) -> None:
        """Refuse a network without the layer."""
        find_layer(module, self.layer)

    def run(self, subject: Subject, folder: Path) -> Measured:
        """Dissect both, and compare."""
        probe, teacher = subject.the_probe, subject.the_teacher
        own = self._dissected(subject, self.layer, subject)
        other = self._dissected(teacher, self.teacher_layer or self.layer, subject)
        if own.contributions is None or other.contributions is None:
            raise SpecError("expected dissections that keep each image's contribution")
        found = inherit(
            other.contributions, own.contributions, sources=probe.sources, gate=self.gate, threshold=self.iou,
            replicates=self.replicates,
        )  # fmt: skip
        kept, lost, new = (int(found.counts[status].value) for status in ("kept", "lost", "new"))
        most = len(own.names)

        def count(name: str, value: int) -> Score:
            return Score(name=name, value=value, unit="concepts", bounds=(0, most))

        share = found.kept_share
        scores = (
            Score(
                name="kept_share",
                value=None if share is None else share.value,
                unit="share",
                direction="higher",
                bounds=(0, 1),
            ),
            count("kept", kept),
            count("lost", lost),
            count("new", new),
            Score(
                name="overlap",
                value=kept / (kept + lost + new) if kept + lost + new else None,
                unit="share",
                direction="higher",
                bounds=(0, 1),
            ),
        )
        named = {own.names[label]: found.status(label) for label in range(1, most) if found.status(label) != "absent"}
        write_text(folder / "concepts.json", json.dumps(named, indent=1, ensure_ascii=False))
        facts = {"layer": self.layer, "teacher_layer": other.layer, "iou": self.iou, "gate": self.gate}
        if share is not None:
            facts["kept_share_interval"] = [share.low, share.high]
        return Measured(scores, facts)

    def _dissected(self, who: Subject, layer: str, asked: Subject) -> Dissection:
        """The dissection of a network on the probe of the one that is measured; the teacher's is made once."""

        def make() -> Dissection:
            network = who.network
            return dissect(
                who.module,
                layer,
                asked.the_probe,
                quantile=self.quantile,
                gate=self.gate,
                threshold=self.iou,
                normalize=(network.mean, network.std),
                num_exemplars=0,
                network_name=network.architecture,
            )

        return who.once(f"dissection {layer} {self.quantile} {self.gate} {self.iou}", make)
