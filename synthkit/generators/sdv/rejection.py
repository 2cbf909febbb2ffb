"""Rows with known categories, by drawing until they come: SDV's networks know no other way.

The number of draws is bounded. Known numbers are declined: no draw ever equals them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synthkit.counts import counted
from synthkit.errors import NotSupported
from synthkit.generators.base import Given
from synthkit.transforms.layout import Batch, Categorical, Field, Layout, Numeric

FEWEST_DRAWS, DRAWS_PER_ROW = 50_000, 1_000
BLOCK_ROWS = (1_000, 10_000)
REMEDY = "choose backend trees, which draws in the light of any known cells"
FREE, PRESENT = -1, -2  # what is asked of a cell that is not known
Draw = Callable[[int, np.random.Generator], Batch]


def complete(
    draw: Draw, layout: Layout, n: int, rng: np.random.Generator, given: Given, backend: str
) -> Batch:
    """n rows with the given cells, and no missing cell where there must be none.

    Args:
        draw: unconditional rows.
        layout: of the rows.
        n: number of rows.
        rng: every draw.
        given: the known cells.
        backend: for messages.

    Raises:
        NotSupported: a known number, or too few draws that have the known categories.
    """
    _require_categories(layout, given, backend)
    asked = _asked(layout, given, n)
    out = draw(n, rng)
    if not layout.fields or not n:
        return out
    left = max(FEWEST_DRAWS, DRAWS_PER_ROW * n)
    wishes, group = np.unique(asked, axis=0, return_inverse=True)
    for i, wish in enumerate(wishes):
        rows = np.flatnonzero(group.ravel() == i)
        if np.all(wish >= 0):
            for field, code in zip(layout.fields, wish, strict=True):
                out[field.name][rows] = code
        while len(rows) and not _is_settled(wish):
            if left <= 0:
                raise NotSupported(
                    f"hardly any row of {backend} has the given cells"
                    f" ({counted(len(rows), 'row')} missing)",
                    remedy=REMEDY,
                )
            size = int(np.clip(4 * len(rows), *BLOCK_ROWS))
            left -= size
            block = draw(size, rng)
            taken = np.flatnonzero(_fits(block, layout, wish))[: len(rows)]
            for name, values in block.items():
                out[name][rows[: len(taken)]] = values[taken]
            rows = rows[len(taken) :]
    return out


def _require_categories(layout: Layout, given: Given, backend: str) -> None:
    for field in layout.fields:
        known = given.known.get(field.name)
        if known is not None and known.any() and not isinstance(field, Categorical):
            raise NotSupported(
                f"{backend} cannot draw rows for a known number",
                where=f"column {field.column}" if field.column else None,
                expected="known categories only",
                remedy=REMEDY,
            )


def _asked(layout: Layout, given: Given, n: int) -> np.ndarray:
    """(n, fields) int64: a code, ``PRESENT`` or ``FREE``."""
    asked = np.full((n, len(layout.fields)), FREE, np.int64)
    for i, field in enumerate(layout.fields):
        if field.name in given.present and _can_miss(field):
            asked[given.present[field.name], i] = PRESENT
        known = given.known.get(field.name)
        if known is not None and known.any():
            asked[known, i] = given.values[field.name][known]
    return asked


def _can_miss(field: Field) -> bool:
    if isinstance(field, Categorical):
        return field.missing is not None
    return isinstance(field, Numeric) and field.nullable


def _is_settled(wish: np.ndarray) -> bool:
    """Whether nothing is left to draw: all cells are known, or none is asked for."""
    return bool(np.all(wish >= 0) or np.all(wish == FREE))


def _fits(block: Batch, layout: Layout, wish: np.ndarray) -> np.ndarray:
    """(k,) bool: the drawn rows that are as asked."""
    fits = np.ones(len(next(iter(block.values()))), bool)
    for field, cell in zip(layout.fields, wish.tolist(), strict=True):
        values = block[field.name]
        if cell >= 0:
            fits &= values == cell
        elif cell == PRESENT and isinstance(field, Categorical):
            fits &= values != field.missing
        elif cell == PRESENT:
            fits &= ~np.isnan(values)
    return fits
