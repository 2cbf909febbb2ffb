"""``MaskedNet``: the distribution of every field, given the visible ones of the others."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from synthkit.nn.conditionals import SCALE, Conditionals


class MaskedNet(Conditionals):
    """``Conditionals`` where a field's state is the vector of its code, or the field's when hidden.

    Args: see ``Conditionals``.
    """

    def __init__(
        self,
        sizes: list[int],
        basis: Tensor,
        log_shares: Tensor,
        width: int,
        head_width: int,
        dropout: float,
    ) -> None:
        super().__init__(sizes, basis, log_shares, width, head_width, dropout)
        self.hidden = nn.Parameter(torch.randn(len(sizes), width) * SCALE)

    def states(self, codes: Tensor, hidden: Tensor) -> Tensor:
        """(d, n, width), for (n, d) int64 codes of which (n, d) bool are hidden."""
        visible = functional.embedding((codes + self.offsets).T, self.codes_in())
        return torch.where(hidden.T[:, :, None], self.hidden[:, None], visible)
