"""The networks of ``vae`` for images: encoder, decoder, and a flow from noise to latents.

Shapes: n images, k latent dimensions, (n, c, h, w) for folded images (see ``grid``).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from synthkit.nn.blocks import ResidualBlock
from synthkit.nn.flow import flow_loss, flow_sample
from synthkit.nn.images.brightness import Brightness
from synthkit.nn.images.condition import Condition
from synthkit.nn.images.convolutions import channel_widths, narrowing, widening
from synthkit.nn.images.grid import Grid

MOST_SPREAD = 6.0  # of the log variances of a posterior, either way
HALVINGS = 6


class Encoder(nn.Module):
    """Gaussian posterior of the latents of an image and what is known of it.

    Args:
        grid: of the images.
        sizes: codes of each field that is known.
        width: channels of the first grid; they double with each halving, four times at most.
        latent: k.
    """

    def __init__(self, grid: Grid, sizes: list[int], width: int, latent: int) -> None:
        super().__init__()
        last = channel_widths(grid, width)[-1]
        self.body = nn.Sequential(*narrowing(grid, width))
        height, breadth = grid.smallest
        self.condition = Condition(sizes, 128)
        self.head = nn.Linear(last * height * breadth, 128)
        self.out = nn.Linear(128, 2 * latent)

    def forward(self, folded: Tensor, codes: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance, each (n, k)."""
        inner = self.head(functional.silu(self.body(folded)).flatten(1)) + self.condition(codes)
        mean, spread = self.out(functional.silu(inner)).chunk(2, dim=1)
        return mean, MOST_SPREAD * torch.tanh(spread / MOST_SPREAD)


class Decoder(nn.Module):
    """A folded image of latents and what is known of it; arguments as for ``Encoder``."""

    def __init__(self, grid: Grid, sizes: list[int], width: int, latent: int) -> None:
        super().__init__()
        first = channel_widths(grid, width)[-1]
        self.start = (first, *grid.smallest)
        cells = first * grid.smallest[0] * grid.smallest[1]
        self.condition = Condition(sizes, 256)
        self.head = nn.Linear(latent, 256)
        self.spread = nn.Linear(256, cells)
        self.body = nn.Sequential(*widening(grid, width))

    def forward(self, latents: Tensor, codes: Tensor) -> Tensor:
        """(n, c, h, w) logits of how bright each pixel is, 0 for grey."""
        inner = functional.silu(self.head(latents) + self.condition(codes))
        out: Tensor = self.body(functional.silu(self.spread(inner)).view(-1, *self.start))
        return out


class ImageVae(nn.Module):
    """Encoder and decoder. The options are those of ``ImageVaeConfig``."""

    def __init__(
        self, shape: tuple[int, int, int], sizes: list[int], width: int, latent: int
    ) -> None:
        super().__init__()
        self.grid = Grid(shape, HALVINGS)
        self.encoder = Encoder(self.grid, sizes, width, latent)
        self.decoder = Decoder(self.grid, sizes, width, latent)
        self.brightness = Brightness()

    def posterior(self, images: Tensor, codes: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the latents, each (n, k), of (n, h, w, channels) uint8."""
        mean, spread = self.encoder(self.grid.fold(images), codes)
        return mean, spread

    def terms(self, images: Tensor, codes: Tensor) -> tuple[Tensor, Tensor]:
        """(n,) nats of reconstruction and of the KL divergence from a standard normal prior."""
        mean, spread = self.posterior(images, codes)
        latents = mean + (0.5 * spread).exp() * torch.randn_like(mean)
        kl = 0.5 * (mean.square() + spread.exp() - 1.0 - spread)
        return self.nats(images, codes, latents), kl.sum(1)

    def nats(self, images: Tensor, codes: Tensor, latents: Tensor) -> Tensor:
        """(n,) minus the log likelihood of images as decoded from (n, k) latents.

        See ``Brightness.nats``.
        """
        return self.brightness.nats(self.decoder(latents, codes), self.grid.fold(images))

    def images(self, latents: Tensor, codes: Tensor) -> Tensor:
        """(n, h, w, channels) uint8, the mean of each pixel but for the gain."""
        return self.grid.unfold(self.brightness(self.decoder(latents, codes)))

    def match(self, images: Tensor, codes: Tensor) -> None:
        """See ``Brightness.match``."""
        logits = self.decoder(self.posterior(images, codes)[0], codes)
        self.brightness.match(logits, self.grid.fold(images))


class LatentFlow(nn.Module):
    """The prior: a flow from noise to latents, given what is known of an image.

    Sampled latents lie where those of training images do. A standard normal prior leaves most of
    its mass where none is (Dai and Wipf 2019, "Diagnosing and enhancing VAE models").

    Args:
        sizes: codes of each field that is known.
        latent: k.
        width: of the hidden vectors.
        depth: residual blocks.
    """

    def __init__(self, sizes: list[int], latent: int, width: int, depth: int) -> None:
        super().__init__()
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", torch.zeros(latent))
        self.register_buffer("deviation", torch.ones(latent))
        self.register_buffer("waves", 2.0 ** torch.arange(6) * torch.pi, persistent=False)
        self.waves: Tensor
        self.into = nn.Linear(latent + 12, width)
        self.condition = Condition(sizes, width)
        self.blocks = nn.Sequential(*(ResidualBlock(width) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, latent)

    def velocity(self, x: Tensor, t: Tensor, codes: Tensor) -> Tensor:
        """(n, k) direction at (n, k) places and (n,) times."""
        angles = 0.5 * t[:, None] * self.waves
        inner = self.into(torch.cat([x, angles.sin(), angles.cos()], 1)) + self.condition(codes)
        out: Tensor = self.out(self.norm(self.blocks(inner)))
        return out

    def loss(self, latents: Tensor, codes: Tensor) -> Tensor:
        """(n,) see ``flow_loss``."""
        x = (latents - self.mean) / self.deviation
        return flow_loss(lambda at, t: self.velocity(at, t, codes), x)

    def sample(self, noise: Tensor, codes: Tensor, steps: int) -> Tensor:
        """(n, k) latents of (n, k) noise."""
        x = flow_sample(lambda at, t: self.velocity(at, t, codes), noise, steps)
        return x * self.deviation + self.mean
