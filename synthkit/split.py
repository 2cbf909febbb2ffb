"""The split into training rows and holdout rows, before anything learns from the data.

The holdout is what makes the evidence honest: it says how near two samples of the same population
are, so that "too close to the training rows" has a meaning. Rows of one record (``synthkit.records``) stay
together: who has learned one of them has seen the others.

    train, holdout = split(records_of(table, schema), 0.5, run.rng("split"))
"""

from __future__ import annotations

import numpy as np


def split(
    records: np.ndarray, holdout: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Row positions of the two parts, each in file order.

    Args:
        records: (n,) numbers from 0; rows with the same one stay together.
        holdout: share of rows to keep away from training, in [0, 1); rounded to whole rows, or fewer where
            the next record does not fit.
        rng: decides which ones.

    Returns:
        (n_train,) and (n_holdout,) int64; disjoint, together all rows.
    """
    sizes = np.bincount(records)
    order = rng.permutation(len(sizes))
    n_holdout = round(len(records) * holdout)
    held = order[: np.searchsorted(np.cumsum(sizes[order]), n_holdout, side="right")]
    is_held = np.isin(records, held)
    return np.flatnonzero(~is_held), np.flatnonzero(is_held)
