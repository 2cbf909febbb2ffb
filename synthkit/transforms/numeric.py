"""Integers, reals and durations: one field, the column's ranks (see ``ranks``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from synthkit.generators.base import State
from synthkit.recipe import ProtectSpec
from synthkit.schema import Column
from synthkit.transforms.axis import Axis
from synthkit.transforms.base import Rows, repeat
from synthkit.transforms.layout import Batch, Field
from synthkit.transforms.ranks import Ranks


@dataclass(frozen=True)
class NumericCodec:
    """One ordered column as one field."""

    kind: ClassVar[str] = "numeric"
    reason: ClassVar[str | None] = None
    column: Column
    axis: Axis
    ranks: Ranks

    @classmethod
    def fit(cls, typed: pd.DataFrame, column: Column, protect: ProtectSpec) -> NumericCodec:
        """Learns a column with at least one cell that is not missing."""
        cells = typed[column.name]
        axis = Axis.of(column, cells)
        numbers, missing = axis.numbers(cells)
        ranks = Ranks.fit(
            numbers[~missing],
            protect,
            nullable=bool(missing.any()),
            unit=axis.unit,
            rounded=column.kind != "duration",
        )
        return cls(column, axis, ranks)

    @property
    def fields(self) -> tuple[Field, ...]:
        """One ordered ``Categorical`` or one ``Numeric``."""
        return (self.ranks.field(),)

    @property
    def hidden(self) -> dict[str, int]:
        """Rows hidden as extremes or merged as rare."""
        return self.ranks.hidden

    def transform(self, typed: pd.DataFrame, rng: np.random.Generator) -> Batch:
        """Codes or ranks."""
        return {"": self.ranks.encode(*self.axis.numbers(typed[self.column.name]), rng)}

    def measure(self, typed: pd.DataFrame) -> tuple[Batch, np.ndarray]:
        """Per unit for reals, of the number for others."""
        numbers, missing = self.axis.numbers(typed[self.column.name])
        field, log = self.ranks.measure(numbers, missing, self.axis.tick)
        return {"": field}, log

    def inverse_transform(self, batch: Batch, rows: Rows, rng: np.random.Generator) -> pd.Series:
        """Numbers on the column's lattice."""
        numbers, missing = self.ranks.decode(batch[""])
        return self.axis.cells(self.axis.rounded(numbers), missing)

    def cell(self, value: object) -> object:
        """The number within the learned range."""
        cell = self.axis.cell(value, self.column)
        number = self.axis.numbers(repeat(cell, 1, self.column))[0][0]
        return self.ranks.checked(cell, number, self.column)

    def state(self) -> State:
        """The cells, and the axis."""
        ranks = self.ranks.state()
        return State({"axis": self.axis.state(), "ranks": ranks.meta}, ranks.arrays)

    @classmethod
    def from_state(cls, column: Column, state: State) -> NumericCodec:
        """Inverse of ``state``."""
        axis = Axis.from_state(state.meta["axis"])
        return cls(column, axis, Ranks.from_state(State(state.meta["ranks"], state.arrays)))
