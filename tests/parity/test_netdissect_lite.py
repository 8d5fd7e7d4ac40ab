"""The tally against what NetDissect-Lite (as KD_XAI uses it) gives on the same activations and labels."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from kdissect.data.broden import Broden
from kdissect.dissect import Tally, Winners, tally, thresholds
from kdissect.dissect.reference_csv import reference_csv

DATA = Path(__file__).parent / "netdissect_lite"
COUNTS = ("intersection", "unit_area", "unit_category_area", "label_area")


@pytest.fixture(scope="module")
def reference() -> dict[str, np.ndarray]:
    with np.load(DATA / "ref" / "reference.npz") as file:
        return dict(file)


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Broden:
    folder = tmp_path_factory.mktemp("parity") / "probe"
    shutil.copytree(DATA, folder)
    with (folder / "index.csv").open() as file:
        for row in csv.DictReader(file):  # the tally never looks at a picture
            Image.new("RGB", (1, 1)).save(folder / "images" / row["image"])
    return Broden(folder)


@pytest.fixture(scope="module")
def ours(reference: dict[str, np.ndarray], probe: Broden) -> Tally:
    return tally(torch.from_numpy(reference["activations"]), torch.from_numpy(reference["threshold"]), probe)


def test_categories_and_primary_categories(reference: dict[str, np.ndarray], probe: Broden) -> None:
    assert list(probe.categories) == reference["categories"].tolist()
    assert probe.primary.tolist() == reference["primary"].tolist()


@pytest.mark.parametrize("name", COUNTS)
def test_counts_are_equal_integer_for_integer(reference: dict[str, np.ndarray], ours: Tally, name: str) -> None:
    expected = reference[name]
    assert expected.any()
    assert np.array_equal(getattr(ours, name), expected)


def test_iou(reference: dict[str, np.ndarray], ours: Tally) -> None:
    area = reference["unit_category_area"][:, reference["primary"]]
    expected = reference["intersection"] / (area + reference["label_area"] - reference["intersection"] + 1e-10)
    assert np.abs(ours.iou - expected).max() < 1e-9


def test_table(ours: Tally, probe: Broden) -> None:
    text = reference_csv(ours, Winners.of(ours), [concept.name for concept in probe.concepts])
    mine = list(csv.reader(text.splitlines()))
    with (DATA / "ref" / "tally.csv").open() as file:
        theirs = list(csv.reader(file))
    assert mine[0] == theirs[0]
    assert len(mine) == len(theirs) == 25
    for left, right in zip(mine[1:], theirs[1:], strict=True):
        for name, a, b in zip(mine[0], left, right, strict=True):
            if name in ("category", "label", "unit") or name.endswith("-label"):
                assert a == b
            else:
                assert float(a) == pytest.approx(float(b), abs=1e-9)


def test_thresholds_lie_within_one_order_statistic(reference: dict[str, np.ndarray]) -> None:
    ours = thresholds(torch.from_numpy(reference["activations"])).numpy()
    for unit, (mine, theirs) in enumerate(zip(ours, reference["threshold"], strict=True)):
        values = np.sort(reference["activations"][:, unit].ravel()).astype(np.float64)
        below, above = np.searchsorted(values, mine, "left"), np.searchsorted(values, mine, "right")
        assert values[max(below - 2, 0)] <= theirs <= values[min(above + 1, len(values) - 1)]
