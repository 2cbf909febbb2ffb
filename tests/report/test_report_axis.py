"""Edges are round, cover the range, and give nothing of the extremes away."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthkit.report.axis import (
    datetime_edges,
    duration_edges,
    inner_range,
    log_edges,
    number_edges,
)


def microseconds(text: str) -> float:
    return float(np.datetime64(text, "us").astype(np.int64))


def dates(edges: np.ndarray) -> list[str]:
    return [
        str(edge)
        for edge in edges.astype(np.int64).astype("datetime64[us]").astype("datetime64[s]")
    ]


def test_number_edges_by_hand() -> None:
    assert number_edges(17, 29, bins=5, integer=True).tolist() == [15, 20, 25, 30]
    assert number_edges(0.13, 0.41, bins=6).tolist() == [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45]
    assert number_edges(-3, 2, bins=40, integer=True).tolist() == [-3, -2, -1, 0, 1, 2, 3]


def test_a_single_value_gets_a_bin_of_its_own_size() -> None:
    assert number_edges(37, 37, bins=40).tolist() == [30, 40]
    assert number_edges(0, 0, bins=40).tolist() == [0, 1]


@given(
    st.floats(-1e308, 1e308, allow_subnormal=True),
    st.floats(-1e308, 1e308, allow_subnormal=True),
    st.integers(2, 60),
    st.booleans(),
)
def test_number_edges_cover_any_range(a: float, b: float, bins: int, integer: bool) -> None:
    low, high = min(a, b), max(a, b)
    edges = number_edges(low, high, bins=bins, integer=integer)
    assert np.isfinite(edges).all()
    assert (np.diff(edges) > 0).all()
    assert 2 <= len(edges) <= bins + 3
    if abs(low) < 1e299 and abs(high) < 1e299:
        assert edges[0] <= low
        assert high < edges[-1]


def test_log_edges_are_round_at_every_width() -> None:
    assert log_edges(600, 2_900).tolist() == [600, 800, 1000, 1200, 1500, 2000, 2500, 3000]
    assert log_edges(0.3, 70_000).tolist()[:4] == [0.2, 0.5, 1, 2]
    assert log_edges(1e-10, 1e10).tolist()[:2] == [1e-10, 1e-9]


def test_datetime_edges_follow_the_calendar() -> None:
    months = datetime_edges(microseconds("2012-01-03"), microseconds("2014-12-29"), bins=40)
    assert dates(months)[:2] == ["2012-01-01T00:00:00", "2012-02-01T00:00:00"]
    assert dates(months)[-1] == "2015-01-01T00:00:00"
    days = datetime_edges(
        microseconds("2019-03-01T05:03"), microseconds("2019-03-31T22:11"), bins=40
    )
    assert dates(days)[1] == "2019-03-02T00:00:00"
    assert len(days) == 32
    years = datetime_edges(microseconds("1901-05-06"), microseconds("2024-01-01"), bins=40)
    assert dates(years)[:2] == ["1900-01-01T00:00:00", "1905-01-01T00:00:00"]
    weeks = datetime_edges(microseconds("2020-01-01"), microseconds("2020-09-01"), bins=40)
    assert {np.datetime64(d, "D").astype(int) % 7 for d in dates(weeks)} == {4}  # Mondays


def test_one_moment_gets_its_whole_year() -> None:
    moment = microseconds("2020-05-17T11:12:13")
    assert dates(datetime_edges(moment, moment, bins=40)) == [
        "2020-01-01T00:00:00",
        "2021-01-01T00:00:00",
    ]


@given(st.integers(-(10**16), 10**16), st.integers(0, 10**17))
def test_datetime_edges_cover_any_range(low: int, span: int) -> None:
    edges = datetime_edges(float(low), float(low + span), bins=30)
    assert edges[0] <= low
    assert low + span < edges[-1]
    assert (np.diff(edges) > 0).all()
    assert len(edges) <= 34


def test_duration_edges_follow_the_clock() -> None:
    assert np.diff(duration_edges(0, 3_600, bins=40))[0] == 120
    assert np.diff(duration_edges(40, 50 * 86_400, bins=20))[0] == 5 * 86_400
    assert np.diff(duration_edges(0, 0.5, bins=10))[0] == pytest.approx(0.05)


def test_the_outermost_five_values_are_left_out() -> None:
    values = np.arange(100.0)
    assert inner_range([values]) == (5.0, 94.0)
    assert inner_range([values, values + 50]) == (5.0, 144.0)


def test_few_values_show_no_range_at_all() -> None:
    assert inner_range([np.arange(10.0), np.array([])]) is None
    assert inner_range([np.arange(11.0)]) == (5.0, 5.0)
