"""The networks of ``vae``: an encoder that takes any subset of the fields, an autoregressive decoder.

Shapes: n rows, d fields, k latent dimensions, w the width of the decoder's hidden vectors.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from synthkit.nn.blocks import CodeWeights, ResidualBlock
from synthkit.nn.mixture import Mixture

NEVER = -1e9  # the logit of a code that must not be drawn
LOG_2_PI = math.log(2 * math.pi)
MOST_SPREAD = 6.0  # of the log variances of a posterior, either way


class Encoder(nn.Module):
    """Gaussian posterior of the latents, of a whole row or of the known part of it.

    Args:
        basis: (codes, waves), see ``CodeWeights``.
        fields: d.
        width: of the hidden vectors.
        depth: residual blocks.
        latent: k.
    """

    def __init__(self, basis: Tensor, fields: int, width: int, depth: int, latent: int) -> None:
        super().__init__()
        self.codes = CodeWeights(basis, width, fields**-0.5)
        self.hidden = nn.Parameter(torch.zeros(fields, width))
        self.blocks = nn.Sequential(*(ResidualBlock(width) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, 2 * latent)

    def forward(self, places: Tensor, known: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log variance, each (n, k).

        Args:
            places: (n, d) place of each cell's code among all codes.
            known: (n, d) float, 1 where a cell is known; all are, when left out.
        """
        x = functional.embedding_bag(places, self.codes(), mode="sum", per_sample_weights=known)
        if known is not None:
            x = x + (1.0 - known) @ self.hidden
        mean, spread = self.out(self.norm(self.blocks(x))).chunk(2, dim=1)
        return mean, MOST_SPREAD * torch.tanh(spread / MOST_SPREAD)


class Decoder(nn.Module):
    """A softmax per field, given the latents and the fields before it.

    Each field has a residual layer of its own over ``context(z) + sum of the earlier codes``.

    Args:
        basis: (codes, waves).
        log_shares: (codes,) where the softmaxes start.
        sizes: codes of each field.
        never: (codes,) bool, codes that no row can have.
        width: w.
        hidden: width of the network from latents to context.
        dropout: share of inner units that are dropped.
        latent: k.
    """

    def __init__(
        self,
        basis: Tensor,
        log_shares: Tensor,
        sizes: list[int],
        never: Tensor,
        width: int,
        hidden: int,
        dropout: float,
        latent: int,
    ) -> None:
        super().__init__()
        d, inner = len(sizes), 2 * width
        self.sizes, self.dropout = sizes, dropout
        self.context = nn.Sequential(
            nn.Linear(latent, hidden), ResidualBlock(hidden, dropout), nn.LayerNorm(hidden)
        )
        self.begin = nn.Linear(hidden, d * width)
        self.codes = CodeWeights(basis, width, d**-0.5)
        self.into = nn.Parameter(torch.randn(d, width, inner) * width**-0.5)
        self.bend = nn.Parameter(torch.zeros(d, 1, inner))
        self.back = nn.Parameter(torch.zeros(d, inner, width))
        self.scores = CodeWeights(basis, width, 0.02)
        self.bias = nn.Parameter(log_shares.clone())
        self.never: Tensor
        self.register_buffer("never", never * NEVER, persistent=False)

    def starts(self, latents: Tensor) -> Tensor:
        """(d, n, w) what the latents say to each field."""
        start = self.begin(self.context(latents))
        return start.view(len(latents), len(self.sizes), -1).transpose(0, 1)

    def layers(self, x: Tensor) -> Tensor:
        """(d, n, w) hidden vectors of all fields before their softmax."""
        x = functional.layer_norm(x, x.shape[-1:])
        inner = torch.baddbmm(self.bend, x, self.into).relu()
        if self.training:  # one mask for all fields: masks cost more than the products do
            inner = inner * functional.dropout(torch.ones_like(inner[0]), self.dropout)
        return torch.baddbmm(x, inner, self.back)

    def layer(self, x: Tensor, field: int) -> Tensor:
        """(n, w) the same for one field, where no gradient is kept: sums are taken in place."""
        x = functional.layer_norm(x, x.shape[-1:])
        inner = (x @ self.into[field]).add_(self.bend[field]).relu_()
        return x.addmm_(inner, self.back[field])

    def forward(self, latents: Tensor, codes: Tensor, places: Tensor) -> Tensor:
        """(n, d) log probability of each cell given the latents and the cells before it."""
        cells = functional.embedding(places, self.codes()).transpose(0, 1)
        before = torch.cumsum(cells, 0) - cells
        x = self.layers(self.starts(latents) + before)
        scores, bias = self.scores().split(self.sizes), (self.bias + self.never).split(self.sizes)
        parts = [
            -functional.cross_entropy(
                torch.addmm(bias[i], x[i], scores[i].T), codes[:, i], reduction="none"
            )
            for i in range(len(self.sizes))
        ]
        return torch.stack(parts, dim=1)

    def draw(
        self,
        latents: Tensor,
        uniforms: Tensor,
        codes: Tensor,
        known: Tensor | None = None,
        masks: Tensor | None = None,
        present: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Draws the cells that are not known, field by field.

        Args:
            latents: (n, k).
            uniforms: (n, d) in [0, 1); one per cell, through the inverse distribution function.
            codes: (n, d) codes of the known cells.
            known: (n, d) bool; none are, when left out.
            masks: (codes,) bool, the codes of missing cells.
            present: (n, d) bool, free cells that must not be missing.

        Returns:
            (n, d) codes; (n,) log probability of what is known of each row, as the draw went.
        """
        table, scores = self.codes().split(self.sizes), self.scores().split(self.sizes)
        bias = (self.bias + self.never).split(self.sizes)
        gone = None if masks is None else masks.split(self.sizes)
        starts = self.starts(latents)
        before = torch.zeros_like(starts[0])
        out, log = codes.clone(), torch.zeros(len(latents), device=latents.device)
        for i in range(len(self.sizes)):
            x = self.layer(starts[i] + before, i)
            odds = (x @ scores[i].T).add_(bias[i]).softmax(1)
            if present is not None and gone is not None and gone[i].any():
                kept = torch.where(present[:, i : i + 1] & gone[i], 0.0, odds)
                total = kept.sum(1, keepdim=True)
                log = log + torch.log(total[:, 0] + 1e-30)
                odds = torch.where(total > 0, kept, odds)
            drawn = inverse(odds, uniforms[:, i])
            if known is not None:
                said = odds.gather(1, out[:, i : i + 1])[:, 0]
                log = log + torch.where(known[:, i], torch.log(said + 1e-30), 0.0)
                drawn = torch.where(known[:, i], out[:, i], drawn)
            out[:, i] = drawn
            before += table[i][drawn]
        return out, log


class VAE(nn.Module):
    """Encoder, decoder and the prior between them.

    Args:
        encoder: posterior of the latents.
        decoder: likelihood of the codes.
        prior: density of the latents.
        offsets: (d,) place of each field's first code.
    """

    def __init__(self, encoder: Encoder, decoder: Decoder, prior: Mixture, offsets: Tensor) -> None:
        super().__init__()
        self.encoder, self.decoder, self.prior = encoder, decoder, prior
        self.offsets: Tensor
        self.register_buffer("offsets", offsets, persistent=False)

    def elbo(self, codes: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Reconstruction and KL terms of the evidence bound, and the posterior they are taken with.

        Args:
            codes: (n, d).
            noise: (n, k) standard normal.

        Returns:
            (n,) log likelihood of each row; (n,) estimate of the KL divergence from the prior, whose
            entropy part is exact; mean and log variance of the posterior.
        """
        places = codes + self.offsets
        mean, spread = self.encoder(places)
        latents = mean + (0.5 * spread).exp() * noise
        entropy = 0.5 * (spread + LOG_2_PI + 1.0).sum(1)
        said = self.decoder(latents, codes, places).sum(1)
        return said, -entropy - self.prior(latents), mean, spread


def gaussian_kl(mean: Tensor, spread: Tensor, other_mean: Tensor, other_spread: Tensor) -> Tensor:
    """(n,) KL divergence of diagonal Gaussians from others, of means and log variances (n, k)."""
    ratio = (spread - other_spread).exp() + (mean - other_mean).square() * (-other_spread).exp()
    return 0.5 * (ratio - 1.0 - spread + other_spread).sum(1)


def gaussian_log_prob(points: Tensor, mean: Tensor, spread: Tensor) -> Tensor:
    """Log density of diagonal Gaussians of a mean and log variance, summed over the last axis."""
    off = (points - mean).square() * (-spread).exp()
    return -0.5 * (off + spread + LOG_2_PI).sum(-1)


def inverse(odds: Tensor, uniforms: Tensor) -> Tensor:
    """(n,) code of each row by the inverse of its distribution function; never one without odds.

    Args:
        odds: (n, codes), not negative, with a positive sum.
        uniforms: (n,) in [0, 1].
    """
    ends = odds.cumsum(1, dtype=torch.float64 if odds.is_cuda else None)
    cut = uniforms[:, None] * (1.0 - 1e-6) * ends[:, -1:]  # below the last end, rounded or not
    return (ends <= cut).sum(1)
