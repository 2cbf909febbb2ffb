"""Boosted trees of LightGBM as the scores and the splits of categories use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from synthkit.errors import ModelError

if TYPE_CHECKING:
    from lightgbm import Booster

MIN_ROWS = 200  # fewer training rows are not boosted on
SETTINGS = {
    "lambda_l2": 1.0,
    "max_bin": 255,
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
    "verbosity": -1,
}


def to_array(booster: Booster) -> np.ndarray:
    """LightGBM's own text as bytes; reading it back runs no code."""
    return np.frombuffer(booster.model_to_string().encode(), np.uint8)


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
