"""The training curves of every arm."""

from kdissect.report.block import Cell, Chart, Datum, Row, Section, Table
from kdissect.report.evidence import Evidence
from kdissect.report.interval_chart import mean_cell, short
from kdissect.report.wording import readable
from kdissect.stats import mean_interval

CURVES = {
    "val_accuracy": "Thin lines are single seeds, the thick one is their mean.",
    "loss": "The loss that was minimised. Arms have different objectives, so their heights cannot be compared: look at "
    "the shape.",
}
"""What is drawn of the facts' `curve`, and how to read it."""

HEIGHT = 230

Runs = dict[int, dict[int, float]]
"""Seed to epoch to value."""


def training_section(evidence: Evidence) -> Section | None:
    """Accuracy and loss over the epochs; None if no record has a curve."""
    charts = tuple(chart for name, note in CURVES.items() if (chart := _chart(name, note, evidence)) is not None)
    if not charts:
        return None
    return Section("training", "Training", "How the networks came to be.", (*charts, _ends(evidence)))


def _ends(evidence: Evidence) -> Table:
    """For each run the losses of its terms at the end, its last and its best epoch."""
    rows = []
    for number, arm in enumerate(evidence.arms):
        for seed, record in evidence.trained(arm.name).items():
            curve = record.facts.get("curve")
            if not isinstance(curve, list) or not curve or not isinstance(curve[-1], dict):
                continue
            end = curve[-1]
            terms = [f"{name.removeprefix('loss/')} {value:.3g}" for name, value in end.items() if name[:5] == "loss/"]
            best, accuracy = record.facts.get("best_epoch"), record.facts.get("best_val_accuracy")
            asked = record.timing.get("teacher_share")
            untrained = record.facts.get("classifier_trained") is False
            notes = ["the classifier was not trained: accuracy means nothing"] * untrained
            if isinstance(asked, int | float):
                notes.append("teacher's outputs from the cache" if asked == 0 else f"teacher asked for {asked:.0%}")
            if isinstance(compiled := record.timing.get("compiled"), str):
                notes.append(compiled)
            rate = record.timing.get("images_per_second")
            rows.append(
                Row(
                    (
                        Cell(f"{arm.name}, seed {seed}", note="; ".join(notes), series=number),
                        Cell(" + ".join(terms)),
                        Cell(f"{end['val_accuracy']:.3f}" if "val_accuracy" in end else "–", kind="number"),
                        Cell(
                            f"{accuracy:.3f}" if accuracy is not None else "–",
                            f"epoch {best}" if best else "",
                            kind="number",
                        ),
                        Cell(f"{rate:,.0f}" if isinstance(rate, int | float) else "–", kind="number"),
                    )
                )
            )
    columns = ("run", "weighted terms, last epoch", "val accuracy, last", "best", "images/s")
    return Table(
        "How each run ended",
        tuple(Cell(name, kind="number" if k > 1 else "text") for k, name in enumerate(columns)),
        tuple(rows),
        "The last epoch is what is measured. The best one was chosen on the val split, so it flatters.",
        layout="cards",
    )


def _chart(name: str, note: str, evidence: Evidence) -> Chart | None:
    runs = {
        arm.name: {
            seed: _values(record.facts.get("curve"), name) for seed, record in evidence.trained(arm.name).items()
        }
        for arm in evidence.arms
    }
    points: list[Datum] = [
        {"series": arm, "seed": seed, "x": epoch, "value": short(value)}
        for arm, seeds in runs.items()
        for seed, values in seeds.items()
        for epoch, value in sorted(values.items())
    ]
    if not points:
        return None
    title = readable(name)
    table = Table(
        caption=f"{title}, last epoch",
        columns=(Cell("arm"), Cell(title, kind="number")),
        rows=tuple(
            Row((Cell(arm.name, series=number), _last(runs[arm.name]))) for number, arm in enumerate(evidence.arms)
        ),
        layout="quiet",
    )
    means = [row for arm, seeds in runs.items() for row in _means(arm, seeds)]
    identity = f"training-{name.replace('_', '-')}"
    title = title[0].upper() + title[1:]
    return Chart(identity, "runs", title, note, "epoch", "", HEIGHT, tuple(means), table, tuple(points))


def _values(curve: object, name: str) -> dict[int, float]:
    """Epoch to value, wherever the curve has both."""
    found: dict[int, float] = {}
    for entry in curve if isinstance(curve, list) else []:
        if isinstance(entry, dict):
            epoch, value = entry.get("epoch"), entry.get(name)
            if isinstance(epoch, int | float) and isinstance(value, int | float):
                found[round(epoch)] = float(value)
    return found


def _means(arm: str, seeds: Runs) -> list[Datum]:
    """The mean over seeds at every epoch that all of them have."""
    runs = [values for values in seeds.values() if values]
    epochs = sorted(set.intersection(*(set(values) for values in runs))) if runs else []
    return [
        {"series": arm, "x": epoch, "mean": short(sum(values[epoch] for values in runs) / len(runs))}
        for epoch in epochs
    ]


def _last(seeds: Runs) -> Cell:
    last = [values[max(values)] for values in seeds.values() if values]
    return mean_cell(mean_interval(last) if last else None, 3)
