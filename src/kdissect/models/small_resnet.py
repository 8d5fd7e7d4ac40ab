"""ResNets for small images, in the CIFAR manner: three stages of basic blocks."""

from typing import Literal, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.types import Images, Logits

Stem = Literal["full", "half", "quarter"]


@final
class BasicBlock(nn.Module):
    """Two 3x3 convolutions with a shortcut; `(b c h w)` to `(b out h/stride w/stride)`."""

    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or channels != out:
            self.downsample = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, images: Tensor) -> Tensor:
        """The block's output, after its ReLU."""
        inner = F.relu(self.bn1(self.conv1(images)), inplace=True)
        return F.relu(self.bn2(self.conv2(inner)) + self.downsample(images), inplace=True)


@final
class SmallResNet(nn.Module):
    """A ResNet of depth 6n + 2 with stages `layer1`, `layer2`, `layer3` of widths w, 2w and 4w.

    Args:
        num_classes: number of classes.
        depth: 6n + 2 (8, 14, 20, ...): n basic blocks a stage.
        width: channels of the first stage, w.
        stem: side of layer1's maps relative to the image: `full` (CIFAR's 32 px), `half`, `quarter`.

    Source: He et al. 2016, "Deep Residual Learning", arXiv:1512.03385, section 4.2.
    Departs: projection shortcuts, as torchvision's ResNets have; a stem that can halve or quarter the image.
    """

    def __init__(self, num_classes: int, depth: int, width: int, stem: Stem) -> None:
        super().__init__()
        blocks = (depth - 2) // 6
        self.conv1 = nn.Conv2d(3, width, 3, 1 if stem == "full" else 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.maxpool: nn.Module = nn.MaxPool2d(3, 2, 1) if stem == "quarter" else nn.Identity()
        self.layer1 = _stage(width, width, 1, blocks)
        self.layer2 = _stage(width, 2 * width, 2, blocks)
        self.layer3 = _stage(2 * width, 4 * width, 2, blocks)
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


def _stage(channels: int, out: int, stride: int, blocks: int) -> nn.Sequential:
    first = BasicBlock(channels, out, stride)
    return nn.Sequential(first, *(BasicBlock(out, out, 1) for _ in range(blocks - 1)))
