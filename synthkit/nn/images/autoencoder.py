"""``Autoencoder``: an image as a small grid of a few numbers each, and back.

What is local about an image, such as the edge of a stroke, is the decoder's business; a model of the
grid is left with what the image shows (Rombach et al. 2022, "High-resolution image synthesis with
latent diffusion models"). The numbers have mean 0 and deviation 1, and some noise in training keeps the
decoder from reading more out of them than a model of the grid can put in.

Shapes: n images, (n, d, h, w) for grids of d numbers.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from synthkit.nn.images.brightness import Brightness
from synthkit.nn.images.convolutions import channel_widths, narrowing, widening
from synthkit.nn.images.grid import Grid

NOISE = 0.1  # standard deviation, of numbers with that of 1


class GridEncoder(nn.Sequential):
    """(n, c, height, width) folded images to (n, d, h, w).

    Args:
        grid: of the images.
        width: channels of the largest grid.
        numbers: d.
    """

    def __init__(self, grid: Grid, width: int, numbers: int) -> None:
        last = channel_widths(grid, width)[-1]
        super().__init__(*narrowing(grid, width), nn.SiLU(), nn.Conv2d(last, numbers, 1))


class GridDecoder(nn.Sequential):
    """(n, d, h, w) to logits of how bright each pixel of a folded image is; see ``GridEncoder``."""

    def __init__(self, grid: Grid, width: int, numbers: int) -> None:
        first = channel_widths(grid, width)[-1]
        super().__init__(nn.Conv2d(numbers, first, 3, padding=1), *widening(grid, width))


class Autoencoder(nn.Module):
    """Encoder and decoder.

    Args:
        grid: of the images; its smallest is that of the numbers.
        width: channels of the largest grid.
        numbers: d.
    """

    def __init__(self, grid: Grid, width: int, numbers: int) -> None:
        super().__init__()
        self.grid = grid
        self.encoder = GridEncoder(grid, width, numbers)
        self.norm = nn.BatchNorm2d(numbers, affine=False)
        self.decoder = GridDecoder(grid, width, numbers)
        self.brightness = Brightness()

    def encoded(self, images: Tensor) -> Tensor:
        """(n, d, h, w) of (n, height, width, channels) uint8."""
        out: Tensor = self.norm(self.encoder(self.grid.fold(images)))
        return out

    def decoded(self, latents: Tensor) -> Tensor:
        """(n, height, width, channels) uint8."""
        return self.grid.unfold(self.brightness(self.decoder(latents)))

    def loss(self, images: Tensor) -> Tensor:
        """(n,) nats of each image's pixels given its grid; see ``Brightness.nats``."""
        latents = self.encoded(images)
        logits = self.decoder(latents + NOISE * torch.randn_like(latents))
        return self.brightness.nats(logits, self.grid.fold(images))

    def match(self, images: Tensor) -> None:
        """See ``Brightness.match``."""
        self.brightness.match(self.decoder(self.encoded(images)), self.grid.fold(images))
