"""``Cells``: how many rows of each table fall into each category or bin of one column.

Everything that a report draws of a distribution passes through here, so the rules of what is shown of
real people live in one place: a real count below ``SMALL`` is drawn as zero, and shares of real rows have
three digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synthkit.results import rounded

TABLES = ("real", "holdout", "synthetic")
SMALL = 5  # the usual least cell count of official statistics


def drawn(share: float, table: str) -> float:
    """A share with three digits; of the synthetic rows, which are there to be counted, with six decimals."""
    return round(share, 6) if table == "synthetic" else float(rounded(share))


@dataclass(frozen=True)
class Cells:
    """Counts per table and cell.

    Args:
        counts: rows of the table in each cell, ``(n_cells,)``; rows in no cell are missing ones.
        rows: rows of the table, missing ones included.
    """

    counts: Mapping[str, np.ndarray]
    rows: Mapping[str, int]

    @classmethod
    def count(cls, codes: Mapping[str, np.ndarray], n_cells: int, rows: Mapping[str, int]) -> Cells:
        """Counts cell numbers ``0 .. n_cells - 1`` per table, one code per present value."""
        return cls({t: np.bincount(c, minlength=n_cells) for t, c in codes.items()}, rows)

    def shares(self) -> dict[str, list[float] | None]:
        """Share of the table's rows in each cell, in [0, 1]; None for a table that is not there.

        Real and holdout cells of fewer than ``SMALL`` rows are 0.
        """
        return {table: self._shares(table) if table in self.counts else None for table in TABLES}

    def _shares(self, table: str) -> list[float]:
        counts = self.counts[table]
        if table != "synthetic":
            counts = np.where(counts < SMALL, 0, counts)
        return [drawn(float(share), table) for share in counts / max(self.rows[table], 1)]

    def gap(self, table: str) -> float | None:
        """Total variation between the real rows and another table's, in [0, 1].

        Half the summed difference of the shares, missing cells counted as one more cell; taken
        from the exact counts. None if either table has no rows.
        """
        if not self.rows["real"] or not self.rows.get(table):
            return None
        real, other = (self._complete(name) for name in ("real", table))
        return float(rounded(float(np.abs(real - other).sum()) / 2))

    def _complete(self, table: str) -> np.ndarray:
        shares = self.counts[table] / self.rows[table]
        return np.append(shares, 1 - shares.sum())
