"""Dissect the quick study's networks once more, on a probe drawn like their training images.

kdissect run quick --out runs/quick
python tools/another_probe.py runs/quick
"""

import sys
from pathlib import Path

import torch

from kdissect.data import BrodenetteProbe
from kdissect.dissect import dissect
from kdissect.models import Network, load_weights
from kdissect.records import Store
from kdissect.stats import difference
from kdissect.study import WEIGHTS
from kdissect.study.catalogue.small import PICTURES


def main(path: Path) -> None:
    """Print detectors and unique detectors of `layer3` for every network, and the differences to scratch."""
    torch.set_num_threads(1)
    store = Store(path)
    probe = BrodenetteProbe(world=PICTURES, num_images=2000).open(path / "probes")
    unique: dict[str, list[float]] = {}
    for record in sorted(store.records(), key=lambda record: (record.arm, record.seed)):
        if record.kind != "train":
            continue
        network = Network.from_mapping({**record.key["network"], "weights": None})
        module = network.build()
        load_weights(module, store.folder(record.digest) / WEIGHTS)
        found = dissect(module, "layer3", probe, normalize=(network.mean, network.std), num_exemplars=0)
        unique.setdefault(record.arm, []).append(found.unique_detectors())
        counts = f"{found.num_detectors()} of {found.num_units}, {found.unique_detectors()} unique"
        print(f"{record.arm} {record.seed}: {counts}")
    for arm in ("LS", "KD"):
        print(arm, "unique detectors against scratch:", difference(unique[arm], unique["scratch"]))


main(Path(sys.argv[1]))
