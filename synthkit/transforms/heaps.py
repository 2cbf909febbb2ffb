"""``Heaps``: the lattice points of a cell where round numbers outweigh those between them.

In a column of amounts of which a few have cents, every cent is a lattice point, and points of equal
weight would give nearly every decoded amount cents. Mortgages are written to the dollar, but one in
eight is a multiple of 100. So the points are weighed by the roundest *period* they are a multiple of,
and each period's points together weigh as much as their rows. Periods are 5, 10, 50, 100 and so on
in the unit of the last decimal; only those that have more rows than chance explains take part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit.transforms.cells import Cells

MOSTLY = 0.5  # whole numbers with at least this share of the rows take part
ROUND = tuple(sorted(m * 10**k for k in range(13) for m in (1, 5)))[1:]
# other round numbers take part with so many distinct values, so many times the rows that are expected
# of them without that, and so many standard errors more
VALUES, TIMES, BEYOND = 10, 1.2, 6.0
SWEEPS = 50  # of fitting the weights to the rows, in which they settle


@dataclass(frozen=True)
class Runs:
    """Cells of many points, and the values that lie in them.

    Args:
        values: (m,) int64.
        counts: (m,) rows of each.
        step: distance of lattice points.
        first, last: (cells,) number of each cell's first and last point.
        in_cell: (cells,) rows in each.
    """

    values: np.ndarray
    counts: np.ndarray
    step: int
    first: np.ndarray
    last: np.ndarray
    in_cell: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, counts: np.ndarray, cell: np.ndarray, cells: Cells) -> Runs:
        """The runs of a column on a lattice, of which ``cell`` (m,) numbers each value's."""
        used, where = np.unique(cell, return_inverse=True)
        ends = cells.low[used] // cells.step, cells.high[used] // cells.step
        return cls(values, counts, cells.step, *ends, np.bincount(where, weights=counts))

    def rows(self, periods: tuple[int, ...]) -> np.ndarray:
        """(periods,) rows on multiples of each period, in points, and of no later one."""
        on = [self.counts[self.values % (p * self.step) == 0].sum() for p in periods]
        return -np.diff(np.array([*on, 0], float))

    def points(self, periods: tuple[int, ...]) -> np.ndarray:
        """(cells, periods) points that are multiples of each period, and of no later one."""
        multiples = [self.last // p - (self.first - 1) // p for p in periods]
        return -np.diff([*multiples, np.zeros(len(self.first), int)], axis=0).T

    def expected(self, points: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """(periods,) rows, if those of every cell are drawn by the weights of these points."""
        weight = points * weights
        rows: np.ndarray = self.in_cell @ (weight / weight.sum(1, keepdims=True))
        return rows


@dataclass(frozen=True)
class Heaps:
    """Weights of lattice points, which are numbered so that 0 is a multiple of every period.

    Args:
        periods: in points, 1 first; each divides the next.
        weights: of a point that is a multiple of each period and of no later one; above 0.
    """

    periods: tuple[int, ...]
    weights: tuple[float, ...]

    @classmethod
    def of(cls, runs: Runs, unit: int, *, rounded: bool) -> Heaps | None:
        """The weights that rows show; None if all points weigh the same.

        Args:
            runs: where they lie.
            unit: a whole number is a multiple of it.
            rounded: whether other round numbers than whole ones may take part.
        """
        step = runs.step
        found: tuple[int, ...] = (1,)
        if unit > step and unit % step == 0:
            on = runs.counts[runs.values % unit == 0].sum()
            found = (1, unit // step) if on >= MOSTLY * runs.counts.sum() else found
        whole = cls._weighed(runs, found)
        round_ = [n // step for n in ROUND if n % step == 0 and n // step > found[-1]]
        if rounded:
            # the roundest first, or multiples of 10 would seem preferred where those of 100 are
            for period in reversed(round_):
                if _preferred(runs, found, period):
                    found = tuple(sorted((*found, period)))
            for period in [p for p in reversed(found) if p not in whole.periods]:
                others = tuple(p for p in found if p != period)
                found = found if _preferred(runs, others, period) else others
        if found == whole.periods:
            return whole if len(found) > 1 else None
        return cls._fitted(runs, found)

    @classmethod
    def _weighed(cls, runs: Runs, periods: tuple[int, ...]) -> Heaps:
        """Weights by rows, as if the values were spread evenly over one long run."""
        share = _shares(periods)
        # as if one more row were spread evenly: no point weighs nothing
        weights = (runs.rows(periods) + share) / share / (runs.counts.sum() + 1.0) / periods[-1]
        return cls(periods, tuple(weights.tolist()))

    @classmethod
    def _fitted(cls, runs: Runs, periods: tuple[int, ...]) -> Heaps:
        """The weights by which the cells give every period as many rows as it has."""
        share, rows, points = _shares(periods), runs.rows(periods), runs.points(periods)
        weights = np.array(cls._weighed(runs, periods).weights)
        for _ in range(SWEEPS):
            weights *= (rows + share) / (runs.expected(points, weights) + share)
        return cls(periods, tuple((weights / weights.max()).tolist()))

    def place(
        self, point: np.ndarray, first: np.ndarray, last: np.ndarray, inside: np.ndarray
    ) -> np.ndarray:
        """Where each point's stretch lies among those from ``first`` to ``last``, in (0, 1).

        ``inside`` (n,) in (0, 1) is the place within the stretch.
        """
        start = first - first % self.periods[-1]  # small numbers keep their digits
        low, high = self._below(first - start), self._below(last + 1 - start)
        below, beyond = self._below(point - start), self._below(point + 1 - start)
        return (below + inside * (beyond - below) - low) / (high - low)

    def point(self, place: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Inverse of ``place``: the point whose stretch holds it."""
        start = first - first % self.periods[-1]
        low, high = self._below(first - start), self._below(last + 1 - start)
        rest = low + place * (high - low)
        # blocks of one period are alike, but that the first point of a block, its head, may be the
        # head of a later period's block too
        heads = self.weights[-1] - np.array(self.weights)
        block = self._below(np.array(self.periods)) - heads
        blocks = np.floor(rest / block[-1])
        found = start + blocks.astype(np.int64) * self.periods[-1]
        rest = rest - blocks * block[-1]
        head = np.full(len(found), self.weights[-1])
        for i in range(len(self.periods) - 2, -1, -1):
            after = rest - (head - self.weights[i])
            parts = self.periods[i + 1] // self.periods[i]
            part = np.clip(np.floor(after / block[i]), 0, parts - 1)
            found += part.astype(np.int64) * self.periods[i]
            rest = np.where(part > 0, after - part * block[i], rest)
            head = np.where(part > 0, self.weights[i], head)
        return np.clip(found, first, last)

    def _below(self, point: np.ndarray) -> np.ndarray:
        """Weight of the points from 0 up to ``point``, which is not counted."""
        more = np.diff(self.weights, prepend=0.0)
        return np.sum([w * -(-point // p) for p, w in zip(self.periods, more, strict=True)], axis=0)


def _preferred(runs: Runs, others: tuple[int, ...], period: int) -> bool:
    """Whether a period has clearly more rows than the weights of the others give it."""
    multiples = runs.values % (period * runs.step) == 0
    if np.count_nonzero(multiples) < VALUES:
        return False
    periods = tuple(sorted((*others, period)))
    place = periods.index(period)
    weights = np.insert(Heaps._fitted(runs, others).weights, place, 0.0)
    weights[place] = weights[place - 1]
    expected = runs.expected(runs.points(periods), weights)[place:].sum()
    more = runs.counts[multiples].sum() - expected
    return bool(more > (TIMES - 1) * expected and more > BEYOND * np.sqrt(expected + 1.0))


def _shares(periods: tuple[int, ...]) -> np.ndarray:
    """(periods,) share of all points that are multiples of each period and of no later one."""
    return -np.diff([*(1 / period for period in periods), 0.0])
