"""Free text: never learned; placeholder text takes its place where a cell is present.

Placeholders are made of Faker's list of lorem-ipsum words. Their numbers of words are spread as in
training (under the protection of any number, see ``ranks``), independently of the other columns.
Which cells are missing is learned (see ``presence``).
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
from synthkit.transforms.presence import Presence
from synthkit.transforms.ranks import Ranks


@dataclass(frozen=True)
class TextCodec:
    """One column of free text.

    Args:
        words: distribution of the number of words.
        presence: which cells are missing.
    """

    kind: ClassVar[str] = "text"
    reason: ClassVar[str | None] = "free text is not learned; placeholder text takes its place"
    column: Column
    words: Ranks
    presence: Presence
    hidden: dict[str, int] = field(default_factory=dict)

    @classmethod
    def fit(cls, typed: pd.DataFrame, column: Column, protect: ProtectSpec) -> TextCodec:
        """Learns lengths of a column with at least one cell that is not missing."""
        cells = typed[column.name]
        words = cells.dropna().astype(str).str.count(r"\S+").to_numpy(np.int64)
        ranks = Ranks.fit(words, protect, nullable=False)
        return cls(column, ranks, Presence.of(cells))

    @property
    def fields(self) -> tuple[Field, ...]:
        """Whether the cell is present, if some are not."""
        return self.presence.fields

    def transform(self, typed: pd.DataFrame, rng: np.random.Generator) -> Batch:
        """Codes of presence."""
        return self.presence.encode(typed[self.column.name])

    def measure(self, typed: pd.DataFrame) -> tuple[Batch, np.ndarray]:
        """Of presence."""
        return self.presence.measure(typed[self.column.name])

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
        return self.presence.applied(cells, batch)

    def cell(self, value: object) -> object:
        """No value can be asked for."""
        raise unmodelled_cell(self.column, str(self.reason))

    def state(self) -> State:
        """Lengths, and whether cells are missing."""
        words = self.words.state()
        return State({**vars(self.presence), "words": words.meta}, words.arrays)

    @classmethod
    def from_state(cls, column: Column, state: State) -> TextCodec:
        """Inverse of ``state``."""
        words = Ranks.from_state(State(state.meta["words"], state.arrays))
        return cls(column, words, Presence(state.meta["nullable"]))


def _vocabulary() -> np.ndarray:
    from faker.providers.lorem.la import Provider

    return np.array(sorted(set(Provider.word_list)), object)
