"""The groups that bias checks compare, and how they are named.

Groups are the categories of a sensitive column; a sensitive number (age) is cut at the quartiles of
the training rows, unless it has two values there (0 and 1), which are two categories; missing cells
are a group. A category is told by name only if the synthetic rows
show it: at least ``MIN_GROUP_ROWS`` rows there and in the training rows. All others count together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from synthkit.schema import Column
from synthkit.typed import to_numbers

MIN_GROUP_ROWS = 20
QUARTERS = ("lowest quarter", "second quarter", "third quarter", "highest quarter")


@dataclass(frozen=True)
class Groups:
    """The groups of one sensitive column.

    Args:
        column: the column.
        known: categories with a group of their own; empty for a number.
        edges: upper ends of the first three quarters of a number; None for categories.
    """

    column: Column
    known: pd.Index
    edges: np.ndarray | None

    @classmethod
    def of(cls, column: Column, train: pd.DataFrame, synthetic: pd.DataFrame) -> Groups:
        """Finds the groups that are large enough in both tables."""
        if column.is_numeric and train[column.name].nunique() > 2:
            numbers = to_numbers(train[column.name])
            numbers = numbers[~np.isnan(numbers)]
            edges = np.quantile(numbers, [0.25, 0.5, 0.75], method="lower")
            return cls(column, pd.Index([], dtype=object), np.unique(edges))
        counts = [frame[column.name].astype(object).value_counts() for frame in (train, synthetic)]
        shown = [set(count.index[count >= MIN_GROUP_ROWS]) for count in counts]
        known = [value for value in counts[0].index if value in shown[0] & shown[1]]
        return cls(column, pd.Index(known, dtype=object), None)

    @property
    def names(self) -> list[str]:
        """Group names in code order: the groups, then all others, then missing."""
        if self.edges is not None:
            return [*QUARTERS, "other", "missing"]
        return [*map(self.column.label, self.known), "other", "missing"]

    def codes(self, frame: pd.DataFrame) -> np.ndarray:
        """(n,) int64 group of each row."""
        values = frame[self.column.name]
        if self.edges is not None:
            codes = np.searchsorted(self.edges, to_numbers(values), side="left")
        else:
            codes = self.known.get_indexer(values.astype(object))
            codes = np.where(codes < 0, len(self.known), codes)
        return np.where(values.isna().to_numpy(), len(self.names) - 1, codes)

    def counts(self, frame: pd.DataFrame) -> np.ndarray:
        """(groups,) rows of each group."""
        return np.bincount(self.codes(frame), minlength=len(self.names))
