"""``QuasiIdentifiers``: columns that tell people apart, and their combinations that k training rows share.

    common = QuasiIdentifiers.fit(schema, train, ProtectSpec(quasi_identifiers=("age", "sex"), k=5))
    common.broken(rows)                 # (n,) bool, the rows with any other combination
    common.allows(cells)                # whether a combination that is kept has these cells

The combinations are those of a k-anonymous table (Sweeney 2002, k-anonymity: a model for protecting
privacy): age, sex and postcode of a row are shared by at least k rows. Cells count by *levels*:

* a number, date or duration by the decile of the training rows that it lies in;
* a category by itself; those in fewer than ``protect.rare`` training rows, which are not learned, and
  what stands in for them, are one level together;
* a missing cell by being missing.

NOTE[DIFF]: Sweeney generalises the cells of real rows, or suppresses the rows. Here levels decide
which synthetic rows may be drawn, and their cells are as exact as any; the k rows are training rows.

What is stored: cuts between training numbers, none of which is a training number or beyond the
``protect.extremes`` smallest or largest; hashes of frequent categories; and the kept combinations.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from synthkit.constraints.reasons import Reason
from synthkit.encoding import NumericCode
from synthkit.errors import ConstraintError, SchemaError, together
from synthkit.generators.base import State
from synthkit.recipe import ProtectSpec
from synthkit.schema import Column, Schema
from synthkit.soundness.quasi_identifiers import slips
from synthkit.typed import to_finite, to_numbers

AT = ("protect", "quasi_identifiers")
MISSING, POOLED = 0, 1  # levels; of numbers, the lowest decile is 1


@dataclass(frozen=True)
class Levels:
    """The levels of one column.

    Args:
        column: its name.
        is_numeric: whether they are ranges of numbers, else they are categories.
        known: (c,) sorted: float64 cuts between the ranges, or uint64 hashes of the categories with a
            level of their own.
    """

    column: str
    is_numeric: bool
    known: np.ndarray

    @classmethod
    def fit(cls, column: Column, cells: pd.Series, protect: ProtectSpec) -> Levels:
        """The levels of training cells."""
        if column.is_numeric:
            return cls(column.name, True, _cuts(column, cells, protect.extremes))
        least = 0 if column.kind == "boolean" else protect.rare  # as it is protected
        hashes, counts = np.unique(_hashes(cells[cells.notna()]), return_counts=True)
        return cls(column.name, False, hashes[counts >= least])

    def of(self, cells: pd.Series) -> np.ndarray:
        """(n,) int64 level of each typed cell."""
        missing = cells.isna().to_numpy(bool)
        if self.is_numeric:
            levels = np.searchsorted(self.known, to_numbers(cells)) + 1
        else:
            hashes = _hashes(cells)
            place = np.searchsorted(self.known, hashes)
            is_known = np.isin(hashes, self.known)
            levels = np.where(is_known, place + POOLED + 1, POOLED)
        return np.where(missing, MISSING, levels)


@dataclass(frozen=True)
class QuasiIdentifiers:
    """Columns by which somebody may know a person, and the combinations that may be drawn.

    Args:
        k: training rows that share each of them, at least.
        levels: of the columns.
        combinations: (c, columns) int32 levels.
        below: combinations of fewer training rows.
        rows_below: training rows with one of these.
    """

    k: int
    levels: tuple[Levels, ...]
    combinations: np.ndarray
    below: int
    rows_below: int

    @classmethod
    def fit(cls, schema: Schema, train: pd.DataFrame, protect: ProtectSpec) -> QuasiIdentifiers:
        """Counts the combinations of typed training rows.

        Raises:
            SchemaError: a column that is not there, stands twice or has no levels.
            ConstraintError: no combination is shared by k rows.
        """
        names = protect.quasi_identifiers
        kinds = {column.name: column.kind for column in schema.columns}
        if found := list(slips(names, kinds, schema.names)):
            raise together(
                [
                    SchemaError(
                        what, where=".".join(AT), expected=expected, remedy=remedy, at=(*AT, i)
                    )
                    for i, what, expected, remedy in found
                ]
            )
        levels = tuple(Levels.fit(schema[name], train[name], protect) for name in names)
        stacked = _stacked(levels, train)
        _, first, counts = np.unique(_together(stacked), return_index=True, return_counts=True)
        kept = counts >= protect.k
        if not kept.any():
            raise ConstraintError(
                f"no combination of these columns is shared by {protect.k} training rows",
                where=".".join(AT),
                expected="combinations that can be drawn",
                remedy="name fewer columns, or lower protect.k",
                at=AT,
            )
        return cls(
            protect.k,
            levels,
            stacked[first[kept]].astype(np.int32),
            int((~kept).sum()),
            int(counts[~kept].sum()),
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(level.column for level in self.levels)

    @property
    def reason(self) -> Reason:
        """Why rows with other combinations are rejected."""
        return Reason(
            f"combination of {', '.join(self.columns)} of fewer than {self.k} training rows",
            AT,
            self.columns,
            said="have a rarer combination",
            remedy="name fewer quasi-identifiers, or lower protect.k",
        )

    @property
    def facts(self) -> dict[str, object]:
        """What manifest and report say; no value of the data."""
        return {
            "columns": list(self.columns),
            "k": self.k,
            "combinations": len(self.combinations),
            "combinations_below_k": self.below,
            "training_rows_below_k": self.rows_below,
        }

    def broken(self, rows: pd.DataFrame) -> np.ndarray:
        """(n,) bool, the typed rows with a combination of fewer than k training rows."""
        return ~np.isin(_together(_stacked(self.levels, rows)), self._hashed)

    def allows(self, cells: pd.DataFrame) -> bool:
        """Whether a kept combination has the levels of one row of some of the columns."""
        fits = np.ones(len(self.combinations), bool)
        for i, level in enumerate(self.levels):
            if level.column in cells:
                fits &= self.combinations[:, i] == level.of(cells[level.column])[0]
        return bool(fits.any())

    def refused(self, names: list[str]) -> SchemaError:
        """The error for cells that no kept combination has; the same whether or not a row has them."""
        given = [name for name in self.columns if name in names]
        return SchemaError(
            f"no combination of {', '.join(self.columns)} that {self.k} training rows share has "
            "the given " + ("value" if len(given) == 1 else "values"),
            where=", ".join(given),
            expected="values that are frequent together (protect.quasi_identifiers)",
            remedy="give other values, or fewer of them",
        )

    def state(self) -> State:
        """Sizes and counts, and levels in arrays."""
        meta = {
            "k": self.k,
            "columns": [[level.column, level.is_numeric] for level in self.levels],
            "below": self.below,
            "rows_below": self.rows_below,
        }
        arrays = {f"levels/{i}": level.known for i, level in enumerate(self.levels)}
        return State(meta, {"combinations": self.combinations, **arrays})

    @classmethod
    def from_state(cls, state: State) -> QuasiIdentifiers:
        """Inverse of ``state``."""
        meta, arrays = state.meta, state.arrays
        levels = tuple(
            Levels(name, is_numeric, arrays[f"levels/{i}"])
            for i, (name, is_numeric) in enumerate(meta["columns"])
        )
        return cls(meta["k"], levels, arrays["combinations"], meta["below"], meta["rows_below"])

    @cached_property
    def _hashed(self) -> np.ndarray:
        return _together(self.combinations)


def _cuts(column: Column, cells: pd.Series, extremes: int) -> np.ndarray:
    """Cuts between the deciles of numbers, each half-way between two of them."""
    numbers = to_finite(cells)
    present = np.sort(numbers[~np.isnan(numbers)])
    distinct = np.unique(present)
    place = np.unique(np.searchsorted(distinct, NumericCode.fit(column, cells).edges, side="right"))
    place = place[(place > 0) & (place < len(distinct))]
    cuts = distinct[place - 1] / 2 + distinct[place] / 2
    below = np.searchsorted(present, cuts)
    return cuts[(below > extremes) & (len(present) - below > extremes)]


def _hashes(cells: pd.Series) -> np.ndarray:
    """(n,) uint64."""
    return pd.util.hash_pandas_object(cells, index=False).to_numpy()


def _stacked(levels: tuple[Levels, ...], rows: pd.DataFrame) -> np.ndarray:
    """(n, columns) int64 levels of the cells."""
    return np.column_stack([level.of(rows[level.column]) for level in levels])


def _together(levels: np.ndarray) -> np.ndarray:
    """(n,) uint64 hash of the levels of each row."""
    return _hashes(pd.DataFrame(levels.astype(np.int64))) if len(levels) else np.empty(0, np.uint64)
