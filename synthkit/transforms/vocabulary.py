"""``Vocabulary``: the distinct cells of a typed column of any kind, and their positions.

vocabulary, codes = Vocabulary.of(cells, column)    # -1 where missing
vocabulary.codes(other_cells)                       # numbers: the nearest; others: -1 if unknown
vocabulary.cells(codes)                             # the typed column again
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from synthkit.generators.base import State
from synthkit.schema import Column
from synthkit.transforms.axis import Axis
from synthkit.transforms.base import typed_dtype
from synthkit.transforms.values import factorize, pack, unpack


@dataclass(frozen=True)
class Vocabulary:
    """Distinct cells.

    Args:
        column: theirs.
        axis: how an ordered column reads as numbers; None for other kinds.
        values: sorted numbers of an ordered column, else a list of cells.
    """

    column: Column
    axis: Axis | None
    values: Any

    @classmethod
    def of(cls, cells: pd.Series, column: Column) -> tuple[Vocabulary, np.ndarray]:
        """The vocabulary of these cells, and their codes."""
        if not column.is_numeric:
            codes, values = factorize(cells, column)
            return cls(column, None, values), codes
        axis = Axis.of(column, cells)
        numbers, missing = axis.numbers(cells)
        grid = np.unique(numbers[~missing])
        return cls(column, axis, grid), np.where(missing, -1, np.searchsorted(grid, numbers))

    def codes(self, cells: pd.Series) -> np.ndarray:
        """(n,) positions; -1 where a cell is missing, or is no number and not in the vocabulary."""
        if self.axis is None:
            codes, values = factorize(cells, self.column)
            known = {value: code for code, value in enumerate(self.values)}
            return np.array([known.get(value, -1) for value in values] + [-1])[codes]
        numbers, missing = self.axis.numbers(cells)
        if not len(self.values):
            return np.full(len(cells), -1)
        right = np.clip(np.searchsorted(self.values, numbers), 1, max(len(self.values) - 1, 1))
        right = np.minimum(right, len(self.values) - 1)
        left = np.maximum(right - 1, 0)
        nearer_left = numbers - self.values[left] <= self.values[right] - numbers
        return np.where(missing, -1, np.where(nearer_left, left, right))

    def cells(self, codes: np.ndarray) -> pd.Series:
        """The typed column of these codes; missing for -1."""
        if self.axis is not None:
            values = np.append(self.values, np.zeros(1, self.values.dtype))
            return self.axis.cells(values[codes], codes < 0)
        values = np.empty(len(self.values) + 1, object)
        values[:-1] = self.values
        return pd.Series(pd.array(values, dtype=typed_dtype(self.column)).take(codes))

    def taken(self, positions: np.ndarray) -> Vocabulary:
        """The part of it at ascending positions."""
        if self.axis is not None:
            return Vocabulary(self.column, self.axis, self.values[positions])
        return Vocabulary(self.column, None, [self.values[i] for i in positions])

    def state(self) -> State:
        """Cells in arrays."""
        if self.axis is not None:
            return State({"axis": self.axis.state()}, {"values": self.values})
        return State({"axis": None}, pack(self.values))

    @classmethod
    def from_state(cls, column: Column, state: State) -> Vocabulary:
        """Inverse of ``state``."""
        if state.meta["axis"] is None:
            return cls(column, None, unpack(state.arrays))
        return cls(column, Axis.from_state(state.meta["axis"]), state.arrays["values"])
