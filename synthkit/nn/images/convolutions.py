"""What networks for images are made of."""

from __future__ import annotations

import itertools

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


def narrowing(grid: Grid, width: int) -> list[nn.Module]:
    """Layers from folded images to the smallest grid, of the last of ``channel_widths`` channels."""
    widths = channel_widths(grid, width)
    layers: list[nn.Module] = [nn.Conv2d(grid.channels, widths[0], 3, padding=1)]
    for before, after in itertools.pairwise(widths):
        layers += [nn.SiLU(), nn.Conv2d(before, after, 3, stride=2, padding=1)]
    return [*layers, ConvBlock(widths[-1])]


def widening(grid: Grid, width: int) -> list[nn.Module]:
    """Layers from there to logits of how bright each pixel of a folded image is."""
    widths = channel_widths(grid, width)[::-1]
    layers: list[nn.Module] = [ConvBlock(widths[0])]
    for before, after in itertools.pairwise(widths):
        layers += [nn.Conv2d(before, 4 * after, 3, padding=1), nn.PixelShuffle(2), nn.SiLU()]
    return [*layers, nn.Conv2d(widths[-1], grid.channels, 3, padding=1)]
