"""Put the quick study's teacher into the package.

kdissect run quick --train-teacher --seeds 1 --out runs/teacher
python tools/ship_teacher.py runs/teacher
"""

import sys
from pathlib import Path

from kdissect.models import Network, load_weights, save_weights
from kdissect.records import Store
from kdissect.study import WEIGHTS

SHIPPED = Path(__file__).parent.parent / "src/kdissect/models/shipped/quick_teacher.safetensors"


def main(path: Path) -> None:
    """Write the weights at half precision, with what made them in the file's header."""
    store = Store(path)
    records = {record.kind: record for record in store.records() if record.arm == "teacher"}
    trained = records["train"]
    network = Network.from_mapping(trained.key["network"])
    module = network.build()
    load_weights(module, store.folder(trained.digest) / WEIGHTS)
    SHIPPED.parent.mkdir(exist_ok=True)
    facts = {
        "command": "kdissect run quick --train-teacher --seeds 1 --out runs/teacher",
        "seed": str(trained.seed),
        "digest": trained.digest,
        "network": network.model_dump_json(),
        "accuracy": f"{records['Accuracy'].score('accuracy').value:.4f}",
        "val_accuracy": f"{trained.score('val_accuracy').value:.4f}",
        "epochs": str(trained.key["recipe"]["epochs"]),
        "made_by": str(trained.made_by),
    }
    save_weights(module, SHIPPED, half=True, facts=facts)
    print(SHIPPED, SHIPPED.stat().st_size, facts)


main(Path(sys.argv[1]))
