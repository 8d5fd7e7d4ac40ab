"""Images in folders as a data set; crops of random size."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from kdissect.data import Augment, ClassTree, ImageFolder
from kdissect.errors import DataError, SpecError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for split, number in (("train", 3), ("val", 2)):
        for k, name in enumerate(("cat", "dog", "car")):
            (tmp_path / split / name).mkdir(parents=True)
            for image in range(number):
                pixels = np.full((40, 60, 3), 60 * (k + 1), dtype=np.uint8)
                pixels[:, :10] = rng.integers(0, 255, 3)
                Image.fromarray(pixels).save(tmp_path / split / name / f"{image}.png")
    return tmp_path


def test_a_folder_of_images_is_a_data_set(folder: Path) -> None:
    dataset = ImageFolder(path=str(folder), size=32)
    assert dataset.class_tree.classes == ("car", "cat", "dog")
    train = dataset.split("train")
    assert train.pictures.shape == (9, 3, 32, 32)
    assert train.labels.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert [int(train.pictures[k, 0, 16, 16]) for k in (0, 3, 6)] == [180, 60, 120]  # car, cat, dog
    assert torch.equal(dataset.split("test").pictures, dataset.split("val").pictures)
    assert "9 training images of 32 px" in dataset.title
    train.pictures[0] = 0  # a map that is written to leaves the file alone
    assert ImageFolder(path=str(folder), size=32).split("train").pictures[0].max() > 0


def test_groups_come_from_a_file_and_labels_keep_the_order_of_names(folder: Path) -> None:
    before = ImageFolder(path=str(folder), size=32).identity()
    (folder / "groups.yaml").write_text("animal: [dog, cat]\nthing: [car]\n")
    dataset = ImageFolder(path=str(folder), size=32)
    # Published networks number their classes so.
    assert dataset.class_tree.classes == ("car", "cat", "dog")
    assert dataset.class_tree.group_of.tolist() == [1, 0, 0]
    assert dataset.split("val").labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert [int(dataset.split("train").pictures[k, 0, 16, 16]) for k in (0, 3, 6)] == [180, 60, 120]
    assert dataset.identity() != before
    (folder / "groups.yaml").write_text("animal: [dog, cow]\nthing: [car]\n")
    with pytest.raises(DataError, match="unknown or missing: cat, cow"):
        ImageFolder(path=str(folder), size=32).split("val")


def test_an_order_names_every_class_once() -> None:
    groups = (("animal", ("dog", "cat")), ("thing", ("car",)))
    assert ClassTree(groups=groups).classes == ("dog", "cat", "car")
    assert ClassTree(groups=groups, order=("car", "cat", "dog")).group_of.tolist() == [1, 0, 0]
    for order in (("car", "cat"), ("car", "cat", "cow"), ("car", "cat", "dog", "dog")):
        with pytest.raises(SpecError, match="the order must name every class"):
            ClassTree(groups=groups, order=order)


def test_changed_files_are_another_data_set(folder: Path) -> None:
    before = ImageFolder(path=str(folder), size=32).identity()
    path = folder / "train" / "cat" / "0.png"
    Image.new("RGB", (50, 50), (1, 2, 3)).save(path)
    changed = ImageFolder(path=str(folder), size=32)
    assert changed.identity() != before
    assert int(changed.split("train").pictures[3, 2, 5, 5]) == 3


def test_masks_and_parts_are_cut_as_their_pictures(folder: Path) -> None:
    for kind, left in (("masks", 30), ("parts", 45)):
        for path in (folder / "val").rglob("*.png"):
            mask = np.zeros((40, 60), np.uint8)
            mask[:, left:] = 7
            target = folder / kind / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(mask).save(target)
    words = {name: str(folder / name) for name in ("masks", "parts")}
    dataset = ImageFolder(path=str(folder), size=40, **words)
    assert dataset.has_objects
    assert dataset.has_features
    objects, parts = dataset.objects("test"), dataset.features("test")
    # A picture of 60 x 40 loses 10 pixels on either side.
    assert objects.shape == parts.shape == (6, 40, 40)
    assert objects[0, 5].tolist() == [False] * 20 + [True] * 20
    assert parts[0, 5].tolist() == [False] * 35 + [True] * 5
    before = dataset.identity()
    Image.fromarray(np.zeros((40, 61), np.uint8)).save(folder / "parts" / "val" / "cat" / "0.png")
    assert ImageFolder(path=str(folder), size=40, **words).identity() != before
    with pytest.raises(DataError, match=r"must be of its picture's size \(60, 40\), got \(61, 40\)"):
        ImageFolder(path=str(folder), size=40, **words).features("test")
    (folder / "masks" / "val" / "cat" / "1.png").unlink()
    with pytest.raises(DataError, match="expected a mask for .*1.png, there is no"):
        ImageFolder(path=str(folder), size=40, **words).objects("val")
    plain = ImageFolder(path=str(folder), size=40)
    with pytest.raises(SpecError, match="ImageFolder has no masks of its objects"):
        plain.objects("test")
    with pytest.raises(SpecError, match="does not know which part tells a class from its like"):
        plain.features("test")


def test_faults_are_named(folder: Path) -> None:
    with pytest.raises(DataError, match="expected folders train and val"):
        ImageFolder(path=str(folder / "nothing")).split("train")
    (folder / "val" / "cat" / "0.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"val/cat/0\.png is no image"):
        ImageFolder(path=str(folder), size=32).split("val")
    for path in (folder / "val" / "dog").iterdir():
        path.unlink()
    with pytest.raises(DataError, match="val has none of dog"):
        ImageFolder(path=str(folder), size=32).split("val")
    (folder / "val" / "dog").rmdir()
    with pytest.raises(DataError, match="train and val need the same classes; in one only: dog"):
        ImageFolder(path=str(folder), size=32).split("val")


def pictures(number: int = 6) -> torch.Tensor:
    return torch.randint(0, 256, (number, 3, 20, 24), generator=torch.Generator().manual_seed(0)).to(torch.uint8)


def test_a_crop_depends_on_seed_epoch_and_index_alone() -> None:
    augment = Augment(crop="resized")
    indices = np.array([4, 9, 2, 7, 1, 0])
    whole = augment.apply(pictures(), seed=1, epoch=2, indices=indices)
    part = augment.apply(pictures()[2:4], seed=1, epoch=2, indices=indices[2:4])
    assert torch.equal(whole[2:4], part)
    assert not torch.equal(whole, augment.apply(pictures(), seed=1, epoch=3, indices=indices))
    assert whole.shape == pictures().shape
    assert whole.dtype == torch.uint8


def test_the_whole_image_is_a_crop_that_changes_nothing() -> None:
    augment = Augment(crop="resized", scale=(1.0, 1.0), ratio=(24 / 20, 24 / 20), flip=False)
    same = augment.apply(pictures(), seed=0, epoch=0, indices=np.arange(6))
    assert (same.int() - pictures().int()).abs().max() <= 1


def test_crops_have_the_areas_that_are_asked_for() -> None:
    """On a picture whose red rises from left to right, the spread of red is the width of the box."""
    ramp = torch.linspace(0, 255, 64).round().to(torch.uint8).expand(400, 3, 64, 64)
    augment = Augment(crop="resized", scale=(0.25, 0.25), ratio=(1.0, 1.0), flip=False)
    out = augment.apply(ramp, seed=0, epoch=0, indices=np.arange(400)).float()
    widths = (out[:, 0, 0, -1] - out[:, 0, 0, 0]) / 255
    assert widths.mean().item() == pytest.approx(0.5, abs=0.01)
    left = out[:, 0, 0, 0] / 255
    assert left.min() < 0.05
    assert left.max() > 0.42
    mirrored = Augment(crop="resized", scale=(0.25, 0.25), ratio=(1.0, 1.0))
    turned = mirrored.apply(ramp, seed=0, epoch=0, indices=np.arange(400)).float()
    share = (turned[:, 0, 0, -1] < turned[:, 0, 0, 0]).float().mean()
    assert 0.4 < share < 0.6


def test_ranges_that_make_no_sense_are_refused() -> None:
    with pytest.raises(SpecError, match="scale must be two rising shares"):
        Augment(scale=(0.5, 0.2))
    with pytest.raises(SpecError, match="ratio must be two rising numbers"):
        Augment(ratio=(0.0, 1.0))
