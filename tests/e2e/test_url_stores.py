"""Stores at a URL, as users have them: the command line against a server that speaks S3's protocol."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.far_runs import CELLS, HERE, OWN, end, environment, files
from s3_server import BUCKET, s3_server

boto3 = pytest.importorskip("boto3")
pytest.importorskip("moto")
pytest.importorskip("s3fs")

FAULTS = f"{HERE / 'faults_study.py'}:faults"
URL = f"s3://{BUCKET}/own"


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, str]]:
    with s3_server() as variables:
        yield variables


@pytest.fixture(scope="module")
def bucket(server: dict[str, str]) -> Any:
    session = boto3.Session(
        server["AWS_ACCESS_KEY_ID"], server["AWS_SECRET_ACCESS_KEY"], region_name=server["AWS_DEFAULT_REGION"]
    )
    return session.resource("s3", endpoint_url=server["AWS_ENDPOINT_URL"]).Bucket(BUCKET)


def start(server: dict[str, str], cache: Path, *words: str, **more: str) -> subprocess.Popen[str]:
    """A command on a machine of its own, which its cache stands for."""
    variables = environment(**server, KDISSECT_CACHE=str(cache), COLUMNS="200", **more)
    return subprocess.Popen(
        [sys.executable, "-m", "kdissect", *words],
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def say(server: dict[str, str], cache: Path, *words: str) -> tuple[int, str]:
    return end(start(server, cache, *words))


def objects(bucket: Any, store: str) -> dict[str, bytes]:
    found = (one for one in bucket.objects.filter(Prefix=f"{store}/"))
    return {one.key.removeprefix(f"{store}/"): one.get()["Body"].read() for one in found}


def cells(found: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in found.items() if name.startswith("cells/") and "run.json" not in name}


@pytest.fixture(scope="module")
def ran(server: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the first machine said; the store is at the URL from then on."""
    code, said = say(server, tmp_path_factory.mktemp("one"), "run", OWN, "--out", URL, "--on", "local")
    assert code == 0, said
    return said


def test_a_url_holds_the_same_bytes_as_a_folder(ran: str, server: dict[str, str], bucket: Any, tmp_path: Path) -> None:
    code, said = say(server, tmp_path / "cache", "run", OWN, "--out", str(tmp_path / "out"), "--on", "local")
    assert code == 0, said
    there = objects(bucket, "own")
    assert sum(name.endswith("/record.json") for name in there) == CELLS
    assert cells(there) == files(tmp_path / "out")
    assert there["report.html"].startswith(b"<!")
    assert [name for name in there if name.startswith(("claims/", "running/", "failed/"))] == []


@pytest.mark.slow
def test_another_machine_finds_all_done(ran: str, server: dict[str, str], bucket: Any, tmp_path: Path) -> None:
    before = cells(objects(bucket, "own"))
    code, said = say(server, tmp_path, "run", OWN, "--out", URL, "--on", "local")
    assert code == 0, said
    assert f"{CELLS} cells, {CELLS} already there, 0 to do" in said
    assert cells(objects(bucket, "own")) == before


@pytest.mark.slow
@pytest.mark.parametrize("command", ["results", "verdict", "report", "status"])
def test_a_third_machine_reads_it(ran: str, server: dict[str, str], tmp_path: Path, command: str) -> None:
    code, said = say(server, tmp_path, command, URL)
    assert code == 0, said
    assert "KD" in said or "report.html" in said


@pytest.mark.slow
def test_two_machines_do_no_cell_twice(server: dict[str, str], bucket: Any, tmp_path: Path) -> None:
    log = tmp_path / "log"
    out = f"s3://{BUCKET}/shared"
    runners = [
        start(server, tmp_path / name, "run", FAULTS, "--out", out, "--on", on, KDISSECT_TEST_LOG=str(log))
        for name, on in (("one", "local"), ("two", "processes:2"))
    ]
    said = [end(runner) for runner in runners]
    assert [code for code, _ in said] == [0, 0], said
    made = Counter(log.read_text().splitlines())
    assert len(made) == 30
    assert set(made.values()) == {1}
    there = objects(bucket, "shared")
    assert sum(name.endswith("/record.json") for name in there) == 45
    assert [name for name in there if name.startswith(("claims/", "running/"))] == []


@pytest.mark.slow
@pytest.mark.parametrize("which", ["record.json", "student.safetensors"])
def test_what_was_edited_at_the_url_is_made_anew(
    ran: str, server: dict[str, str], bucket: Any, tmp_path: Path, which: str
) -> None:
    before = objects(bucket, "own")
    name = next(name for name in sorted(before) if name.startswith("cells/") and name.endswith(f"/{which}"))
    bucket.put_object(Key=f"own/{name}", Body=before[name][:-2] + b"??")
    code, said = say(server, tmp_path, "run", OWN, "--out", URL, "--on", "local")
    assert code == 0, said
    assert "set aside" in said
    after = objects(bucket, "own")
    assert cells(after) == cells(before)
    digest = name.split("/")[1]
    aside = [content for key, content in after.items() if key.startswith(f"damaged/{digest}-") and key.endswith(which)]
    assert before[name][:-2] + b"??" in aside


@pytest.mark.slow
def test_a_killed_machine_s_training_goes_on_elsewhere(server: dict[str, str], bucket: Any, tmp_path: Path) -> None:
    words = ("run", f"{HERE / 'quick_checkpoints.py'}:long", "--out", f"s3://{BUCKET}/killed", "--on", "local")
    run = start(server, tmp_path / "one", *words)
    deadline = time.monotonic() + 120
    while not any("/checkpoint" in one.key for one in bucket.objects.filter(Prefix="killed/running/")):
        assert run.poll() is None, run.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    run.kill()
    run.communicate()
    left = objects(bucket, "killed")
    checkpoint = next(content for name, content in left.items() if name.endswith("/checkpoint.safetensors"))
    header = json.loads(checkpoint[8 : 8 + int.from_bytes(checkpoint[:8], "little")])
    first = json.loads(header["__metadata__"]["curve"])[0]["seconds"]
    code, said = say(server, tmp_path / "two", *words)
    assert code == 0, said
    there = objects(bucket, "killed")
    runs = [content.decode() for name, content in there.items() if name.endswith("run.json")]
    assert any(repr(first) in run for run in runs), "the first epoch was not trained again"
    assert [name for name in there if name.startswith(("claims/", "running/"))] == []
    code, said = say(server, tmp_path / "three", *words[:3], str(tmp_path / "out"), *words[4:])
    assert code == 0, said
    assert cells(there) == files(tmp_path / "out")


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("s3://nowhere-to-be-found/own", "cannot be used"),
        (f"s3://{BUCKET}/holiday", "holds something else than kdissect results"),
        (f"s3://{BUCKET}/newer", "has store format 99"),
    ],
)
@pytest.mark.slow
def test_a_wrong_place_is_one_line(
    server: dict[str, str], bucket: Any, tmp_path: Path, where: str, message: str
) -> None:
    bucket.put_object(Key="holiday/beach.jpg", Body=b"sand")
    bucket.put_object(Key="newer/store.json", Body=b'{"format": 99}')
    code, said = say(server, tmp_path, "run", OWN, "--out", where, "--on", "local")
    assert code == 2, said
    assert message in said.strip().splitlines()[-1]
    assert said.strip().splitlines()[-1].startswith("kdissect: ")
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_server_that_is_gone_is_one_line(tmp_path: Path) -> None:
    gone = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    code, said = say(gone, tmp_path, "status", URL)
    assert code == 2, said
    assert "cannot be used" in said.strip().splitlines()[-1]
    assert "Traceback" not in said
