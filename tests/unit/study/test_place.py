import pytest

from kdissect.distill import CE, KD
from kdissect.errors import SpecError
from kdissect.models import Network
from kdissect.study import Arm, plan
from kdissect.study.catalogue.quick import quick


@pytest.fixture
def arm(tiny: Network) -> Arm:
    place = {"temperature": 4, "weight": 0.9, "teacher": "LS"}
    return Arm(name="KD", network=tiny, objective=CE() + KD(), teacher="teacher", place=place)


def test_a_place_is_kept_as_pairs_and_makes_the_round_trip(arm: Arm) -> None:
    assert arm.place == (("temperature", 4), ("weight", 0.9), ("teacher", "LS"))
    assert arm.model_dump(mode="json")["place"] == {"temperature": 4, "weight": 0.9, "teacher": "LS"}
    again = Arm.from_json(arm.model_dump_json())
    assert again == arm
    assert hash(again) == hash(arm)
    assert [type(value) for _, value in again.place] == [int, float, str]


def test_values_are_numbers_or_text(arm: Arm) -> None:
    with pytest.raises(SpecError, match="place"):
        arm.changed(place={"temperature": [4]})


def test_a_place_decides_no_digest() -> None:
    study = quick()
    placed = study.changed(arms=tuple(arm.changed(place={"temperature": 4}) for arm in study.arms), size="small")
    assert [cell.digest for cell in plan(placed)] == [cell.digest for cell in plan(study)]
