"""``Tokeniser``: an image as a small grid of tokens, and back.

Each token is a few numbers, each rounded to one of some levels: every combination of levels is a
token, so there is no codebook that could go unused (Mentzer et al. 2024, "Finite scalar
quantization: VQ-VAE made simple").
"""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from synthkit.nn.images.grid import Grid
from synthkit.nn.images.vae import ConvBlock, channel_widths

HALVINGS = 6


class Tokeniser(nn.Module):
    """Encoder, rounding, decoder.

    Args:
        shape: (height, width, channels) of the images.
        width: channels of the largest grid.
        levels: of each number of a token, at least 2.
    """

    def __init__(self, shape: tuple[int, int, int], width: int, levels: tuple[int, ...]) -> None:
        super().__init__()
        self.grid = Grid(shape, HALVINGS)
        widths = channel_widths(self.grid, width)
        down: list[nn.Module] = [nn.Conv2d(self.grid.channels, widths[0], 3, padding=1)]
        for before, after in itertools.pairwise(widths):
            down += [nn.SiLU(), nn.Conv2d(before, after, 3, stride=2, padding=1)]
        self.encoder = nn.Sequential(
            *down, ConvBlock(widths[-1]), nn.SiLU(), nn.Conv2d(widths[-1], len(levels), 1)
        )
        up: list[nn.Module] = [nn.Conv2d(len(levels), widths[-1], 3, padding=1)]
        up += [ConvBlock(widths[-1])]
        for before, after in itertools.pairwise(widths[::-1]):
            up += [nn.Conv2d(before, 4 * after, 3, padding=1), nn.PixelShuffle(2), nn.SiLU()]
        self.decoder = nn.Sequential(*up, nn.Conv2d(widths[0], self.grid.channels, 3, padding=1))
        self.levels = levels
        sizes = torch.tensor(levels)
        self.steps: Tensor
        self.places: Tensor
        self.register_buffer("steps", (sizes - 1).float(), persistent=False)
        self.register_buffer("places", torch.tensor([1, *levels[:-1]]).cumprod(0), persistent=False)

    @property
    def vocabulary(self) -> int:
        """Number of tokens."""
        return math.prod(self.levels)

    @property
    def tokens(self) -> int:
        """Of an image."""
        height, width = self.grid.smallest
        return height * width

    def encoded(self, images: Tensor) -> Tensor:
        """(n, tokens) int64 of (n, height, width, channels) uint8."""
        levels = self._levels(self.encoder(self.grid.fold(images))).round().long()
        return (levels * self.places[:, None, None]).sum(1).flatten(1)

    def decoded(self, tokens: Tensor) -> Tensor:
        """(n, height, width, channels) uint8 of (n, tokens) int64."""
        sizes = torch.tensor(self.levels, device=tokens.device)[:, None]
        levels = (tokens[:, None] // self.places[:, None]) % sizes
        rounded = (levels / self.steps[:, None] * 2.0 - 1.0).unflatten(2, self.grid.smallest)
        return self.grid.unfold(2.0 * self.decoder(rounded).sigmoid() - 1.0)

    def loss(self, images: Tensor) -> Tensor:
        """(n,) nats of each image's pixels given its tokens; see ``ImageVae.terms``.

        Rounding hands its gradient on as if it had not been.
        """
        folded = self.grid.fold(images)
        levels = self._levels(self.encoder(folded))
        levels = levels + (levels.round() - levels).detach()
        logits = self.decoder(levels / self.steps[:, None, None] * 2.0 - 1.0)
        target = 0.5 * (folded + 1.0)
        said = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
        return said.flatten(1).sum(1)

    def _levels(self, inner: Tensor) -> Tensor:
        """Numbers between 0 and the highest level, not yet rounded."""
        return (torch.tanh(inner) + 1.0) * 0.5 * self.steps[:, None, None]
