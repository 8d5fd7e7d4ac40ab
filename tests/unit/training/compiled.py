"""Run by test_distiller.py in a process of its own, since shape checks under pytest cannot be compiled."""

import copy
import sys

import torch

from kdissect.distill import AT, CE, FT, KD
from kdissect.models import Network
from kdissect.training import Distiller


def main(backend: str) -> None:
    """Compile a distiller in one graph, and compare it with the plain one."""
    torch.set_num_threads(1)
    student = Network(architecture="small/resnet8", num_classes=5, width=4)
    objective = CE() + KD() + 100 * AT() + FT()
    distiller = Distiller(student.build(0), student.changed(width=6).build(1), objective, image_size=16).train()
    plain = copy.deepcopy(distiller)
    compiled = torch.compile(distiller, backend=backend, fullgraph=True)
    images, labels = torch.rand(8, 3, 16, 16), torch.arange(8) % 5
    for module in (plain, compiled):
        module(images, labels).loss.backward()
    for (name, one), (_, two) in zip(plain.named_parameters(), distiller.named_parameters(), strict=True):
        if one.grad is not None:
            torch.testing.assert_close(two.grad, one.grad, rtol=1e-3, atol=1e-5, msg=name)
    print("same", len(list(plain.parameters())))  # noqa: T201 (the output is the point)


if __name__ == "__main__":
    main(sys.argv[1])
