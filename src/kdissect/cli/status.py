"""`kdissect status`: how the studies of a store are."""

import contextlib
import json
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

if TYPE_CHECKING:
    from kdissect.records import CellState, Flaw, Manifest, Store, StudyState

DAMAGED = 1
"""Exit code of `--verify` if a record is not as it was written."""
SECONDS_BETWEEN_LOOKS = 2.0
LISTED = 20
"""Running or failed cells that are listed before the rest is only counted."""
SAMPLE = 3
"""Records of each kind and arm whose seconds are read to say how long the rest will take."""


def status(
    store: str,
    *,
    study: str | None = None,
    watch: bool = False,
    failed: bool = False,
    verify: bool = False,
    json: bool = False,
) -> None:
    """Show what is done, running, failed and missing in a folder of results. Changes nothing, and loads no network.

    Args:
        store: the folder, or URL, of results.
        study: one study of it; all if not given.
        watch: look again every two seconds, until Ctrl-C.
        failed: show the traceback of each failed cell.
        verify: read every record and every byte of its files; the exit code is 1 if one is not as it was written.
        json: print all of it as JSON.
    """
    from kdissect.records import Store, manifest
    from kdissect.records import verify as find_flaws

    there = Store.open(store)
    found = manifest(there, study)
    flaws = find_flaws(there) if verify else None
    if json:
        print(_json(found, flaws))  # noqa: T201 (the output is the point)
    elif watch:
        _watch(there, study, found)
    else:
        console = Console(soft_wrap=True, highlight=False)
        console.print(_shown(found, there, console, traces=failed))
        if flaws is not None:
            console.print(_flaws(flaws, found.records))
    if flaws:
        sys.exit(DAMAGED)


def _watch(store: "Store", study: str | None, found: "Manifest") -> None:
    from kdissect.records import manifest

    console = Console(highlight=False)
    shown = Live(console=console, auto_refresh=False, vertical_overflow="crop")
    with contextlib.suppress(KeyboardInterrupt), shown as live:
        while True:
            live.update(_shown(found, store, console, height=console.height - 2), refresh=True)
            time.sleep(SECONDS_BETWEEN_LOOKS)
            found = manifest(store, study, before=found)


def _shown(
    found: "Manifest", store: "Store", console: Console, *, traces: bool = False, height: int | None = None
) -> RenderableType:
    """The whole overview."""
    parts: list[RenderableType] = []
    listed = LISTED if height is None else 5
    rows = None if height is None else max(4, (height - 14) // len(found.studies) - 3)
    for one in found.studies:
        parts += _study(one, console, rows)
    parts += _running(found, listed)
    parts += _failed(found, listed, traces)
    parts += _blocked(found, listed)
    if found.damaged:
        parts.append(Text(f"{found.damaged} damaged records were set aside in damaged/; their cells are done again"))
    parts.append(_totals(found, store))
    return Group(*parts)


def _study(one: "StudyState", console: Console, rows: int | None) -> list[RenderableType]:
    from kdissect.overview import Grid, draw_grid
    from kdissect.overview.drawing import ASCII, UNICODE

    width = console.width if console.is_terminal else 160
    signs = ASCII if console.options.ascii_only else UNICODE
    grid = Grid.of(one.title, one.arms, one.cells)
    stop = "" if one.title.endswith((".", "?", "!")) else "."
    head = Text.assemble((one.name, "bold"), f": {one.title}{stop} {_counted(one.counts)}")
    return [head, draw_grid(grid, width, rows, signs=signs, bars=console.is_terminal), Text("")]


def _counted(counts: dict[Any, int]) -> str:
    total = sum(counts.values())
    others = [f"{number} {state}" for state, number in counts.items() if number and state != "done"]
    return ", ".join([f"{counts['done']} of {total} cells done", *others])


def _running(found: "Manifest", most: int) -> list[RenderableType]:
    cells = [cell for cell in found.different if cell.state == "running"]
    lines = [Text(f"  {cell.title}: {_owner(cell)}") for cell in cells[:most]]
    return _part("running", lines, len(cells))


def _owner(cell: "CellState") -> str:
    claim = cell.claim
    assert claim is not None  # of a running cell
    if claim.owner is None:
        return "somebody has just begun"
    since = time.strftime("%H:%M:%S", time.localtime(claim.owner.since))
    said = [f"process {claim.owner.pid} on {claim.owner.host} since {since}"]
    if claim.total:
        said.append(f"{claim.done / claim.total:.0%} of {claim.total} images")
    if claim.speed:
        said.append(f"{claim.speed:,.0f} images/s")
    if cell.alive is False:
        said.append("its owner is gone, the next run takes it over")
    elif cell.alive is None:
        said.append("on another machine, whether it is alive shows --watch")
    return ", ".join(said)


def _failed(found: "Manifest", most: int, traces: bool) -> list[RenderableType]:
    cells = [cell for cell in found.different if cell.state == "failed"]
    most = len(cells) if traces else most
    lines: list[Text] = []
    for cell in cells[:most]:
        failure = cell.failure
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(failure.when)) if failure and failure.when else ""
        lines.append(Text(f"  {cell.title}: {failure.message if failure else 'no reason is kept'} ({when})", "red"))
        if traces and failure is not None and failure.trace:
            lines += [Text(f"    {line}", "dim") for line in failure.trace.rstrip().split("\n")]
    return _part("failed", lines, len(cells), len(cells[:most]))


def _blocked(found: "Manifest", most: int) -> list[RenderableType]:
    by_cause: dict[tuple[str, ...], int] = {}
    for cell in found.different:
        if cell.state == "blocked":
            by_cause[cell.because] = by_cause.get(cell.because, 0) + 1
    lines = []
    for cause, number in list(by_cause.items())[:most]:
        others = f" and {len(cause) - 2} more" if len(cause) > 2 else ""
        lines.append(Text(f"  {number} cell{'s' * (number > 1)} by {' and '.join(cause[:2])}{others}"))
    return _part("blocked", lines, len(by_cause))


def _part(name: str, lines: list[Text], number: int, shown: int | None = None) -> list[RenderableType]:
    if not lines:
        return []
    more = number - (len(lines) if shown is None else shown)
    tail = [Text(f"  and {more} more", "dim")] if more > 0 else []
    return [Text(name, "bold"), *lines, *tail, Text("")]


def _totals(found: "Manifest", store: "Store") -> Text:
    said = [_counted(found.counts)]
    if found.records > found.counts["done"]:
        said.append(f"{found.records} records in all")
    if (left := _left(found, store)) is not None:
        said.append(left)
    return Text("; ".join(said), "bold")


def _left(found: "Manifest", store: "Store") -> str | None:
    """How long the rest will take, if somebody is at work."""
    from collections import Counter

    from kdissect.overview import Pace, spoken
    from kdissect.records import seconds_of

    running = [cell for cell in found.different if cell.state == "running" and cell.alive is not False]
    waiting = Counter(
        (cell.kind, cell.arm) for cell in found.different
        if cell.state == "missing" or (cell.state == "running" and cell.alive is False)
    )  # fmt: skip
    if not running:
        return "nobody is at work" if waiting else None
    pace, read = Pace(), Counter[tuple[str, str]]()
    kinds = {kind for kind, _ in waiting} | {cell.kind for cell in running}
    for cell in found.different:
        if cell.state == "done" and cell.kind in kinds and read[cell.kind, cell.arm] < SAMPLE:
            seconds = seconds_of(store.folder(cell.digest))
            if seconds is not None:
                read[cell.kind, cell.arm] += 1
                pace.tell(cell.kind, cell.arm, seconds)
    for cell in running:
        if (claim := cell.claim) is not None and claim.total and claim.speed:
            pace.under_way[cell.kind, cell.arm] = claim.total / claim.speed
    rest = [_rest(cell, pace.seconds(cell.kind, cell.arm)) for cell in running]
    seconds, unknown = pace.left(waiting, rest, len(running))
    if seconds is None:
        return "time left unknown, since nothing like it is done"
    besides = f", without {unknown} cells of kinds of which none is done" if unknown else ""
    return f"about {spoken(seconds)} left with {len(running)} at work{besides}"


def _rest(cell: "CellState", whole: float | None) -> float | None:
    """Seconds that a running cell still needs."""
    claim = cell.claim
    if claim is not None and claim.total and claim.speed:
        return max(0, claim.total - claim.done) / claim.speed
    return whole


def _flaws(flaws: "list[Flaw]", records: int) -> RenderableType:
    if not flaws:
        return Text(f"verified: all {records} records and their files are as they were written", "green")
    lines = [Text(f"  {flaw.title or flaw.digest}: {flaw.what}", "red") for flaw in flaws]
    return Group(Text(f"damaged: {len(flaws)} (the next run sets them aside and does them again)", "bold"), *lines)


def _json(found: "Manifest", flaws: "list[Flaw] | None") -> str:
    what = asdict(found)
    del what["different"]
    what["counts"] = found.counts
    for one, state in zip(what["studies"], found.studies, strict=True):
        one["counts"] = state.counts
    if flaws is not None:
        what["flaws"] = [asdict(flaw) for flaw in flaws]
    return json.dumps(what, indent=1)
