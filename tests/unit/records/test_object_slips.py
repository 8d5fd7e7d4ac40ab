"""Claims as objects, on fsspec's file system in memory."""

import uuid
from typing import Any

import pytest

from kdissect.errors import UnwritableError
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


class Gone:
    """A file system that cannot be reached, in words that are no OSError, as botocore's are not."""

    def invalidate_cache(self) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        def fail(*_: Any, **__: Any) -> None:
            raise RuntimeError("Could not connect\nto the endpoint")

        return fail


def test_a_place_that_is_gone_is_one_clear_line() -> None:
    slips = ObjectSlips(Gone(), "results/own/claims")
    asked = [
        lambda: slips.make("a" * 64, 1, "{}"),
        lambda: slips.numbers("a" * 64),
        lambda: slips.read("a" * 64, 1),
        lambda: slips.remove("a" * 64, 1),
    ]
    for ask in asked:
        with pytest.raises(UnwritableError, match=r"^results/own/claims cannot be used .*Could not connect to the end"):
            ask()


def test_a_beat_that_is_missed_is_an_error_that_claims_let_pass() -> None:
    with pytest.raises(OSError, match="Could not connect"):
        ObjectSlips(Gone(), "results/own/claims").beat(("a" * 64, 1), "1")


def test_a_claim_that_was_made_though_the_answer_was_lost_is_ours(slips: ObjectSlips) -> None:
    class Forgetful:
        def __getattr__(self, name: str) -> Any:
            return getattr(files, name)

        def pipe_file(self, *given: Any, **more: Any) -> None:
            files.pipe_file(*given, **more)
            raise RuntimeError("the connection was closed")

    files, slips.files = slips.files, Forgetful()
    assert slips.make("a" * 64, 1, "one") == ("a" * 64, 1)
    assert slips.make("a" * 64, 1, "two") is None
