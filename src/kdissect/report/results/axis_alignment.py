"""What becomes of the detectors when the axes of the layer are rotated."""

from collections.abc import Sequence

from kdissect.report.block import Cell, Chart, Datum, Row, Section, Series, Table
from kdissect.report.extras import Fields
from kdissect.report.interval_chart import short
from kdissect.report.wording import counted, fixed

NAMES = {"detectors": "detectors (units)", "unique_detectors": "unique detectors (concepts)"}


def axis_section(rows: Sequence[Fields]) -> Section | None:
    """Counts over the power of a random rotation; None if it was not measured."""
    if not rows:
        return None
    lead = (
        "Each unit is replaced by a mix of all units: at power 0 the layer as it is, at power 1 a random rotation. "
        "If single units were nothing special, the counts would stay level (Bau et al., 2017, section 3.2)."
    )
    return Section("axes", "Axis alignment", lead, tuple(_chart(name, title, rows) for name, title in NAMES.items()))


def _chart(name: str, title: str, rows: Sequence[Fields]) -> Chart:
    values: dict[float, dict[int, float]] = {}
    for row in rows:
        values.setdefault(float(row["power"]), {})[int(row.get("seed") or 0)] = float(row[name])
    series = Series(title, 1)
    points: list[Datum] = [
        {"series": title, "seed": seed, "x": power, "value": short(value)}
        for power, seeds in sorted(values.items())
        for seed, value in sorted(seeds.items())
    ]
    means = {power: sum(seeds.values()) / len(seeds) for power, seeds in sorted(values.items())}
    num_seeds = len({seed for seeds in values.values() for seed in seeds})
    heading = title.split(" (")[0]
    heading = f"{heading[0].upper()}{heading[1:]} under rotation"
    table = Table(
        heading,
        (Cell("power"), Cell(title, kind="number")),
        tuple(Row((Cell(f"{power:g}"), Cell(fixed(mean, 1), kind="number"))) for power, mean in means.items()),
        layout="quiet",
    )
    return Chart(
        id=f"axes-{name.replace('_', '-')}",
        kind="runs",
        title=heading,
        note=f"Thin lines are single rotations, the thick one the mean of {counted(num_seeds, 'rotation')}.",
        x="power of the rotation",
        y="",
        height=230,
        rows=tuple({"series": title, "x": power, "mean": short(mean)} for power, mean in means.items()),
        table=table,
        points=tuple(points),
        series=(series,),
        series_title="what",
    )
