"""``Ranks``: a number's place in its column's distribution, as a field of the layout.

This is the probability integral transform with atoms. The training values are covered by *cells*:
disjoint, ascending intervals ``[low, high]``, each owning a stretch of u in [0, 1] as wide as its
share of the rows.

* An **atom** (``low == high``) is a repeated value: every one in a column that consists of
  repeated values (ages, rounded prices), otherwise those that stand out (zero). Its rows are
  spread uniformly over its stretch of u, and every u in the stretch decodes to exactly that value.
* A **run** holds the neighbouring values between two atoms, cut into pieces of about 1/1000 of the
  rows. Inside a piece u is linear in the value. On a lattice (integers, fixed decimals, multiples
  of 5) a piece is a number of lattice points of equal width, so decoding lands on the lattice with
  the right mass and no value is invented in the holes between cells. Round numbers that rows
  prefer weigh more than the points between them (see ``heaps``).

A value outside of every cell belongs to the nearest cell, at a random place inside it. That one
rule covers hidden extremes, rare values that were merged, holes and numbers never seen.

**Protection.** Only values seen in at least ``protect.rare`` rows become atoms, and a piece holds
at least so many rows; its ends lie between its outermost values and their neighbours, not on those
values, wherever values are sparse. The ``protect.extremes`` smallest and largest rows do not take
part in placing cells unless they share their value with as many others; they are encoded at a
random place in the outermost cell. A column with fewer rows than ``rare`` is one cell with bounds
of one significant digit. What a rank tells of a row inside a piece is up to the backend: one that
hands training ranks on unchanged hands single values on.

With both protections off, decoding inverts encoding exactly (float64 without fixed decimals: to a
relative 1e-9).

A column with few distinct values becomes an ordered ``Categorical`` of cell numbers, any other a
``Numeric``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from synthkit.errors import SchemaError
from synthkit.generators.base import State
from synthkit.recipe import ProtectSpec
from synthkit.schema import Column
from synthkit.transforms.cells import place
from synthkit.transforms.heaps import Heaps, Runs
from synthkit.transforms.layout import Categorical, Field, Numeric
from synthkit.transforms.slopes import Slopes

MAX_CODES = 50  # up to so many atoms, and nothing else, the field is Categorical
# An atom with at least this share of the rows is a spike of the layout: amounts that one row in a
# thousand has (of capital gain, say) tell much of the rest, and bins that mix them lose that.
SPIKE, MOST_SPIKES = 0.001, 100
MARGIN = 2.0**-10  # keeps dequantised ranks clear of rounding at the ends of their interval
INSIDE = 2.0**-30  # the same for values at the end of a continuous cell
MOST_POINTS = np.nextafter(2.0**64, 0)  # the largest float64 that converts to uint64
FAR = 2.0**52  # lattice points beyond it are not weighed: float64 could not tell them apart
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
        heaps: weights of the lattice points; None where all weigh the same.
    """

    low: np.ndarray
    high: np.ndarray
    edges: np.ndarray
    step: int
    nullable: bool
    extreme_rows: int = 0
    merged_rows: int = 0
    heaps: Heaps | None = None

    @classmethod
    def fit(
        cls,
        numbers: np.ndarray,
        protect: ProtectSpec,
        *,
        nullable: bool,
        unit: int = 1,
        rounded: bool = False,
    ) -> Ranks:
        """Cells for the non-missing numbers of a column, (n >= 1,) int64 or float64, finite.

        Multiples of ``unit`` are whole numbers to the reader of the column; ``rounded`` numbers may
        heap on round ones.
        """
        values, counts = np.unique(numbers, return_counts=True)
        cells = place(values, counts, protect)
        uniform = np.linspace(0, 1, len(cells.low) + 1)
        ranks = cls(cells.low, cells.high, uniform, cells.step, nullable)
        cell, inside = ranks._nearest(values)
        mass = np.bincount(cell, weights=counts, minlength=len(cells.low))
        used = mass > 0
        spread = inside & (cells.low < cells.high)[cell]
        runs = None
        far = max(abs(float(cells.low[0])), abs(float(cells.high[-1]))) > FAR
        if cells.step and spread.any() and not far and cells.low[0] % cells.step == 0:
            runs = Runs.of(values[spread], counts[spread], cell[spread], cells)
        return replace(
            ranks,
            low=cells.low[used],
            high=cells.high[used],
            edges=np.concatenate([[0.0], np.cumsum(mass[used]) / counts.sum()]),
            extreme_rows=cells.extreme_rows,
            merged_rows=cells.merged_rows,
            heaps=None if runs is None else Heaps.of(runs, unit, rounded=rounded),
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
        share = np.where(self.low == self.high, np.diff(self.edges), 0.0)
        largest = np.argsort(-share, kind="stable")[:MOST_SPIKES]
        spikes = tuple(
            (float(self.edges[i]), float(self.edges[i + 1]))
            for i in np.sort(largest[share[largest] >= SPIKE])
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

    def measure(
        self, numbers: np.ndarray, missing: np.ndarray, tick: float | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """``(field, log)``: each number's code, or the middle of its stretch of u, and its log width.

        The width is the number's probability if u were even. In a field of ranks it is per unit for
        float64 numbers between atoms, and for all lattice points if ``tick`` says how many units 1
        is; see ``slopes``. A number that is beyond all cells, off the lattice or between atoms has
        none: -inf. Nor has a missing cell where training had none.
        """
        cell, inside = self._nearest(numbers)
        lattice = np.ones(len(numbers), bool)
        if self.step:
            offset = numbers.view(np.uint64) - self.low[cell].view(np.uint64)
            lattice = offset % np.uint64(self.step) == 0
        never = np.where(missing & (not self.nullable), -np.inf, 0.0)
        if self.discrete:
            codes = np.where(missing, len(self.low) if self.nullable else 0, cell)
            return codes.astype(np.int32), np.where(missing | inside, never, -np.inf)
        mass = np.diff(self.edges)
        slopes = Slopes(self.low, self.high, mass, self.step)
        numbers, cell, inside, log = slopes.filled(numbers, cell, inside)
        half = np.full(len(numbers), 0.5)
        u = self.edges[cell] + mass[cell] * np.where(inside, self._place(numbers, cell, half), half)
        log += np.log(mass)[cell] + slopes.log_smoothing()[cell]
        log += self._log_share(numbers, cell, inside)
        if self.step and tick is not None:
            log -= np.log(self.step * tick)
        u[missing] = np.nan if self.nullable else 0.5
        return u, np.where(missing, never, np.where(inside & lattice, log, -np.inf))

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
        if self.heaps is not None:
            points = self.heaps.point(place, low // self.step, high // self.step)
            return points * self.step, missing
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
            "heaps": self.heaps and vars(self.heaps),
        }
        return State(meta, {"low": self.low, "high": self.high, "edges": self.edges})

    @classmethod
    def from_state(cls, state: State) -> Ranks:
        """Inverse of ``state``."""
        arrays = state.arrays
        meta = {**state.meta}
        heaps = meta.pop("heaps")
        return cls(
            arrays["low"],
            arrays["high"],
            arrays["edges"],
            heaps=heaps and Heaps(tuple(heaps["periods"]), tuple(heaps["weights"])),
            **meta,
        )

    def _log_share(self, numbers: np.ndarray, cell: np.ndarray, inside: np.ndarray) -> np.ndarray:
        """Log of the share of its cell that a number inside has: of a point, or per unit."""
        low, high = self.low[cell], self.high[cell]
        if self.heaps is not None:
            points = np.clip(numbers, low, high) // self.step
            ends = low // self.step, high // self.step
            zero, one = np.zeros(len(numbers)), np.ones(len(numbers))
            upper = self.heaps.place(points, *ends, one)
            return np.where(inside, np.log(upper - self.heaps.place(points, *ends, zero)), 0.0)
        if self.step:
            return -np.log(self._points()[cell] + 1.0)
        span = high / 4.0 - low / 4.0  # in quarters: no overflow
        return np.where(span > 0, -np.log(np.where(span > 0, span, 1.0)) - np.log(4.0), 0.0)

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
        if self.heaps is not None:
            numbers = np.clip(numbers, low, high)  # those outside are placed anywhere
            ends = low // self.step, high // self.step
            return self.heaps.place(numbers // self.step, *ends, jitter)
        if self.step:
            points = self._points()[cell]
            offset = (numbers.view(np.uint64) - low.view(np.uint64)) // np.uint64(self.step)
            return (np.minimum(offset, points) + jitter) / (points + 1.0)
        scale = np.where(np.maximum(np.abs(low), np.abs(high)) > HUGE, 0.25, 1.0)
        low, span = low * scale, high * scale - low * scale
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            place = np.clip((numbers * scale - low) / span, INSIDE, 1 - INSIDE)
        return np.where(span > 0, place, jitter)
