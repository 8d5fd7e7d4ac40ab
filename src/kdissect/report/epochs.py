"""Scores over training time: what was measured on the weights after earlier epochs."""

from collections.abc import Mapping
from dataclasses import replace

from kdissect.report.arms import main_quantities
from kdissect.report.block import Cell, Chart, Datum, Row, Section, Table
from kdissect.report.evidence import Evidence
from kdissect.report.interval_chart import mean_cell, short
from kdissect.report.quantity import Quantity, collect, find
from kdissect.report.wording import measure_title, readable
from kdissect.stats import mean_interval

HEIGHT = 240

AtEpochs = Mapping[int, Mapping[str, Mapping[int, float]]]
"""Epoch to arm to seed to value."""


def epochs_section(evidence: Evidence, quantities: tuple[Quantity, ...]) -> Section | None:
    """The main scores over epochs, the last weights at the end; None if only these were measured."""
    if not evidence.earlier:
        return None
    epochs = sorted({result.epoch for result in evidence.earlier if result.epoch is not None})
    by_epoch = {
        epoch: collect(replace(evidence, results=tuple(one for one in evidence.earlier if one.epoch == epoch)))
        for epoch in epochs
    }
    main = main_quantities(evidence, quantities)
    charts = [_chart(n, quantity, _over(quantity, by_epoch, evidence), evidence) for n, quantity in enumerate(main)]
    drawn = tuple(chart for chart in charts if chart is not None)
    lead = "The same networks after epochs along the way; epoch 0 is before the first step."
    return Section("epochs", "Over training time", lead, drawn) if drawn else None


def _over(quantity: Quantity, by_epoch: Mapping[int, tuple[Quantity, ...]], evidence: Evidence) -> AtEpochs:
    """A score at every epoch; the last weights stand at the number of epochs that their training had."""
    found: dict[int, dict[str, dict[int, float]]] = {}
    for epoch, quantities in by_epoch.items():
        own = find(quantities, quantity.name, quantity.measure)
        for arm, seeds in own.values.items() if own is not None else ():
            found.setdefault(epoch, {}).setdefault(arm, {}).update(seeds)
    followed = {arm for arms in found.values() for arm in arms}
    for arm in followed:
        end = _last_epoch(arm, evidence)
        if end is not None and quantity.of(arm):
            found.setdefault(end, {}).setdefault(arm, {}).update(quantity.values[arm])
    return {epoch: found[epoch] for epoch in sorted(found)}


def _last_epoch(arm: str, evidence: Evidence) -> int | None:
    """How many epochs an arm was trained for; None if nothing says so."""
    for record in evidence.trained(arm).values():
        curve = record.facts.get("curve")
        ends = [one.get("epoch") for one in curve if isinstance(one, dict)] if isinstance(curve, list) else []
        numbers = [end for end in ends if isinstance(end, int | float)]
        if numbers:
            return round(max(numbers))
    planned = evidence.study.recipe.get("epochs") if isinstance(evidence.study.recipe, dict) else None
    return planned if isinstance(planned, int) else None


def _chart(number: int, quantity: Quantity, over: AtEpochs, evidence: Evidence) -> Chart | None:
    rows: list[Datum] = []
    points: list[Datum] = []
    for arm in evidence.arms:
        for epoch, arms in over.items():
            seeds = arms.get(arm.name, {})
            points += [
                {"series": arm.name, "seed": seed, "x": epoch, "value": short(seeds[seed])} for seed in sorted(seeds)
            ]
            if seeds:
                mean = short(sum(seeds.values()) / len(seeds))
                rows.append({"series": arm.name, "x": epoch, "mean": mean})
    if not rows:
        return None
    name = readable(quantity.name)
    return Chart(
        id=f"epochs-{number}",
        kind="runs",
        title=f"{name[0].upper()}{name[1:]}",
        note="Thin lines are single seeds, the thick one is their mean. The axis need not start at zero.",
        x="epoch",
        y=quantity.unit,
        height=HEIGHT,
        rows=tuple(rows),
        points=tuple(points),
        table=_table(quantity, over, evidence),
    )


def _table(quantity: Quantity, over: AtEpochs, evidence: Evidence) -> Table:
    shown = [(n, arm.name) for n, arm in enumerate(evidence.arms) if any(arm.name in arms for arms in over.values())]
    return Table(
        caption=f"{measure_title(quantity.measure)}: {readable(quantity.name)} by epoch",
        columns=(Cell("epoch"), *(Cell(arm, series=number, kind="number") for number, arm in shown)),
        rows=tuple(
            Row((Cell(str(epoch)), *(_mean(quantity, arms.get(arm)) for _, arm in shown)))
            for epoch, arms in over.items()
        ),
        layout="quiet",
    )


def _mean(quantity: Quantity, seeds: Mapping[int, float] | None) -> Cell:
    return mean_cell(mean_interval(list(seeds.values())) if seeds else None, quantity.decimals)
