"""Free text: no field. The real text is never learned; placeholder text takes its place.

Placeholders are made of Faker's list of lorem-ipsum words. Their numbers of words are spread as in
training (under the protection of any number, see ``ranks``), and so many cells are missing;
both are drawn independently of the other columns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd

from synthkit.generators.base import State
from synthkit.recipe import ProtectSpec
from synthkit.schema import Column
from synthkit.transforms.base import Rows, unmodelled_cell
from synthkit.transforms.layout import Batch, Field
from synthkit.transforms.ranks import Ranks


@dataclass(frozen=True)
class TextCodec:
    """One column of free text.

    Args:
        words: distribution of the number of words.
        missing: share of missing cells.
    """

    kind: ClassVar[str] = "text"
    reason: ClassVar[str | None] = "free text is not learned; placeholder text takes its place"
    column: Column
    words: Ranks
    missing: float
    fields: tuple[Field, ...] = ()
    hidden: dict[str, int] = field(default_factory=dict)

    @classmethod
    def fit(cls, typed: pd.DataFrame, column: Column, protect: ProtectSpec) -> TextCodec:
        """Learns lengths of a column with at least one cell that is not missing."""
        cells = typed[column.name]
        words = cells.dropna().astype(str).str.count(r"\S+").to_numpy(np.int64)
        ranks = Ranks.fit(words, protect, nullable=False)
        return cls(column, ranks, float(cells.isna().mean()))

    def transform(self, typed: pd.DataFrame, rng: np.random.Generator) -> Batch:
        """No field."""
        return {}

    def inverse_transform(self, batch: Batch, rows: Rows, rng: np.random.Generator) -> pd.Series:
        """Sentences of lorem-ipsum words."""
        vocabulary = _vocabulary()
        sizes = np.maximum(1, self.words.draw(rows.n, rng))
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
        words = self.words.state()
        return State({"missing": self.missing, "words": words.meta}, words.arrays)

    @classmethod
    def from_state(cls, column: Column, state: State) -> TextCodec:
        """Inverse of ``state``."""
        words = Ranks.from_state(State(state.meta["words"], state.arrays))
        return cls(column, words, state.meta["missing"])


def _vocabulary() -> np.ndarray:
    from faker.providers.lorem.la import Provider

    return np.array(sorted(set(Provider.word_list)), object)
