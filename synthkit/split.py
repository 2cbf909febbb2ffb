"""The split into training rows and holdout rows, before anything learns from the data.

The holdout is what makes the evidence honest: it says how near two samples of the same population
are, so that "too close to the training rows" has a meaning.

    train, holdout = split(len(table), 0.5, run.rng("split"))
"""

from __future__ import annotations

import numpy as np


def split(n_rows: int, holdout: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Row positions of the two parts, each in file order.

    Args:
        n_rows: rows of the table.
        holdout: share of rows to keep away from training, in [0, 1); rounded to whole rows.
        rng: decides which ones.

    Returns:
        (n_train,) and (n_holdout,) int64; disjoint, together all rows.
    """
    order = rng.permutation(n_rows)
    n_holdout = round(n_rows * holdout)
    return np.sort(order[n_holdout:]), np.sort(order[:n_holdout])
