"""Plain convolutional networks for small images: the small ResNets without their shortcuts."""

from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.models.small_resnet import Stem
from kdissect.types import Images, Logits


@final
class SmallVgg(nn.Module):
    """A plain network of depth 6n + 2 with stages `layer1`, `layer2`, `layer3` of widths w, 2w and 4w.

    Args:
        num_classes: number of classes.
        depth: 6n + 2 (8, 14, 20, ...): 2n convolutions a stage, each with batch norm and ReLU.
        width: channels of the first stage, w.
        stem: side of layer1's maps relative to the image: `full`, `half`, `quarter`.

    Source: Simonyan and Zisserman 2015, "Very Deep Convolutional Networks", arXiv:1409.1556: 3x3 convolutions in stages
        with max pooling between them.
    Departs: batch norm, one linear layer after mean pooling, and the stem and widths of `SmallResNet`, so that the two
        differ by shortcuts and pooling alone.
    """

    def __init__(self, num_classes: int, depth: int, width: int, stem: Stem) -> None:
        super().__init__()
        convolutions = (depth - 2) // 3
        self.conv1 = nn.Conv2d(3, width, 3, 1 if stem == "full" else 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.maxpool: nn.Module = nn.MaxPool2d(3, 2, 1) if stem == "quarter" else nn.Identity()
        self.layer1 = _stage(width, width, convolutions, pool=False)
        self.layer2 = _stage(width, 2 * width, convolutions, pool=True)
        self.layer3 = _stage(2 * width, 4 * width, convolutions, pool=True)
        self.fc = nn.Linear(4 * width, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images: Images) -> Logits:
        """Logits of the classes."""
        maps = self.maxpool(F.relu(self.bn1(self.conv1(images)), inplace=True))
        maps = self.layer3(self.layer2(self.layer1(maps)))
        logits: Tensor = self.fc(torch.flatten(F.adaptive_avg_pool2d(maps, 1), 1))
        return logits


def _stage(channels: int, out: int, convolutions: int, *, pool: bool) -> nn.Sequential:
    parts: list[nn.Module] = [nn.MaxPool2d(2)] if pool else []
    for number in range(convolutions):
        convolution = nn.Conv2d(channels if number == 0 else out, out, 3, 1, 1, bias=False)
        parts += [convolution, nn.BatchNorm2d(out), nn.ReLU(inplace=True)]
    return nn.Sequential(*parts)
