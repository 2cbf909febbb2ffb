"""Association of two columns as one number for every pair of kinds: bias-corrected Cramér's V.

Every column becomes a few codes (levels, or tenths of the real rows' order, missing as a code of
its own), so that numbers, dates and categories are measured alike and bent dependence counts too.
It sees no direction and nothing finer than a tenth.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from synthkit.schema import Column

LEVELS = 20
TENTHS = 10


def cramers_v(a: np.ndarray, b: np.ndarray) -> float:
    """Bias-corrected Cramér's V of two code arrays.

    ``V² = max(0, φ² - (r-1)(c-1)/(n-1)) / (min(r', c') - 1)`` with ``φ² = χ²/n``,
    ``r' = r - (r-1)²/(n-1)`` and ``c'`` likewise, r and c being the numbers of codes in use.

    References:
        W. Bergsma, A bias-correction for Cramér's V and Tschuprow's T, 2013,
        doi:10.1016/j.jkss.2012.10.002.

    Args:
        a, b: codes >= 0, ``(n,)`` int.

    Returns:
        A number in [0, 1]: 0 without association (or if a column does not vary), 1 if one column
        fixes the other.
    """
    n = len(a)
    if n < 2:
        return 0.0
    rows, columns = int(a.max()) + 1, int(b.max()) + 1
    table = np.bincount(a * columns + b, minlength=rows * columns).reshape(rows, columns)
    row_sums, column_sums = table.sum(axis=1), table.sum(axis=0)
    r, c = int((row_sums > 0).sum()), int((column_sums > 0).sum())
    expected = np.outer(row_sums, column_sums) / n
    used = expected > 0
    phi2 = float((table[used] ** 2 / expected[used]).sum()) / n - 1
    corrected = max(0.0, phi2 - (r - 1) * (c - 1) / (n - 1))
    least = min(k - (k - 1) ** 2 / (n - 1) for k in (r, c)) - 1
    return float(min(1.0, np.sqrt(corrected / least))) if least > 0 else 0.0


def encode(column: Column, cells: Mapping[str, pd.Series]) -> dict[str, np.ndarray]:
    """Codes of one column in every table, by levels or tenths of the ``real`` one.

    Args:
        column: the column's schema.
        cells: typed cells per table.

    Returns:
        Codes per table, ``(n,)`` int64: 0 missing, 1 other or the lowest tenth, and so on.
    """
    if column.is_numeric:
        return _tenths({table: ordered(series) for table, series in cells.items()})
    real = cells["real"].dropna().map(str)
    levels = pd.Index(real.value_counts(sort=False).sort_index().nlargest(LEVELS).index)
    return {
        table: np.where(series.isna(), 0, levels.get_indexer(series.map(str)) + 2)
        for table, series in cells.items()
    }


def ordered(series: pd.Series) -> np.ndarray:
    """A numeric column as float64 with NaN for missing.

    Datetimes are microseconds since 1970 (UTC), durations seconds.
    """
    if isinstance(series.dtype, pd.DatetimeTZDtype) or series.dtype.kind == "M":
        stamps = series.to_numpy(dtype="datetime64[us]")
        return np.where(np.isnat(stamps), np.nan, stamps.astype(np.int64).astype(float))
    if series.dtype.kind == "m":
        return series.dt.total_seconds().to_numpy(dtype=float)
    return series.to_numpy(dtype=float, na_value=np.nan)


def _tenths(values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    real = values["real"][~np.isnan(values["real"])]
    cuts = np.array([])
    if len(real):
        quantiles = np.arange(1, TENTHS) / TENTHS
        cuts = np.unique(np.quantile(real, quantiles, method="inverted_cdf"))
    return {
        table: np.where(np.isnan(v), 0, 1 + np.searchsorted(cuts, v, side="left"))
        for table, v in values.items()
    }
