"""Networks and losses of ``gan``: a generator of codes, and a critic that sees a row in its group.

Both see a *condition*: one code of one field, which the generated row and the real row it is compared
with have in common. Given noise and condition, the generator draws every field by itself from a
softmax over its codes; what fields have to do with each other comes from the noise.

    logits = generator(noise, condition)              # (n, codes)
    codes, noisy = drawn(logits, sizes)               # and one-hots with a softmax's gradient
    score = critic(critic.embedded(codes), condition) # (n,), higher is more real
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from synthkit.nn.blocks import CodeWeights, ResidualBlock

FORCED = 1e4  # added to a condition's logit: no other code of its field has a chance
NEVER = -1e9  # the logit of a code that no row has


class GeneratorNet(nn.Module):
    """Noise and a condition to logits of all codes.

    Args:
        basis: (codes, k), see ``Codes.basis``.
        log_shares: (codes,) log share of each code in its field; logits start there, and
            conditions are drawn by them.
        impossible: (codes,) bool, codes that no row has.
        noise: numbers of noise per row.
        width: of the hidden vectors.
        depth: residual blocks.
    """

    def __init__(
        self,
        basis: Tensor,
        log_shares: Tensor,
        impossible: Tensor,
        noise: int,
        width: int,
        depth: int,
    ) -> None:
        super().__init__()
        self.noise = noise
        self.shares: Tensor
        self.impossible: Tensor
        self.register_buffer("shares", log_shares.exp().masked_fill(impossible, 0.0))
        self.register_buffer("impossible", impossible, persistent=False)
        self.into = nn.Linear(noise, width)
        self.condition = CodeWeights(basis, width, 0.5)
        self.blocks = nn.Sequential(*(ResidualBlock(width) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        self.codes_out = CodeWeights(basis, width, 0.5 * width**-0.5)
        self.bias = nn.Parameter(log_shares.clone())

    def forward(self, noise: Tensor, condition: Tensor) -> Tensor:
        """(n, codes) logits.

        Args:
            noise: (n, noise) standard normal.
            condition: (n,) int64, places of codes among all codes; each is certain to be drawn.
        """
        hidden = self.into(noise) + functional.embedding(condition, self.condition())
        hidden = self.norm(self.blocks(hidden))
        logits = torch.addmm(self.bias, hidden, self.codes_out().T)
        logits = logits.masked_fill(self.impossible, NEVER)
        forced = torch.full_like(condition, 1, dtype=logits.dtype)[:, None] * FORCED
        return logits.scatter_add(1, condition[:, None], forced)


class CriticNet(nn.Module):
    """How real a row looks to it, beside the mean of a group of rows.

    A row alone does not show that a generator makes too few kinds of rows; a group does.

    NOTE[DIFF]: PacGAN (Lin et al. 2018) gives one score to several rows side by side. Here each row
    of a group has a score of its own, and sees the others as their mean: on Adult that lessened the
    error of three fields together by a quarter, where packing added to it.

    Args:
        basis: (codes, k), see ``Codes.basis``.
        fields: of a row.
        width: of the hidden vectors.
        depth: residual blocks.
        group: rows of a group; 1 leaves means out.
    """

    def __init__(self, basis: Tensor, fields: int, width: int, depth: int, group: int) -> None:
        super().__init__()
        self.group = group
        self.codes_in = CodeWeights(basis, width, fields**-0.5)
        self.condition = CodeWeights(basis, width, fields**-0.5)
        self.mean = nn.Linear(width, width)
        self.blocks = nn.ModuleList(CriticBlock(width) for _ in range(depth))
        self.out = nn.Linear(width, 1)

    def embedded(self, places: Tensor) -> Tensor:
        """(n, width) sum of the vectors of a row's codes.

        Args:
            places: (n, fields) int64, places of codes among all codes.
        """
        return functional.embedding_bag(places, self.codes_in(), mode="sum")

    def forward(self, embedded: Tensor, condition: Tensor) -> Tensor:
        """(n,) scores of embedded rows, n a multiple of the group."""
        x = functional.leaky_relu(embedded + functional.embedding(condition, self.condition()), 0.2)
        if self.group > 1:
            means = x.view(-1, self.group, x.shape[1]).mean(1)
            x = x + self.mean(means).repeat_interleave(self.group, dim=0)
        for block in self.blocks:
            x = block(x)
        score: Tensor = self.out(x)[:, 0]
        return score

    def steepness(self, scores: Tensor, embedded: Tensor) -> Tensor:
        """(n,) squared norm of the scores' gradient over one-hot codes, differentiable.

        The gradient over one-hots is that over the embedded rows times the codes' vectors, so its
        norm follows from the vectors' products with each other: no vector over all codes is made.
        """
        (slope,) = torch.autograd.grad(scores.sum(), embedded, create_graph=True)
        vectors = self.codes_in()
        return ((slope @ (vectors.T @ vectors)) * slope).sum(1)


class CriticBlock(nn.Module):
    """``x + W2 lrelu(W1 lrelu(x))``, without a norm, as gradients over rows are penalised."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.into = nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor) -> Tensor:
        inner = functional.leaky_relu(self.into(functional.leaky_relu(x, 0.2)), 0.2)
        out: Tensor = x + self.out(inner)
        return out


def pairing_loss(wanted: Tensor, other: Tensor) -> Tensor:
    """Mean ``log(1 + exp(other - wanted))`` of pairs of scores: ``wanted`` shall be the higher.

    The critic wants real rows to be, the generator its own. Each row is judged against another one,
    so no kind of row can be left out at no cost: Jolicoeur-Martineau 2018; with penalties on both
    sides Huang, Gokaslan, Kuleshov, Tompkin 2024, "The GAN is dead; long live the GAN!" (R3GAN).
    """
    return functional.softplus(other - wanted).mean()


def drawn(logits: Tensor, sizes: list[int]) -> tuple[Tensor, list[Tensor]]:
    """Codes of each field, drawn from its softmax (Gumbel-max).

    Returns:
        (n, fields) int64, and the perturbed logits by field.
    """
    # by hand, as torch draws exponential numbers six times as slowly as even ones
    even = torch.rand(logits.shape, device=logits.device)
    noisy = logits - even.log_().neg_().log_()
    parts = list(noisy.split(sizes, dim=1))
    return torch.stack([part.argmax(1) for part in parts], dim=1), parts


def straight_through(codes: Tensor, noisy: list[Tensor], temperature: float) -> Tensor:
    """(n, codes) one-hots of drawn codes, with the gradient of a softmax over what they were drawn by.

    Jang, Gu, Poole 2017, "Categorical reparameterization with Gumbel-softmax".
    """
    soft = torch.cat([functional.softmax(part / temperature, dim=1) for part in noisy], dim=1)
    hard = torch.zeros_like(soft)
    offsets = torch.tensor([0, *(part.shape[1] for part in noisy[:-1])]).cumsum(0)
    hard.scatter_(1, codes + offsets.to(codes.device), 1.0)
    return hard + soft - soft.detach()
