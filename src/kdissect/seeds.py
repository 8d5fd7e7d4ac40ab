"""All randomness: a draw is a pure function of (seed, purpose, epoch, index).

No component's draws move another's, so adding a measure cannot change a training run, a resumed
run continues where it stopped, and teacher outputs can be kept for an augmented image.
"""

import hashlib

import numpy as np
import torch
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def key(seed: int, purpose: str, epoch: int = 0) -> int:
    """A 63-bit number that depends on all three and nothing else."""
    text = f"{seed}/{purpose}/{epoch}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "little") >> 1


def numpy_generator(seed: int, purpose: str, epoch: int = 0) -> np.random.Generator:
    """NumPy's generator for one purpose."""
    return np.random.default_rng(key(seed, purpose, epoch))


def torch_generator(seed: int, purpose: str, epoch: int = 0) -> torch.Generator:
    """A torch CPU generator for one purpose."""
    return torch.Generator().manual_seed(key(seed, purpose, epoch))


def uniform(seed: int, purpose: str, epoch: int, indices: NDArray[np.int64], draws: int) -> NDArray[np.float64]:
    """Numbers in [0, 1), `(len(indices), draws)`; each row depends on its index and not on its batch.

    Source: the SplitMix64 finaliser (Steele, Lea & Flood 2014), used as a counter-based generator.
    """
    with np.errstate(over="ignore"):
        counter = (indices.astype(np.uint64)[:, None] * draws + np.arange(draws)).astype(np.uint64)
        z = np.full_like(counter, key(seed, purpose, epoch))
        z += (counter + 1) * _GOLDEN
        z ^= z >> 30
        z *= np.uint64(0xBF58476D1CE4E5B9)
        z ^= z >> 27
        z *= np.uint64(0x94D049BB133111EB)
        z ^= z >> 31
    unit: NDArray[np.float64] = (z >> 11).astype(np.float64) * 2.0**-53
    return unit
