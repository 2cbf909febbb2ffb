"""Sums of columns: how far a total is from its parts, and the sums that hold in a table.

    distance, tolerance = deviation(schema, rule, rows)     # broken where distance > tolerance
    find_sums(schema, names, rows, rng)                     # [Sum(total="pay", parts=("a", "b"))]

**Search.** A total of numbers above zero is larger than each of its parts. So the columns of one
family enter a basis one after another, from the smallest (by root mean square); each is first
explained by those before it, by least squares on a small sample. Coefficients that are all close to
-1, 0 or 1 make a candidate, which is then counted on all rows; a candidate that holds is a sum and
stays out of the basis, so that a total of totals is found once, by its parts. An exception in the
small sample spoils the least squares, therefore it is drawn several times. What it cannot find:
weights other than one, products, and sums whose parts are rounded more coarsely than the total.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from synthkit.constraints.evidence import holds
from synthkit.schema import Column, Schema, Sum
from synthkit.typed import to_finite, to_numbers

DRAWS = 3
MAX_COLUMNS = 100
EXCITED = 3  # rows of the small sample in which a column differs from its most frequent value
COLLINEAR = 1e-7  # relative residual below which a column adds nothing to the basis
NEAR_WHOLE = 0.05  # how far a coefficient may be from -1, 0 or 1
FAMILIES = (("integer", "real"), ("duration",))


def unit(column: Column) -> float:
    """The grid of a column's numbers; 0 without a fixed precision."""
    if column.kind == "real":
        return 0.0 if column.decimals is None else 10.0**-column.decimals
    return 1.0


def deviation(schema: Schema, rule: Sum, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """How far totals are from the sums of their parts.

    Returns:
        (n,) distance, NaN where a cell is missing or infinite; and the (n,) distance that rounding
        of the total explains.
    """
    total, *parts = (to_finite(rows[name]) for name in (rule.total, *rule.parts))
    grid = unit(schema[rule.total])
    size = np.abs(total) + np.sum(np.abs(parts), axis=0)
    # Float32 columns carry seven digits, and every sum of floats is off by a little.
    slack = size * (1e-12 if grid else 1e-6)
    return np.abs(total - np.sum(parts, axis=0)), grid / 2 + slack


def solve_sums(schema: Schema, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with every part filled in that its total and the other parts determine."""
    rules = [rule for rule in schema.constraints if isinstance(rule, Sum)]
    rows = rows.copy() if rules else rows
    for rule in rules:
        numbers = {name: to_numbers(rows[name]) for name in (rule.total, *rule.parts)}
        gone = sum(np.isnan(cells).astype(int) for cells in numbers.values())
        for part in rule.parts:
            alone = np.isnan(numbers[part]) & (gone == 1)
            others = [numbers[name][alone] for name in rule.parts if name != part]
            solved = numbers[rule.total][alone] - np.sum(others, axis=0)
            rows.loc[alone, part] = _cells(solved, schema[part], rows[part].dtype).array
    return rows


def close_sums(
    schema: Schema,
    rows: pd.DataFrame,
    drawn: pd.DataFrame,
    ranges: Mapping[str, tuple[float, float]],
) -> pd.DataFrame:
    """The drawn rows with one missing part of each present total made the rest of that total.

    It is the missing part with the widest range, and only where the rest lies in that range; the
    other rows keep their draws, which break the sum.

    Args:
        schema: of the table.
        rows: with missing cells; what is present is the same in ``drawn``.
        drawn: without, or with fewer of them.
        ranges: smallest and largest usual number of each part.
    """
    drawn = drawn.copy()
    for rule in (rule for rule in schema.constraints if isinstance(rule, Sum)):
        open_ = rows[rule.total].notna().to_numpy()
        for name in sorted(rule.parts, key=lambda part: ranges[part][0] - ranges[part][1]):
            here = open_ & rows[name].isna().to_numpy()
            open_ &= ~here
            others = [to_numbers(drawn[part]) for part in rule.parts if part != name]
            rest = to_numbers(drawn[rule.total]) - np.sum(others, axis=0)
            fits = here & (rest >= ranges[name][0]) & (rest <= ranges[name][1])
            drawn.loc[fits, name] = _cells(rest[fits], schema[name], drawn[name].dtype).array
    return drawn


def _cells(numbers: np.ndarray, column: Column, dtype: Any) -> pd.Series:
    """Numbers as typed cells, rounded to the column's grid."""
    if column.kind != "real":
        return pd.Series(np.rint(numbers).astype(np.int64)).astype(dtype)
    return pd.Series(numbers if column.decimals is None else np.round(numbers, column.decimals))


def find_sums(
    schema: Schema, names: Sequence[str], rows: pd.DataFrame, rng: np.random.Generator
) -> list[Sum]:
    """The sums that hold, at most one per total.

    Args:
        schema: of the table.
        names: columns to look at; of one family at most the first 100.
        rows: typed rows.
        rng: draws the small samples.
    """
    found: list[Sum] = []
    for family in FAMILIES:
        columns = [schema[name] for name in names if schema[name].kind in family][:MAX_COLUMNS]
        columns, numbers = _complete(columns, rows)
        if len(columns) < 2:
            continue
        order = np.argsort(np.sqrt(np.mean(numbers**2, axis=0)), kind="stable")
        search = _Search(schema, rows, [columns[i] for i in order], numbers[:, order])
        for _ in range(DRAWS):
            search.draw(rng)
        found += search.found.values()
    return found


def _complete(columns: list[Column], rows: pd.DataFrame) -> tuple[list[Column], np.ndarray]:
    """Columns that vary, and their numbers in the rows where none is missing.

    While such rows are too few, the column with most missing cells is left out.
    """
    arrays = {}
    for column in columns:
        numbers = to_finite(rows[column.name])
        present = numbers[~np.isnan(numbers)]
        if len(present) and present.min() < present.max():
            arrays[column.name] = numbers
    kept = sorted(
        (column for column in columns if column.name in arrays),
        key=lambda column: int(np.isnan(arrays[column.name]).sum()),
    )
    while kept:
        table = np.column_stack([arrays[column.name] for column in kept])
        table = table[~np.isnan(table).any(axis=1)]
        if len(table) >= _sample_size(len(kept)):
            return kept, table
        kept.pop()
    return [], np.empty((0, 0))


def _sample_size(columns: int) -> int:
    return 2 * columns + 50


class _Search:
    """The columns of one family in ascending order of size, and the sums found among them."""

    def __init__(
        self, schema: Schema, rows: pd.DataFrame, columns: list[Column], numbers: np.ndarray
    ) -> None:
        self.schema = schema
        self.rows = rows
        self.columns = columns
        self.numbers = numbers
        self.found: dict[str, Sum] = {}
        modes = [_mode(values) for values in numbers.T]
        self._unusual = [
            np.flatnonzero(values != mode) for values, mode in zip(numbers.T, modes, strict=True)
        ]

    def draw(self, rng: np.random.Generator) -> None:
        """Looks for sums on one small sample."""
        n, d = self.numbers.shape
        drawn = [rng.integers(n, size=_sample_size(d))]
        drawn += [
            rng.choice(rows, min(EXCITED, len(rows)), replace=False) for rows in self._unusual
        ]
        x = self.numbers[np.unique(np.concatenate(drawn))]
        basis: list[int] = []
        q = np.empty((len(x), 0))
        for j, column in enumerate(self.columns):
            if column.name in self.found:
                continue
            size = float(np.linalg.norm(x[:, j]))
            rest = x[:, j] - q @ (q.T @ x[:, j])
            rest -= q @ (q.T @ rest)
            left = float(np.linalg.norm(rest))
            if basis and left <= max(COLLINEAR * size, self._rounding(column, size, len(x))):
                rule = self._candidate(column, x[:, basis], x[:, j], basis)
                if rule is not None and self._evident(rule):
                    self.found[column.name] = rule
                    continue
            if left > COLLINEAR * size:
                basis.append(j)
                q = np.column_stack([q, rest / left])

    @staticmethod
    def _rounding(column: Column, size: float, n: int) -> float:
        """The residual that rounding of this column may leave, if it is small beside the column."""
        grid = unit(column)
        typical = size / np.sqrt(n)
        return 0.4 * grid * float(np.sqrt(n)) if grid <= typical / 20 else 0.0

    def _candidate(
        self, column: Column, x: np.ndarray, y: np.ndarray, basis: list[int]
    ) -> Sum | None:
        """The sum that the least-squares coefficients say, if one column is the total."""
        scale = np.linalg.norm(x, axis=0)
        weights = np.linalg.lstsq(x / scale, y, rcond=None)[0] / scale
        whole = np.round(weights)
        if np.any(np.abs(weights - whole) > NEAR_WHOLE) or np.any(np.abs(whole) > 1):
            return None
        plus = [self.columns[i].name for i, w in zip(basis, whole, strict=True) if w > 0]
        minus = [self.columns[i].name for i, w in zip(basis, whole, strict=True) if w < 0]
        if plus and not minus:
            return Sum(kind="sum", total=column.name, parts=self._in_order(plus))
        if len(plus) == 1:  # column = plus - minus
            return Sum(kind="sum", total=plus[0], parts=self._in_order([column.name, *minus]))
        return None

    def _in_order(self, names: list[str]) -> tuple[str, ...]:
        return tuple(sorted(names, key=self.schema.names.index))

    def _evident(self, rule: Sum) -> bool:
        """Whether the sum holds, and in enough rows where each part is not zero."""
        distance, tolerance = deviation(self.schema, rule, self.rows)
        present = ~np.isnan(distance)
        broken = present & (distance > tolerance)
        for part in rule.parts:
            shown = present & (to_finite(self.rows[part]) != 0)
            counts = [present, broken, shown, broken & shown]
            if not holds(*(int(mask.sum()) for mask in counts)):
                return False
        return True


def _mode(values: np.ndarray) -> float:
    distinct, counts = np.unique(values, return_counts=True)
    return float(distinct[counts.argmax()])
