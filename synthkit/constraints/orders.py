"""Orders ``low <= high`` and equalities that hold in a table and would not hold by chance.

Two columns are compared if they are of one family: numbers, datetimes or durations. The order of
two columns in the rows as they are says little if their ranges lie apart; so it is held against the
same columns with their rows shuffled, and counts only if that would break it often.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from synthkit.constraints.evidence import holds
from synthkit.schema import Inequality, Schema, Sum
from synthkit.typed import to_finite

BROKEN_BY_CHANCE = 0.1
FAMILIES = (("integer", "real"), ("datetime",), ("duration",))


def find_orders(schema: Schema, names: Sequence[str], rows: pd.DataFrame) -> list[Inequality | Sum]:
    """The orders that hold, in schema order; where both directions do, the equality instead."""
    found: list[Inequality | Sum] = []
    for family in FAMILIES:
        own = [name for name in names if schema[name].kind in family]
        if len(own) < 2:
            continue
        numbers = np.column_stack([to_finite(rows[name]) for name in own])
        below = _below(numbers)
        for i, j in zip(*np.nonzero(below), strict=True):
            if not below[j, i]:
                found.append(Inequality(kind="inequality", low=own[i], high=own[j]))
            elif i < j:
                found.append(Sum(kind="sum", total=own[j], parts=(own[i],)))
    return found


def _below(numbers: np.ndarray) -> np.ndarray:
    """(d, d) bool: whether column i is at most column j, in more rows than chance explains."""
    d = numbers.shape[1]
    present = ~np.isnan(numbers)
    ranked = [np.sort(column[here]) for column, here in zip(numbers.T, present.T, strict=True)]
    result = np.zeros((d, d), bool)
    for i in range(d):
        both = present & present[:, [i]]
        with np.errstate(invalid="ignore"):
            broken = np.sum(numbers[:, [i]] > numbers, axis=0, where=both)
        counted = both.sum(axis=0)
        for j in np.flatnonzero(broken <= 0.01 * counted):
            if i == j or not counted[j]:
                continue
            chance = np.searchsorted(ranked[j], ranked[i], side="left").mean() / len(ranked[j])
            expected = int(chance * counted[j])
            result[i, j] = chance >= BROKEN_BY_CHANCE and holds(
                int(counted[j]), int(broken[j]), expected, int(broken[j])
            )
    return result
