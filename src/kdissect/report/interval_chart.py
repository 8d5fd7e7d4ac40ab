"""A chart of means with their intervals, the single seeds beside them."""

from collections.abc import Mapping, Sequence

from kdissect.report.block import Cell, Chart, Datum, Row, Table
from kdissect.report.evidence import Evidence
from kdissect.report.quantity import Quantity
from kdissect.report.wording import with_margin
from kdissect.stats import Interval


def intervals_chart(
    identity: str,
    title: str,
    note: str,
    x: str,
    groups: Mapping[str, Quantity],
    evidence: Evidence,
    decimals: int,
    from_zero: bool,
) -> Chart:
    """Means with intervals and the single seeds, for each group and arm."""
    rows: list[Datum] = []
    points: list[Datum] = []
    for group, quantity in groups.items():
        for arm in evidence.arms:
            interval = quantity.interval(arm.name)
            if interval is None:
                continue
            rows.append({"group": group, "series": arm.name, **interval_fields(within(interval, quantity.bounds))})
            seeds = quantity.values[arm.name]
            points += [
                {"group": group, "series": arm.name, "seed": seed, "value": short(seeds[seed])}
                for seed in sorted(seeds)
            ]
    table = Table(
        caption=title,
        columns=(Cell(""), *(Cell(arm.name, series=n, kind="number") for n, arm in enumerate(evidence.arms))),
        rows=tuple(
            Row((Cell(group), *(mean_cell(quantity.interval(arm.name), decimals) for arm in evidence.arms)))
            for group, quantity in groups.items()
        ),
        layout="quiet",
    )
    return Chart(
        id=identity,
        kind="intervals",
        title=title,
        note=note,
        x=x,
        y="",
        height=len(groups) * (15 * len(evidence.arms) + 20),
        rows=tuple(rows),
        table=table,
        points=tuple(points),
        groups=tuple(groups),
        domain=domain(rows, points, from_zero=from_zero),
    )


def domain(rows: Sequence[Datum], points: Sequence[Datum], *, from_zero: bool) -> tuple[float, float] | None:
    """An axis that holds all seeds; intervals may leave it, for those of two seeds are very wide."""
    values = [float(point["value"] or 0) for point in points]
    if not values:
        return None
    low, high = min(0.0, *values) if from_zero else min(values), max(values)
    room = 0.5 * (high - low) or 0.5
    lows = [float(row["low"]) for row in rows if row["low"] is not None]
    highs = [float(row["high"]) for row in rows if row["high"] is not None]
    start = low if from_zero else max(low - room, min([low - 0.1 * room, *lows]))
    return short(start), short(min(high + room, max([high + 0.1 * room, *highs])))


def within(interval: Interval, bounds: tuple[float | None, float | None]) -> Interval:
    """The interval, cut at values that the score cannot have."""
    low, high = interval.low, interval.high
    if low is not None and bounds[0] is not None:
        low = max(low, bounds[0])
    if high is not None and bounds[1] is not None:
        high = min(high, bounds[1])
    return Interval(interval.mean, low, high, interval.num)


def interval_fields(interval: Interval) -> dict[str, float | None]:
    """Mean and ends as a chart takes them."""
    return {
        "mean": short(interval.mean),
        "low": None if interval.low is None else short(interval.low),
        "high": None if interval.high is None else short(interval.high),
    }


def short(value: float) -> float:
    """Six digits: all that a chart can show."""
    return float(f"{value:.6g}")


def mean_cell(interval: Interval | None, decimals: int) -> Cell:
    """A mean with its margin, or a dash."""
    return Cell("–" if interval is None else with_margin(interval, decimals), kind="number")
