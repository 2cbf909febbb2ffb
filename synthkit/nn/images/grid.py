"""``Grid``: an image of any size as a small grid of many channels, and how often it is halved.

Convolutions at full size cost most and say least: pixels of a square of two by two stand side by side
as channels from the start (Shi et al. 2016, "sub-pixel convolution").
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

SMALLEST = 4  # side that no grid is halved below


@dataclass(frozen=True)
class Grid:
    """How images of one shape are cut.

    Args:
        shape: (height, width, channels).
        most: times that a side is halved at most, at least 1.
    """

    shape: tuple[int, int, int]
    most: int

    @property
    def halvings(self) -> int:
        """Times that the sides are halved, the first by ``fold``."""
        side = min(self.shape[:2])
        times = 1
        while times < self.most and -(-side // 2 ** (times + 1)) >= SMALLEST:
            times += 1
        return times

    @property
    def padded(self) -> tuple[int, int]:
        """Height and width with what is added, so that they can be halved."""
        unit = 2**self.halvings
        height, width, _ = self.shape
        return -(-height // unit) * unit, -(-width // unit) * unit

    @property
    def smallest(self) -> tuple[int, int]:
        """Height and width of the smallest grid."""
        height, width = self.padded
        return height >> self.halvings, width >> self.halvings

    @property
    def channels(self) -> int:
        """Of a folded image."""
        return 4 * self.shape[2]

    def fold(self, images: Tensor) -> Tensor:
        """(n, 4 channels, h / 2, w / 2) float in [-1, 1] of (n, height, width, channels) uint8."""
        x = images.permute(0, 3, 1, 2).float() / 127.5 - 1.0
        height, width = self.padded
        pad = (0, width - x.shape[3], 0, height - x.shape[2])
        return functional.pixel_unshuffle(functional.pad(x, pad, mode="replicate"), 2)

    def unfold(self, folded: Tensor) -> Tensor:
        """Inverse of ``fold``, rounded to what pixels can be."""
        height, width, _ = self.shape
        x = functional.pixel_shuffle(folded, 2)[:, :, :height, :width]
        x = ((x + 1.0) * 127.5).round_().clamp_(0, 255)
        return x.to(torch.uint8).permute(0, 2, 3, 1)
