"""Detectors counted by every convention, and concepts inherited from a teacher."""

import json
from pathlib import Path

import pytest
import torch

from kdissect.data import Dataset, Probe
from kdissect.data.dataset import SplitName
from kdissect.dissect import Dissection, dissect
from kdissect.errors import LayerError, ShapeError
from kdissect.measures import ConceptInheritance, Detectors, FiveBand, Localisation, Subject
from kdissect.models import Network


@pytest.fixture
def subject(blobs: Dataset, tiny: Network, small_probe: Probe) -> Subject:
    return Subject(tiny.build(3), tiny, blobs, small_probe, teacher=Subject(tiny.build(5), tiny, blobs))


def test_detectors_by_every_convention_are_the_dissections(subject: Subject, tmp_path: Path) -> None:
    measured = Detectors(layer="layer3", iou=0.02).run(subject, tmp_path)
    values = {score.name: score.value for score in measured.scores}
    found = Dissection.load(tmp_path / "dissection")
    for gate in ("region", "image", "none"):
        assert values[f"detectors/gate/{gate}"] == found.num_detectors(gate=gate)
    assert values["detectors"] == values["detectors/gate/region"]
    assert values["detectors/gate/none"] <= values["detectors"]
    assert values["detectors/iou/0.04"] == found.num_detectors(0.04)
    objects, scenes = (found.by_top_label()[name].num_detectors for name in ("object", "scene"))
    assert values["object_scene_ratio"] == (objects / scenes if scenes else None)
    assert values["object_share"] == (objects / (objects + scenes) if objects + scenes else None)
    curve = measured.facts["curve"]
    assert curve[0][0] == 0.01
    assert [point[1] for point in curve] == sorted((point[1] for point in curve), reverse=True)
    assert values["curve_area"] == pytest.approx(sum(point[1] for point in curve) / (16 * len(curve)))


def test_a_network_inherits_everything_from_itself(subject: Subject, tmp_path: Path) -> None:
    itself = Subject(subject.module, subject.network, subject.dataset, subject.probe)
    itself.teacher = Subject(subject.module, subject.network, subject.dataset)
    values = scores(itself, tmp_path)
    assert values["kept_share"] == 1
    assert values["overlap"] == 1
    assert values["lost"] == values["new"] == 0
    assert values["kept"] >= 1


def test_a_planted_loss_is_found(subject: Subject, tmp_path: Path) -> None:
    """A student in which all units but one are silent has one concept at most; what it lost, the teacher had."""
    assert subject.probe is not None
    silent = subject.network.build(3)
    with torch.no_grad():
        norms = (silent.layer3[0].bn2, silent.layer3[0].downsample[1])
        for norm in norms:
            norm.weight[1:] = 0
            norm.bias[1:] = 0
    student = Subject(silent, subject.network, subject.dataset, subject.probe)
    student.teacher = Subject(subject.module, subject.network, subject.dataset)
    values = scores(student, tmp_path)
    options = {"threshold": 0.02, "normalize": (subject.network.mean, subject.network.std)}
    own, other = (dissect(net, "layer3", subject.probe, **options) for net in (silent, subject.module))
    names = [{row["name"] for row in one.table() if row["iou"] >= 0.02 and row["label"]} for one in (own, other)]
    assert values["kept"] == len(names[0] & names[1])
    assert values["lost"] == len(names[1] - names[0]) > 0
    assert values["new"] == len(names[0] - names[1])
    assert values["kept_share"] == pytest.approx(values["kept"] / len(names[1]))
    named = json.loads((tmp_path / "concepts.json").read_text())
    assert set(named) == names[0] | names[1]
    assert set(named.values()) <= {"kept", "lost", "new", "undecided"}


def test_the_teacher_is_dissected_once(subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    from kdissect.measures import inheritance

    monkeypatch.setattr(inheritance, "dissect", lambda *a, **k: asked.append(a[0]) or dissect(*a, **k))
    for number in range(2):
        student = Subject(subject.network.build(number), subject.network, subject.dataset, subject.probe)
        student.teacher = subject.teacher
        (tmp_path / str(number)).mkdir()
        scores(student, tmp_path / str(number))
    assert subject.teacher is not None
    assert asked.count(subject.teacher.module) == 1
    assert len(asked) == 3


def test_a_layer_that_is_not_there_is_refused(subject: Subject) -> None:
    with pytest.raises(LayerError, match="layer9"):
        ConceptInheritance(layer="layer9").check(subject.module)


def scores(student: Subject, folder: Path) -> dict[str, float]:
    found = ConceptInheritance(layer="layer3", iou=0.02, replicates=5).run(student, folder).scores
    return {score.name: score.value for score in found if score.value is not None}


def test_telling_parts_of_another_size_than_the_pictures_are_refused(
    blobs: Dataset, tiny: Network, tmp_path: Path
) -> None:
    class Small(type(blobs)):  # type: ignore[misc]
        def features(self, name: SplitName) -> torch.Tensor:
            return super().features(name)[:, :8]

    subject = Subject(tiny.build(3), tiny, Small())
    for measure in (FiveBand(images=8), Localisation(images=8)):
        with pytest.raises(
            ShapeError, match=r"features must be \(64, 16, 16\), as the pictures are, got \(64, 8, 16\)"
        ):
            measure.run(subject, tmp_path)
