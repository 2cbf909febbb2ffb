"""``Tokeniser``: an image as a small grid of tokens, and back.

Each token is a few numbers, each rounded to one of some levels: every combination of levels is a
token, so there is no codebook that could go unused (Mentzer et al. 2024, "Finite scalar
quantization: VQ-VAE made simple").
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from synthkit.nn.images.autoencoder import GridDecoder, GridEncoder
from synthkit.nn.images.convolutions import brightness, brightness_nats
from synthkit.nn.images.grid import Grid

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
        self.encoder = GridEncoder(self.grid, width, len(levels))
        self.decoder = GridDecoder(self.grid, width, len(levels))
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
        return self.grid.unfold(brightness(self.decoder(rounded)))

    def loss(self, images: Tensor) -> Tensor:
        """(n,) nats of each image's pixels given its tokens; see ``ImageVae.terms``.

        Rounding hands its gradient on as if it had not been.
        """
        folded = self.grid.fold(images)
        levels = self._levels(self.encoder(folded))
        levels = levels + (levels.round() - levels).detach()
        return brightness_nats(self.decoder(levels / self.steps[:, None, None] * 2.0 - 1.0), folded)

    def _levels(self, inner: Tensor) -> Tensor:
        """Numbers between 0 and the highest level, not yet rounded."""
        return (torch.tanh(inner) + 1.0) * 0.5 * self.steps[:, None, None]
