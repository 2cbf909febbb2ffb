"""What is known of an image, as one vector: its label and attributes, or nothing."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Condition(nn.Module):
    """The sum of a vector per code, of codes of several fields.

    Args:
        sizes: codes of each field; none for images of which nothing is known.
        width: of the vector.
        scale: standard deviation of its entries at the start.
    """

    def __init__(self, sizes: list[int], width: int, scale: float = 1.0) -> None:
        super().__init__()
        self.offsets: Tensor
        offsets = torch.tensor([0, *sizes]).cumsum(0)[: len(sizes)]
        self.register_buffer("offsets", offsets, persistent=False)
        self.vectors = nn.Parameter(
            torch.randn(sum(sizes), width) * scale * max(len(sizes), 1) ** -0.5
        )
        self.unknown = nn.Parameter(torch.zeros(width))

    def forward(self, codes: Tensor, known: Tensor | None = None) -> Tensor:
        """(n, width) of (n, fields) int64 codes; of those rows that are (n,) bool known."""
        said = self.vectors[codes + self.offsets].sum(1) + self.unknown
        return said if known is None else torch.where(known[:, None], said, self.unknown)
