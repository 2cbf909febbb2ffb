"""Boosted trees of LightGBM as the scores and the splits of categories use them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from synthkit.errors import ModelError

if TYPE_CHECKING:
    from lightgbm import Booster

MIN_ROWS = 200  # fewer training rows are not boosted on
PROBE = 512  # rows that tell whether looking for equal ones pays
MOSTLY = 0.7
FACTOR = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio, as in Fibonacci hashing
SETTINGS = {
    "lambda_l2": 1.0,
    "max_bin": 255,
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
    "verbosity": -1,
}


def predict(boosters: Sequence[Booster], x: np.ndarray) -> np.ndarray:
    """(n, len(boosters)) float64 raw predictions; equal rows of (n, p) float32 are predicted once."""
    some, back = _distinct(x)
    found = np.empty((len(some), len(boosters)))
    for k, booster in enumerate(boosters):
        found[:, k] = booster.predict(some, raw_score=True, num_threads=1)
    return found if back is None else found[back]


def _distinct(x: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """``(rows, back)`` with ``rows[back]`` equal to x; ``(x, None)`` where few rows are equal.

    Rows are sorted by a hash, as sorting them whole would cost what it saves; two rows that differ
    under one hash, if that ever happens, leave all rows as they are.
    """
    first = _hash(x[:PROBE])
    if len(np.unique(first)) > MOSTLY * len(first):
        return x, None
    _, rows, back = np.unique(_hash(x), return_index=True, return_inverse=True)
    some = x[rows]
    if len(rows) > MOSTLY * len(x) or not np.array_equal(some[back], x):
        return x, None
    return some, back


def _hash(x: np.ndarray) -> np.ndarray:
    """(n,) uint64, one number of each row's bits."""
    bits = np.ascontiguousarray(x, np.float32).view(np.uint32)
    key = np.zeros(len(x), np.uint64)
    for column in bits.T:
        key = (key ^ column) * FACTOR
        key ^= key >> np.uint64(29)
    return key


def to_array(booster: Booster, rounds: int | None = None) -> np.ndarray:
    """LightGBM's own text as bytes, of the first rounds or the best; reading it runs no code."""
    return np.frombuffer(booster.model_to_string(num_iteration=rounds).encode(), np.uint8)


def from_array(text: np.ndarray, n_features: int) -> Booster:
    """Inverse of ``to_array``. Raises ``ModelError`` for bytes that are not such a model."""
    from lightgbm import Booster
    from lightgbm.basic import LightGBMError

    problem: Any = None
    try:
        booster = Booster(model_str=text.tobytes().decode())
        if booster.num_feature() == n_features:
            return booster
    except (LightGBMError, UnicodeDecodeError, ValueError) as error:
        problem = error
    raise ModelError("boosted trees cannot be read", remedy="fit the model again") from problem
