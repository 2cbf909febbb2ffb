"""``Mixture``: Gaussians with full covariances, trained as a part of a network or refitted by EM.

Each component has an upper triangular factor F of its precision, ``F F^T``, so that its log density
is one product with F and the logs of F's diagonal.

Shapes: ``(n, k)`` for points of k dimensions; c components.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

LEAST_VARIANCE = 1e-3  # added to every variance that EM finds: no component shrinks to a point
LEANING = 0.1  # towards the covariance of all points, of a component without any
FEWEST = 1e-3  # points, added to each component's: one without any stays where it is
BLOCK_CELLS = 2**25  # numbers that a block of points may take in a round of EM


class Mixture(nn.Module):
    """A density over k dimensions.

    Args:
        components: number of Gaussians.
        dimensions: k.
    """

    def __init__(self, components: int, dimensions: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(components))
        self.mean = nn.Parameter(torch.randn(components, dimensions))
        self.scale = nn.Parameter(torch.zeros(components, dimensions))  # log diagonal of F
        self.skew = nn.Parameter(torch.zeros(components, dimensions, dimensions))  # F above it

    def factors(self) -> Tensor:
        """(c, k, k) F of every component."""
        return self.skew.triu(1) + torch.diag_embed(self.scale.exp())

    def joint(self, points: Tensor) -> Tensor:
        """(n, c) log of weight times density of each component."""
        factors = self.factors()
        c, k = self.mean.shape
        flat = factors.transpose(0, 1).reshape(k, c * k)
        centre = torch.einsum("ck,ckj->cj", self.mean, factors)
        off = (points @ flat).view(-1, c, k) - centre
        constant = self.scale.sum(1) - 0.5 * k * math.log(2 * math.pi)
        return self.weight.log_softmax(0) + constant - 0.5 * off.square().sum(2)

    def forward(self, points: Tensor) -> Tensor:
        """(n,) log density."""
        return self.joint(points).logsumexp(1)

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """(n, k) independent draws."""
        place = self.mean.device
        weights = self.weight.softmax(0)
        which = torch.multinomial(weights, n, replacement=True, generator=generator)
        noise = torch.randn(n, self.mean.shape[1], generator=generator, device=place)
        # covariance (F F^T)^-1: x solves F^T x = noise
        roots = torch.linalg.inv(self.factors()).transpose(1, 2)
        out = torch.empty_like(noise)
        order = which.argsort(stable=True)
        start = 0
        for i, count in enumerate(torch.bincount(which, minlength=len(weights)).tolist()):
            rows = order[start : start + count]
            out[rows] = self.mean[i] + noise[rows] @ roots[i].T
            start += count
        return out

    @torch.no_grad()
    def update(self, points: Tensor) -> None:
        """One round of EM on (n, k) points, from where the mixture is."""
        c, k = self.mean.shape
        unit = torch.eye(k, device=points.device)
        total, first = self.weight.new_full((c,), FEWEST), FEWEST * self.mean
        second = FEWEST * (unit + self.mean[:, :, None] * self.mean[:, None, :]).flatten(1)
        for part in points.split(max(BLOCK_CELLS // (k * max(c, k)), 1)):
            share = self.joint(part).softmax(1)
            total = total + share.sum(0)
            first = first + share.T @ part
            squares = (part[:, :, None] * part[:, None, :]).flatten(1)
            second = second + share.T @ squares
        mean = first / total[:, None]
        spread = second.view(c, k, k) / total[:, None, None] - mean[:, :, None] * mean[:, None, :]
        # components of few points lean on the covariance of all
        pull = LEANING * k / (total + k)
        common = torch.cov(points.T).view(1, k, k)
        spread = torch.lerp(spread, common, pull[:, None, None]) + LEAST_VARIANCE * unit
        failed = torch.linalg.cholesky_ex(spread).info > 0  # rounded to no covariance, far from 0
        spread = torch.where(failed[:, None, None], common + LEAST_VARIANCE * unit, spread)
        self._set(total / total.sum(), mean, spread)

    def _set(self, weights: Tensor, means: Tensor, covariances: Tensor) -> None:
        lower = torch.linalg.cholesky(covariances)
        unit = torch.eye(covariances.shape[1], device=covariances.device).expand_as(lower)
        factors = torch.linalg.solve_triangular(lower, unit, upper=False).transpose(1, 2)
        self.weight.copy_(weights.log())
        self.mean.copy_(means)
        self.scale.copy_(factors.diagonal(dim1=1, dim2=2).log())
        self.skew.copy_(factors.triu(1))
