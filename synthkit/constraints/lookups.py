"""Functional dependencies ``from -> to`` between columns that repeat their values.

    find_dependencies(names, rows)      # [Dependency(source="zone", to="borough")]

A value that stands in one row only determines everything, so the evidence is in the repetitions: a
row counts if its ``from`` value stands in another row too and its ``to`` value is not simply the
most frequent one. A column that hardly repeats, and one that hardly varies, therefore prove
nothing. Two columns that determine each other are told once, from the earlier to the later one,
and what follows from other dependencies is left out. Missing cells say nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from synthkit.constraints.evidence import holds
from synthkit.schema import Dependency

REPEATS = 5  # rows per distinct value that a determining column has on average at least
SUSPECT = 0.99  # share of rows that must agree with one of two others of their group
MAX_COLUMNS = 300
CELLS = 40_000_000  # columns squared times rows looked at, at most (but 2,000 rows in any case)


def find_dependencies(names: Sequence[str], rows: pd.DataFrame) -> list[Dependency]:
    """The dependencies that hold among at most 300 columns.

    The rows are taken as they come, so draw them at random before.
    """
    names = list(names)[:MAX_COLUMNS]
    n = min(len(rows), max(2000, CELLS // max(len(names), 1) ** 2))
    codes = np.column_stack(
        [np.empty((n, 0), np.int32), *(_codes(rows[name].iloc[:n]) for name in names)]
    )
    d = len(names)
    follows = np.zeros((d, d), bool)
    for i in range(d):
        for j in _suspects(codes, i):
            follows[i, j] = determines(codes[:, i], codes[:, j])
    return [
        Dependency(kind="dependency", source=names[i], to=names[j]) for i, j in _reduced(follows)
    ]


def _codes(values: pd.Series) -> np.ndarray:
    """(n,) int32 number of each cell's value in order of appearance; -1 where it is missing."""
    return pd.factorize(values)[0].astype(np.int32)


def _suspects(codes: np.ndarray, i: int) -> np.ndarray:
    """Columns that nearly all rows share with the first or the last row of their group of i."""
    own = codes[:, i]
    here = np.flatnonzero(own >= 0)
    groups = int(own.max(initial=-1)) + 1
    if groups < 2 or groups * REPEATS > len(here):
        return np.empty(0, int)
    first, last = np.empty(groups, int), np.empty(groups, int)
    first[own[here[::-1]]] = here[::-1]
    last[own[here]] = here
    rows, group = codes[here], own[here]
    agrees = (rows == codes[first][group]) | (rows == codes[last][group])
    present = rows >= 0
    counted = present.sum(axis=0)
    likely = (agrees & present).sum(axis=0) >= SUSPECT * counted
    likely[i] = False
    return np.flatnonzero(likely & (counted > 0))


def determines(source: np.ndarray, to: np.ndarray) -> bool:
    """Whether one column of codes determines another in a table of enough rows.

    Args:
        source, to: (n,) codes, negative where missing.
    """
    both = (source >= 0) & (to >= 0)
    source, to = source[both], to[both]
    if not len(to) or source.max() + 1 > len(to) / REPEATS:
        return False
    width = int(to.max()) + 1
    pairs, counts = np.unique(source.astype(np.int64) * width + to, return_counts=True)
    groups, values = pairs // width, pairs % width
    largest = np.zeros(int(source.max()) + 1, np.int64)
    np.maximum.at(largest, groups, counts)
    broken = len(to) - int(largest.sum())
    alone = int((np.bincount(source) == 1).sum())
    mode = int(np.bincount(to).argmax())
    telling = int((counts - 1)[(values != mode) & (counts == largest[groups])].sum())
    return holds(len(to) - alone, broken, telling + broken, broken)


def _reduced(follows: np.ndarray) -> list[tuple[int, int]]:
    """The pairs that are left when what follows from others is taken out, in column order."""
    mutual = follows & follows.T
    leader = [int(min([i, *np.flatnonzero(mutual[i])])) for i in range(len(follows))]
    pairs = [(leader[i], i) for i in range(len(follows)) if leader[i] != i]
    leaders = [i for i in range(len(follows)) if leader[i] == i]
    for i in leaders:
        for j in leaders:
            between = (k for k in leaders if k not in (i, j))
            if follows[i, j] and not any(follows[i, k] and follows[k, j] for k in between):
                pairs.append((i, j))
    return sorted(pairs)
