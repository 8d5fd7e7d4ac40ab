"""A store at a URL, on fsspec's file system in memory; each machine is a folder for its copies."""

import json
import os
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kdissect.errors import RecordError, UnwritableError
from kdissect.records import Failure, Record, Score, Store, manifest, remote, write_record
from kdissect.records.remote import RemoteStore

fsspec = pytest.importorskip("fsspec")
DIGEST = "d" * 64
Machine = Callable[[str], RemoteStore]


@pytest.fixture
def url() -> str:
    return f"memory://{uuid.uuid4().hex}/store"


@pytest.fixture
def on(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Opens the store on a machine of that name."""

    def open_on(machine: str) -> RemoteStore:
        monkeypatch.setenv("KDISSECT_CACHE", str(tmp_path / machine))
        return RemoteStore(url, make=True)

    return open_on


def put(store: Store, digest: str = DIGEST, content: bytes = b"weights") -> Record:
    with store.writing(digest) as folder:
        (folder / "sub").mkdir()
        (folder / "sub" / "student.safetensors").write_bytes(content)
        score = Score(name="size", value=float(len(content)), unit="bytes")
        record = Record(kind="train", arm="KD", seed=0, key={"seed": 0}, digest=digest, scores=(score,))
        return write_record(folder, record)


def there(url: str) -> dict[str, bytes]:
    files, root = fsspec.core.url_to_fs(url)
    return {path.removeprefix(f"{root}/"): files.cat_file(path) for path in files.find(root)}


def edit(url: str, name: str, content: bytes) -> None:
    files, root = fsspec.core.url_to_fs(url)
    files.pipe_file(f"{root}/{name}", content)


class Counting:
    """A file system that counts what is asked of it."""

    def __init__(self, files: Any) -> None:
        self.files, self.calls = files, Counter[str]()

    def __getattr__(self, name: str) -> Any:
        if name != "invalidate_cache":
            self.calls[name] += 1
        return getattr(self.files, name)


class Gone:
    """A file system that cannot be reached, in words that are no OSError, as botocore's are not."""

    def __getattr__(self, name: str) -> Any:
        def fail(*_: Any, **__: Any) -> None:
            raise RuntimeError("Could not connect\nto the endpoint")

        return fail if name != "invalidate_cache" else lambda: None


def test_a_record_of_one_machine_is_found_on_another(on: Machine) -> None:
    record = put(on("one"))
    store = on("two")
    assert store.has(DIGEST)
    assert store.find(DIGEST) == record
    assert (store.folder(DIGEST) / "sub" / "student.safetensors").read_bytes() == b"weights"


def test_what_is_at_the_url_is_a_store_as_in_a_folder(on: Machine, url: str, tmp_path: Path) -> None:
    put(on("one"))
    put(Store.create(tmp_path / "folder"))
    paths = [path for path in (tmp_path / "folder").rglob("*") if path.is_file()]
    assert there(url) == {path.relative_to(tmp_path / "folder").as_posix(): path.read_bytes() for path in paths}


def test_a_folder_that_was_copied_to_a_url_is_a_store_there(on: Machine, url: str, tmp_path: Path) -> None:
    record = put(Store.create(tmp_path / "folder"))
    files, root = fsspec.core.url_to_fs(url)
    files.put(f"{tmp_path / 'folder'}/", root, recursive=True)
    assert on("one").records() == [record]


def test_files_without_a_record_are_none(on: Machine, url: str) -> None:
    """A machine died while it sent them."""
    edit(url, f"cells/{DIGEST[:16]}/student.safetensors", b"weights")
    edit(url, "store.json", b'{"format": 2}')
    store = on("two")
    assert not store.has(DIGEST)
    assert store.done() == set()
    assert store.records() == []


def test_a_record_that_cannot_be_sent_is_not_here_either(on: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    store = on("one")
    files = store.files
    store.files = Gone()
    with pytest.raises(UnwritableError, match="cannot be used .*Could not connect to the endpoint"):
        put(store)
    store.files = files
    assert not store.has(DIGEST)
    assert list((store.path / "cells").iterdir()) == []


def test_reading_leaves_alone_what_a_run_on_the_same_machine_is_writing(on: Machine) -> None:
    run = on("one")
    with run.writing(DIGEST) as folder:
        on("one").fetch()
        assert folder.is_dir()
        record = write_record(folder, Record(kind="train", arm="KD", seed=0, key={}, digest=DIGEST))
    assert on("two").records() == [record]


@pytest.mark.parametrize("which", ["record.json", "sub/student.safetensors"])
def test_what_was_edited_at_the_url_is_set_aside(on: Machine, url: str, which: str) -> None:
    put(on("one"))
    name = f"cells/{DIGEST[:16]}/{which}"
    edited = there(url)[name][:-3] + b"???"
    edit(url, name, edited)
    store = on("two")
    assert store.flaws(DIGEST)
    store.set_aside(DIGEST)
    assert not store.has(DIGEST)
    assert there(url)[f"damaged/{DIGEST[:16]}-1/{which}"] == edited
    assert not any(name.startswith("cells/") for name in there(url))


def test_a_copy_that_was_damaged_here_is_copied_again(on: Machine, url: str) -> None:
    put(on("one"))
    store = on("two")
    store.fetch()
    (store.folder(DIGEST) / "sub" / "student.safetensors").write_bytes(b"?")
    assert not store.flaws(DIGEST, every_byte=True)
    assert (store.folder(DIGEST) / "sub" / "student.safetensors").read_bytes() == b"weights"
    assert not any(name.startswith("damaged/") for name in there(url))


def test_a_record_that_was_deleted_at_the_url_does_not_answer(on: Machine, url: str) -> None:
    store = on("one")
    put(store)
    files, root = fsspec.core.url_to_fs(url)
    files.rm(f"{root}/cells/{DIGEST[:16]}", recursive=True)
    assert on("one").records() == []
    assert not on("one").has(DIGEST)


def test_checkpoints_go_on_on_another_machine(on: Machine) -> None:
    one = on("one")
    running = one.running(DIGEST)
    running.mkdir(parents=True)
    for name in ("best.safetensors", "checkpoint.safetensors", "epoch-2.safetensors"):
        (running / name).write_bytes(name.encode())
    (running / ".checkpoint.safetensors.17").write_bytes(b"half-written")
    one.keep_running(DIGEST)
    found = on("two").running(DIGEST)
    assert {path.name: path.read_bytes() for path in found.iterdir()} == {
        name: name.encode() for name in ("best.safetensors", "checkpoint.safetensors", "epoch-2.safetensors")
    }


def test_checkpoints_are_kept_at_most_every_minute(on: Machine, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = on("one")
    path, name = store.running(DIGEST) / "checkpoint.safetensors", f"running/{DIGEST[:16]}/checkpoint.safetensors"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"1")
    store.keep_running(DIGEST)
    path.write_bytes(b"2")
    os.utime(path, ns=(2**61, 2**61))
    store.keep_running(DIGEST)
    assert there(url)[name] == b"1"
    monkeypatch.setattr(remote, "CHECKPOINT_SECONDS", 0.0)
    store.keep_running(DIGEST)
    assert there(url)[name] == b"2"


def test_a_checkpoint_is_sent_after_the_weights_that_it_speaks_of(on: Machine, url: str) -> None:
    store = on("one")
    running = store.running(DIGEST)
    running.mkdir(parents=True)
    for number, name in enumerate(("epoch-2.safetensors", "best.safetensors", "checkpoint.safetensors")):
        (running / name).write_bytes(b"")
        os.utime(running / name, (1000 + number, 1000 + number))
    sent = []

    class Noting:
        def put_file(self, _: str, to: str) -> None:
            sent.append(to.rpartition("/")[2])

    store.files = Noting()
    store.keep_running(DIGEST)
    assert sent == ["epoch-2.safetensors", "best.safetensors", "checkpoint.safetensors"]


def test_a_checkpoint_that_cannot_be_kept_stops_nothing_and_is_sent_later(
    on: Machine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "CHECKPOINT_SECONDS", 0.0)
    store = on("one")
    store.running(DIGEST).mkdir(parents=True)
    (store.running(DIGEST) / "checkpoint.safetensors").write_bytes(b"1")
    files, store.files = store.files, Gone()
    store.keep_running(DIGEST)
    store.files = files
    store.keep_running(DIGEST)
    assert there(url)[f"running/{DIGEST[:16]}/checkpoint.safetensors"] == b"1"


def test_checkpoints_are_removed_with_the_record(on: Machine, url: str) -> None:
    store = on("one")
    store.running(DIGEST).mkdir(parents=True)
    (store.running(DIGEST) / "checkpoint.safetensors").write_bytes(b"1")
    store.keep_running(DIGEST)
    put(store)
    assert not any(name.startswith("running/") for name in there(url))


def test_failures_are_seen_and_forgiven_elsewhere(on: Machine) -> None:
    failure = Failure("train KD", "DivergedError", "the loss is not finite")
    on("one").fail(DIGEST, failure)
    assert on("two").failure(DIGEST) == failure
    assert on("two").failures() == {DIGEST[:16]}
    on("two").forgive(DIGEST)
    assert on("one").failure(DIGEST) is None
    assert on("one").failures() == set()


def test_pages_are_published(on: Machine, url: str) -> None:
    store = on("one")
    (store.path / "report.html").write_text("<html>")
    store.publish()
    assert there(url)["report.html"] == b"<html>"


def test_a_worker_opens_a_store_of_its_own(on: Machine, url: str) -> None:
    import pickle

    put(on("one"))
    assert pickle.loads(pickle.dumps(on("one"))).done() == {DIGEST[:16]}


def test_done_of_a_thousand_records_is_one_request(on: Machine, url: str) -> None:
    store = on("one")
    for number in range(1000):
        edit(url, f"cells/{number:016x}/record.json", b"{}")
        edit(url, f"cells/{number:016x}/student.safetensors", b"")
    store.files = counting = Counting(store.files)
    assert len(store.done()) == 1000
    assert all(store.has(f"{number:016x}" + "0" * 48) for number in range(1000))
    assert counting.calls == {"find": 1}


def test_status_reads_no_record_and_writes_nothing(on: Machine) -> None:
    for number in range(20):
        put(on("one"), f"{number:064x}"[::-1])
    store = on("two")
    common = {"kind": "train", "arm": "KD", "epoch": None}
    cells = [{"digest": f"{number:064x}"[::-1], "seed": number, **common} for number in range(20)]
    store.write("studies/own.json", json.dumps({"name": "own", "title": "", "arms": [], "cells": cells}))
    store.files = counting = Counting(store.files)
    assert manifest(store).records == 20
    assert counting.calls == {"find": 3, "ls": 1, "cat_file": 2}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("beach.jpg", b"sand", "holds something else than kdissect results"),
        ("store.json", b'{"format": 99}', "has store format 99, this kdissect reads format 2; use the kdissect that"),
        ("store.json", b"sand", "store.json cannot be read"),
    ],
)
def test_a_wrong_place_is_refused(on: Machine, url: str, name: str, content: bytes, message: str) -> None:
    edit(url, name, content)
    before = there(url)
    with pytest.raises(RecordError, match=message):
        on("one")
    assert there(url) == before


def test_opening_makes_no_store(url: str) -> None:
    with pytest.raises(RecordError, match="is no store: expected a store.json"):
        Store.open(url)
    assert there(url) == {}


@pytest.mark.parametrize("wrong", ["nothing://bucket/store", "s4://bucket"])
def test_a_url_that_nobody_knows_is_one_line(wrong: str) -> None:
    with pytest.raises(RecordError, match="is no place for results"):
        Store.open(wrong)


def test_a_place_without_conditional_writes_is_refused(on: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    store = on("one")

    class Overwriting:
        def __getattr__(self, name: str) -> Any:
            return getattr(files, name)

        def pipe_file(self, path: str, content: bytes, **_: Any) -> None:
            files.pipe_file(path, content)

    files, store.files = store.files, Overwriting()
    with pytest.raises(RecordError, match="lets two runners make the same claim"):
        store.claims.slips.make(DIGEST, 1, "{}")
