"""Cramér's V on tables that can be worked out on paper."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthkit.report.association import cramers_v, encode, ordered
from synthkit.schema import Column


def test_a_hand_worked_two_by_two_table() -> None:
    # 40 10 / 10 40: chi² = 36, phi² = 0.36; corrected phi² = 0.36 - 1/99, r' = 2 - 1/99.
    a = np.repeat([0, 0, 1, 1], [40, 10, 10, 40])
    b = np.repeat([0, 1, 0, 1], [40, 10, 10, 40])
    assert cramers_v(a, b) == pytest.approx(np.sqrt((0.36 - 1 / 99) / (1 - 1 / 99)))


def test_one_column_that_fixes_the_other_is_one() -> None:
    a = np.tile(np.arange(5), 40)
    assert cramers_v(a, (a * 3) % 5) == pytest.approx(1.0)


def test_independent_columns_are_near_zero_however_many_levels() -> None:
    rng = np.random.default_rng(0)
    values = [cramers_v(rng.integers(0, 20, 2_000), rng.integers(0, 20, 2_000)) for _ in range(20)]
    assert np.mean(values) < 0.02


def test_a_column_that_does_not_vary_has_no_association() -> None:
    assert cramers_v(np.zeros(50, int), np.arange(50) % 2) == 0.0
    assert cramers_v(np.zeros(1, int), np.zeros(1, int)) == 0.0
    assert cramers_v(np.array([], int), np.array([], int)) == 0.0


def test_numbers_become_tenths_of_the_real_rows_and_missing_is_apart() -> None:
    column = Column(name="x", kind="real")
    cells = {
        "real": pd.Series(np.arange(100.0)),
        "synthetic": pd.Series([-5.0, 9.0, 10.0, 99.0, 1e9, np.nan]),
    }
    codes = encode(column, cells)
    assert np.bincount(codes["real"]).tolist() == [0] + [10] * 10
    assert codes["synthetic"].tolist() == [1, 1, 2, 10, 10, 0]


def test_levels_share_codes_between_tables_and_unknown_ones_are_other() -> None:
    column = Column(name="x", kind="categorical")
    cells = {
        "real": pd.Series(["a", "b", None, "a"], dtype=object),
        "synthetic": pd.Series(["b", "new", None], dtype=object),
    }
    codes = encode(column, cells)
    assert codes["real"].tolist() == [2, 3, 0, 2]
    assert codes["synthetic"].tolist() == [3, 1, 0]


def test_ordered_kinds_become_numbers() -> None:
    stamps = pd.Series(pd.to_datetime(["1970-01-01T00:00:01", None])).astype("datetime64[us]")
    for series in (stamps, stamps.dt.tz_localize("UTC")):
        assert np.array_equal(ordered(series), [1e6, np.nan], equal_nan=True)
    spans = pd.Series(pd.to_timedelta([90, None], unit="s"))
    assert np.array_equal(ordered(spans), [90.0, np.nan], equal_nan=True)
    whole = pd.Series(pd.array([3, None], dtype="Int64"))
    assert np.array_equal(ordered(whole), [3.0, np.nan], equal_nan=True)
