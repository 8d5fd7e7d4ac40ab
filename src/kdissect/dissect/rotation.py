"""The axis alignment test: are single units special, or would any mixture of them do as well?"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import scipy.linalg
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kdissect import seeds
from kdissect.data.probe import Probe
from kdissect.dissect.dissecting import Options, dissect_views
from kdissect.dissect.forward import View
from kdissect.dissect.layer import reading
from kdissect.dissect.ranks import rank, wait
from kdissect.dissect.work_folder import remove_work
from kdissect.errors import SpecError
from kdissect.models.layer_name import bare

POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Rotation:
    """Detectors of rotated layers.

    Attributes:
        rows: one a seed and power: `power` (0 is the layer itself, 1 the whole rotation), `seed`, `detectors`,
            `unique_detectors`, `units`.
    """

    rows: tuple[dict[str, Any], ...]

    def table(self) -> pa.Table:
        """The rows as an Arrow table."""
        return pa.Table.from_pylist(list(self.rows))

    def mean(self, power: float, name: str = "unique_detectors") -> float:
        """The mean over the seeds of a column at a power.

        Raises:
            SpecError: that power was not tried.
        """
        found = [row[name] for row in self.rows if row["power"] == power]
        if not found:
            raise SpecError(f"power {power} was not tried, only {sorted({row['power'] for row in self.rows})}")
        return float(np.mean(found))

    def save(self, path: Path | str) -> None:
        """Write the table as Parquet."""
        pq.write_table(self.table(), Path(path))


def rotation_test(
    network: nn.Module,
    layer: str,
    probe: Probe,
    *,
    powers: Sequence[float] = POWERS,
    rotations: Sequence[int] = (0,),
    **options: Unpack[Options],
) -> Rotation:
    """Count detectors of a layer whose units are mixed by powers of a random rotation.

    A rotation leaves all that can be computed from the layer, and changes only which directions are called units. If
    single units are no better than others, the number of detectors stays; in Bau et al. a whole rotation lost 80 %
    of the unique detectors of AlexNet's conv5.

    Args:
        network: as in `dissect`.
        layer: as in `dissect`.
        probe: as in `dissect`; there is one pass over it for each rotation.
        powers: of the rotation, 0 to 1.
        rotations: seeds of the rotations, at least one.
        options: as in `dissect`.

    Raises:
        SpecError: a power is not of 0 to 1, or there is none, or no rotation.
        KdissectError: as `dissect`.

    Source: Bau et al. 2017, "Network Dissection", section 3.2.
    """
    if not powers or not rotations or min(powers) < 0 or max(powers) > 1:
        raise SpecError(f"expected powers of 0 to 1 and at least one rotation, got {tuple(powers)}, {tuple(rotations)}")
    anchor = next((tensor for tensor in bare(network).parameters() if tensor.is_floating_point()), torch.zeros(()))
    with reading(network, [layer]) as activations_of:
        num_units = activations_of(probe.pictures([0]).to(anchor) / 255)[layer].shape[1]
    rows = []
    for seed in rotations:
        matrices = rotation_powers(num_units, powers, seed)
        views = {f"{layer} rotated {power:g}": View(layer, matrix) for power, matrix in matrices.items()}
        plain: Options = {**options, "num_exemplars": 0, "per_image": False}
        if (work := options.get("work")) is not None:
            plain["work"] = Path(f"{work}-rotation-{seed}")
        found = dissect_views(network, views, probe, **plain)
        for power, one in zip(matrices, found.values(), strict=True):
            counts = {"detectors": one.num_detectors(), "unique_detectors": one.unique_detectors()}
            rows.append({"power": power, "seed": seed, **counts, "units": one.num_units})
        wait()
        if rank() == 0 and work is not None:
            remove_work(Path(f"{work}-rotation-{seed}"))
    return Rotation(tuple(rows))


def rotation_powers(num_units: int, powers: Sequence[float], seed: int = 0) -> dict[float, Tensor]:
    """Powers of a rotation drawn evenly from all, `(u u)` each, float64.

    Args:
        num_units: units of the layer, at least 1.
        powers: any; power 0 is the identity.
        seed: of the rotation.
    """
    drawn = seeds.numpy_generator(seed, "rotation").standard_normal((num_units, num_units))
    matrix, upper = np.linalg.qr(drawn)
    matrix = matrix * np.sign(np.diag(upper))  # makes the distribution even (Mezzadri 2007)
    if np.linalg.det(matrix) < 0:
        matrix[:, 0] *= -1
    blocks, basis = scipy.linalg.schur(matrix, output="real")
    angles = _angles(blocks)
    return {
        power: torch.from_numpy(
            np.eye(num_units) if power == 0 else basis @ _turned(num_units, angles, power) @ basis.T
        )
        for power in powers
    }


def _angles(blocks: NDArray[np.float64]) -> list[tuple[int, int, float]]:
    """The planes that a rotation in real Schur form turns: two indices and the angle; eigenvalues -1 go in pairs."""
    planes, halves = [], []
    k = 0
    while k < len(blocks):
        if k + 1 < len(blocks) and abs(blocks[k + 1, k]) > 1e-12:
            planes.append((k, k + 1, float(np.arctan2(blocks[k + 1, k], blocks[k, k]))))
            k += 2
            continue
        if blocks[k, k] < 0:
            halves.append(k)
        k += 1
    # the determinant is 1, so there is an even number of them
    planes += [(halves[i], halves[i + 1], float(np.pi)) for i in range(0, len(halves) - 1, 2)]
    return planes


def _turned(size: int, planes: list[tuple[int, int, float]], power: float) -> NDArray[np.float64]:
    turned = np.eye(size)
    for i, j, angle in planes:
        cosine, sine = np.cos(power * angle), np.sin(power * angle)
        turned[i, i] = turned[j, j] = cosine
        turned[j, i], turned[i, j] = sine, -sine
    return turned
