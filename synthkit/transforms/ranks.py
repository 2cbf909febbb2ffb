"""``Ranks``: a number's place in its column's distribution, as a field of the layout.

This is the probability integral transform with atoms. The training values are covered by *cells*:
disjoint, ascending intervals ``[low, high]``, each owning a stretch of u in [0, 1] as wide as its
share of the rows.

* An **atom** (``low == high``) is a repeated value: every one in a column that consists of
  repeated values (ages, rounded prices), otherwise those that stand out (zero). Its rows are spread uniformly over its stretch
  of u, and every u in the stretch decodes to exactly that value.
* A **run** holds the neighbouring values between two atoms, cut into pieces of about 1/1000 of the
  rows. Inside a piece u is linear in the value. On a lattice (integers, fixed decimals, multiples
  of 5) a piece is a number of lattice points of equal width, so decoding lands on the lattice with
  the right mass and no value is invented in the holes between cells.

A value outside of every cell belongs to the nearest cell, at a random place inside it. That one
rule covers hidden extremes, rare values that were merged, holes and numbers never seen.

**Protection.** Only values seen in at least ``protect.rare`` rows become atoms, and a piece holds
at least so many rows; its ends lie half an average spacing beyond its outermost values, so that
they are not those values where values are sparse. The ``protect.extremes`` smallest and largest
rows do not take part in placing cells unless they share their value with as many others; they
are encoded at a random place in the outermost cell. A column with fewer rows than ``rare`` is one
cell with bounds of one significant digit. With both protections off, decoding inverts encoding
exactly (float64 without fixed decimals: to a relative 1e-9).

A column with few distinct values becomes an ordered ``Categorical`` of cell numbers, any other a
``Numeric``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from synthkit.errors import SchemaError
from synthkit.generators.base import State
from synthkit.recipe import ProtectSpec
from synthkit.schema import Column
from synthkit.transforms.layout import Categorical, Field, Numeric

PIECES = 1000  # a piece of a run holds at least 1/PIECES of the rows
MAX_CODES = 50  # up to so many atoms, and nothing else, the field is Categorical
SPIKE = 0.01  # an atom with at least this share of the rows is a spike of the layout
REPEATING = 0.9  # with at least this share of its rows repeated, every repeated value is an atom
STANDING_OUT = 3  # otherwise, those with so many times the average count of a value
MARGIN = 2.0**-10  # keeps dequantised ranks clear of rounding at the ends of their interval
INSIDE = 2.0**-30  # the same for values at the end of a continuous cell
MOST_POINTS = np.nextafter(2.0**64, 0)  # the largest float64 that converts to uint64
HUGE = 2.0**1000  # beyond it, differences of float64 could overflow and are scaled


@dataclass(frozen=True)
class Ranks:
    """Cells of one column of numbers.

    Args:
        low, high: (cells,) int64 or float64, ascending, ``low <= high``.
        edges: (cells + 1,) float64, strictly ascending from 0 to 1: the stretches of u.
        step: distance of lattice points; 0 for float64 numbers.
        nullable: whether missing cells were seen in training.
        extreme_rows: training rows hidden as extremes.
        merged_rows: training rows moved to the nearest cell for being rare.
    """

    low: np.ndarray
    high: np.ndarray
    edges: np.ndarray
    step: int
    nullable: bool
    extreme_rows: int = 0
    merged_rows: int = 0

    @classmethod
    def fit(cls, numbers: np.ndarray, protect: ProtectSpec, *, nullable: bool) -> Ranks:
        """Cells for the non-missing numbers of a column, (n >= 1,) int64 or float64, finite."""
        values, counts = np.unique(numbers, return_counts=True)
        shown = ~_extremes(counts, protect.extremes)
        extreme_rows = int(counts[~shown].sum())
        if counts[shown].sum() < max(protect.rare, 1):
            kept = values[shown] if shown.any() else values
            low, high = _coarse(kept)
            step, kept_rows = int(values.dtype.kind == "i"), int(counts[shown].sum())
        else:
            starts, kept_mask = _cut(values[shown], counts[shown], int(counts.sum()), protect.rare)
            kept, kept_counts = values[shown][kept_mask], counts[shown][kept_mask]
            step, kept_rows = _lattice_step(kept), int(kept_counts.sum())
            low, high = _extents(kept, kept_counts, starts[kept_mask], step)
        cells = cls(low, high, np.linspace(0, 1, len(low) + 1), step, nullable)
        mass = np.bincount(cells._nearest(values)[0], weights=counts, minlength=len(low))
        used = mass > 0
        return cls(
            low[used],
            high[used],
            np.concatenate([[0.0], np.cumsum(mass[used]) / counts.sum()]),
            step,
            nullable,
            extreme_rows,
            int(counts.sum()) - extreme_rows - kept_rows,
        )

    @property
    def hidden(self) -> dict[str, int]:
        """The protection's counts, without zeros."""
        counts = {"extreme_rows": self.extreme_rows, "merged_rows": self.merged_rows}
        return {name: count for name, count in counts.items() if count}

    @property
    def discrete(self) -> bool:
        """Whether the field is an ordered ``Categorical``."""
        return len(self.low) <= MAX_CODES and bool(np.all(self.low == self.high))

    def field(self, name: str = "") -> Field:
        """The field of the layout."""
        if self.discrete:
            size = len(self.low) + self.nullable
            missing = size - 1 if self.nullable else None
            return Categorical(name, size, ordered=True, missing=missing)
        wide = (self.low == self.high) & (np.diff(self.edges) >= SPIKE)
        spikes = tuple(
            (float(self.edges[i]), float(self.edges[i + 1])) for i in np.flatnonzero(wide)
        )
        return Numeric(name, spikes=spikes, nullable=self.nullable)

    def encode(
        self, numbers: np.ndarray, missing: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """(n,) codes int32 or ranks float64. A missing cell never seen before is drawn at random."""
        cell, inside = self._nearest(numbers)
        if self.discrete:
            codes = cell.astype(np.int32)
            codes[missing] = len(self.low) if self.nullable else self._draw(missing, rng)
            return codes
        jitter = MARGIN + (1 - 2 * MARGIN) * rng.random(len(numbers))
        place = np.where(inside, self._place(numbers, cell, jitter), jitter)
        u = self.edges[cell] + np.diff(self.edges)[cell] * place
        u[missing] = np.nan if self.nullable else rng.random(int(missing.sum()))
        return u

    def decode(self, field: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """``(numbers, missing)`` of codes or ranks."""
        if self.discrete:
            missing = field == len(self.low)
            return self.low[np.minimum(field, len(self.low) - 1)], missing
        missing = np.isnan(field)
        u = np.where(missing, 0.5, field)
        cell = np.searchsorted(self.edges[1:-1], u, side="right")
        place = (u - self.edges[cell]) / np.diff(self.edges)[cell]
        low, high = self.low[cell], self.high[cell]
        if self.step == 0:
            return np.where(low == high, low, low * (1 - place) + high * place), missing
        last = self._points()[cell]
        point = np.minimum(place * (last + 1.0), MOST_POINTS).astype(np.uint64)
        offset = np.minimum(point, last) * np.uint64(self.step)
        return (low.view(np.uint64) + offset).view(np.int64), missing

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """n numbers from the column's own distribution (missing cells apart)."""
        if self.discrete:
            return self.low[self._draw(np.ones(n, bool), rng)]
        return self.decode(rng.random(n))[0]

    def checked(self, cell: object, number: float, column: Column) -> object:
        """The cell, if its number lies within the learned range; ``SchemaError`` otherwise."""
        if self.low[0] <= number <= self.high[-1]:
            return cell
        raise SchemaError(
            "the given value is outside of the range learned in training",
            where=column.name,
            expected="a value that the training rows surround",
        )

    def state(self) -> State:
        """Cells in arrays, settings in the metadata."""
        meta = {
            "step": self.step,
            "nullable": self.nullable,
            "extreme_rows": self.extreme_rows,
            "merged_rows": self.merged_rows,
        }
        return State(meta, {"low": self.low, "high": self.high, "edges": self.edges})

    @classmethod
    def from_state(cls, state: State) -> Ranks:
        """Inverse of ``state``."""
        arrays = state.arrays
        return cls(arrays["low"], arrays["high"], arrays["edges"], **state.meta)

    def _draw(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return np.searchsorted(self.edges[1:-1], rng.random(int(rows.sum())), side="right")

    def _points(self) -> np.ndarray:
        """Number of the last lattice point of each cell, counted from 0; uint64."""
        return (self.high.view(np.uint64) - self.low.view(np.uint64)) // np.uint64(self.step)

    def _nearest(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """``(cell, inside)``: the cell that holds each number, or else the nearest one."""
        right = np.minimum(np.searchsorted(self.high, numbers, side="left"), len(self.high) - 1)
        inside = (self.low[right] <= numbers) & (numbers <= self.high[right])
        outside = np.flatnonzero(~inside & (right > 0) & (numbers < self.low[right]))
        x = numbers[outside] / 4.0  # in quarters: no overflow
        above = self.low[right[outside]] / 4.0 - x
        below = x - self.high[right[outside] - 1] / 4.0
        right[outside] -= below <= above
        return right, inside

    def _place(self, numbers: np.ndarray, cell: np.ndarray, jitter: np.ndarray) -> np.ndarray:
        """Where in its cell each number lies, in (0, 1); anything for a number outside."""
        low, high = self.low[cell], self.high[cell]
        if self.step:
            points = self._points()[cell]
            offset = (numbers.view(np.uint64) - low.view(np.uint64)) // np.uint64(self.step)
            return (np.minimum(offset, points) + jitter) / (points + 1.0)
        scale = np.where(np.maximum(np.abs(low), np.abs(high)) > HUGE, 0.25, 1.0)
        low, span = low * scale, high * scale - low * scale
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            place = np.clip((numbers * scale - low) / span, INSIDE, 1 - INSIDE)
        return np.where(span > 0, place, jitter)


def _extremes(counts: np.ndarray, k: int) -> np.ndarray:
    """Which distinct values belong to the k smallest or largest rows and are shared by fewer than k."""
    below = np.cumsum(counts) - counts
    above = counts.sum() - below - counts
    return (np.minimum(below, above) < k) & (counts < k)


def _coarse(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One cell around values too few to learn from: bounds rounded out to one significant digit."""
    bounds = []
    for value, outward in ((values[0], -1), (values[-1], 1)):
        exact = float(value)
        unit = max(10.0 ** math.floor(math.log10(abs(exact))), 5e-324) if exact else 1.0
        # never the value itself; 2 * 1e308 is infinite and clipped below
        rounded = math.floor if outward < 0 else math.ceil
        bounds.append(rounded(exact / unit + 1e-9 * outward) * unit)
    if values.dtype.kind == "i":
        info = np.iinfo(np.int64)
        # the next float64 below 2**63 is the largest that converts
        bounds = np.clip(bounds, float(info.min), np.nextafter(float(info.max), 0))
    else:
        bounds = np.clip(bounds, np.finfo(float).min, np.finfo(float).max)
    low, high = np.asarray(bounds).astype(values.dtype)
    return np.atleast_1d(low), np.atleast_1d(high)


def _cut(
    values: np.ndarray, counts: np.ndarray, n: int, rare: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cuts the distinct values into cells.

    Returns:
        starts: (m,) bool, the value is the first of its cell.
        kept: (m,) bool, False for a rare value that is left to the nearest cell.
    """
    piece = max(rare, -(-n // PIECES))
    repeated = counts >= max(rare, 2)
    if counts[repeated].sum() < REPEATING * counts.sum():
        repeated = counts >= max(rare, 2, piece, STANDING_OUT * counts.mean())
    starts = repeated.copy()
    starts[0] = True
    starts[1:] |= repeated[:-1]
    kept = np.ones(len(values), bool)
    firsts = np.flatnonzero(starts & ~repeated)
    if not len(firsts):
        return starts, kept
    cumulative = np.concatenate([[0], np.cumsum(counts)])
    ends = np.append(np.flatnonzero(starts), len(values))
    ends = ends[np.searchsorted(ends, firsts, side="right")]
    rows = cumulative[ends] - cumulative[firsts]
    if rare > 1 and repeated.any():
        inner = (firsts > 0) & (ends < len(values))
        for i in np.flatnonzero(rows < np.where(inner, piece, rare)):
            kept[firsts[i] : ends[i]] = False
    for i in np.flatnonzero(rows >= 2 * piece):
        starts[_pieces(cumulative, int(firsts[i]), int(ends[i]), piece)] = True
    if rare <= 1:
        starts |= _too_wide(values, starts)
    return starts, kept


def _pieces(cumulative: np.ndarray, first: int, end: int, piece: int) -> list[int]:
    """First values of the pieces of a run: each holds at least ``piece`` rows, and so does the rest."""
    cuts: list[int] = []
    position = first
    while True:
        position = int(np.searchsorted(cumulative, cumulative[position] + piece))
        if cumulative[end] - cumulative[min(position, end)] < piece:
            return cuts
        cuts.append(position)


def _too_wide(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Values in cells so wide for their contents that float64 ranks cannot tell them apart."""
    first = np.flatnonzero(starts)
    cell = np.cumsum(starts) - 1
    low, high = values[first], values[np.append(first[1:], len(values)) - 1]
    span = high / 4.0 - low / 4.0
    if values.dtype.kind == "i":
        return (span > 2.0**28)[cell]
    smallest = np.minimum.reduceat(np.abs(values), first) / 4.0
    return (span / 1e3 > smallest)[cell]


def _lattice_step(values: np.ndarray) -> int:
    """Largest step that leads from one int64 value to every other; 0 for float64."""
    if values.dtype.kind != "i":
        return 0
    offsets = values.view(np.uint64) - values.view(np.uint64)[0]
    return min(int(np.gcd.reduce(offsets)), 2**62) or 1


def _extents(
    values: np.ndarray, counts: np.ndarray, starts: np.ndarray, step: int
) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the cells: half an average spacing beyond their values, at most halfway to the next."""
    first = np.flatnonzero(starts)
    last = np.append(first[1:], len(values)) - 1
    low, high = values[first], values[last]
    rows = np.add.reduceat(counts, first)
    spread = low < high
    if step == 0:
        reach = np.where(spread, high / 2 - low / 2, 0.0) / np.maximum(rows - 1, 1)
        middle = high[:-1] / 2 + low[1:] / 2
        lower, upper = low - reach, high + reach
        lower[1:] = np.clip(lower[1:], middle, low[1:])
        upper[:-1] = np.clip(upper[:-1], high[:-1], middle)
        bound = np.finfo(float).max
        return np.clip(lower, -bound, bound), np.clip(upper, -bound, bound)
    unit = np.uint64(step)
    span = (high.view(np.uint64) - low.view(np.uint64)) // unit
    reach = np.where(spread, span // (2 * np.maximum(rows - 1, 1)).astype(np.uint64), np.uint64(0))
    free = (low[1:].view(np.uint64) - high[:-1].view(np.uint64)) // unit - np.uint64(1)
    info = np.iinfo(np.int64)
    room_below = (low.view(np.uint64) - np.array(info.min).view(np.uint64)) // unit
    room_above = (np.array(info.max).view(np.uint64) - high.view(np.uint64)) // unit
    room_above[:-1] = np.minimum(room_above[:-1], free - free // np.uint64(2))
    room_below[1:] = np.minimum(room_below[1:], free // np.uint64(2))
    lower = low.view(np.uint64) - np.minimum(reach, room_below) * unit
    upper = high.view(np.uint64) + np.minimum(reach, room_above) * unit
    return lower.view(np.int64), upper.view(np.int64)
