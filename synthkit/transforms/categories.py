"""``Categories``: the values that a column's codec makes, where these are few and known.

categories = Categories.of(encoder, "income")
categories.place(">50K")                 # 1, its place among categories.cells
categories.counted(rows["income"])       # (k,) how many rows have each
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from synthkit.errors import SchemaError
from synthkit.transforms.base import Codec, typed_dtype
from synthkit.transforms.categorical import CategoricalCodec
from synthkit.transforms.numeric import NumericCodec
from synthkit.transforms.ranks import MAX_CODES
from synthkit.transforms.table import TableEncoder


@dataclass(frozen=True)
class Categories:
    """The values of one column, placeholders of rare ones included.

    Args:
        codec: of the column.
        cells: (k,) typed cells; a missing one, if cells can be missing, is the last.
    """

    codec: Codec
    cells: pd.Series

    @classmethod
    def of(cls, encoder: TableEncoder, name: str) -> Categories:
        """The values of a column of the encoder's schema.

        Raises:
            SchemaError: a column that is not learned as categories.
        """
        codec = next(codec for codec in encoder.codecs if codec.column.name == name)
        if isinstance(codec, CategoricalCodec):
            values, nullable = list(codec.values), codec.nullable
        elif isinstance(codec, NumericCodec) and codec.ranks.discrete:
            low = codec.ranks.low
            values = codec.axis.cells(low, np.zeros(len(low), bool)).tolist()
            nullable = codec.ranks.nullable
        else:
            raise SchemaError(
                f"column '{name}' is not learned as categories",
                expected=f"categories, or at most {MAX_CODES} whole numbers that all recur",
                remedy=f"declare {name}: {{kind: categorical}} under schema.columns",
            )
        table = np.empty(len(values) + nullable, object)
        table[: len(values)] = values
        return cls(codec, pd.Series(pd.array(table, dtype=typed_dtype(codec.column))))

    @property
    def missing(self) -> int | None:
        """Place of the missing cell; None if no cell can be missing."""
        last = len(self.cells) - 1
        return last if len(self.cells) and pd.isna(self.cells[last]) else None

    def place(self, value: object) -> int:
        """The place of a user's value; None and empty text stand for a missing cell.

        Raises:
            SchemaError: not one of the learned values.
        """
        known = {cell: place for place, cell in enumerate(self.cells) if not pd.isna(cell)}
        if pd.isna(value) or (value == "" and value not in known):
            if self.missing is None:
                raise SchemaError("is missing, and no training cell is", expected="a value")
            return self.missing
        cell = self.codec.cell(value)
        if cell not in known:
            raise SchemaError(
                "the given value is not one learned in training",
                expected=f"one of its {len(known)} learned values",
                remedy="spell it as the data does; rare values are not learned",
            )
        return known[cell]

    def counted(self, cells: pd.Series) -> np.ndarray:
        """(k,) int64 how many of these typed cells have each value."""
        known = pd.Index(self.cells[: self.missing])
        places = known.get_indexer(cells)
        if self.missing is not None:
            places[cells.isna().to_numpy(bool)] = self.missing
        return np.bincount(places[places >= 0], minlength=len(self.cells))
