"""Other data sets' files, written here in their published formats, as probes."""

import json
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from numpy.typing import NDArray
from PIL import Image

from kdissect.data import ConvertedProbe, PackedProbe, ade20k_probe, coco_probe, mask_probe, pack, pascal_part_probe
from kdissect.data.coco import from_runs, run_lengths
from kdissect.data.converted import stack
from kdissect.errors import DataError


def picture(path: Path, height: int = 8, width: int = 8) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((height, width, 3), 128, np.uint8)).save(path)


def names_at(probe: ConvertedProbe, image: int, row: int, column: int) -> set[str]:
    note = probe.annotation(image)
    return {probe.concepts[label].name for label in note.planes[:, row, column] if label}


def box(height: int, width: int, top: int, left: int, bottom: int, right: int) -> NDArray[np.bool_]:
    mask = np.zeros((height, width), bool)
    mask[top:bottom, left:right] = True
    return mask


def compressed(counts: list[int]) -> str:
    """COCO's compressed form, written from its description: the inverse of `run_lengths`."""
    text = ""
    for k, count in enumerate(counts):
        value = count - (counts[k - 2] if k > 2 else 0)
        more = True
        while more:
            bits = value & 31
            value >>= 5
            more = value != (-1 if bits & 16 else 0)
            text += chr(48 + (bits | (32 if more else 0)))
    return text


def runs(mask: NDArray[np.bool_]) -> list[int]:
    flat = mask.T.reshape(-1)
    counts, value, run = [], False, 0
    for pixel in flat:
        if pixel != value:
            counts.append(run)
            value, run = pixel, 0
        run += 1
    return [*counts, run]


@pytest.mark.parametrize("seed", range(5))
def test_run_lengths_of_masks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask = rng.random((37, 53)) < 0.3 if seed else box(400, 300, 100, 20, 390, 299)
    counts = runs(mask)
    assert run_lengths(compressed(counts)) == counts
    assert np.array_equal(from_runs(counts, mask.shape), mask)
    with pytest.raises(ValueError, match="runs of"):
        from_runs([*counts, 1], mask.shape)


def test_a_known_compressed_mask() -> None:
    """Numbers of one and of several characters, and a negative difference, worked out by hand."""
    assert run_lengths("06") == [0, 6]
    assert run_lengths("S12") == [35, 2]  # 3 with more to follow, 1 * 32; 2
    assert run_lengths("5551O") == [5, 5, 5, 6, 4]  # the fourth is 5 + 1, the fifth 5 - 1


def coco(folder: Path) -> Path:
    picture(folder / "val/1.jpg")
    picture(folder / "val/2.jpg", 4, 16)
    picture(folder / "val/3.jpg")
    table = {
        "images": [
            {"id": 1, "file_name": "1.jpg", "height": 8, "width": 8},
            {"id": 2, "file_name": "2.jpg", "height": 4, "width": 16},
            {"id": 3, "file_name": "3.jpg", "height": 8, "width": 8},
        ],
        "categories": [{"id": 10, "name": "cat", "supercategory": "animal"}, {"id": 4, "name": "sofa"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 4, "segmentation": [[0, 0, 8, 0, 8, 8, 0, 8]], "iscrowd": 0},
            {"id": 2, "image_id": 1, "category_id": 10, "segmentation": [[4, 4, 8, 4, 8, 8, 4, 8]], "iscrowd": 0},
            {
                "id": 3,
                "image_id": 2,
                "category_id": 10,
                "iscrowd": 1,
                "segmentation": {"size": [4, 16], "counts": runs(box(4, 16, 0, 0, 4, 8))},
            },
            {
                "id": 4,
                "image_id": 2,
                "category_id": 4,
                "segmentation": {"size": [4, 16], "counts": compressed(runs(box(4, 16, 0, 8, 2, 16)))},
            },
        ],
    }
    path = folder / "instances.json"
    path.write_text(json.dumps(table))
    return path


def test_coco(tmp_path: Path) -> None:
    probe = coco_probe(coco(tmp_path), tmp_path / "val", size=16, label_size=8)
    assert [probe.image_name(k) for k in range(len(probe))] == ["1.jpg", "2.jpg"]  # the third has no label
    assert probe.categories == ("object",)
    assert [concept.name for concept in probe.concepts] == ["", "cat", "sofa"]
    assert probe.pictures([0, 1]).shape == (2, 3, 16, 16)
    assert names_at(probe, 0, 1, 1) == {"sofa"}
    assert names_at(probe, 0, 6, 6) == {"sofa", "cat"}  # they overlap: two label maps
    assert names_at(probe, 1, 7, 0) == {"cat"}
    assert names_at(probe, 1, 0, 7) == {"sofa"}
    assert names_at(probe, 1, 7, 7) == set()
    packed = PackedProbe(pack(probe, tmp_path / "out.probe"))
    assert np.array_equal(packed.annotation(1).planes, probe.annotation(1).planes)
    assert packed.sources == ("val", "val")


def test_instances_of_one_name_are_joined(tmp_path: Path) -> None:
    path = coco(tmp_path)
    table = json.loads(path.read_text())
    table["annotations"] += [dict(table["annotations"][1]), dict(table["annotations"][1])]
    path.write_text(json.dumps(table))
    note = coco_probe(path, tmp_path / "val", label_size=8).annotation(0)
    assert len(note.planes) == 2
    assert (note.planes == 1).any(0).sum() == (note.planes == 1).sum()  # no pixel has a label twice


def test_coco_sizes_and_names_must_agree(tmp_path: Path) -> None:
    path = coco(tmp_path)
    table = json.loads(path.read_text())
    table["images"][0]["height"] = 9
    path.write_text(json.dumps(table))
    with pytest.raises(DataError, match=r"1.jpg has size \(8, 8\), instances.json says \(9, 8\)"):
        coco_probe(path, tmp_path / "val")
    table["images"][0] |= {"height": 8, "id": 7}
    table["images"].append({**table["images"][0], "id": 1})
    path.write_text(json.dumps(table))
    with pytest.raises(DataError, match="two images 1.jpg"):
        coco_probe(path, tmp_path / "val")


def test_coco_files_that_are_none(tmp_path: Path) -> None:
    path = coco(tmp_path)
    table = json.loads(path.read_text())
    for change, message in (
        ({"categories": []}, "is of an unknown image or category"),
        ({"annotations": [{"image_id": 1, "category_id": 4}]}, "annotations without a segmentation"),
        ({"images": [{"id": 1, "file_name": "../1.jpg", "height": 8, "width": 8}], "annotations": []}, "is missing"),
        ({"images": 7}, "is no COCO instances file"),
    ):
        path.write_text(json.dumps(table | change))
        with pytest.raises(DataError, match=message):
            coco_probe(path, tmp_path / "val")
    table["annotations"][3]["segmentation"]["counts"] = [1, 2]
    path.write_text(json.dumps(table))
    with pytest.raises(DataError, match=r"a mask of 2.jpg cannot be read \(runs of 3 pixels"):
        coco_probe(path, tmp_path / "val")
    path.write_text(json.dumps(table | {"annotations": []}))
    with pytest.raises(DataError, match="no image has a label"):
        coco_probe(path, tmp_path / "val")


def test_mask_folders(tmp_path: Path) -> None:
    for name in ("a", "b"):
        picture(tmp_path / f"set/images/{name}.jpg")
    for path, mask in (
        ("eye/a", box(8, 8, 0, 0, 2, 8)),
        ("texture/striped/a", box(8, 8, 0, 0, 8, 8)),
        ("texture/striped/b", box(8, 8, 4, 0, 8, 8)),
    ):
        file = tmp_path / f"set/masks/{path}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((mask * 255).astype(np.uint8)).save(file)
    probe = mask_probe(tmp_path / "set", size=8, label_size=4)
    assert probe.categories == ("object", "texture")
    assert [concept.name for concept in probe.concepts] == ["", "striped", "eye"]  # by number of images
    assert names_at(probe, 0, 0, 0) == {"eye", "striped"}
    assert names_at(probe, 1, 3, 0) == {"striped"}
    assert names_at(probe, 1, 0, 0) == set()
    assert mask_probe(tmp_path / "set", min_frequency=2).categories == ("texture",)
    Image.fromarray(np.ones((9, 8), np.uint8)).save(tmp_path / "set/masks/eye/b.png")
    with pytest.raises(DataError, match=r"eye/b.png has size \(9, 8\), its image b.jpg has \(8, 8\)"):
        mask_probe(tmp_path / "set")
    (tmp_path / "set/masks/eye/b.png").unlink()
    picture(tmp_path / "set/images/more/a.png")
    with pytest.raises(DataError, match="have one name"):
        mask_probe(tmp_path / "set")
    (tmp_path / "set/images/more/a.png").unlink()
    (tmp_path / "set/masks/eye/c.png").write_bytes((tmp_path / "set/masks/eye/a.png").read_bytes())
    with pytest.raises(DataError, match=r"c.png has no image c\.\*"):
        mask_probe(tmp_path / "set")
    (tmp_path / "set/masks/eye/c.png").unlink()
    (tmp_path / "set/masks/eye/a.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"eye/a.png is missing or damaged"):
        mask_probe(tmp_path / "set")
    with pytest.raises(DataError, match="images is missing; expected"):
        mask_probe(tmp_path)


def test_ade20k(tmp_path: Path) -> None:
    home = tmp_path / "ADE20K_2016_07_26/images/training/k/kitchen"
    picture(home / "ADE_train_1.jpg")
    seg, parts = np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8, 3), np.uint8)
    seg[:, :4], seg[:, 4:] = (10, 20, 50), (20, 30, 130)  # blue tells instances apart, by its rank
    seg[7, 7] = (20, 30, 200)
    parts[:2, 4:] = (0, 9, 77)
    Image.fromarray(seg).save(home / "ADE_train_1_seg.png")
    Image.fromarray(parts).save(home / "ADE_train_1_parts_1.png")
    (home / "ADE_train_1_atr.txt").write_text(
        '001 # 0 # 0 # wall # wall # ""\n'
        '002 # 0 # 0 # cabinet, locker # cabinet # ""\n'
        '003 # 0 # 1 # cabinet, locker # cabinet # ""\n'
        '001 # 1 # 0 # door # door # ""\n'
    )
    probe = ade20k_probe(tmp_path, size=8, label_size=8)
    assert probe.categories == ("object", "part", "scene")
    assert {concept.name for concept in probe.concepts} == {"", "wall", "cabinet", "door", "kitchen-s"}
    assert names_at(probe, 0, 5, 0) == {"wall"}
    assert names_at(probe, 0, 0, 6) == {"cabinet", "door"}
    assert names_at(probe, 0, 7, 7) == {"cabinet"}  # another instance of the name
    note = probe.annotation(0)
    assert [probe.concepts[label].name for label in note.scalars] == ["kitchen-s"]
    assert [probe.categories[k] for k in note.scalar_categories] == ["scene"]
    (home / "ADE_train_1_atr.txt").write_text("nonsense\n")
    with pytest.raises(DataError, match=r"_atr.txt line 1: expected 'number"):
        ade20k_probe(tmp_path)
    (home / "ADE_train_1.jpg").unlink()
    with pytest.raises(DataError, match=r"ADE_train_1.jpg is missing; ADE_train_1_seg.png needs it"):
        ade20k_probe(tmp_path)
    with pytest.raises(DataError, match="has no .*_seg.png"):
        ade20k_probe(tmp_path / "nothing")


def test_pascal_part(tmp_path: Path) -> None:
    picture(tmp_path / "JPEGImages/2008_1.jpg")
    dog = box(8, 8, 0, 0, 8, 4)
    part = {"part_name": "lfleg", "mask": box(8, 8, 6, 0, 8, 2).astype(np.uint8)}
    things = np.zeros(2, dtype=[("class", object), ("class_ind", object), ("mask", object), ("parts", object)])
    parts = np.zeros(1, dtype=[("part_name", object), ("mask", object)])
    parts[0] = (part["part_name"], part["mask"])
    things[0] = ("dog", 12, dog.astype(np.uint8), parts)
    things[1] = ("table", 11, box(8, 8, 4, 4, 8, 8).astype(np.uint8), np.zeros(0))
    (tmp_path / "Annotations_Part").mkdir()
    path = tmp_path / "Annotations_Part/2008_1.mat"
    scipy.io.savemat(path, {"anno": {"imname": "2008_1", "objects": things}})
    probe = pascal_part_probe(tmp_path / "Annotations_Part", tmp_path / "JPEGImages", size=8, label_size=8)
    assert probe.categories == ("object", "part")
    assert names_at(probe, 0, 0, 0) == {"dog"}
    assert names_at(probe, 0, 7, 0) == {"dog", "dog lfleg"}
    assert names_at(probe, 0, 7, 7) == {"table"}
    path.write_bytes(b"nothing")
    with pytest.raises(DataError, match="is no annotation of Pascal-Part"):
        pascal_part_probe(tmp_path / "Annotations_Part", tmp_path / "JPEGImages")
    with pytest.raises(DataError, match="has no .mat file"):
        pascal_part_probe(tmp_path, tmp_path / "JPEGImages")


def test_overlapping_things_go_to_further_maps_the_larger_first() -> None:
    masks = [box(4, 4, 0, 0, k, 4) for k in (1, 4, 2, 3, 4, 4)]
    planes = stack([(number, mask) for number, mask in enumerate(masks, start=1)], (4, 4))
    assert len(planes) == 4
    assert [int(plane[3, 0]) for plane in planes[:3]] == [2, 5, 6]
    assert planes[3][:, 0].tolist() == [1, 3, 4, 0]  # what does not fit lies on top
