"""``Restricted``: a conditional without the categories that never stand beside an earlier one.

A table says of itself that whoever has no internet has no online backup: two categories, each in
many rows, in no row together. A conditional gives such a pair a small probability all the same, and
a few sampled rows out of a thousand then say what no real one does. So these codes are taken out of
its distribution and the others share what they had.

    model = Restricted.of(model, codings, codes)   # the model itself where nothing is excluded

Only categories without an order exclude each other: that two stretches of numbers have no row in
common is mostly chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synthkit.errors import ModelError
from synthkit.generators.coding import Coding
from synthkit.generators.trees.conditional import Conditional
from synthkit.generators.trees.rows import Rows

REDRAWS = 4  # of an excluded code, before all codes are weighed
EXPECTED = 20.0  # rows with both if neither told of the other; chance leaves none at odds of 5e8


@dataclass(frozen=True)
class Restricted:
    """A model and what it may not give.

    Args:
        model: of the field at a position.
        sizes: number of codes of the fields before and of its own.
        excluded: (k, 3) int32: an earlier position, a code there, and the code it excludes here.
    """

    model: Conditional
    sizes: tuple[int, ...]
    excluded: np.ndarray

    @classmethod
    def of(cls, model: Conditional, codings: Sequence[Coding], codes: np.ndarray) -> Conditional:
        """The model restricted by the training rows.

        Args:
            model: of the last field.
            codings: of the fields so far, in visit order.
            codes: (n, d) of the fields so far.
        """
        position, own = len(codings) - 1, codings[-1]
        found = [np.zeros((0, 3), np.int32)]
        earlier = range(position if own.nominal else 0)
        for before in (p for p in earlier if codings[p].nominal):
            a, b = _never(codes[:, before], codes[:, position])
            found.append(np.column_stack([np.full_like(a, before), a, b]))
        sizes = tuple(coding.size for coding in codings)
        excluded = np.concatenate(found).astype(np.int32)
        return cls(model, sizes, excluded) if len(excluded) else model

    @property
    def kind(self) -> str:
        """That of the model."""
        return self.model.kind

    def draw(self, rows: Rows, rng: np.random.Generator) -> np.ndarray:
        """The model's code, or where it is excluded, another one of those that are not."""
        codes = self.model.draw(rows, rng)
        again = np.flatnonzero(self._excludes(rows, codes))
        for _ in range(REDRAWS):
            if not len(again):
                return codes
            codes[again] = self.model.draw(rows.take(again), rng)
            again = again[self._excludes(rows.take(again), codes[again])]
        if len(again):
            allowed = self._allowed(rows.take(again))
            # given cells can contradict each other, so that nothing is allowed beside them
            codes[again] = np.where(allowed.any(0), _drawn(allowed, rng), codes[again])
        return codes

    def draw_present(
        self, rows: Rows, missing: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """The model's, but for rows that exclude a code: all codes of these are weighed."""
        codes, chance = self.model.draw_present(rows, missing, rng)
        excludes = np.zeros(len(rows), bool)
        for position, table in self._tables:
            excludes |= np.isin(rows.codes[:, position], np.flatnonzero(table.any(1)))
        some = np.flatnonzero(excludes)
        if len(some):
            allowed = self._allowed(rows.take(some))
            present = allowed[:missing].sum(0)
            codes[some] = np.where(present > 0.0, _drawn(allowed[:missing], rng), codes[some])
            chance[some] = present / np.maximum(allowed.sum(0), 1e-300)
        return codes, chance

    def probability(
        self, rows: Rows, codes: np.ndarray, rng: np.random.Generator | None
    ) -> np.ndarray:
        """The model's, as a share of what is allowed; 0 for what is not."""
        lost = np.zeros(len(rows))
        for code in np.unique(self.excluded[:, 2]):
            every = np.full(len(rows), code)
            here = np.flatnonzero(self._excludes(rows, every))
            if len(here):
                lost[here] += self.model.probability(rows.take(here), every[here], rng)
        share = self.model.probability(rows, codes, rng) / np.maximum(1.0 - lost, 1e-300)
        return np.where(self._excludes(rows, codes), 0.0, share)

    def contradicted(self, rows: Rows, codes: np.ndarray) -> dict[int, np.ndarray]:
        """The positions whose codes exclude the given ones."""
        own = {p: table[rows.codes[:, p], codes] for p, table in self._tables}
        return self.model.contradicted(rows, codes) | own

    def _allowed(self, rows: Rows) -> np.ndarray:
        """(size, n) the model's probability of each code, 0 where it is excluded."""
        probability = np.empty((self.sizes[-1], len(rows)))
        for code, own in enumerate(probability):
            every = np.full(len(rows), code)
            own[:] = self.model.probability(rows, every, None)
            own[self._excludes(rows, every)] = 0.0
        return probability

    def _excludes(self, rows: Rows, codes: np.ndarray) -> np.ndarray:
        """(n,) bool: whether a code is excluded by an earlier one of its row."""
        excludes = np.zeros(len(rows), bool)
        for position, table in self._tables:
            excludes |= table[rows.codes[:, position], codes]
        return excludes

    @cached_property
    def _tables(self) -> list[tuple[int, np.ndarray]]:
        """Earlier positions, each with an (its codes, size) bool table."""
        tables = []
        for position in np.unique(self.excluded[:, 0]):
            _, before, code = self.excluded[self.excluded[:, 0] == position].T
            table = np.zeros((self.sizes[position], self.sizes[-1]), bool)
            table[before, code] = True
            tables.append((int(position), table))
        return tables

    def arrays(self) -> dict[str, np.ndarray]:
        """The model's, and the excluded codes."""
        return self.model.arrays() | {"excluded": self.excluded}

    @classmethod
    def from_array(
        cls, excluded: np.ndarray, model: Conditional, sizes: Sequence[int]
    ) -> Restricted:
        """Around a restored model; raises ``ModelError`` for codes that do not fit the sizes."""
        bound = np.full(excluded.shape, len(sizes) - 1)
        if excluded.ndim == 2 and excluded.shape[1] == 3:
            bound[:, 1] = np.array(sizes)[excluded[:, 0].clip(0, len(sizes) - 1)]
            bound[:, 2] = sizes[-1]
            if np.all((excluded >= 0) & (excluded < bound)):
                return cls(model, tuple(sizes), excluded)
        raise ModelError("excluded codes do not fit the layout", remedy="fit the model again")


def _drawn(weight: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n,) int32 codes in proportion to (size, n) weights."""
    up_to = weight.cumsum(0)
    place = rng.random(weight.shape[1]) * up_to[-1]
    return np.minimum((up_to <= place).sum(0), len(weight) - 1).astype(np.int32)


def _never(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(k,) codes of two fields that are in no row together although many rows were expected."""
    rows, other = np.bincount(first), np.bincount(second)
    # rarer codes, of which there may be many thousands, are expected too seldom beside any other
    a = np.flatnonzero(rows * float(other.max()) >= EXPECTED * len(first))
    b = np.flatnonzero(other * float(rows.max()) >= EXPECTED * len(first))
    place, beside = np.full(len(rows), -1), np.full(len(other), -1)
    place[a], beside[b] = np.arange(len(a)), np.arange(len(b))
    x, y = place[first], beside[second]
    seen = np.zeros((len(a), len(b)), bool)
    inside = (x >= 0) & (y >= 0)
    seen[x[inside], y[inside]] = True
    expected = np.outer(rows[a], other[b]) / len(first)
    before, code = np.nonzero(~seen & (expected >= EXPECTED))
    return a[before], b[code]
