"""What a dissection answers, and its folder."""

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from probes import random_probe
from torch import nn

from kdissect.dissect import GATES, Dissection, Found, dissect
from kdissect.errors import RecordError


@pytest.fixture(scope="module")
def made() -> Dissection:
    torch.manual_seed(0)
    probe = random_probe(np.random.default_rng(0), 24)
    network = nn.Sequential(nn.Conv2d(3, 12, 3, stride=4), nn.ReLU(), nn.Flatten())
    return dissect(network, "1", probe, quantile=0.05, threshold=0.04, num_exemplars=3, network_name="tiny")


def test_detectors_are_the_units_at_or_above_the_threshold(made: Dissection) -> None:
    for gate in GATES:
        winners = made.winners(gate)
        least = float(np.sort(winners.iou)[5])  # met exactly by one: the threshold is inclusive
        units = [unit for unit in range(12) if winners.iou[unit] >= least and winners.label[unit] != 0]
        assert made.detectors(least, gate).tolist() == units
        assert made.num_detectors(least, gate) == len(units) > 0
        assert made.unique_detectors(least, gate) == len({winners.label[unit] for unit in units})
    assert made.detectors().tolist() == made.detectors(0.04, "region").tolist()


def test_counts_by_category_under_both_conventions(made: Dissection) -> None:
    winners, least = made.winners(), 0.03
    top, each = made.by_top_label(least), made.by_category(least)
    assert list(top) == list(each) == list(made.probe.categories)
    assert sum(found.num_detectors for found in top.values()) == made.num_detectors(least)
    for index, category in enumerate(made.probe.categories):
        units = [u for u in range(12) if winners.ious[u, index] >= least and winners.labels[u, index]]
        assert each[category] == Found(len(units), len({winners.labels[u, index] for u in units}))
        assert each[category].num_detectors >= top[category].num_detectors
    assert each != top


def test_unique_detectors_are_counted_by_name(made: Dissection) -> None:
    alike = Dissection(**{**vars_of(made), "names": ("", *["same"] * (len(made.names) - 1))})
    assert alike.unique_detectors(0.01) == 1


def vars_of(made: Dissection) -> dict[str, object]:
    return {name: getattr(made, name) for name in Dissection.__dataclass_fields__}


def test_curve_falls(made: Dissection) -> None:
    curve = made.curve()
    assert (curve[0][0], curve[-1][0]) == (0.01, 0.3)
    counts = [found.num_detectors for _, found in curve]
    assert counts == sorted(counts, reverse=True)
    assert made.curve([0.04]) == [(0.04, Found(made.num_detectors(), made.unique_detectors()))]


def test_table_has_one_row_a_unit(made: Dissection) -> None:
    rows = made.table()
    assert [row["unit"] for row in rows] == list(range(12))
    best = max(rows, key=lambda row: row["iou"])
    assert best["name"] == f"label_{best['label']}"
    assert best["iou"] == made.iou()[best["unit"], best["label"]]
    assert best["threshold"] == made.thresholds[best["unit"]]


def test_round_trip(made: Dissection, tmp_path: Path) -> None:
    made.save(tmp_path / "found")
    made.save(tmp_path / "found")  # again: replaced
    again = Dissection.load(tmp_path / "found")
    for name, value in vars_of(made).items():
        if name == "per_image":
            assert same(made.activity, again.activity)
            for key, array in vars(made.contributions).items():
                assert same(array, getattr(again.contributions, key)), key
        elif name in ("tally", "exemplars"):
            for key, array in vars(value).items():
                assert same(array, getattr(getattr(again, name), key)), key
        else:
            assert same(value, getattr(again, name)), name
    assert [path.name for path in tmp_path.iterdir()] == ["found"]
    assert again.table("image") == made.table("image")


def same(left: object, right: object) -> bool:
    if isinstance(left, dict):
        return all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and np.array_equal(left, right)
    return left == right


def test_files_are_those_of_the_format(made: Dissection, tmp_path: Path) -> None:
    made.save(tmp_path / "found")
    header = json.loads((tmp_path / "found/header.json").read_text())
    assert {key: header[key] for key in ("format", "network", "layer", "gates", "num_units", "map_shape")} == {
        "format": 2,
        "network": "tiny",
        "layer": "1",
        "gates": ["region", "image", "none"],
        "num_units": 12,
        "map_shape": [4, 4],
    }
    assert header["probe"]["num_images"] == 24
    units = pq.read_table(tmp_path / "found/units.parquet").to_pylist()
    assert [row for row in units if row["gate"] == "none"] == [{"gate": "none", **row} for row in made.table("none")]
    winners = pq.read_table(tmp_path / "found/winners.parquet").to_pylist()
    assert len(winners) == 3 * 12 * 3
    for row in winners:
        union = row["activation_area"] + row["label_area"] - row["intersection"]
        if row["label"]:
            assert row["iou"] == pytest.approx(row["intersection"] / (union + 1e-10), abs=1e-12)
    with np.load(tmp_path / "found/exemplars.npz") as file:
        assert {name: (file[name].shape, file[name].dtype.name) for name in file.files} == {
            "images": ((12, 3), "int64"),
            "peaks": ((12, 3), "float32"),
            "maps": ((12, 3, 4, 4), "float16"),
            "picture_index": ((len(file["picture_index"]),), "int64"),
            "pictures": ((len(file["picture_index"]), 16, 16, 3), "uint8"),
        }


def test_csv_has_the_layout_of_the_reference(made: Dissection, tmp_path: Path) -> None:
    made.write_csv(tmp_path / "tally.csv", gate="image")
    with (tmp_path / "tally.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["score"]) for row in rows] == sorted(made.winners("image").iou, reverse=True)
    assert sorted(int(row["unit"]) for row in rows) == list(range(1, 13))
    assert list(rows[0])[:9] == ["unit", "category", "label", "score", *(
        f"category_0-{part}" for part in ("label", "truth", "activation", "intersect", "iou")
    )]  # fmt: skip


def test_failed_save_leaves_what_was_there(made: Dissection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made.save(tmp_path / "found")
    before = {path.name: path.read_bytes() for path in (tmp_path / "found").iterdir()}

    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(RecordError, match="cannot write .*No space left on device"):
        made.save(tmp_path / "found")
    assert {path.name: path.read_bytes() for path in (tmp_path / "found").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["found"]


def test_save_overwrites_nothing_else(made: Dissection, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(RecordError, match="holds something else"):
        made.save(tmp_path)
    with pytest.raises(RecordError, match="holds something else"):
        made.save(tmp_path / "thesis.tex")
    (tmp_path / "empty").mkdir()
    made.save(tmp_path / "empty")


def pickled(path: Path) -> None:
    np.savez(path, intersection=np.array([{"code": 1}], dtype=object))


@pytest.mark.parametrize(
    ("file", "damage", "message"),
    [
        ("header.json", Path.unlink, "is no dissection: expected a header.json"),
        ("header.json", lambda path: path.write_text("{"), "header.json cannot be read"),
        ("header.json", lambda path: path.write_text('{"format": 7}'), "format 7, this kdissect reads 2"),
        ("header.json", lambda path: path.write_text('{"format": 2, "kind": "dissection"}'), "lacks a part .*'probe'"),
        ("tally.npz", Path.unlink, "tally.npz is missing or damaged"),
        ("tally.npz", lambda path: path.write_bytes(path.read_bytes()[:100]), "tally.npz is missing or damaged"),
        ("tally.npz", pickled, "tally.npz is missing or damaged .*allow_pickle=False"),
        ("tally.npz", lambda path: np.savez(path, thresholds=np.zeros(1)), "lacks a part .*intersection"),
        ("concepts.parquet", lambda path: path.write_text("x"), "concepts.parquet is missing or damaged"),
        ("exemplars.npz", lambda path: np.savez(path, wrong=np.zeros(1)), "lacks a part"),
    ],
)
def test_damaged_folder_is_refused_in_one_line(made: Dissection, tmp_path: Path, file: str, damage, message) -> None:
    made.save(tmp_path / "found")
    damage(tmp_path / "found" / file)
    with pytest.raises(RecordError, match=message) as caught:
        Dissection.load(tmp_path / "found")
    assert "\n" not in str(caught.value)
