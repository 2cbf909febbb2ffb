"""``Wholes``: the lattice points of a cell where whole numbers outweigh the decimals between them.

In a column of amounts of which a few have cents, every cent is a lattice point, and points of equal
weight would give nearly every decoded amount cents. So a whole number weighs as much as the
share of whole rows, and the points up to the next one share the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOSTLY = 0.5  # with fewer whole rows than this share, all points weigh the same


@dataclass(frozen=True)
class Wholes:
    """Weights of lattice points numbered from zero, so that the multiples of ``period`` are whole.

    Args:
        period: points from one whole number to the next, above 1.
        share: weight of a whole number, in (0, 1); with the points up to the next it weighs 1.
    """

    period: int
    share: float

    @classmethod
    def of(
        cls, values: np.ndarray, counts: np.ndarray, unit: int, origin: int, step: int
    ) -> Wholes | None:
        """The weights that distinct values and their rows show; None without wholes to prefer.

        Args:
            values: (m,) int64, those that do not have a cell of their own.
            counts: (m,) rows of each.
            unit: a whole number is a multiple of it.
            origin, step: a point of the lattice, and the distance to the next; 0 without a lattice.
        """
        if step == 0 or unit <= step or unit % step or origin % step or not len(values):
            return None
        period = unit // step
        rows, whole = float(counts.sum()), float(counts[values % unit == 0].sum())
        if whole < MOSTLY * rows:
            return None
        # as if one more row were spread evenly: no point weighs nothing
        return cls(period, (whole + 1 / period) / (rows + 1))

    def place(
        self, point: np.ndarray, first: np.ndarray, last: np.ndarray, inside: np.ndarray
    ) -> np.ndarray:
        """Where each point's stretch lies among those from ``first`` to ``last``, in (0, 1).

        ``inside`` (n,) in (0, 1) is the place within the stretch.
        """
        start = first - first % self.period  # small numbers keep their digits
        low, high = self._below(first - start), self._below(last + 1 - start)
        below, beyond = self._below(point - start), self._below(point + 1 - start)
        return (below + inside * (beyond - below) - low) / (high - low)

    def point(self, place: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Inverse of ``place``: the point whose stretch holds it."""
        start = first - first % self.period
        low, high = self._below(first - start), self._below(last + 1 - start)
        weight = low + place * (high - low)
        whole = np.floor(weight)
        beyond = (weight - whole - self.share) / self._lesser()
        between = np.where(beyond < 0, 0, 1 + np.minimum(np.floor(beyond), self.period - 2))
        found = start + whole.astype(np.int64) * self.period + between.astype(np.int64)
        return np.clip(found, first, last)

    def _lesser(self) -> float:
        """Weight of a point between two whole numbers."""
        return (1 - self.share) / (self.period - 1)

    def _below(self, point: np.ndarray) -> np.ndarray:
        """Weight of the points from 0 up to ``point``, which is not counted."""
        wholes = -(-point // self.period)
        return wholes * self.share + (point - wholes) * self._lesser()
