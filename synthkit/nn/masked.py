"""``MaskedNet``: ``Conditionals`` along whose orders rows are sampled, hidden fields made visible one by one."""

from __future__ import annotations

import torch
from torch import Tensor

from synthkit.nn.conditionals import Conditionals


class MaskedNet(Conditionals):
    """The network of ``transformer``.

    Args:
        sizes, basis, log_shares, width, head_width, dropout: see ``Conditionals``.
        orders: number of orders of the fields, drawn at random.

    Attributes:
        orders: (orders, d) int64.
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
        self.orders: Tensor
        drawn = [torch.randperm(len(sizes)) for _ in range(orders)]
        self.register_buffer("orders", torch.stack(drawn))

    def has_orders(self) -> bool:
        """Whether each of the orders names every field once, as stored ones may not."""
        fields = torch.arange(self.orders.shape[1], device=self.orders.device)
        return bool((self.orders.sort(1).values == fields).all())
