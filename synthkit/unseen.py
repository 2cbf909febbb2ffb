"""``Unseen``: rows that no training step sees, and what a network makes of them.

    unseen = Unseen(rows[:held_out(len(rows), share)], seed)
    unseen.value(criterion, module)                 # mean over the rows
    unseen.prefers(criterion, first, second)        # whether the difference is more than noise

All random draws are the same every time, so that two networks differ by what they have learned.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Criterion = Callable[[nn.Module, Tensor], Tensor]

LEAST_ROWS, MOST_ROWS = 100, 10_000
MOST_SHARE = 0.2  # of a table so small that its share were too few rows to judge by
PARTS = 10  # judged one by one, so that their differences tell how large the noise is
MOST_PART_ROWS, MOST_PART_CELLS = 2048, 2**17  # at a time
STANDARD_ERRORS = 3.0


@dataclass(frozen=True)
class Unseen:
    """Held-out rows.

    Args:
        rows: (n, …); none are allowed.
        seed: sets torch's random state to where it was the last time.
    """

    rows: Tensor
    seed: Callable[[], None]

    def value(self, criterion: Criterion, module: nn.Module) -> float:
        """Mean of the criterion over the rows, in parts that fit into memory."""
        return float(self._values(criterion, module, self._parts()).mean())

    def prefers(self, criterion: Criterion, first: nn.Module, second: nn.Module) -> bool:
        """Whether the first is better by more than ``STANDARD_ERRORS`` of the difference."""
        if len(self.rows) < PARTS:
            return False
        parts = max(PARTS, self._parts())
        gains = self._values(criterion, second, parts) - self._values(criterion, first, parts)
        return bool(gains.mean() > STANDARD_ERRORS * gains.std() / math.sqrt(parts))

    def _parts(self) -> int:
        """Number of parts that fit into memory."""
        cells = math.prod(self.rows.shape[1:])
        rows = max(min(MOST_PART_ROWS, MOST_PART_CELLS // max(cells, 1)), 1)
        return math.ceil(len(self.rows) / rows)

    def _values(self, criterion: Criterion, module: nn.Module, parts: int) -> Tensor:
        """(parts,) float64 criterion of each part of the rows, all of about the same size."""
        self.seed()
        with torch.no_grad():
            values = [criterion(module, part) for part in self.rows.tensor_split(parts)]
        return torch.stack(values).double()


def held_out(rows: int, share: float) -> int:
    """How many of so many rows are held out: a share, but in a small table enough to judge by."""
    enough = min(LEAST_ROWS, round(MOST_SHARE * rows)) if share else 0
    return min(max(round(rows * share), enough), MOST_ROWS)
