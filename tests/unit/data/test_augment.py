import numpy as np
import torch

from kdissect.data import Augment

PICTURES = torch.randint(0, 256, (40, 3, 16, 16), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
INDICES = np.arange(40, dtype=np.int64)


def test_an_image_is_augmented_the_same_in_any_batch() -> None:
    augment = Augment(shift_share=0.2)
    whole = augment.apply(PICTURES, seed=1, epoch=2, indices=INDICES)
    rows = np.array([31, 2, 17])
    assert torch.equal(augment.apply(PICTURES[rows], seed=1, epoch=2, indices=rows), whole[rows])
    assert not torch.equal(augment.apply(PICTURES, seed=1, epoch=3, indices=INDICES), whole)


def test_each_result_is_a_reflected_shift_of_its_image() -> None:
    augmented = Augment(shift_share=0.125).apply(PICTURES, seed=0, epoch=0, indices=INDICES).numpy()
    seen = set()
    for image, result in zip(PICTURES.numpy(), augmented, strict=True):
        padded = np.pad(image, ((0, 0), (2, 2), (2, 2)), mode="reflect")
        candidates = {
            (y, x, mirrored): padded[:, y : y + 16, x : x + 16][:, :, :: -1 if mirrored else 1]
            for y in range(5)
            for x in range(5)
            for mirrored in (False, True)
        }
        matches = [name for name, candidate in candidates.items() if np.array_equal(candidate, result)]
        assert len(matches) == 1
        seen.add(matches[0])
    assert len(seen) > 15
    assert {mirrored for _, _, mirrored in seen} == {False, True}


def test_without_shift_and_flip_nothing_changes() -> None:
    assert torch.equal(Augment(shift_share=0, flip=False).apply(PICTURES, seed=0, epoch=0, indices=INDICES), PICTURES)
