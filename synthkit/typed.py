"""Typed columns (see ``synthkit.schema``) as arrays of numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd


def to_numbers(values: pd.Series) -> np.ndarray:
    """A typed numeric column as float64, a time in microseconds; missing cells are NaN."""
    if values.dtype.kind in "mM":
        unit = "datetime64[us]" if values.dtype.kind == "M" else "timedelta64[us]"
        numbers = values.to_numpy(unit).astype("int64").astype(np.float64)
        numbers[values.isna().to_numpy()] = np.nan
        return numbers
    return values.to_numpy(np.float64, na_value=np.nan)


def to_finite(values: pd.Series) -> np.ndarray:
    """The same, with infinities as NaN too: for means and models, which cannot take them."""
    numbers = to_numbers(values)
    return np.where(np.isfinite(numbers), numbers, np.nan)
