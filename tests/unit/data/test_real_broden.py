"""Broden from archives, folders and addresses; what is unsafe or cut off is refused in one line."""

import hashlib
import http.server
import os
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from probes import write_broden

from kdissect.data import Broden, PackedProbe, pack_broden, real_broden
from kdissect.data.download import download
from kdissect.data.unpack import unpack
from kdissect.errors import DataError


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder, path = write_broden(tmp_path / "made/broden1_8"), tmp_path / "broden1_8.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        for file in sorted(folder.rglob("*")):
            zipped.write(file, Path("broden1_8") / file.relative_to(folder))
    return path


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files, with ranges if told so, and cuts off after `limit` bytes."""

    limit: int | None = None
    ranges = True

    def do_GET(self) -> None:
        data = (Path(self.directory) / self.path.lstrip("/").split("?")[0]).read_bytes()
        start = 0
        if self.ranges and "Range" in self.headers:
            start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
            self.send_response(206)
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        stop = len(data) if self.limit is None else min(start + self.limit, len(data))
        self.wfile.write(data[start:stop])

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., str]]:
    servers = []

    def start(limit: int | None = None, ranges: bool = True) -> str:
        kind = type("OwnHandler", (Handler,), {"limit": limit, "ranges": ranges})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(kind, directory=str(tmp_path)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def assert_packed(path: Path) -> None:
    found = PackedProbe(path)
    assert len(found) == 3
    assert found.annotation(2).scalars.tolist() == [0]
    assert sorted(p.name for p in path.parent.iterdir() if p.name.startswith("out")) == ["out.probe"]


def test_from_a_folder_an_archive_and_an_address(archive: Path, tmp_path: Path, serve: Callable[..., str]) -> None:
    address = f"{serve()}/broden1_8.zip"
    for k, source in enumerate((str(tmp_path / "made"), str(archive), archive.as_uri(), address)):
        out = tmp_path / f"{k}/out.probe"
        packed = pack_broden(source, out)
        assert packed.notes[-1].startswith("not the whole Broden: 3 images and 300 concepts")
        assert_packed(out)


def test_checksum(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.md5(archive.read_bytes()).hexdigest()
    assert digest in pack_broden(str(archive), tmp_path / "a.probe", md5=digest.upper()).notes[0]
    with pytest.raises(DataError, match=f"has MD5 {digest}, expected {'0' * 32}; fetch it again"):
        pack_broden(str(archive), tmp_path / "b.probe", md5="0" * 32)
    named = archive.rename(archive.with_name("broden1_224.zip"))
    with pytest.raises(DataError, match="expected be13c292eaef3300da03f8d0e48eab1c"):
        pack_broden(str(named), tmp_path / "b.probe")
    pack_broden(str(named), tmp_path / "b.probe", md5="none")
    assert not (tmp_path / "c.probe").exists()


def test_a_cut_off_download_is_noticed_and_goes_on(tmp_path: Path, serve: Callable[..., str]) -> None:
    (tmp_path / "data.bin").write_bytes(os.urandom(10_000))
    target = tmp_path / "got/data.bin"
    for there in (4000, 8000):
        with pytest.raises(DataError, match=f"{there} bytes are kept|after {there} of 10000 bytes"):
            download(f"{serve(limit=4000)}/data.bin", target)
        assert (tmp_path / "got/data.bin.part").stat().st_size == there
        assert not target.exists()
    download(f"{serve(limit=4000)}/data.bin", target)
    assert target.read_bytes() == (tmp_path / "data.bin").read_bytes()


def test_a_server_without_ranges_begins_anew(tmp_path: Path, serve: Callable[..., str]) -> None:
    (tmp_path / "data.bin").write_bytes(os.urandom(10_000))
    target = tmp_path / "got/data.bin"
    with pytest.raises(DataError, match="same command goes on"):
        download(f"{serve(limit=4000, ranges=False)}/data.bin", target)
    download(f"{serve(ranges=False)}/data.bin", target)
    assert target.read_bytes() == (tmp_path / "data.bin").read_bytes()


def test_servers_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"http://127.0.0.1:9/x.zip cannot be fetched .*same command"):
        download("http://127.0.0.1:9/x.zip", tmp_path / "x")
    with pytest.raises(DataError, match="expected an address of http, https, file"):
        download("ftp://example.org/x.zip", tmp_path / "x")
    with pytest.raises(DataError, match="does not exist; expected a zip archive, a folder or an address"):
        pack_broden(str(tmp_path / "nothing"), tmp_path / "out")


def zip_of(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in members:
            zipped.writestr(name, data)
    return path


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("/etc/passwd", "leaves the folder"),
        ("a/../../b", "leaves the folder"),
        ("C:/b", "leaves the folder"),
        (link("b"), "is a link"),
    ],
)
def test_unsafe_members_are_refused_before_anything_is_written(
    tmp_path: Path, name: str | zipfile.ZipInfo, message: str
) -> None:
    path = zip_of(tmp_path / "a.zip", ("good.txt", b"x"), (name, b"/etc/passwd"))
    with pytest.raises(DataError, match=f"{message}; nothing was unpacked"):
        unpack(path, tmp_path / "out")
    assert not list(tmp_path.rglob("good.txt"))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_bombs_and_doubles(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="unpacks to 5000000 bytes from"):
        unpack(zip_of(tmp_path / "bomb.zip", ("zeros", bytes(5_000_000))), tmp_path / "out")
    with pytest.raises(DataError, match="'B' occurs twice"):
        unpack(zip_of(tmp_path / "twice.zip", ("b", b"1"), ("B", b"2")), tmp_path / "out")


def test_damaged_archives(archive: Path, tmp_path: Path) -> None:
    data = archive.read_bytes()
    archive.write_bytes(data[: len(data) // 2])
    with pytest.raises(DataError, match="is no whole zip archive .*fetch it again"):
        pack_broden(str(archive), tmp_path / "out.probe")
    broken = bytearray(data)
    broken[len(data) // 3] ^= 255
    archive.write_bytes(broken)
    with pytest.raises(DataError, match=r"is no whole zip archive|cannot be read|damaged|has no"):
        pack_broden(str(archive), tmp_path / "out.probe")
    empty = zip_of(tmp_path / "empty.zip", ("readme.txt", b"x"))
    with pytest.raises(DataError, match="has no index.csv"):
        pack_broden(str(empty), tmp_path / "out.probe")


def test_unpacking_goes_on(archive: Path, tmp_path: Path) -> None:
    unpack(archive, tmp_path / "out")
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.csv")}
    lost = next(iter(files))
    lost.unlink()
    unpack(archive, tmp_path / "out")
    assert lost.is_file()
    assert all(path.stat().st_mtime_ns == time for path, time in files.items() if path != lost)
    assert len(Broden(tmp_path / "out/broden1_8")) == 3


def test_what_claims_to_be_the_whole_broden_must_be_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_broden(tmp_path / "broden")
    monkeypatch.setattr(real_broden, "NUM_CONCEPTS", 300)
    with pytest.raises(DataError, match=r"expected 63,305 images .*ade20k 22,210.*, got 3 \(a 3\)"):
        pack_broden(str(folder), tmp_path / "out.probe")
    monkeypatch.setattr(real_broden, "NUM_IMAGES", 3)
    monkeypatch.setattr(real_broden, "SOURCES", {"a": 3})
    assert "as many of each source" in pack_broden(str(folder), tmp_path / "out.probe").notes[-1]
    totals = real_broden._totals_check([])
    right = {**real_broden.TOTALS_224, "other": 1}
    totals(right)
    with pytest.raises(DataError, match=r"expected 14,523,849 pixels of 'person', got 7"):
        totals(right | {"person": 7})


def test_nothing_of_others_is_deleted(archive: Path, tmp_path: Path, serve: Callable[..., str]) -> None:
    mine = tmp_path / "out.probe.source"
    mine.mkdir()
    (mine / "thesis.tex").write_text("x")
    pack_broden(str(tmp_path / "made"), tmp_path / "out.probe")
    assert (mine / "thesis.tex").exists()
    theirs = tmp_path / "c.probe.source"
    theirs.mkdir()
    (theirs / "x").write_text("x")
    with pytest.raises(DataError, match="source is needed for unfinished work, and holds something else"):
        pack_broden(str(archive), tmp_path / "c.probe")
    with pytest.raises(DataError, match="is a folder; leave it out"):
        pack_broden(str(tmp_path / "made"), tmp_path / "d.probe", md5="0" * 32)
    with pytest.raises(DataError, match="is not empty"):
        pack_broden(str(archive), tmp_path / "out.probe")


def test_a_bad_download_is_fetched_again(archive: Path, tmp_path: Path, serve: Callable[..., str]) -> None:
    good = archive.read_bytes()
    archive.write_bytes(b"an error page")
    address = f"{serve()}/{archive.name}?download=1"
    with pytest.raises(DataError, match="is no whole zip archive"):
        pack_broden(address, tmp_path / "out.probe")
    archive.write_bytes(good)
    pack_broden(address, tmp_path / "out.probe")
    assert_packed(tmp_path / "out.probe")


def test_a_file_that_is_also_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'a' is a file and a folder; nothing was unpacked"):
        unpack(zip_of(tmp_path / "a.zip", ("a", b"1"), ("a/b", b"2")), tmp_path / "out")
    with pytest.raises(DataError, match="name that is too long"):
        unpack(zip_of(tmp_path / "b.zip", ("a" * 300, b"1")), tmp_path / "out")


def test_labels_that_do_not_fit(tmp_path: Path) -> None:
    folder = write_broden(tmp_path / "broden")
    lines = (folder / "index.csv").read_text().splitlines()
    assert "8,8,4,4" in lines[2]
    lines[2] = lines[2].replace("8,8,4,4", "8,8,5,5")
    (folder / "index.csv").write_text("\n".join(lines))
    with pytest.raises(DataError, match="must have one size"):
        pack_broden(str(folder), tmp_path / "out.probe")
