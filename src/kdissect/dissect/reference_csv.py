"""`tally.csv` in the layout of NetDissect-Lite, so that its readers can read ours."""

import csv
import io
from collections.abc import Sequence

import numpy as np

from kdissect.dissect.tallying import Tally
from kdissect.dissect.winners import Winners


def reference_csv(tally: Tally, winners: Winners, names: Sequence[str]) -> str:
    """One row a unit, numbered from 1, the highest score first, the higher unit first on a tie.

    After unit, category, label and score come for each category its winner's label, truth (L), activation (A),
    intersection (I) and IoU.
    """
    rows: list[dict[str, object]] = []
    for unit in range(len(winners.label)):
        row: dict[str, object] = {
            "unit": unit + 1,
            "category": tally.categories[winners.category[unit]],
            "label": names[winners.label[unit]],
            "score": float(winners.iou[unit]),
        }
        for index, category in enumerate(tally.categories):
            label = winners.labels[unit, index]
            row[f"{category}-label"] = names[label]
            row[f"{category}-truth"] = float(tally.label_area[label])
            row[f"{category}-activation"] = float(tally.unit_category_area[unit, tally.primary[label]])
            row[f"{category}-intersect"] = float(tally.intersection[unit, label])
            row[f"{category}-iou"] = float(winners.ious[unit, index])
        rows.append(row)
    order = np.argsort(winners.iou, kind="stable")[::-1]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows[unit] for unit in order)
    return text.getvalue()
