"""The distribution of one field given the fields before it: a forest, or a table to look up.

All see the ``Rows`` so far, of which the first ``position`` columns are filled in. For unordered
categories there is a third model, ``boosted``; ``restricted`` leaves codes out of any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from synthkit.errors import ModelError
from synthkit.generators.nested import part_of, within
from synthkit.generators.trees.forest import Forest
from synthkit.generators.trees.rows import Rows
from synthkit.generators.trees.scores import FOLDS, Scores

WEIGHING_TREES = 5  # random trees that estimate a probability without bias
FORBIDDEN = 1e-9  # probability of a code that the table does not name


class Conditional(Protocol):
    """What a field's model can do."""

    @property
    def kind(self) -> str:
        """Name under which it is stored."""

    def draw(self, rows: Rows, rng: np.random.Generator) -> np.ndarray:
        """(n,) int32 codes."""

    def draw_present(
        self, rows: Rows, missing: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """(n,) int32 codes but the last one, ``missing``; (n,) probability of not being missing.

        Codes and probability may both be those of one random part of the model: weighed by that
        probability, the codes follow the whole.
        """

    def probability(
        self, rows: Rows, codes: np.ndarray, rng: np.random.Generator | None
    ) -> np.ndarray:
        """(n,) probability of the codes; an unbiased estimate of it where ``rng`` is given."""

    def contradicted(self, rows: Rows, codes: np.ndarray) -> dict[int, np.ndarray]:
        """Earlier positions, and (n,) bool where their codes rule out the given ones."""

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything that its class's ``from_arrays`` needs."""


@dataclass(frozen=True)
class ForestConditional:
    """A forest on the features before and on scores made of them.

    Args:
        position: number of fields before it.
        forest: over the features before, then the scores.
        scores: the boosted scores.
        smoothing: pseudo-rows; see ``forest``.
        floor: (size,) the distribution that the roots are shrunk to.
    """

    kind: ClassVar[str] = "forest"
    position: int
    forest: Forest
    scores: Scores
    smoothing: float
    floor: np.ndarray

    def draw(self, rows: Rows, rng: np.random.Generator) -> np.ndarray:
        """A code of a random tree's leaf, by a random fold's scores."""
        return self.forest.draw(self._leaves(rows, rng), self.smoothing, self.floor, rng)

    def draw_present(
        self, rows: Rows, missing: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Of a random tree's leaf, by a random fold's scores."""
        leaves = self._leaves(rows, rng)
        return self.forest.draw_present(leaves, missing, self.smoothing, self.floor, rng)

    def probability(
        self, rows: Rows, codes: np.ndarray, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Mean over all folds and trees, or over a few random ones."""
        trees = len(self.forest.roots)
        total, count = np.zeros(len(rows)), 0
        if rng is not None:
            for _ in range(WEIGHING_TREES):
                leaves = self._leaves(rows, rng)
                total += self.forest.probability(leaves, codes, self.smoothing, self.floor)
            return total / WEIGHING_TREES
        for fold in range(FOLDS if self.scores.count else 1):
            features = self._features(rows, np.full(len(rows), fold))
            for tree in range(trees):
                leaves = self.forest.leaves(features, np.full(len(rows), tree))
                total += self.forest.probability(leaves, codes, self.smoothing, self.floor)
                count += 1
        return total / count

    def contradicted(self, rows: Rows, codes: np.ndarray) -> dict[int, np.ndarray]:
        """None: every code has some probability."""
        return {}

    def _leaves(self, rows: Rows, rng: np.random.Generator) -> np.ndarray:
        features = self._features(rows, rng.integers(FOLDS, size=len(rows)))
        return self.forest.leaves(features, rng.integers(len(self.forest.roots), size=len(rows)))

    def _features(self, rows: Rows, fold: np.ndarray) -> np.ndarray:
        before = rows.features[:, : self.position]
        if not self.scores.count:
            return before
        return np.hstack([before, self.scores.predict(rows.codes[:, : self.position], fold)])

    def arrays(self) -> dict[str, np.ndarray]:
        """Trees, and scores under ``scores/``."""
        scores = within("scores", self.scores.arrays())
        return self.forest.arrays() | scores | {"smoothing": np.array([self.smoothing])}

    @classmethod
    def from_arrays(
        cls, arrays: dict[str, np.ndarray], places: Sequence[np.ndarray], floor: np.ndarray
    ) -> ForestConditional:
        """Inverse of ``arrays``; raises ``ModelError`` for arrays that do not fit together.

        Args:
            places: features of the codes of the fields before.
        """
        scores = Scores.from_arrays(part_of(arrays, "scores"), places)
        rest = {name: array for name, array in arrays.items() if not name.startswith("scores/")}
        smoothing = float(rest.pop("smoothing")[0])
        forest = Forest(**rest)
        forest.check(len(places) + scores.count, len(floor))
        return cls(len(places), forest, scores, smoothing, floor)


@dataclass(frozen=True)
class Lookup:
    """A field that an earlier one determines.

    Args:
        parent: position of the determining field in visit order.
        table: (size of the parent,) int32 code of this field.
        size: number of codes of this field.
    """

    kind: ClassVar[str] = "lookup"
    parent: int
    table: np.ndarray
    size: int

    @classmethod
    def fit(
        cls, parent: int, parent_size: int, size: int, parents: np.ndarray, codes: np.ndarray
    ) -> Lookup:
        """The table of a dependency without exception; codes never seen lead to the most frequent."""
        table = np.full(parent_size, np.bincount(codes).argmax(), np.int32)
        table[parents] = codes
        return cls(parent, table, size)

    def draw(self, rows: Rows, rng: np.random.Generator) -> np.ndarray:
        """The code of the table."""
        return self.table[rows.codes[:, self.parent]]

    def draw_present(
        self, rows: Rows, missing: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """The code of the table; where that is missing, the one of any other parent."""
        codes = self.draw(rows, rng)
        gone = codes == missing
        others = self.table[self.table != missing]
        codes[gone] = others[rng.integers(len(others), size=int(gone.sum()))]
        return codes, np.where(gone, FORBIDDEN, 1.0)

    def probability(
        self, rows: Rows, codes: np.ndarray, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Nearly 1 for the table's code and next to nothing for the others; exact."""
        named = self.table[rows.codes[:, self.parent]] == codes
        rest = FORBIDDEN / max(self.size - 1, 1)
        return np.where(named, 1.0 - FORBIDDEN if self.size > 1 else 1.0, rest)

    def contradicted(self, rows: Rows, codes: np.ndarray) -> dict[int, np.ndarray]:
        """The parent, where the table names another code."""
        return {self.parent: self.table[rows.codes[:, self.parent]] != codes}

    def arrays(self) -> dict[str, np.ndarray]:
        """The table and its parent."""
        return {"table": self.table, "table_parent": np.array([self.parent], np.int32)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray], position: int, sizes: list[int]) -> Lookup:
        """Inverse of ``arrays``; raises ``ModelError`` for arrays that do not fit together."""
        parent, table = int(arrays["table_parent"][0]), arrays["table"]
        size = sizes[position]
        in_place = 0 <= parent < position and len(table) == sizes[parent]
        if not in_place or not np.all((table >= 0) & (table < size)):
            raise ModelError("a lookup table does not fit the layout", remedy="fit the model again")
        return cls(parent, table, size)
