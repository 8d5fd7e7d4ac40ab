from pathlib import Path

import pytest

from kdissect.errors import RecordError
from kdissect.records import Record, Score, Store, write_record


def a_record(digest: str = "d" * 64) -> Record:
    score = Score(name="accuracy", value=0.5, unit="share", direction="higher", bounds=(0, 1))
    return Record(kind="Accuracy", arm="KD", seed=1, key={"a": 1}, digest=digest, scores=(score,))


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    with store.writing("d" * 64) as folder:
        (folder / "weights.bin").write_bytes(b"abc")
        written = write_record(folder, a_record())
    assert store.find("d" * 64) == written
    assert written.files["weights.bin"] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert Store(tmp_path / "store").records() == [written]


def test_a_block_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")

    def fail() -> None:
        with store.writing("d" * 64) as folder:
            write_record(folder, a_record())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert store.find("d" * 64) is None
    assert not list((tmp_path / "store" / "cells").iterdir())


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(RecordError, match="holds something else.*choose another --out"):
        Store.create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(RecordError, match="is a file"):
        Store.create(tmp_path / "thesis.tex")
    with pytest.raises(RecordError, match="is no store"):
        Store(tmp_path)


def test_a_store_of_another_format_is_refused(tmp_path: Path) -> None:
    Store.create(tmp_path / "store")
    (tmp_path / "store" / "store.json").write_text('{"format": 99}')
    with pytest.raises(RecordError, match="format 99"):
        Store.create(tmp_path / "store")


def test_a_damaged_record_is_an_error_and_not_an_answer(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    with store.writing("d" * 64) as folder:
        write_record(folder, a_record())
    path = store.folder("d" * 64) / "record.json"
    whole = path.read_text()
    for damaged in (whole[:50], whole[:-3], whole.replace("0.5", "0.6"), whole + " ", ""):
        path.write_text(damaged)
        with pytest.raises(RecordError, match=r"record\.json is not as it was written.*delete its folder"):
            store.find("d" * 64)
    assert store.flaws("d" * 64)
    store.set_aside("d" * 64)
    assert store.find("d" * 64) is None
    assert [path.name for path in (tmp_path / "store/damaged").iterdir()] == ["d" * 16 + "-1"]


def test_what_differs_from_run_to_run_is_no_part_of_the_record(tmp_path: Path) -> None:
    store, texts = Store.create(tmp_path / "store"), []
    for seconds in (1.0, 2.0):
        with store.writing("d" * 64) as folder:
            write_record(folder, a_record().model_copy(update={"seconds": seconds, "timing": {"host": str(seconds)}}))
        found = store.find("d" * 64)
        assert found is not None
        assert (found.seconds, found.timing) == (seconds, {"host": str(seconds)})
        texts.append((store.folder("d" * 64) / "record.json").read_bytes())
    assert texts[0] == texts[1]
    (store.folder("d" * 64) / "run.json").unlink()
    assert store.find("d" * 64) is not None


def test_a_file_that_is_gone_or_changed_is_found(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")

    def write() -> Path:
        with store.writing("d" * 64) as folder:
            (folder / "weights.bin").write_bytes(b"abc")
            write_record(folder, a_record())
        return store.folder("d" * 64) / "weights.bin"

    assert write().is_file()
    assert not store.flaws("d" * 64, every_byte=True)
    write().write_bytes(b"abd")
    assert not store.flaws("d" * 64)
    assert "cut short, or edited" in store.flaws("d" * 64, every_byte=True)[0]
    write().write_bytes(b"ab")
    assert "cut short, or edited" in store.flaws("d" * 64)[0]
    write().unlink()
    assert "cannot be read" in store.flaws("d" * 64)[0]


def test_a_store_of_a_newer_kdissect_is_refused_with_what_to_do(tmp_path: Path) -> None:
    Store.create(tmp_path)
    (tmp_path / "store.json").write_text('{"format": 3}')
    with pytest.raises(RecordError, match="has store format 3.*use the kdissect that made it"):
        Store(tmp_path)


def test_a_record_under_another_digest_is_refused(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    digest = "d" * 16 + "e" * 48
    with store.writing(digest) as folder:
        write_record(folder, a_record(digest))
    with pytest.raises(RecordError, match="holds the record of"):
        store.find("d" * 64)


def test_a_missing_score_lists_those_there_are() -> None:
    assert a_record().score("accuracy").value == 0.5
    with pytest.raises(RecordError, match="there are: accuracy"):
        a_record().score("detectors")
