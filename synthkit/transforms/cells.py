"""Where the cells of a column of numbers lie: atoms, pieces of runs, and what is hidden.

    cells = place(values, counts, protect)      # the distinct values and their rows

See ``ranks`` for what cells are for and for the rules of protection.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from synthkit.recipe import ProtectSpec

PIECES = 1000  # a piece of a run holds at least 1/PIECES of the rows
REPEATING = 0.9  # with at least this share of its rows repeated, every repeated value is an atom
STEPS_FROM = 10  # distinct values that show a lattice
STANDING_OUT = 3  # otherwise, those with so many times the average count of a value


@dataclass(frozen=True)
class Cells:
    """Disjoint, ascending intervals around the values of a column.

    Args:
        low, high: (cells,) int64 or float64, ``low <= high``.
        step: distance of lattice points; 0 for float64 numbers.
        extreme_rows: rows hidden as extremes.
        merged_rows: rows whose rare value has no cell of its own.
    """

    low: np.ndarray
    high: np.ndarray
    step: int
    extreme_rows: int
    merged_rows: int


def place(values: np.ndarray, counts: np.ndarray, protect: ProtectSpec) -> Cells:
    """Cells for the distinct values of a column.

    Args:
        values: (m >= 1,) int64 or float64, finite, strictly ascending.
        counts: (m,) rows of each value.
        protect: what is hidden.
    """
    n = int(counts.sum())
    shown = ~_extremes(counts, protect.extremes)
    extreme_rows = int(counts[~shown].sum())
    if n - extreme_rows < max(protect.rare, 1):
        low, high = _coarse(values[shown] if shown.any() else values)
        return Cells(low, high, int(values.dtype.kind == "i"), extreme_rows, 0)
    values, counts = values[shown], counts[shown]
    starts, kept = _cut(values, counts, n, protect.rare)
    values, counts, starts = values[kept], counts[kept], starts[kept]
    step = _lattice_step(values)
    low, high = _extents(values, counts, starts, step)
    return Cells(low, high, step, extreme_rows, n - extreme_rows - int(counts.sum()))


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
        # the float64 before 2**63 is the largest that converts
        least, most = float(np.iinfo(np.int64).min), np.nextafter(2.0**63, 0)
    else:
        least, most = np.finfo(float).min, np.finfo(float).max
    ends = np.clip(bounds, least, most).astype(values.dtype)
    return ends[:1], ends[1:]


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
    """Largest step that leads from one int64 value to every other; 0 for float64.

    1 for a column of few values, whose step could tell one of them.
    """
    if values.dtype.kind != "i":
        return 0
    if len(values) < STEPS_FROM:
        return 1
    offsets = values.view(np.uint64) - values.view(np.uint64)[0]
    return min(int(np.gcd.reduce(offsets)), 2**62) or 1


def _extents(
    values: np.ndarray, counts: np.ndarray, starts: np.ndarray, step: int
) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the cells around their values.

    Pieces reach halfway to their neighbours, but no farther than two average spacings of their own
    values, so that a wide gap stays empty. At both ends of the column they reach half a spacing.
    Atoms do not reach at all.
    """
    first = np.flatnonzero(starts)
    last = np.append(first[1:], len(values)) - 1
    low, high = values[first], values[last]
    rows = np.add.reduceat(counts, first)
    spacing = (high / 4.0 - low / 4.0) / np.maximum(rows - 1, 1)  # in quarters: no overflow
    below, above = 8.0 * spacing, 8.0 * spacing
    below[0], above[-1] = 2.0 * spacing[0], 2.0 * spacing[-1]
    return (
        _stretched(low, high, below, above)
        if step == 0
        else _stepped(low, high, below, above, step)
    )


def _stretched(
    low: np.ndarray, high: np.ndarray, below: np.ndarray, above: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """float64 cells extended by ``below`` and ``above``, at most to the middle of the gap."""
    middle = high[:-1] / 2 + low[1:] / 2
    lower, upper = low - below, high + above
    lower[1:] = np.clip(lower[1:], middle, low[1:])
    upper[:-1] = np.clip(upper[:-1], high[:-1], middle)
    bound = np.finfo(float).max
    return np.clip(lower, -bound, bound), np.clip(upper, -bound, bound)


def _stepped(
    low: np.ndarray, high: np.ndarray, below: np.ndarray, above: np.ndarray, step: int
) -> tuple[np.ndarray, np.ndarray]:
    """int64 cells extended by whole steps; the free lattice points of a gap are shared out."""
    unit, info = np.uint64(step), np.iinfo(np.int64)
    start, end = low.view(np.uint64), high.view(np.uint64)  # differences never overflow in uint64
    room_below = (start - np.array(info.min).view(np.uint64)) // unit
    room_above = (np.array(info.max).view(np.uint64) - end) // unit
    free = (start[1:] - end[:-1]) // unit - np.uint64(1)
    room_above[:-1] = np.minimum(room_above[:-1], free - free // np.uint64(2))
    room_below[1:] = np.minimum(room_below[1:], free // np.uint64(2))
    lower = start - np.minimum(_steps(below, step), room_below) * unit
    upper = end + np.minimum(_steps(above, step), room_above) * unit
    return lower.view(np.int64), upper.view(np.int64)


def _steps(distance: np.ndarray, step: int) -> np.ndarray:
    return np.minimum(distance / step, 2.0**63).astype(np.uint64)
