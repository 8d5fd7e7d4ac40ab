"""Downloads that go on where they stopped, and are whole or refused."""

import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from kdissect.errors import DataError

SCHEMES = ("http", "https", "file")


def download(address: str, target: Path, *, progress: Callable[[int, int], object] | None = None) -> Path:
    """Fetch a file; what an earlier call got is kept, and only the rest is asked for.

    Args:
        address: http, https or file.
        target: where to put it; until it is whole its name ends in `.part`.
        progress: called with the number of bytes there and of all (0 if the server does not say).

    Raises:
        DataError: the server cannot be reached or refuses, or the file was cut off.
    """
    if urlsplit(address).scheme not in SCHEMES:
        raise DataError(f"expected an address of {', '.join(SCHEMES)}, got {address!r}")
    if target.is_file():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    there = part.stat().st_size if part.is_file() else 0
    mark = part.with_name(f"{part.name}.version")  # what the server called the file's version
    headers = {"Range": f"bytes={there}-"} if there else {}
    if there and mark.is_file():
        headers["If-Range"] = mark.read_text()  # a file that has changed since is sent whole
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            if there and getattr(answer, "status", None) != 206:  # the server, or the file, knows no ranges
                there = 0
            if version := answer.headers.get("ETag") or answer.headers.get("Last-Modified"):
                mark.write_text(version)
            length = answer.headers.get("Content-Length")
            total = there + int(length) if length and length.isdecimal() else 0
            with part.open("ab" if there else "wb") as file:
                while block := answer.read(2**20):
                    file.write(block)
                    there += len(block)
                    if progress is not None:
                        progress(there, total)
    except urllib.error.HTTPError as error:
        if error.code == 416 and str(error.headers.get("Content-Range", "")).endswith(f"/{there}"):
            mark.unlink(missing_ok=True)
            return part.replace(target)  # nothing is left to send
        if error.code == 416:
            part.unlink(missing_ok=True)
            raise DataError(f"{address} is another file than the one begun; the same command fetches it anew") from None
        raise DataError(f"{address} answers {error.code} {error.reason}; try another address") from None
    except (urllib.error.URLError, HTTPException, OSError, TimeoutError) as error:
        reason = getattr(error, "reason", None) or error
        raise DataError(
            f"{address} cannot be fetched ({reason}); {there} bytes are kept and the same command goes on from there"
        ) from None
    if total and there != total:
        raise DataError(f"{address} was cut off after {there} of {total} bytes; the same command goes on from there")
    mark.unlink(missing_ok=True)
    return part.replace(target)
