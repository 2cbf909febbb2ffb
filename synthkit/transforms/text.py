"""Free text: no field. The real text is never learned; placeholder text takes its place.

Placeholders are made of Faker's list of lorem-ipsum words, with the numbers of words spread as in
training (deciles of the column, each an average of many rows) and the same share of missing cells,
drawn independently of the other columns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd

from synthkit.generators.base import State
from synthkit.schema import Column
from synthkit.transforms.base import Rows, unmodelled_cell
from synthkit.transforms.layout import Batch, Field

PARTS = 10


@dataclass(frozen=True)
class TextCodec:
    """One column of free text.

    Args:
        lengths: (up to 10,) mean number of words in equal parts of the rows ordered by it.
        missing: share of missing cells.
    """

    kind: ClassVar[str] = "text"
    reason: ClassVar[str | None] = "free text is not learned; placeholder text takes its place"
    column: Column
    lengths: np.ndarray
    missing: float
    fields: tuple[Field, ...] = ()
    hidden: dict[str, int] = field(default_factory=dict)

    @classmethod
    def fit(cls, typed: pd.DataFrame, column: Column) -> TextCodec:
        """Learns lengths of a column with at least one cell that is not missing."""
        cells = typed[column.name]
        words = np.sort(cells.dropna().astype(str).str.count(r"\S+").to_numpy(np.int64))
        lengths = [part.mean() for part in np.array_split(words, PARTS) if len(part)]
        return cls(column, np.array(lengths, float), float(cells.isna().mean()))

    def transform(self, typed: pd.DataFrame, rng: np.random.Generator) -> Batch:
        """No field."""
        return {}

    def inverse_transform(self, batch: Batch, rows: Rows, rng: np.random.Generator) -> pd.Series:
        """Sentences of lorem-ipsum words."""
        vocabulary = _vocabulary()
        place = rng.random(rows.n) * (len(self.lengths) - 1)
        mean = np.interp(place, np.arange(len(self.lengths)), self.lengths)
        sizes = np.maximum(1, np.rint(mean)).astype(np.int64)
        words = vocabulary[rng.integers(len(vocabulary), size=int(sizes.sum()))].tolist()
        ends = np.cumsum(sizes).tolist()
        cells = np.empty(rows.n, object)
        cells[:] = [
            " ".join(words[end - size : end]).capitalize() + "."
            for end, size in zip(ends, sizes.tolist(), strict=True)
        ]
        cells[rng.random(rows.n) < self.missing] = None
        return pd.Series(cells, dtype=object)

    def cell(self, value: object) -> object:
        """No value can be asked for."""
        raise unmodelled_cell(self.column, str(self.reason))

    def state(self) -> State:
        """Lengths and the share of missing cells."""
        return State({"missing": self.missing}, {"lengths": self.lengths})

    @classmethod
    def from_state(cls, column: Column, state: State) -> TextCodec:
        """Inverse of ``state``."""
        return cls(column, state.arrays["lengths"], state.meta["missing"])


def _vocabulary() -> np.ndarray:
    from faker.providers.lorem.la import Provider

    return np.array(sorted(set(Provider.word_list)), object)
