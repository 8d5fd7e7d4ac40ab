import pytest
from pydantic import Field

from kdissect.distill import CE, KD, LS, Objective
from kdissect.errors import SpecError
from kdissect.specs import Spec, digest
from kdissect.training import Recipe


class Point(Spec):
    x: float = Field(default=0.0, ge=0)
    inner: tuple[int, ...] = ()


def test_a_wrong_field_is_named_with_its_path() -> None:
    with pytest.raises(SpecError, match=r"Recipe: epoch: Extra inputs are not permitted, got 3"):
        Recipe(epochs=1, epoch=3)
    with pytest.raises(SpecError, match=r"terms\.0\.term: .*temperture: Extra"):
        Objective.from_mapping({"terms": [{"term": {"kind": "KD", "temperture": 4}}]})


def test_an_unknown_kind_lists_those_there_are() -> None:
    with pytest.raises(SpecError, match="expected a kind among AT, CATKD, .*, VID, got 'DK'"):
        Objective.from_mapping({"terms": [{"term": {"kind": "DK"}}]})


def test_a_spec_of_another_version_is_refused() -> None:
    with pytest.raises(SpecError, match="KD was saved as version 99"):
        Objective.from_mapping({"terms": [{"term": {"kind": "KD", "version": 99}}]})


def test_an_objective_makes_the_round_trip_through_json() -> None:
    objective = 0.5 * LS(smoothing=0.2) + 2 * KD(temperature=3)
    again = Objective.from_json(objective.model_dump_json())
    assert again == objective
    assert hash(again) == hash(objective)
    assert isinstance(again.terms[1].term, KD)


def test_the_digest_changes_exactly_when_a_field_does() -> None:
    assert Point(x=1, inner=(1, 2)).digest() == Point(x=1.0, inner=(1, 2)).digest()
    assert Point(x=1).digest() != Point(x=1.5).digest()
    assert Point(inner=(1, 2)).digest() != Point(inner=(2, 1)).digest()
    assert (CE() + KD(temperature=4)).digest() != (CE() + KD(temperature=5)).digest()


def test_the_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_a_spec_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Point(x=1).x = 2


def test_text_that_is_no_json_is_refused_in_one_line() -> None:
    with pytest.raises(SpecError, match="Invalid JSON") as caught:
        Recipe.from_json("{")
    assert "\n" not in str(caught.value)
