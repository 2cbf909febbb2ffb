"""Sampling the free cells of rows whose given cells lie anywhere: sequential Monte Carlo.

Each row becomes ``k`` particles that are filled in visit order. A given cell multiplies a
particle's weight by its probability; a free one is drawn. One that must not be missing is drawn
among the other values, and multiplies the weight by their probability. So that particles do not run
into a given cell that is all but impossible for them, the weight also carries a *look-ahead*: how
much more likely the coming given cell is in the light of the most informative field so far (a pair
table of ``relations``). It is taken back when the cell's own probability arrives, so the result is right
whatever the table says, and exact as k grows.

    Doucet, Johansen 2011, "A tutorial on particle filtering and smoothing", section 4 (auxiliary).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from synthkit.generators.trees.conditional import Conditional
from synthkit.generators.trees.relations import Relations
from synthkit.generators.trees.rows import Rows

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

    def size(self, position: int) -> int:
        """Number of codes of the field at a position."""
        return len(self.relations.levels[self.order[position]])

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
    present: np.ndarray,
    missing: Sequence[int],
    k: int,
    copies: int,
    put: Put,
    lookahead: Lookahead,
    rng: np.random.Generator,
) -> Rows:
    """Each row ``copies`` times, side by side, filled in as far as there are models.

    Args:
        models: in visit order, up to the last field that is given or asked for in any row.
        given: rows with their known cells filled in.
        known: (n, d) bool in visit order.
        present: (n, d) bool, free cells that must not be missing.
        missing: of each field, the code of a missing cell; -1 for none.
        k: particles per row.
        copies: of the particles that are picked in the end, by their weight, with replacement.
        put: writes codes at a position, with their features.
        lookahead: pair tables.
    """
    n, d = known.shape
    rows = given.take(np.repeat(np.arange(n), k))
    here, asked = np.repeat(known, k, axis=0), np.repeat(present, k, axis=0)
    # given cells repeat one another: their look-aheads together count as the root of their number
    damping = 1.0 / np.sqrt(np.maximum(here.sum(1), 1))
    weight = np.zeros(n * k)
    ahead = np.zeros((n * k, d))
    best = np.zeros(d)
    for position, model in enumerate(models):
        fixed = np.flatnonzero(here[:, position])
        if len(fixed):
            at = rows.take(fixed)
            likelihood = model.probability(at, at.codes[:, position], rng)
            weight[fixed] += np.log(np.maximum(likelihood, 1e-300)) - ahead[fixed, position]
        free = ~here[:, position]
        if free.any():
            codes = rows.codes[:, position].copy()
            if position:
                own = np.flatnonzero(free & asked[:, position])
                if len(own):
                    codes[own], chance = model.draw_present(rows.take(own), missing[position], rng)
                    weight[own] += np.log(np.maximum(chance, 1e-300))
                free &= ~asked[:, position]
                if free.any():
                    codes[free] = model.draw(rows.take(np.flatnonzero(free)), rng)
            else:
                without = np.where(asked[free, 0], missing[0], -1)
                start = rows.take(np.flatnonzero(free))
                codes[free] = _first(
                    model, start, here[free], without, damping[free], lookahead, rng
                )
            put(rows, position, codes)
        coming = position + 1 + np.flatnonzero(known[:, position + 1 :].any(0))
        for later in coming[lookahead.information[position, coming] > best[coming]]:
            best[later] = lookahead.information[position, later]
            lift = damping * lookahead.log_lift(position, later, rows.codes)
            lift[~here[:, later]] = 0.0
            if position:
                weight += lift - ahead[:, later]
            else:  # free cells were drawn with the lift in mind, and given ones are all alike
                lift[here[:, 0]] = 0.0
            ahead[:, later] = lift
        if position < len(models) - 1:
            degenerate = _degenerate(weight.reshape(n, k))
            chosen = _resampled(weight.reshape(n, k), degenerate, rng)
            rows, ahead = rows.take(chosen), ahead[chosen]
            weight[np.repeat(degenerate, k)] = 0.0
    last = _cumulative(weight.reshape(n, k))
    pick = (rng.random((n, copies, 1)) > last[:, None, :-1]).sum(2)
    return rows.take((np.arange(n)[:, None] * k + pick).ravel())


def _first(
    model: Conditional,
    rows: Rows,
    known: np.ndarray,
    without: np.ndarray,
    damping: np.ndarray,
    lookahead: Lookahead,
    rng: np.random.Generator,
) -> np.ndarray:
    """(n,) codes of the first field, drawn from its distribution times the look-aheads of each row.

    There is nothing before the first field, so that all of its codes can be weighed at once. The
    code ``without`` (n,) is not drawn; -1 for none.
    """
    size = lookahead.size(0)
    every = Rows(
        np.arange(size, dtype=np.int32)[:, None].repeat(rows.codes.shape[1], 1),
        np.zeros((size, rows.features.shape[1]), np.float32),
    )
    log = np.log(np.maximum(model.probability(every, every.codes[:, 0], None), 1e-300))
    table = np.column_stack([without, np.where(known, rows.codes, -1)])
    patterns, of_pattern = np.unique(table, axis=0, return_inverse=True)
    codes = np.empty(len(rows), np.int32)
    for number, (gone, *pattern) in enumerate(patterns):
        mine = np.flatnonzero(of_pattern.ravel() == number)
        twisted = log.copy()
        for later in np.flatnonzero(np.array(pattern) >= 0):
            every.codes[:, later] = pattern[later]
            if lookahead.information[0, later] > 0:
                twisted += damping[mine[0]] * lookahead.log_lift(0, int(later), every.codes)
        if gone >= 0:
            twisted[gone] = -np.inf
        cumulative = _cumulative(twisted[None])[0]
        codes[mine] = np.searchsorted(cumulative[:-1], rng.random(len(mine)), side="right")
    return codes


def _cumulative(weight: np.ndarray) -> np.ndarray:
    """(n, k) cumulative normalised weights."""
    relative = np.exp(weight - weight.max(1, keepdims=True))
    cumulative = np.cumsum(relative, axis=1)
    return cumulative / cumulative[:, -1:]


def _degenerate(weight: np.ndarray) -> np.ndarray:
    """(n,) whether fewer than half of a row's particles carry its weight (effective size)."""
    relative = np.exp(weight - weight.max(1, keepdims=True))
    effective = relative.sum(1) ** 2 / (relative**2).sum(1)
    return effective < weight.shape[1] / 2


def _resampled(weight: np.ndarray, degenerate: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n * k,) particle that takes each place: systematic resampling of the degenerate rows."""
    n, k = weight.shape
    own = np.tile(np.arange(k), (n, 1))
    rows = np.flatnonzero(degenerate)
    if len(rows):
        place = (np.arange(k) + rng.random((len(rows), 1))) / k
        # rows side by side on one line: row i's weights fill [i, i + 1)
        line = (_cumulative(weight[rows]) + np.arange(len(rows))[:, None]).ravel()
        found = np.searchsorted(line, place + np.arange(len(rows))[:, None], side="right")
        own[rows] = np.minimum(found - np.arange(len(rows))[:, None] * k, k - 1)
    return (np.arange(n)[:, None] * k + own).ravel()
