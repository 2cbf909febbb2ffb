"""Cell-level validity: parsed, inside the real range, a known category, missing as often.

Pure functions on typed columns. Counts and shares only: no range end and no category is told.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from synthkit.stats.confidence import Interval, newcombe
from synthkit.typed import to_numbers


def out_of_range(values: pd.Series, real: pd.Series) -> int:
    """Number of present cells outside the range of the real present cells."""
    ours, theirs = to_numbers(values), to_numbers(real)
    ours, theirs = ours[~np.isnan(ours)], theirs[~np.isnan(theirs)]
    if not len(theirs):
        return len(ours)
    return int(((ours < theirs.min()) | (ours > theirs.max())).sum())


def unseen(values: pd.Series, real: pd.Series) -> int:
    """Number of present cells whose category does not occur in the real column."""
    known = pd.Index(real.dropna().astype(object).unique(), dtype=object)
    return int((known.get_indexer(values.dropna().astype(object)) < 0).sum())


def null_gap(values: pd.Series, real: pd.Series) -> tuple[float, Interval]:
    """Share of missing cells minus that of the real column, with its interval."""
    ours, theirs = int(values.isna().sum()), int(real.isna().sum())
    gap = ours / len(values) - theirs / len(real)
    return gap, newcombe(ours, len(values), theirs, len(real))
