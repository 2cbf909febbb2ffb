"""``Presence``: whether a cell of a column that is made anew is there at all.

The values of identifiers and free text are not learned, but when they are missing is: a column
with missing training cells has one field of two codes, so that a resolution is missing where the
ticket is open. A column without them has no field.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from synthkit.transforms.base import never
from synthkit.transforms.layout import Batch, Categorical, Field

MISSING = 1


@dataclass(frozen=True)
class Presence:
    """The field of one such column, if it has one.

    Args:
        nullable: whether missing cells were seen in training.
    """

    nullable: bool

    @classmethod
    def of(cls, cells: pd.Series) -> Presence:
        """Of the training cells."""
        return cls(bool(cells.isna().any()))

    @property
    def fields(self) -> tuple[Field, ...]:
        """One ``Categorical`` that is 0 where the cell is present, or nothing."""
        return (Categorical("", 2, missing=MISSING),) if self.nullable else ()

    def encode(self, cells: pd.Series) -> Batch:
        """The codes of a column. Without a field, a missing cell counts as present."""
        return {"": cells.isna().to_numpy(np.int32)} if self.nullable else {}

    def measure(self, cells: pd.Series) -> tuple[Batch, np.ndarray]:
        """The codes, and (n,) -inf where a cell is missing that never is."""
        missing = cells.isna().to_numpy(bool)
        return self.encode(cells), never(missing & (not self.nullable))

    def applied(self, cells: np.ndarray, batch: Batch) -> pd.Series:
        """The column of these cells (object, one for every row), missing where the batch says so."""
        if self.nullable:
            cells[batch[""] == MISSING] = None
        return pd.Series(cells, dtype=object)
