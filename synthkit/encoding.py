"""``Encoder``: one way from a typed table to numbers, for everything that compares rows.

Fitted on real rows only, so that synthetic rows cannot shape the yardstick they are measured with. It
gives three views of the same columns (identifiers and free text are left out):

* ``codes``: levels for margins. Numbers fall in the deciles of the real rows, a value that
  fills a decile alone being a level of its own; categories seen fewer than ``RARE`` times, or
  beyond the ``MAX_LEVELS`` most frequent, or never, share one level; missing is a level.
* ``features``: what a tree learner takes: numbers as they are, category codes, NaN for missing.
* ``points``: coordinates whose Euclidean distance compares rows: a number is its rank in the
  real rows, in [0, 1]; two different categories are one apart, and so are missing and present.

    encoder = Encoder.fit(schema, real)
    encoder.codes(synthetic)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from synthkit.schema import Column, Schema
from synthkit.typed import to_finite, to_numbers

RARE = 5
MAX_LEVELS = 100
DECILES = np.arange(1, 10) / 10
RANK_GRID = 1001


@dataclass(frozen=True)
class NumericCode:
    """A numeric column: ``edges`` are upper ends of levels, ``grid`` the quantiles behind ranks."""

    column: Column
    edges: np.ndarray
    grid: np.ndarray

    @classmethod
    def fit(cls, column: Column, values: pd.Series) -> NumericCode:
        """Deciles and quantile grid of the present values."""
        present = np.sort(to_numbers(values))
        present = present[~np.isnan(present)]
        if not len(present):
            return cls(column, np.empty(0), np.zeros(1))
        deciles = np.quantile(present, DECILES, method="lower")
        spikes = np.unique(deciles[1:][np.diff(deciles) == 0])
        edges = np.unique(np.concatenate([deciles, np.nextafter(spikes, -np.inf)]))
        grid = np.quantile(present, np.linspace(0, 1, RANK_GRID), method="nearest")
        return cls(column, edges, grid)

    @property
    def levels(self) -> int:
        """Number of levels, missing included (the last)."""
        return len(self.edges) + 2

    def codes(self, values: pd.Series) -> np.ndarray:
        """(n,) int64 level of each cell."""
        numbers = to_numbers(values)
        codes = np.searchsorted(self.edges, numbers, side="left")
        return np.where(np.isnan(numbers), self.levels - 1, codes)

    def feature(self, values: pd.Series) -> np.ndarray:
        """(n,) float64; infinite cells count as missing."""
        return to_finite(values)

    def points(self, values: pd.Series) -> np.ndarray:
        """(n, 2) float32: mid-rank (0.5 if missing) and whether the cell is missing."""
        numbers = to_numbers(values)
        low = np.searchsorted(self.grid, numbers, side="left")
        high = np.searchsorted(self.grid, numbers, side="right")
        inside = np.clip(low, 1, max(len(self.grid) - 1, 1))
        rank = np.where(high > low, (low + high - 1) / 2, 0.0)
        if len(self.grid) > 1:
            below, above = self.grid[inside - 1], self.grid[inside]
            with np.errstate(divide="ignore", invalid="ignore"):
                part = np.nan_to_num((numbers - below) / (above - below))
            rank = np.where(high > low, rank, inside - 1 + np.clip(part, 0.0, 1.0))
        missing = np.isnan(numbers)
        rank = np.where(missing, 0.5, rank / max(len(self.grid) - 1, 1))
        return np.column_stack([rank, missing]).astype(np.float32)

    def cells(self, values: pd.Series) -> np.ndarray:
        """(n,) float64 rank of each cell in [0, 1], NaN for missing."""
        rank, missing = self.points(values).T.astype(np.float64)
        return np.where(missing > 0, np.nan, rank)


@dataclass(frozen=True)
class CategoryCode:
    """A column of categories; ``known`` holds those with a level of their own."""

    column: Column
    known: pd.Index

    @classmethod
    def fit(cls, column: Column, values: pd.Series) -> CategoryCode:
        """The categories seen at least ``RARE`` times (any, in fewer than 20 x RARE rows)."""
        counts = values.astype(object).value_counts()
        if len(values) >= 20 * RARE:
            counts = counts[counts >= RARE]
        return cls(column, pd.Index(counts.index[:MAX_LEVELS], dtype=object))

    @property
    def levels(self) -> int:
        """Number of levels, with one for rare or unseen categories and one for missing (last)."""
        return len(self.known) + 2

    def codes(self, values: pd.Series) -> np.ndarray:
        """(n,) int64 level of each cell."""
        codes = self.known.get_indexer(values.astype(object))
        codes = np.where(codes < 0, self.levels - 2, codes)
        return np.where(values.isna().to_numpy(), self.levels - 1, codes)

    def feature(self, values: pd.Series) -> np.ndarray:
        """(n,) float64 level, NaN for missing."""
        return np.where(values.isna().to_numpy(), np.nan, self.codes(values))

    def cells(self, values: pd.Series) -> np.ndarray:
        """(n,) float64 level, NaN for missing."""
        return self.feature(values)

    def points(self, values: pd.Series) -> np.ndarray:
        """(n, levels) float32: one level is ``sqrt(1/2)``, the others are 0."""
        return (np.eye(self.levels) * np.sqrt(0.5))[self.codes(values)].astype(np.float32)


@dataclass(frozen=True)
class Encoder:
    """The codes of all modelled columns, in schema order."""

    parts: tuple[NumericCode | CategoryCode, ...]

    @classmethod
    def fit(cls, schema: Schema, real: pd.DataFrame) -> Encoder:
        """Learns levels and ranks from real rows."""
        return cls(
            tuple(
                (NumericCode if column.is_numeric else CategoryCode).fit(column, real[column.name])
                for column in schema.columns
                if column.is_modelled
            )
        )

    @property
    def names(self) -> list[str]:
        """Encoded columns."""
        return [part.column.name for part in self.parts]

    @property
    def levels(self) -> np.ndarray:
        """(d,) number of levels of each column."""
        return np.array([part.levels for part in self.parts], dtype=np.int64)

    @property
    def dimensions(self) -> int:
        """Number of coordinates of a point."""
        return len(self.column_of)

    @property
    def column_of(self) -> np.ndarray:
        """(k,) position of the column of each coordinate of a point."""
        widths = [part.levels if isinstance(part, CategoryCode) else 2 for part in self.parts]
        return np.repeat(np.arange(len(widths)), widths)

    @property
    def categorical(self) -> list[int]:
        """Positions of the columns that hold categories."""
        return [i for i, part in enumerate(self.parts) if isinstance(part, CategoryCode)]

    def codes(self, frame: pd.DataFrame) -> np.ndarray:
        """(n, d) int64 levels."""
        return np.column_stack([part.codes(frame[part.column.name]) for part in self.parts])

    def features(self, frame: pd.DataFrame) -> np.ndarray:
        """(n, d) float64 for a tree learner, NaN for missing."""
        return np.column_stack([part.feature(frame[part.column.name]) for part in self.parts])

    def points(self, frame: pd.DataFrame) -> np.ndarray:
        """(n, k) float32 coordinates."""
        return np.hstack([part.points(frame[part.column.name]) for part in self.parts])
