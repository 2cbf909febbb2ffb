"""A column without a single value in training: no field, every cell missing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd

from synthkit.generators.base import State
from synthkit.schema import Column
from synthkit.transforms.base import Rows, never, repeat, unmodelled_cell
from synthkit.transforms.layout import Batch, Field


@dataclass(frozen=True)
class EmptyCodec:
    """One column of missing cells."""

    kind: ClassVar[str] = "empty"
    reason: ClassVar[str | None] = "every training cell is missing, and so is every synthetic one"
    column: Column
    fields: tuple[Field, ...] = ()
    hidden: dict[str, int] = field(default_factory=dict)

    def transform(self, typed: pd.DataFrame, rng: np.random.Generator) -> Batch:
        """No field."""
        return {}

    def measure(self, typed: pd.DataFrame) -> tuple[Batch, np.ndarray]:
        """No field; a cell is never present."""
        return {}, never(typed[self.column.name].notna().to_numpy(bool))

    def inverse_transform(self, batch: Batch, rows: Rows, rng: np.random.Generator) -> pd.Series:
        """Missing cells."""
        return repeat(None, rows.n, self.column)

    def cell(self, value: object) -> object:
        """No value can be asked for."""
        raise unmodelled_cell(self.column, str(self.reason))

    def state(self) -> State:
        """Nothing to keep."""
        return State()

    @classmethod
    def from_state(cls, column: Column, state: State) -> EmptyCodec:
        """Inverse of ``state``."""
        return cls(column)
