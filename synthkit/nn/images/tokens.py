"""``Tokeniser``: an image as a small grid of tokens, and back.

Each token is a few numbers, each rounded to one of some levels: every combination of levels is a
token, so there is no codebook that could go unused (Mentzer et al. 2024, "Finite scalar
quantization: VQ-VAE made simple").

NOTE[DIFF]: levels are the quantiles of a normal distribution with the numbers' own mean and deviation,
so that all of them are used from the first step on. Bounded by a hyperbolic tangent, numbers can all
end up at one of its bounds, where nothing is learned any more.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from synthkit.nn.images.autoencoder import GridDecoder, GridEncoder
from synthkit.nn.images.brightness import Brightness
from synthkit.nn.images.grid import Grid


class Tokeniser(nn.Module):
    """Encoder, rounding, decoder.

    Args:
        shape: (height, width, channels) of the images.
        halvings: times that the sides of an image are halved at most.
        width: channels of the largest grid.
        levels: of each number of a token, at least 2.
    """

    def __init__(
        self, shape: tuple[int, int, int], halvings: int, width: int, levels: tuple[int, ...]
    ) -> None:
        super().__init__()
        self.grid = Grid(shape, halvings)
        self.encoder = GridEncoder(self.grid, width, len(levels))
        self.norm = nn.BatchNorm2d(len(levels), affine=False)
        self.decoder = GridDecoder(self.grid, width, len(levels))
        self.brightness = Brightness()
        self.levels = levels
        sizes = torch.tensor(levels)
        self.sizes: Tensor
        self.places: Tensor
        self.register_buffer("sizes", sizes[:, None, None], persistent=False)
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
        levels = self._rounded(self._levels(self.encoder(self.grid.fold(images)))).long()
        return (levels * self.places[:, None, None]).sum(1).flatten(1)

    def decoded(self, tokens: Tensor) -> Tensor:
        """(n, height, width, channels) uint8 of (n, tokens) int64."""
        return self.grid.unfold(self.brightness(self._logits(tokens)))

    def loss(self, images: Tensor) -> Tensor:
        """(n,) nats of each image's pixels given its tokens; see ``Brightness.nats``.

        Rounding hands its gradient on as if it had not been.
        """
        folded = self.grid.fold(images)
        levels = self._levels(self.encoder(folded))
        levels = levels + (self._rounded(levels) - levels).detach()
        return self.brightness.nats(self.decoder(self._centred(levels)), folded)

    def match(self, images: Tensor) -> None:
        """See ``Brightness.match``."""
        self.brightness.match(self._logits(self.encoded(images)), self.grid.fold(images))

    def _logits(self, tokens: Tensor) -> Tensor:
        """(n, c, h, w) logits of how bright each pixel is."""
        grids = tokens.unflatten(1, self.grid.smallest)[:, None]
        levels = (grids // self.places[:, None, None]) % self.sizes
        logits: Tensor = self.decoder(self._centred(levels))
        return logits

    def _levels(self, inner: Tensor) -> Tensor:
        """Numbers from half a step below 0 to half a step above the highest level, all as often."""
        return torch.special.ndtr(self.norm(inner)) * self.sizes - 0.5

    def _rounded(self, levels: Tensor) -> Tensor:
        """To the nearest level."""
        return levels.round().clamp_min(0.0).minimum(self.sizes - 1.0)

    def _centred(self, levels: Tensor) -> Tensor:
        """Levels between -1 and 1, as the decoder takes them."""
        return (2.0 * levels + 1.0) / self.sizes - 1.0
