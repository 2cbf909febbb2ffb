"""Parts that several networks share: residual blocks, codes in and codes out.

Shapes: ``(n, width)`` for hidden vectors, ``(n, codes)`` for vectors over all codes of all fields.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class ResidualBlock(nn.Module):
    """``x + W2 dropout(relu(W1 norm(x)))``, which at the start is the identity.

    Args:
        width: of the hidden vectors.
        dropout: share of the inner units that are dropped.
        expansion: inner units per unit.
    """

    def __init__(self, width: int, dropout: float = 0.0, expansion: float = 2.0) -> None:
        super().__init__()
        inner = int(width * expansion)
        self.norm = nn.LayerNorm(width)
        self.into = nn.Linear(width, inner)
        self.out = nn.Linear(inner, width)
        self.dropout = dropout
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor) -> Tensor:
        inner = functional.relu(self.into(self.norm(x)))
        return x + self.out(dropped(inner, self.dropout) if self.training else inner)


def dropped(x: Tensor, share: float) -> Tensor:
    """Dropout to the nearest 256th, of eight units per random number: these are dear on a CPU."""
    limit = round(share * 256)
    if not limit:
        return x
    words = torch.empty((x.numel() + 7) // 8, dtype=torch.int64, device=x.device)
    draws = words.random_(-(2**63), None).view(torch.uint8)[: x.numel()]
    return x * (draws >= limit).view_as(x) * (256 / (256 - limit))


class CodeWeights(nn.Module):
    """A weight vector per code; those of ordered codes share waves over their order.

    ``free + basis @ waves``: what is learned of one bin is learned of its neighbours as well.

    Args:
        basis: (codes, k), see ``Codes.basis``.
        width: of each vector.
        scale: standard deviation of the free part at the start.
    """

    def __init__(self, basis: Tensor, width: int, scale: float) -> None:
        super().__init__()
        self.basis: Tensor
        self.register_buffer("basis", basis, persistent=False)
        self.free = nn.Parameter(torch.randn(len(basis), width) * scale)
        self.waves = nn.Parameter(torch.randn(basis.shape[1], width) * scale)

    def forward(self) -> Tensor:
        return torch.addmm(self.free, self.basis, self.waves)


def member_matrix(sizes: list[int]) -> Tensor:
    """(codes, fields) float32, 1 where a code is one of a field's, for so many codes per field."""
    return torch.eye(len(sizes)).repeat_interleave(torch.tensor(sizes), dim=0)
