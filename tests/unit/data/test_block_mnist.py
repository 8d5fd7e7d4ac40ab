"""BlockMNIST, and the files that MNIST and its like come in."""

import gzip
from pathlib import Path

import numpy as np
import pytest
import torch

from kdissect.cli.student import find_dataset
from kdissect.data import BlockMnist, Brodenette
from kdissect.data.block_mnist import _pool, null_block
from kdissect.data.idx import read_idx
from kdissect.errors import DataError, SpecError

SMALL = {"train": 60, "val": 20, "test": 40}


def idx(values: np.ndarray) -> bytes:
    """Bytes of an idx file, from its published description."""
    header = bytes([0, 0, 8, values.ndim]) + b"".join(int(side).to_bytes(4, "big") for side in values.shape)
    return header + values.astype(np.uint8).tobytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files as published: image k is all k + 1, its label k % 10; training files packed, test files not."""
    for part, number, pack in (("train", 24, True), ("t10k", 12, False)):
        images = np.ones((number, 28, 28)) * (np.arange(number) + 1)[:, None, None]
        for name, values in (("images-idx3", images), ("labels-idx1", np.arange(number) % 10)):
            content = idx(values)
            path = tmp_path / f"{part}-{name}-ubyte{'.gz' if pack else ''}"
            path.write_bytes(gzip.compress(content) if pack else content)
    return tmp_path


def test_a_picture_is_a_digit_and_the_null_block_one_over_the_other() -> None:
    dataset = BlockMnist(**SMALL)
    split, signal, null = dataset.split("test"), dataset.objects("test"), dataset.nulls("test")
    assert split.pictures.shape == (40, 3, 56, 28)
    assert torch.equal(null, ~signal)
    assert (signal.sum((1, 2)) == 28 * 28).all()
    for picture, mask in zip(split.pictures, null, strict=True):
        assert torch.equal(picture[:, mask].view(3, 28, 28), torch.from_numpy(null_block()).expand(3, -1, -1))
        assert picture[:, ~mask].any()
    assert 5 < signal[:, 0, 0].sum() < 35  # both orders occur


def test_the_null_block_is_a_square_with_its_diagonals_and_symmetric() -> None:
    block = null_block()
    assert set(np.unique(block)) == {0, 255}
    assert block[4:24, 4].all()
    assert block[4, 4:24].all()
    assert np.diag(block)[4:24].all()
    assert np.diag(block[:, ::-1])[4:24].all()
    assert not block[:4].any()
    assert not block[10, 12:15].any()
    for other in (block.T, block[::-1], block[:, ::-1]):
        assert (other == block).all()


def test_with_the_signal_on_top_it_is_always_there() -> None:
    dataset = BlockMnist(top=True, **SMALL)
    assert dataset.objects("train")[:, :28].all()
    assert dataset.nulls("train")[:, 28:].all()
    assert "BlockMNIST-Top" in dataset.title


def test_labels_are_those_of_the_digits() -> None:
    from sklearn.datasets import load_digits

    found = load_digits()
    images, numbers = _pool(None, "test")
    dataset = BlockMnist(shift=0, top=True, **SMALL)
    names = [dataset.class_tree.classes[label] for label in dataset.split("test").labels]
    assert names == [str(number) for number in numbers[:40]]
    # Enlarged bilinearly, a digit keeps its mean; the nearest one of the package is the one with its label.
    small = torch.nn.functional.adaptive_avg_pool2d(dataset.split("test").pictures[:, :1, 4:24, 4:24].float(), 8)[:, 0]
    apart = np.abs(found.images[None] * 255 / 16 - small.numpy()[:, None]).sum((2, 3))
    assert [str(number) for number in found.target[apart.argmin(1)]] == names
    assert images.shape == (400, 28, 28)


def test_no_digit_is_in_two_splits() -> None:
    pools = {name: {one.tobytes() for one in _pool(None, name)[0]} for name in ("train", "val", "test")}
    assert sum(map(len, pools.values())) == 1797
    assert len(set.union(*pools.values())) == 1797


def test_draws_depend_on_seed_split_and_place_alone() -> None:
    one, more = BlockMnist(**SMALL), BlockMnist(**{**SMALL, "train": 90})
    assert torch.equal(one.split("train").pictures, more.split("train").pictures[:60])
    other = BlockMnist(seed=1, **SMALL)
    assert not torch.equal(one.objects("train"), other.objects("train"))
    assert torch.equal(one.split("train").labels, other.split("train").labels)


def test_more_pictures_than_digits_show_them_again_elsewhere() -> None:
    split = BlockMnist(train=1300, val=1, test=1).split("train")
    assert torch.equal(split.labels[:103], split.labels[1197:])
    assert not torch.equal(split.pictures[:103], split.pictures[1197:])


def test_published_files_are_read_and_split(folder: Path) -> None:
    dataset = BlockMnist(path=str(folder), shift=0, top=True, train=20, val=4, test=12)
    for name, first, number in (("train", 1, 20), ("val", 21, 4), ("test", 1, 12)):
        split = dataset.split(name)
        assert split.pictures[:, 0, 0, 0].tolist() == list(range(first, first + number))
        names = [dataset.class_tree.classes[label] for label in split.labels]
        assert names == [str((first - 1 + k) % 10) for k in range(number)]


def test_clothes_have_names_of_their_own(folder: Path) -> None:
    dataset = BlockMnist(path=str(folder), content="fashion", **SMALL)
    assert dataset.class_tree.classes[dataset.split("test").labels[9]] == "Ankle boot"
    with pytest.raises(SpecError, match="fashion needs a path to Fashion-MNIST's files"):
        BlockMnist(content="fashion")


def test_changed_files_have_another_identity(folder: Path) -> None:
    dataset = BlockMnist(path=str(folder))
    before = dataset.identity()
    (folder / "t10k-labels-idx1-ubyte").write_bytes(idx(np.zeros(13)))
    assert dataset.identity() != before
    assert BlockMnist().identity() != BlockMnist(seed=1).identity()


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "t10k-images-idx3-ubyte").unlink()
    with pytest.raises(DataError, match=r"expected t10k-images-idx3-ubyte or t10k-images-idx3-ubyte.gz in .*neither"):
        BlockMnist(path=str(folder), train=3).split("test")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"must start with 00000803 .*, got ;?"),
        (idx(np.zeros(5)), "must start with 00000803"),
        (bytes([0, 0, 13, 3]) + bytes(12), r"must start with 00000803 .*, got 00000d03"),
        (idx(np.zeros((2, 3, 3)))[:9], "ends within its header, after 9 bytes"),
        (idx(np.zeros((2, 3, 3)))[:-1], "must hold 18 values, as its header says, got 17"),
        (idx(np.zeros((2, 3, 3))) + b"x", "must hold 18 values, as its header says, got 19"),
    ],
    ids=["empty", "labels", "floats", "header", "short", "long"],
)
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "images"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_idx(path, 3)


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    whole = gzip.compress(idx(np.zeros((9, 28, 28))))
    for content in (whole[:-12], b"no archive", whole[:20] + b"\xff" * 9 + whole[29:]):
        path.write_bytes(content)
        with pytest.raises(DataError, match="images.gz cannot be read"):
            read_idx(path, 3)


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("t10k-images-idx3-ubyte", np.zeros((12, 8, 8)), "must hold images of 28 x 28, got 8 x 8"),
        ("t10k-labels-idx1-ubyte", np.zeros(11), "as many images as labels, and 6 or more, got 12 and 11"),
        ("t10k-labels-idx1-ubyte", np.arange(12), "must hold labels of 0 to 9, got 11"),
    ],
)
def test_files_that_do_not_fit_are_refused(folder: Path, name: str, values: np.ndarray, message: str) -> None:
    (folder / name).write_bytes(idx(values))
    with pytest.raises(DataError, match=message):
        BlockMnist(path=str(folder), seed=len(values)).split("test")


def test_the_command_line_knows_it() -> None:
    assert find_dataset("blockmnist", None) == BlockMnist()
    with pytest.raises(SpecError, match="blockmnist has pictures of 56 x 28 px, got --image-size 64"):
        find_dataset("blockmnist", 64)


def test_other_data_sets_do_not_know_where_nothing_is() -> None:
    assert not Brodenette().has_nulls
    with pytest.raises(SpecError, match="Brodenette does not know where nothing tells the class"):
        Brodenette().nulls("test")
