"""Sampling the free cells of rows whose given cells lie anywhere: sequential Monte Carlo.

Each row becomes ``k`` particles that are filled in visit order. A given cell multiplies a
particle's weight by its probability; a free one is drawn. So that particles do not run into a given
cell that is all but impossible for them, the weight also carries a *look-ahead*: how much more
likely the coming given cell is in the light of the most informative field so far (a pair table of
``relations``). It is taken back when the cell's own probability arrives, so the result is right
whatever the table says, and exact as k grows.

    Doucet, Johansen 2011, "A tutorial on particle filtering and smoothing", section 4 (auxiliary).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from synthkit.generators.trees.conditional import Conditional, Rows
from synthkit.generators.trees.relations import Relations

# fills in one position of rows: codes and features
Put = Callable[[Rows, int, np.ndarray], None]


@dataclass(frozen=True)
class Lookahead:
    """Pair tables in visit order.

    Args:
        relations: of the fields in layout order.
        order: field numbers in visit order.
        information: (d, d) mutual information in visit order.
    """

    relations: Relations
    order: Sequence[int]
    information: np.ndarray

    @classmethod
    def of(cls, relations: Relations, order: Sequence[int]) -> Lookahead:
        """For the given visit order."""
        return cls(relations, order, relations.information()[np.ix_(order, order)])

    def log_lift(self, position: int, coming: int, codes: np.ndarray) -> np.ndarray:
        """(n,) log lift of the code at ``coming`` by the code at ``position``; codes (n, d)."""
        i, j = self.order[position], self.order[coming]
        table = self.relations.log_lift(i, j)
        levels = self.relations.levels
        return table[levels[i][codes[:, position]], levels[j][codes[:, coming]]]


def fill(
    models: Sequence[Conditional],
    given: Rows,
    known: np.ndarray,
    k: int,
    put: Put,
    lookahead: Lookahead,
    rng: np.random.Generator,
) -> Rows:
    """One completed copy of each row.

    Args:
        models: in visit order.
        given: rows with their known cells filled in.
        known: (n, d) bool in visit order.
        k: particles per row.
        put: writes codes at a position, with their features.
        lookahead: pair tables.
    """
    n, d = known.shape
    rows = given.take(np.repeat(np.arange(n), k))
    here = np.repeat(known, k, axis=0)
    weight = np.zeros(n * k)
    ahead = np.zeros((n * k, d))
    best = np.zeros(d)
    for position, model in enumerate(models):
        fixed = np.flatnonzero(here[:, position])
        if len(fixed):
            at = rows.take(fixed)
            likelihood = model.probability(at, at.codes[:, position], rng)
            weight[fixed] += np.log(np.maximum(likelihood, 1e-300)) - ahead[fixed, position]
        free = np.flatnonzero(~here[:, position])
        if len(free):
            codes = rows.codes[:, position].copy()
            codes[free] = model.draw(rows.take(free), rng)
            put(rows, position, codes)
        for coming in range(position + 1, d):
            if known[:, coming].any() and lookahead.information[position, coming] > best[coming]:
                best[coming] = lookahead.information[position, coming]
                lift = np.where(
                    here[:, coming], lookahead.log_lift(position, coming, rows.codes), 0.0
                )
                weight += lift - ahead[:, coming]
                ahead[:, coming] = lift
        if position < d - 1:
            chosen = _resampled(weight.reshape(n, k), rng)
            rows, ahead = rows.take(chosen), ahead[chosen]
            weight = np.where(_degenerate(weight.reshape(n, k)), 0.0, weight.reshape(n, k)).ravel()
    last = _cumulative(weight.reshape(n, k))
    pick = (rng.random((n, 1)) > last[:, :-1]).sum(1)
    return rows.take(np.arange(n) * k + pick)


def _cumulative(weight: np.ndarray) -> np.ndarray:
    """(n, k) cumulative normalised weights."""
    relative = np.exp(weight - weight.max(1, keepdims=True))
    cumulative = np.cumsum(relative, axis=1)
    return cumulative / cumulative[:, -1:]


def _degenerate(weight: np.ndarray) -> np.ndarray:
    """(n, 1) whether fewer than half of a row's particles carry its weight (effective size)."""
    relative = np.exp(weight - weight.max(1, keepdims=True))
    effective = relative.sum(1) ** 2 / (relative**2).sum(1)
    return (effective < weight.shape[1] / 2)[:, None]


def _resampled(weight: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n * k,) particle that takes each place: systematic resampling of the degenerate rows."""
    n, k = weight.shape
    place = (np.arange(k) + rng.random((n, 1))) / k
    own = np.tile(np.arange(k), (n, 1))
    degenerate = np.flatnonzero(_degenerate(weight)[:, 0])
    cumulative = _cumulative(weight)
    for row in degenerate:
        own[row] = np.searchsorted(cumulative[row, :-1], place[row], side="right")
    return (np.arange(n)[:, None] * k + own).ravel()
