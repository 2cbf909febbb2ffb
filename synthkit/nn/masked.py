"""``MaskedNet``: the distribution of every field, given the visible ones of the others."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from synthkit.nn.conditionals import SCALE, Conditionals


class MaskedNet(Conditionals):
    """``Conditionals`` where a field's state is the vector of its code, or the field's when hidden.

    Args:
        sizes, basis, log_shares, width, head_width, dropout: see ``Conditionals``.
        orders: number of orders of the fields, drawn at random, along which rows are sampled.
    """

    def __init__(
        self,
        sizes: list[int],
        basis: Tensor,
        log_shares: Tensor,
        width: int,
        head_width: int,
        dropout: float,
        orders: int,
    ) -> None:
        super().__init__(sizes, basis, log_shares, width, head_width, dropout)
        self.hidden = nn.Parameter(torch.randn(len(sizes), width) * SCALE)
        self.orders: Tensor
        drawn = [torch.randperm(len(sizes)) for _ in range(orders)]
        self.register_buffer("orders", torch.stack(drawn))

    def states(self, codes: Tensor, hidden: Tensor) -> Tensor:
        """(d, n, width), for (n, d) int64 codes of which (n, d) bool are hidden."""
        visible = functional.embedding((codes + self.offsets).T, self.codes_in())
        return torch.where(hidden.T[:, :, None], self.hidden[:, None], visible)

    def has_orders(self) -> bool:
        """Whether each of the (k, d) orders names every field once, as stored ones may not."""
        fields = torch.arange(self.orders.shape[1], device=self.orders.device)
        return bool((self.orders.sort(1).values == fields).all())
