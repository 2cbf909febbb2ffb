"""``MaskedNet``: the distribution of every hidden field, given any set of visible ones."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from synthkit.nn.blocks import CodeWeights, ResidualBlock, one_hot
from synthkit.nn.likelihood import weighted_nll

SCALE = 0.05  # standard deviation of the first layer's weights at the start


class MaskedNet(nn.Module):
    """A sum of vectors, residual blocks, and a small network per field that ends in its logits.

    Every visible code and every hidden field adds a vector to the sum: sampling adds one code after
    the other instead of starting anew. The blocks are shared. What is asked of one field differs
    from what is asked of another, so that each has hidden units of its own; in sampling only those
    of one field are worked out at a time.

    Args:
        sizes: codes of each field.
        basis: (codes, k), see ``Codes.basis``.
        log_shares: (codes,) what the logits are at the start.
        width: of the sum and the blocks.
        depth: number of blocks.
        head_width: hidden units of each field.
        dropout: inside the blocks.
    """

    def __init__(
        self,
        sizes: list[int],
        basis: Tensor,
        log_shares: Tensor,
        width: int,
        depth: int,
        head_width: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.sizes, self.head_width = sizes, head_width
        offsets = torch.tensor([0, *sizes[:-1]]).cumsum(0)
        member = torch.zeros(sum(sizes), len(sizes))
        member[
            torch.arange(sum(sizes)),
            torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes)),
        ] = 1.0
        self.offsets: Tensor
        self.member: Tensor
        self.register_buffer("offsets", offsets, persistent=False)
        self.register_buffer("member", member, persistent=False)
        self.codes_in = CodeWeights(basis, width, SCALE)
        self.hidden = nn.Parameter(torch.randn(len(sizes), width) * SCALE)
        self.blocks = nn.ModuleList([ResidualBlock(width, dropout) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)
        self.heads = nn.Linear(width, len(sizes) * head_width)
        nn.init.normal_(self.heads.weight, std=width**-0.5)
        nn.init.zeros_(self.heads.bias)
        self.codes_out = CodeWeights(basis, head_width, 0.0)
        self.bias = nn.Parameter(log_shares.clone())

    def forward(self, codes: Tensor, hidden: Tensor) -> Tensor:
        """(n, codes) logits, for (n, fields) int64 codes of which (n, fields) bool are hidden."""
        units = functional.relu(self.heads(self.body(self.start(codes, hidden))))
        parts = zip(
            units.split(self.head_width, dim=1),
            self.codes_out().split(self.sizes),
            self.bias.split(self.sizes),
            strict=True,
        )
        return torch.cat([torch.addmm(bias, own, out.T) for own, out, bias in parts], dim=1)

    def nll(self, codes: Tensor, hidden: Tensor, weight: Tensor) -> Tensor:
        """Sum over rows and fields of weight times the negative log-likelihood; see ``forward``."""
        logits = self(codes, hidden).float()
        return weighted_nll(logits, codes + self.offsets, weight, self.member)

    def start(self, codes: Tensor, hidden: Tensor) -> Tensor:
        """(n, width) the sum of vectors."""
        visible = one_hot(codes, self.offsets, len(self.bias), ~hidden)
        return visible @ self.codes_in() + hidden.to(visible.dtype) @ self.hidden

    def body(self, x: Tensor) -> Tensor:
        """(n, width) after the blocks."""
        for block in self.blocks:
            x = block(x)
        normed: Tensor = self.norm(x)
        return normed


class Asking:
    """A ``MaskedNet`` asked for one field at a time; its weights are put together only once."""

    def __init__(self, net: MaskedNet) -> None:
        self.net = net
        self.codes_in = net.codes_in().split(net.sizes)
        self.codes_out = net.codes_out().split(net.sizes)
        self.bias = net.bias.split(net.sizes)
        self.heads = list(
            zip(
                net.heads.weight.split(net.head_width),
                net.heads.bias.split(net.head_width),
                strict=True,
            )
        )

    def logits(self, x: Tensor, field: int) -> Tensor:
        """(n, size) of a field, for the sums (n, width)."""
        weight, bias = self.heads[field]
        units = functional.relu(functional.linear(self.net.body(x), weight, bias))
        return torch.addmm(self.bias[field], units, self.codes_out[field].T)

    def reveal(self, x: Tensor, field: int, codes: Tensor) -> Tensor:
        """The sums (n, width) once a field that was hidden shows its codes (n,)."""
        return x + functional.embedding(codes, self.codes_in[field] - self.net.hidden[field])
