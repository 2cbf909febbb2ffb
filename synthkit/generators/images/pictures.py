"""``Pictures``: training images and the codes of what is known of them, on one device."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

SOME_PIXELS = 2**21


@dataclass(frozen=True)
class Pictures:
    """Images and their codes.

    Args:
        images: (n, height, width, channels) uint8.
        codes: (n, fields) int64.
    """

    images: Tensor
    codes: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def at(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """The images and the codes of (k,) rows."""
        return self.images[rows], self.codes[rows]

    def some(self) -> tuple[Tensor, Tensor]:
        """Images from all over, of about two million numbers at most, and their codes."""
        most = max(SOME_PIXELS // max(self.images[0].numel(), 1), 1)
        return self.at(self.rows[:: -(-len(self) // most)])

    @property
    def rows(self) -> Tensor:
        """(n,) int64 number of each image: what a training loop hands to its task."""
        return torch.arange(len(self.images), device=self.images.device)
