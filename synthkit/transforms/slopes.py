"""``Slopes``: how dense a column is inside its pieces and in the holes between them.

A piece of few rows has a slope, its share of the rows over its length, that is off by one part in two
by chance alone, and pieces do not always meet. Neither matters to rows that are drawn; a density that
shall tell odd rows from usual ones needs the slope of a neighbourhood, and no holes in its middle.

* The slope of a piece is the geometric mean of those around it, of as many on either side, up to
  ``AROUND``; no mean goes past an atom. Each run keeps its share of the rows.
* A hole between a piece and its neighbour has the slope of the nearer piece, thinned by the part
  that the piece has of both lengths together. A hole between two atoms stays empty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

AROUND = 5  # the mean of 11 pieces of 5 rows is off by one part in seven


@dataclass(frozen=True)
class Slopes:
    """Of the cells of ``Ranks``.

    Args:
        low, high: (cells,) their ends.
        mass: (cells,) their shares of the rows; above 0.
        step: distance of lattice points; 0 for float64 numbers.
    """

    low: np.ndarray
    high: np.ndarray
    mass: np.ndarray
    step: int

    @property
    def pieces(self) -> np.ndarray:
        """(cells,) bool, those that are no atoms."""
        return self.low < self.high

    def log_smoothing(self) -> np.ndarray:
        """(cells,) log of the smoothed slope over a cell's own; 0 for an atom."""
        result = np.zeros(len(self.low))
        pieces = np.flatnonzero(self.pieces)
        if not len(pieces):
            return result
        length = self._lengths()
        for run in np.split(pieces, np.flatnonzero(np.diff(pieces) > 1) + 1):
            own = np.log(self.mass[run]) - np.log(length[run])
            place = np.arange(len(run))
            reach = np.minimum(np.minimum(place, place[::-1]), AROUND)
            sums = np.concatenate([[0.0], np.cumsum(own)])
            smooth = (sums[place + reach + 1] - sums[place - reach]) / (2 * reach + 1)
            change = smooth - own
            total = self.mass[run].sum()
            result[run] = change - np.log((self.mass[run] * np.exp(change)).sum() / total)
        return result

    def filled(
        self, numbers: np.ndarray, cell: np.ndarray, inside: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The numbers with those in holes beside a piece moved to the end of the piece.

        Args:
            numbers: (n,).
            cell: (n,) the nearest cell of each.
            inside: (n,) bool, whether it is in the cell.

        Returns:
            Numbers, cells and ``inside`` after the move, and (n,) log of the thinning.
        """
        numbers, cell, inside = numbers.copy(), cell.copy(), inside.copy()
        thinning = np.zeros(len(numbers))
        rows = np.flatnonzero(~inside & (numbers > self.low[0]) & (numbers < self.high[-1]))
        right = np.searchsorted(self.high, numbers[rows], side="left")
        pieces = self.pieces
        chosen = np.where(pieces[cell[rows]], cell[rows], 2 * right - 1 - cell[rows])
        beside = pieces[chosen]
        rows, right, chosen = rows[beside], right[beside], chosen[beside]
        hole = self.low[right] / 4.0 - self.high[right - 1] / 4.0  # in quarters: no overflow
        length = self._lengths()[chosen]
        thinning[rows] = np.log(length) - np.log(length + hole)
        numbers[rows] = np.clip(numbers[rows], self.low[chosen], self.high[chosen])
        cell[rows], inside[rows] = chosen, True
        return numbers, cell, inside, thinning

    def _lengths(self) -> np.ndarray:
        """(cells,) in quarters."""
        return self.high / 4.0 - self.low / 4.0 + self.step / 4.0
