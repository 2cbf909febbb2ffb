"""The networks of ``gan`` for images: a generator of grids (see ``autoencoder``), and a critic of them.

Both are told what is known of an image. A grid is small enough for layers that see all of it at once.

Shapes: n images, (n, d, h, w) for grids.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from synthkit.nn.blocks import ResidualBlock
from synthkit.nn.gan import CriticBlock
from synthkit.nn.images.condition import Condition

Size = tuple[int, int, int]  # (d, h, w) of a grid


class GeneratorNet(nn.Module):
    """Noise, and what an image shall be, to a grid.

    Args:
        size: of the grids.
        sizes: codes of each field that is known.
        noise: numbers of noise per image.
        width: of the hidden vectors.
        depth: residual blocks.
    """

    def __init__(self, size: Size, sizes: list[int], noise: int, width: int, depth: int) -> None:
        super().__init__()
        self.size, self.noise = size, noise
        self.into = nn.Linear(noise, width)
        self.condition = Condition(sizes, width)
        self.blocks = nn.Sequential(*(ResidualBlock(width) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, math.prod(size))

    def forward(self, noise: Tensor, codes: Tensor) -> Tensor:
        """(n, d, h, w) of (n, noise) standard normal numbers and (n, fields) codes."""
        hidden = self.blocks(self.into(noise) + self.condition(codes))
        out: Tensor = self.out(self.norm(hidden))
        return out.unflatten(1, self.size)


class CriticNet(nn.Module):
    """How real a grid with its labels looks to it.

    Without a norm, as gradients over grids are penalised. The labels are told it at the start, and
    projected on what it sees at the end (Miyato and Koyama 2018, "cGANs with projection
    discriminator"). The arguments are those of ``GeneratorNet``.
    """

    def __init__(self, size: Size, sizes: list[int], width: int, depth: int) -> None:
        super().__init__()
        self.into = nn.Linear(math.prod(size), width)
        self.told = Condition(sizes, width)
        self.blocks = nn.Sequential(*(CriticBlock(width) for _ in range(depth)))
        self.asked = Condition(sizes, width, width**-0.5)
        self.out = nn.Linear(width, 1)

    def forward(self, grids: Tensor, codes: Tensor) -> Tensor:
        """(n,) scores, higher is more real."""
        seen = self.blocks(self.into(grids.flatten(1)) + self.told(codes))
        seen = functional.leaky_relu(seen, 0.2)
        score: Tensor = self.out(seen)[:, 0] + (seen * self.asked(codes)).sum(1)
        return score


def steepness(scores: Tensor, grids: Tensor) -> Tensor:
    """(n,) squared norm of the scores' gradient over grids, differentiable (R1 and R2)."""
    (slope,) = torch.autograd.grad(scores.sum(), grids, create_graph=True)
    return slope.square().flatten(1).sum(1)
