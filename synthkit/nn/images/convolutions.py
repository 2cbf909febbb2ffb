"""What networks for images are made of, and how their output is likened to an image."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from synthkit.nn.images.grid import Grid


class ConvBlock(nn.Module):
    """A convolution of three by three beside an identity, which alone is there at the start."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(1, channels)
        self.into = nn.Conv2d(channels, channels, 3, padding=1)
        self.out = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.out.weight)
        assert self.out.bias is not None
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.out(functional.silu(self.into(self.norm(x))))
        return x + inner


def channel_widths(grid: Grid, width: int) -> list[int]:
    """Channels of the grid after each halving, the folded one first."""
    return [width * 2 ** min(i, 2) for i in range(grid.halvings)]


def brightness_nats(logits: Tensor, folded: Tensor) -> Tensor:
    """(n,) minus the log likelihood of folded images in [-1, 1] whose brightness has these logits."""
    said = functional.binary_cross_entropy_with_logits(
        logits, 0.5 * (folded + 1.0), reduction="none"
    )
    return said.flatten(1).sum(1)
