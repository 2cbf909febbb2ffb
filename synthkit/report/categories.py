"""The levels of one unordered column: real, holdout and synthetic shares side by side.

A label is shown only if it is no secret: it occurs among the synthetic rows, and at least five
real rows share it. All other levels, whoever they belong to, are lumped as ``other``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from synthkit.report.cells import SMALL, TABLES, Cells

MAX_LEVELS = 20


def categories(
    values: Mapping[str, pd.Series], rows: Mapping[str, int], order: Sequence[Any] = ()
) -> tuple[dict[str, Any], Cells]:
    """Describes one column's levels.

    Args:
        values: labels of the present cells per table, text (``real``, ``synthetic``, perhaps ``holdout``).
        rows: rows of each table, missing ones included.
        order: levels from low to high, where they have an order; else the commonest come first.

    Returns:
        ``{"type": "categories", "labels", "real", "holdout", "synthetic", "other"}`` with shares
        of all rows per label; ``other`` holds the lumped share per table and, under ``levels``,
        how many levels of the table that is. And the exact counts per label, then other.
    """
    counts = {table: v.value_counts(sort=False) for table, v in values.items()}
    real, synthetic = counts["real"], counts["synthetic"]
    public = real[(real >= SMALL) & real.index.isin(synthetic.index)]
    # Ties by label, so that the order does not depend on the order of rows.
    labels = sorted(public.index, key=lambda label: (-int(public[label]), label))[:MAX_LEVELS]
    if order:
        rank = {str(level): place for place, level in enumerate(order)}
        labels.sort(key=lambda label: rank.get(label, len(rank)))
    cells = Cells({table: _tally(c, labels) for table, c in counts.items()}, rows)
    shares = cells.shares()
    description: dict[str, Any] = {
        "type": "categories",
        "labels": labels,
        **{table: None if s is None else s[:-1] for table, s in shares.items()},
        "other": {table: None if s is None else s[-1] for table, s in shares.items()}
        | {"levels": {table: _others(counts.get(table), labels) for table in TABLES}},
    }
    return description, cells


def _tally(counts: pd.Series, labels: list[str]) -> np.ndarray:
    """Counts per label, then of everything else."""
    shown = counts.reindex(labels, fill_value=0).to_numpy(dtype=np.int64)
    return np.append(shown, int(counts.sum()) - shown.sum())


def _others(counts: pd.Series | None, labels: list[str]) -> int | None:
    """Number of levels that are not among the labels."""
    return None if counts is None else int((~counts.index.isin(labels)).sum())
