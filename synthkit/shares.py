"""``Shares``: how many rows each value of a column shall have, exactly.

    shares = Shares.of("income", cells, {1: 0.5}, None, frequencies)
    shares.counts(1000)                     # array([500, 500])

A missing cell is one more value: it may be named, and it shares in what is left where others are. Even
shares are over the categories; missing cells keep the share that the model gives them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from synthkit.balance import ROUNDING
from synthkit.errors import SchemaError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Shares:
    """The values of a column and their shares.

    Args:
        column: its name.
        cells: (k,) typed cells, one for each value; a missing one, if any, is the last.
        weights: (k,) shares, which add up to 1.
        even: whether all categories have the same.
    """

    column: str
    cells: pd.Series
    weights: np.ndarray
    even: bool

    @classmethod
    def of(
        cls,
        column: str,
        cells: pd.Series,
        named: Mapping[int, float] | None,
        frequencies: np.ndarray,
    ) -> Shares:
        """The shares of all values.

        Args:
            column: its name.
            cells: see the class.
            named: share of each named value, by its place; None for even shares.
            frequencies: (k,) how often the model makes each value: values that are not named share
                what is left in proportion to it.

        Raises:
            SchemaError: nothing takes what the named values leave.
        """
        if named is None:
            missing = cells.isna().to_numpy(bool)
            kept = frequencies[missing].sum() / max(frequencies.sum(), 1)
            weights = np.where(missing, kept, (1 - kept) / max((~missing).sum(), 1))
            return cls(column, cells, weights / weights.sum(), True)
        weights, others = np.zeros(len(cells)), np.array(frequencies, float)
        for place, share in named.items():
            weights[place], others[place] = share, 0.0
        left = 1.0 - weights.sum()
        if left > ROUNDING and not others.any():
            raise SchemaError(
                f"has shares that add up to {weights.sum():g}, and the model makes no other value",
                expected="shares that add up to 1",
            )
        if left > ROUNDING:
            weights += left * others / others.sum()
        return cls(column, cells, weights / weights.sum(), False)

    def counts(self, n: int) -> np.ndarray:
        """(k,) int64 rows of each value among n, by the method of the largest remainder."""
        quotas = self.weights * n
        counts = np.floor(quotas + ROUNDING).astype(np.int64)
        remainders = np.round(quotas - counts, 9)
        counts[np.argsort(-remainders, kind="stable")[: n - counts.sum()]] += 1
        return counts

    @property
    def facts(self) -> dict[str, Any]:
        """What manifest and report say of it; no value of the data."""
        return {
            "column": self.column,
            "categories": int(self.cells.notna().sum()),
            "shares": "even" if self.even else "as the recipe names them",
        }
