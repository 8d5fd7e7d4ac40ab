"""Claims as objects, on fsspec's file system in memory."""

import uuid

import pytest

from kdissect.records import Claims, Progress, claims
from kdissect.records.object_slips import ObjectSlips

fsspec = pytest.importorskip("fsspec")


@pytest.fixture
def slips() -> ObjectSlips:
    return ObjectSlips(fsspec.filesystem("memory"), f"/{uuid.uuid4().hex}/claims")


def test_a_claim_has_one_winner_and_is_gone_afterwards(slips: ObjectSlips) -> None:
    with Claims(slips).take("a" * 64, "first", Progress()) as mine:
        assert mine
        with Claims(slips).take("a" * 64, "second", Progress()) as also:
            assert not also
    assert slips.numbers("a" * 64) == []


def test_an_object_is_made_once(slips: ObjectSlips) -> None:
    assert slips.make("a" * 64, 1, "one") == ("a" * 64, 1)
    assert slips.make("a" * 64, 1, "two") is None
    assert slips.read("a" * 64, 1) == ("one", "")


def test_an_owner_without_a_beat_is_taken_over(slips: ObjectSlips, monkeypatch: pytest.MonkeyPatch) -> None:
    slips.make("a" * 64, 1, "{}")
    monkeypatch.setattr(claims, "PATIENCE", 0.0)
    with Claims(slips).take("a" * 64, "second", Progress()) as mine:
        assert mine
