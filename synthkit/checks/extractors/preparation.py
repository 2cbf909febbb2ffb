"""``Preparation``: from uint8 images of any size to what a network takes.

    prepare = Preparation(channels=3, size=256, crop=(224, 224), mean=MEAN, std=STD)
    prepare(images)         # (n, height, width, c) uint8 -> (n, 3, 224, 224) float32

Grey images become three equal channels; of colours, a network of one channel sees the luma.

NOTE[DIFF] Image processors of ``transformers`` round to whole levels while they resize, here nothing is
rounded: pixels differ from theirs by a level at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from synthkit.checks.shrinking import GREY


@dataclass(frozen=True)
class Preparation:
    """How images are brought to a network.

    Args:
        channels: 1 or 3, what the network takes.
        size: (height, width) in pixels to which images are stretched, or the length to which their
            shorter side is brought.
        crop: (height, width) of the centre that is kept; None for all of it.
        mean, std: per channel, taken from and divided by; of values in [0, 1].
        mode: how pixels are interpolated, always antialiased.
    """

    channels: int
    size: tuple[int, int] | int
    crop: tuple[int, int] | None = None
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    mode: Literal["bilinear", "bicubic"] = "bilinear"

    def __call__(self, images: Tensor) -> Tensor:
        """(n, channels, height, width) float32 of (n, height, width, 1 or 3) uint8 images."""
        x = self._in_channels(images.permute(0, 3, 1, 2).float() / 255.0)
        size = self._size(x.shape[2], x.shape[3])
        if tuple(x.shape[2:]) != size:
            x = functional.interpolate(x, size, mode=self.mode, antialias=True).clamp(0.0, 1.0)
        if self.crop is not None:
            x = _centre(x, self.crop)
        mean, std = (torch.tensor(v).reshape(1, -1, 1, 1) for v in (self.mean, self.std))
        return (x - mean) / std

    def _in_channels(self, x: Tensor) -> Tensor:
        if x.shape[1] == self.channels:
            return x
        if self.channels == 1:
            return (x * torch.from_numpy(GREY[3]).reshape(1, 3, 1, 1)).sum(dim=1, keepdim=True)
        return x.expand(-1, self.channels, -1, -1)

    def _size(self, height: int, width: int) -> tuple[int, int]:
        if isinstance(self.size, tuple):
            return self.size
        shorter = min(height, width)
        return height * self.size // shorter, width * self.size // shorter


def _centre(x: Tensor, crop: tuple[int, int]) -> Tensor:
    """The middle of images, with zeros around it where they are smaller."""
    (height, width), (ours, theirs) = crop, (x.shape[2], x.shape[3])
    high, wide = max(height - ours, 0), max(width - theirs, 0)
    if high or wide:
        x = functional.pad(x, (wide // 2, wide - wide // 2, high // 2, high - high // 2))
    top, left = (x.shape[2] - height) // 2, (x.shape[3] - width) // 2
    return x[:, :, top : top + height, left : left + width]
