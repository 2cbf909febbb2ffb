"""The networks of ``gan`` for images: a generator of noise and labels, and a critic that knows them, too.

Shapes: n images, (n, c, h, w) folded (see ``grid``).
"""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional

from synthkit.nn.images.condition import Condition
from synthkit.nn.images.convolutions import ConvBlock, channel_widths
from synthkit.nn.images.grid import Grid

HALVINGS = 6


class GeneratorNet(nn.Module):
    """Noise, and what an image shall be, to a folded image.

    Args:
        grid: of the images.
        sizes: codes of each field that is known.
        noise: numbers of noise per image.
        width: channels of the largest grid.
    """

    def __init__(self, grid: Grid, sizes: list[int], noise: int, width: int) -> None:
        super().__init__()
        widths = channel_widths(grid, width)[::-1]
        self.grid, self.noise = grid, noise
        self.start = (widths[0], *grid.smallest)
        self.condition = Condition(sizes, noise)
        self.head = nn.Linear(2 * noise, widths[0] * grid.smallest[0] * grid.smallest[1])
        layers: list[nn.Module] = [ConvBlock(widths[0])]
        for before, after in itertools.pairwise(widths):
            layers += [nn.Conv2d(before, 4 * after, 3, padding=1), nn.PixelShuffle(2)]
            layers += [ConvBlock(after)]
        self.body = nn.Sequential(*layers)
        self.out = nn.Conv2d(widths[-1], grid.channels, 3, padding=1)

    def forward(self, noise: Tensor, codes: Tensor) -> Tensor:
        """(n, c, h, w) in [-1, 1], of (n, noise) standard normal numbers and (n, fields) codes."""
        start = self.head(torch.cat([noise, self.condition(codes)], 1))
        return torch.tanh(self.out(self.body(start.view(-1, *self.start))))


class CriticNet(nn.Module):
    """How real an image with its labels looks to it.

    Without a norm, as gradients over images are penalised. The labels are projected on what it sees
    (Miyato and Koyama 2018, "cGANs with projection discriminator").
    """

    def __init__(self, grid: Grid, sizes: list[int], width: int) -> None:
        super().__init__()
        widths = channel_widths(grid, width)
        layers: list[nn.Module] = [nn.Conv2d(grid.channels, widths[0], 3, padding=1)]
        for before, after in itertools.pairwise(widths):
            layers += [nn.LeakyReLU(0.2), nn.Conv2d(before, after, 3, stride=2, padding=1)]
        layers += [nn.LeakyReLU(0.2), nn.Conv2d(widths[-1], widths[-1], 3, padding=1)]
        self.body = nn.Sequential(*layers, nn.LeakyReLU(0.2), nn.Flatten())
        cells = widths[-1] * grid.smallest[0] * grid.smallest[1]
        self.head = nn.Linear(cells, 128)
        self.condition = Condition(sizes, 128, 128**-0.5)
        self.out = nn.Linear(128, 1)

    def forward(self, folded: Tensor, codes: Tensor) -> Tensor:
        """(n,) scores, higher is more real."""
        seen = functional.leaky_relu(self.head(self.body(folded)), 0.2)
        score: Tensor = self.out(seen)[:, 0] + (seen * self.condition(codes)).sum(1)
        return score


def steepness(scores: Tensor, folded: Tensor) -> Tensor:
    """(n,) squared norm of the scores' gradient over images, differentiable (R1 and R2)."""
    (slope,) = torch.autograd.grad(scores.sum(), folded, create_graph=True)
    return slope.square().flatten(1).sum(1)
