"""A column told by its distance to the column it follows: ``end = start + gap``.

Two uses. An ``Inequality`` between two ordered columns holds by construction, because no gap below
zero exists. And a pair of datetimes a short way apart (pick-up and drop-off) keeps its short gap,
which two independently coded dates would lose.

The gap is counted on the grid of the following column (its decimals, whole days), from the first
grid point that is not below the anchor (above it, if strict), so that decoding lands on that
grid and an integer may follow a real. Rows whose anchor is missing while the column itself is
present are coded in a second field, ``alone``, which exists only if training has such rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import ClassVar

import numpy as np
import pandas as pd

from synthkit.derivations import derivations, leads_to
from synthkit.generators.base import State
from synthkit.recipe import ProtectSpec
from synthkit.schema import Column, Inequality, Schema
from synthkit.transforms.axis import Axis
from synthkit.transforms.base import Rows, nested, never, part
from synthkit.transforms.layout import Batch, Field
from synthkit.transforms.ranks import Ranks

FAMILIES = {"integer": "number", "real": "number", "datetime": "datetime", "duration": "duration"}
SMALL = 0.5  # a gap is worth coding if it spreads at most this much of the column's own spread
ENOUGH = 20  # rows that must show the order of two datetimes
# Grids of a column, the coarsest first; the common divisor of few values could tell one of them.
POWERS = tuple(10**k for k in range(9, -1, -1))
TIMES = (86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000, 1_000, 1)  # in microseconds
FAR = 2.0**61  # numbers beyond it are not subtracted


@dataclass(frozen=True)
class Anchor:
    """The column that another follows, and whether they may not be equal."""

    column: Column
    strict: bool = False


@dataclass(frozen=True)
class Grid:
    """The arithmetic of a pair: gaps of a column's numbers over the numbers of its anchor.

    Args:
        axis, anchor_axis: how both columns are read as numbers.
        unit: grid of the column on its axis; 0 for float64.
        strict: the gap counts from the first grid point above the anchor, not on it.
    """

    axis: Axis
    anchor_axis: Axis
    unit: int
    strict: bool

    @classmethod
    def of(cls, cells: pd.Series, column: Column, anchor_cells: pd.Series, anchor: Anchor) -> Grid:
        """The grid of the training cells."""
        axis = Axis.of(column, cells)
        numbers, missing = axis.numbers(cells)
        powers = POWERS if column.kind in ("integer", "real") else TIMES
        fitting = (unit for unit in powers if not np.any(numbers[~missing] % unit))
        unit = next(fitting) if axis.whole else 0
        return cls(axis, Axis.of(anchor.column, anchor_cells), unit, anchor.strict)

    def base(self, anchors: np.ndarray) -> np.ndarray:
        """First grid point at or above (``strict``: above) each anchor, on the column's axis."""
        if not self.axis.whole:
            scale = 10.0 ** (self.anchor_axis.decimals or 0)
            reals = anchors / scale
            return np.nextafter(reals, np.inf) if self.strict else reals
        digits = (self.axis.decimals or 0) - (self.anchor_axis.decimals or 0)
        if self.anchor_axis.whole:
            finer = anchors * 10 ** max(digits, 0)
            divisor = self.unit * 10 ** max(-digits, 0)
            steps = finer // divisor + 1 if self.strict else -(-finer // divisor)
            return steps * self.unit
        scale = 10.0 ** (self.axis.decimals or 0)
        steps = np.floor(np.clip(anchors * scale, -FAR, FAR) / self.unit).astype(np.int64) - 1
        for _ in range(3):  # the product above may be off by one in either direction
            points = steps * self.unit / scale
            steps += points <= anchors if self.strict else points < anchors
        return steps * self.unit

    def far(self, cells: pd.Series, anchor_cells: pd.Series) -> bool:
        """Whether numbers are too large to be subtracted safely."""
        numbers, _ = self.axis.numbers(cells)
        anchors, _ = self.anchor_axis.numbers(anchor_cells)
        scale = 10.0 ** max((self.axis.decimals or 0) - (self.anchor_axis.decimals or 0), 0)
        limit = FAR if self.axis.whole else np.finfo(float).max / 4
        return max(np.abs(numbers / 1.0).max(), np.abs(anchors / 1.0).max() * scale) > limit


@dataclass(frozen=True)
class GapCodec:
    """One ordered column as its gap to an anchor.

    Args:
        alone: ranks of the column where the anchor is missing; None without such rows.
    """

    kind: ClassVar[str] = "gap"
    reason: ClassVar[str | None] = None
    column: Column
    anchor: str
    grid: Grid
    gap: Ranks
    alone: Ranks | None

    @classmethod
    def fit(
        cls, typed: pd.DataFrame, column: Column, anchor: Anchor, protect: ProtectSpec
    ) -> GapCodec:
        """Learns a pair that ``anchors`` chose. Rows that break the order are left out."""
        cells, anchor_cells = typed[column.name], typed[anchor.column.name]
        grid = Grid.of(cells, column, anchor_cells, anchor)
        numbers, missing = grid.axis.numbers(cells)
        bases, baseless = grid.anchor_axis.numbers(anchor_cells)
        gaps = numbers - grid.base(bases)
        both = ~missing & ~baseless
        single = ~missing & baseless
        unit = grid.axis.unit
        gap = Ranks.fit(gaps[both & (gaps >= 0)], protect, nullable=not both.all(), unit=unit)
        alone = None
        if single.any():
            alone = Ranks.fit(numbers[single], protect, nullable=True, unit=unit)
        return cls(column, anchor.column.name, grid, gap, alone)

    @property
    def fields(self) -> tuple[Field, ...]:
        """``gap``, and ``alone`` if training has rows without an anchor."""
        gap = self.gap.field("gap")
        return (gap,) if self.alone is None else (gap, self.alone.field("alone"))

    @property
    def hidden(self) -> dict[str, int]:
        """Rows whose gap was hidden as an extreme or merged as rare."""
        return self.gap.hidden

    def transform(self, typed: pd.DataFrame, rng: np.random.Generator) -> Batch:
        """Ranks or codes of the gap, and of the column itself where there is no anchor."""
        numbers, missing = self.grid.axis.numbers(typed[self.column.name])
        bases, baseless = self.grid.anchor_axis.numbers(typed[self.anchor])
        gaps = numbers - self.grid.base(bases)
        batch = {"gap": self.gap.encode(gaps, missing | baseless, rng)}
        if self.alone is not None:
            batch["alone"] = self.alone.encode(numbers, missing | ~baseless, rng)
        return batch

    def measure(self, typed: pd.DataFrame) -> tuple[Batch, np.ndarray]:
        """As the gap; as the column itself where there is no anchor."""
        axis = self.grid.axis
        numbers, missing = axis.numbers(typed[self.column.name])
        bases, baseless = self.grid.anchor_axis.numbers(typed[self.anchor])
        gaps = numbers - self.grid.base(bases)
        field, log = self.gap.measure(gaps, missing | baseless, axis.tick)
        if self.alone is None:
            return {"gap": field}, log + never(baseless & ~missing)
        single, log_single = self.alone.measure(numbers, missing | ~baseless, axis.tick)
        return {"gap": field, "alone": single}, log + log_single

    def inverse_transform(self, batch: Batch, rows: Rows, rng: np.random.Generator) -> pd.Series:
        """Anchor plus gap."""
        bases, baseless = self.grid.anchor_axis.numbers(rows.cells[self.anchor])
        gaps, missing = self.gap.decode(batch["gap"])
        base = self.grid.base(bases)
        numbers = base + gaps
        rounded = self.grid.axis.rounded(numbers)
        numbers = np.where(rounded >= base, rounded, numbers)  # never below the anchor
        missing = missing | baseless
        if self.alone is not None:
            single, absent = self.alone.decode(batch["alone"])
            numbers = np.where(baseless, self.grid.axis.rounded(single), numbers)
            missing = np.where(baseless, absent, missing)
        return self.grid.axis.cells(numbers, missing)

    def cell(self, value: object) -> object:
        """Any value of the column's kind: its range depends on the anchor."""
        return self.grid.axis.cell(value, self.column)

    def state(self) -> State:
        """The grid, and the cells of both fields."""
        gap = self.gap.state()
        arrays = dict(nested("gap", gap).arrays)
        meta = {
            "anchor": self.anchor,
            "axes": [self.grid.axis.state(), self.grid.anchor_axis.state()],
            "unit": self.grid.unit,
            "strict": self.grid.strict,
            "gap": gap.meta,
            "alone": None,
        }
        if self.alone is not None:
            alone = self.alone.state()
            arrays |= nested("alone", alone).arrays
            meta["alone"] = alone.meta
        return State(meta, arrays)

    @classmethod
    def from_state(cls, column: Column, state: State) -> GapCodec:
        """Inverse of ``state``."""
        meta = state.meta
        axis, anchor_axis = (Axis.from_state(entry) for entry in meta["axes"])
        grid = Grid(axis, anchor_axis, meta["unit"], meta["strict"])
        ranks = {
            name: None
            if meta[name] is None
            else Ranks.from_state(part(name, meta[name], state.arrays))
            for name in ("gap", "alone")
        }
        return cls(column, meta["anchor"], grid, ranks["gap"], ranks["alone"])  # type: ignore[arg-type]


def anchors(typed: pd.DataFrame, schema: Schema) -> dict[str, Anchor]:
    """The columns to be coded as gaps, each with its anchor; never in a circle, nor computed ones.

    First the inequalities of the schema, in their order, at most one per following column. Then,
    for every other datetime, the datetime that it never precedes in the training rows and stays
    closest to, if its gap spreads at most half as much as the column itself.
    """
    found: dict[str, Anchor] = {}
    sources = derivations(schema.constraints)

    def add(low: str, high: str, strict: bool) -> None:
        if high not in sources and not leads_to(low, high, sources):
            found[high] = Anchor(schema[low], strict)
            sources[high] = (low,)

    for rule in schema.constraints:
        if isinstance(rule, Inequality) and _subtractable(typed, schema, rule):
            add(rule.low, rule.high, rule.strict)
    for low, high in _close_datetimes(typed, schema):
        add(low, high, strict=False)
    return found


def _subtractable(typed: pd.DataFrame, schema: Schema, rule: Inequality) -> bool:
    """Whether both sides are numbers of one family, with rows that keep the rule."""
    if rule.low not in schema or rule.high not in schema:
        return False
    low, high = schema[rule.low], schema[rule.high]
    family = FAMILIES.get(low.kind)
    both = typed[rule.low].notna() & typed[rule.high].notna()
    if family is None or family != FAMILIES.get(high.kind) or not both.any():
        return False
    grid = Grid.of(typed[rule.high], high, typed[rule.low], Anchor(low, rule.strict))
    if grid.far(typed[rule.high], typed[rule.low]):
        return False
    numbers, _ = grid.axis.numbers(typed[rule.high][both])
    bases, _ = grid.anchor_axis.numbers(typed[rule.low][both])
    return bool(np.any(numbers >= grid.base(bases)))


def _close_datetimes(typed: pd.DataFrame, schema: Schema) -> list[tuple[str, str]]:
    """``(low, high)`` pairs of datetimes worth a gap, the smallest spread of the gap first."""
    columns = [column for column in schema.columns if column.kind == "datetime"]
    numbers = {c.name: Axis.of(c, typed[c.name]).numbers(typed[c.name]) for c in columns}
    pairs = []
    for low, high in permutations(numbers, 2):
        (starts, no_start), (ends, no_end) = numbers[low], numbers[high]
        both = ~no_start & ~no_end
        gaps = ends[both] - starts[both]
        if len(gaps) < ENOUGH or gaps.min() < 0:
            continue
        spread = _spread(gaps)
        if spread <= SMALL * _spread(ends[both]):
            pairs.append((spread, low, high))
    return [(low, high) for _, low, high in sorted(pairs, key=lambda pair: pair[0])]


def _spread(numbers: np.ndarray) -> float:
    low, high = np.quantile(numbers, [0.1, 0.9])
    return float(high - low)
