"""What made the report: command, study, objectives, versions, and the digest of every record."""

import json

from kdissect.report.arms import formula_of
from kdissect.report.block import Block, Cell, Prose, Row, Section, Table
from kdissect.report.evidence import ArmCard, Evidence
from kdissect.report.wording import counted, measure_title


def provenance_section(evidence: Evidence, version: str) -> Section:
    """All that is needed to make the numbers again."""
    blocks: list[Block] = []
    if evidence.study.command:
        blocks.append(Prose(evidence.study.command, "code"))
    blocks += [_arms(evidence), _study(evidence, version)]
    dissections = _dissections(evidence)
    blocks += [dissections] if dissections.rows else []
    blocks.append(_records(evidence))
    if evidence.study.spec is not None:
        text = json.dumps(evidence.study.spec, indent=1, ensure_ascii=False)
        blocks.append(Prose(text, "code", "The whole study as JSON, to be run again with kdissect run study.json"))
    lead = "Everything that is needed to make these numbers again."
    return Section("provenance", "What made this", lead, tuple(blocks))


def _arms(evidence: Evidence) -> Table:
    return Table(
        caption="Objectives, as they were resolved",
        columns=(Cell("arm"), Cell("role"), Cell("network"), Cell("teacher"), Cell("objective")),
        rows=tuple(
            Row(
                (
                    Cell(arm.name, series=number),
                    Cell(arm.role),
                    Cell(_network(arm), kind="code"),
                    Cell(arm.teacher or "–"),
                    Cell(formula_of(evidence, arm) or "–", kind="code"),
                )
            )
            for number, arm in enumerate(evidence.arms)
        ),
    )


def _network(arm: ArmCard) -> str:
    """The architecture, and the settings that are not None."""
    if not isinstance(arm.network, dict):
        return "–" if arm.network is None else str(arm.network)
    settings = {
        key: value for key, value in arm.network.items() if key != "architecture" and isinstance(value, str | int)
    }
    return " ".join([str(arm.network.get("architecture", "")), *(f"{key}={value}" for key, value in settings.items())])


def _study(evidence: Evidence, version: str) -> Table:
    study = evidence.study
    seconds = sum(result.record.seconds for result in (*evidence.results, *evidence.earlier))
    entries: list[tuple[str, str]] = [
        ("study", study.name),
        ("seeds", ", ".join(map(str, study.seeds))),
        *flat("dataset", study.dataset),
        *flat("probe", study.probe),
        # Of networks that came trained nobody here knows the recipe.
        *(flat("recipe", study.recipe) if any(not arm.own_recipe for arm in evidence.arms) else ()),
        *_versions(evidence),
        ("work in all cells", _duration(seconds)),
        ("report written by", f"kdissect {version}"),
    ]
    return facts_table("Study", tuple(entries))


def facts_table(caption: str, entries: tuple[tuple[str, str], ...]) -> Table:
    """Names and values; those without a value are left out."""
    return Table(
        caption=caption,
        columns=(Cell("what"), Cell("value")),
        rows=tuple(Row((Cell(name), Cell(value, kind="code"))) for name, value in entries if value),
        layout="facts",
    )


def flat(name: str, value: object) -> list[tuple[str, str]]:
    """Nested settings as one line each, the path before the value."""
    if isinstance(value, dict):
        return [line for key, inner in value.items() for line in flat(f"{name} · {key}".replace("_", " "), inner)]
    if isinstance(value, list):
        return [(name, ", ".join(str(item) for item in value))]
    return [] if value is None else [(name, str(value))]


def _versions(evidence: Evidence) -> list[tuple[str, str]]:
    """Versions and hardware that made the records; several values where they differ."""
    found: dict[str, dict[str, None]] = {}
    for result in evidence.results:
        for name, value in result.record.made_by.items():
            found.setdefault(name, {})[value] = None
    return [(name, ", ".join(values)) for name, values in found.items()]


def _dissections(evidence: Evidence) -> Table:
    """How units were dissected; one row for each way."""
    names = ("layer", "quantile", "rule")
    ways: dict[tuple[str, ...], int] = {}
    for dissection in evidence.dissections:
        values = tuple(str(dissection.header.get(name, "–")) for name in names)
        probe = f"{dissection.probe.get('name', '–')} {str(dissection.probe.get('digest', ''))[:16]}"
        way = (*values, dissection.gate, f"{dissection.iou:g}", probe.strip())
        ways[way] = ways.get(way, 0) + 1
    return Table(
        caption="Dissection",
        columns=tuple(Cell(name) for name in ("dissections", *names, "gate", "IoU threshold", "probe")),
        rows=tuple(Row((Cell(str(num)), *(Cell(value, kind="code") for value in way))) for way, num in ways.items()),
    )


def _records(evidence: Evidence) -> Table:
    rows = [
        Row(
            (
                Cell(measure_title(result.measure), "" if result.epoch is None else f"after epoch {result.epoch}"),
                Cell(result.arm),
                Cell(str(result.seed), kind="number"),
                Cell(_duration(result.record.seconds), kind="number"),
                Cell(result.record.digest[:16], kind="code"),
            )
        )
        for result in (*evidence.results, *evidence.earlier)
    ]
    rows += [
        Row(
            (
                Cell(measure_title(c.kind), "" if c.epoch is None else f"after epoch {c.epoch}"),
                Cell(c.arm),
                Cell(str(c.seed), kind="number"),
                Cell("missing"),
                Cell(c.digest[:16], kind="code"),
            )
        )
        for c in evidence.missing
    ]
    heads = (Cell("cell"), Cell("arm"), Cell("seed", kind="number"), Cell("work", kind="number"), Cell("digest"))
    return Table(
        counted(len(rows), "cell"), heads, tuple(rows), "Each digest is that of all that made the record.", folded=True
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
