"""Planted rules are found, each once; chance, trivial rules and consequences are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from synthkit.constraints.discovery import discover
from synthkit.schema import Column, Schema


def table(**cells: Any) -> tuple[Schema, pd.DataFrame]:
    """A typed table; text is categorical, whole numbers are integers, others have two decimals."""
    columns, typed = [], {}
    for name, values in cells.items():
        series = pd.Series(values)
        if series.dtype.kind in "iu":
            columns.append(Column(name=name, kind="integer"))
            typed[name] = series.astype("Int64")
        elif series.dtype.kind == "f":
            columns.append(Column(name=name, kind="real", decimals=2))
            typed[name] = series.round(2)
        elif series.dtype.kind == "M":
            columns.append(Column(name=name, kind="datetime"))
            typed[name] = series.astype("datetime64[us]")
        else:
            columns.append(Column(name=name, kind="categorical"))
            typed[name] = series.astype(object)
    return Schema(columns=tuple(columns)), pd.DataFrame(typed)


def found(schema: Schema, rows: pd.DataFrame) -> set[str]:
    return {rule.label for rule in discover(schema, rows, np.random.default_rng(0))}


def money(rng: np.random.Generator, n: int, size: float, zeros: float = 0.0) -> np.ndarray:
    return np.where(rng.random(n) < zeros, 0.0, np.round(rng.gamma(2, size, n), 2))


def fares(n: int = 2000, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    cells: dict[str, Any] = {
        "fare": money(rng, n, 6.0),
        "tip": money(rng, n, 1.0, zeros=0.4),
        "tolls": money(rng, n, 3.0, zeros=0.95),
    }
    return cells | {"total": cells["fare"] + cells["tip"] + cells["tolls"]}


def test_a_sum_is_found_and_the_orders_that_follow_are_not_told() -> None:
    assert found(*table(**fares())) == {"sum total = fare + tip + tolls"}


def test_a_sum_survives_few_exceptions_and_missing_cells_but_not_many() -> None:
    schema, rows = table(**fares(4000))
    rows.loc[:1, "total"] += 1.0
    rows.loc[100:199, "tip"] = np.nan
    assert found(schema, rows) == {"sum total = fare + tip + tolls"}
    rows.loc[300:309, "total"] += 1.0
    assert "sum total = fare + tip + tolls" not in found(schema, rows)


def test_a_difference_is_a_sum_seen_from_the_other_side() -> None:
    rng = np.random.default_rng(0)
    gross, tax = money(rng, 1000, 300.0) + 100.0, money(rng, 1000, 5.0)
    assert found(*table(gross=gross, tax=tax, net=gross - tax)) == {"sum gross = tax + net"}


def test_a_total_of_totals_is_told_by_its_parts() -> None:
    cells = fares()
    cells["fees"] = money(np.random.default_rng(9), 2000, 0.3)
    cells["sum"] = cells["total"] + cells["fees"]
    assert found(*table(**cells)) == {
        "sum total = fare + tip + tolls",
        "sum sum = fare + tip + tolls + fees",
    }


def test_a_total_rounded_more_coarsely_than_its_parts() -> None:
    rng = np.random.default_rng(0)
    a, b = money(rng, 1000, 400.0), money(rng, 1000, 900.0)
    total = np.round(a + b).astype(int)
    assert "sum total = a + b" in found(*table(a=a, b=b, total=total))


def test_a_part_that_hardly_ever_counts_is_not_claimed() -> None:
    cells = fares()
    cells["gift"] = np.zeros(2000)
    cells["gift"][:10] = 5.0
    cells["total"] = cells["total"] + cells["gift"]
    assert not any("gift" in rule for rule in found(*table(**cells)))


def test_equal_columns_are_one_rule() -> None:
    rng = np.random.default_rng(0)
    x, when = rng.normal(size=800), pd.Timestamp("2020-01-01")
    days = when + pd.to_timedelta(rng.integers(0, 3000, 800), unit="D")
    assert found(*table(x=x, y=x, day=days, copy=days)) == {"sum y = x", "sum copy = day"}


def test_dependencies_are_found_without_their_consequences() -> None:
    rng = np.random.default_rng(0)
    zone = rng.integers(0, 60, 3000)
    rules = found(
        *table(
            zone=np.char.add("z", zone.astype(str)).astype(object),
            town=np.char.add("t", (zone // 5).astype(str)).astype(object),
            country=np.char.add("c", (zone // 20).astype(str)).astype(object),
            town_number=zone // 5 + 100,
        )
    )
    assert rules == {
        "dependency zone -> town",
        "dependency town -> country",
        "dependency town -> town_number",
    }


def test_a_dependency_survives_few_exceptions_but_not_many() -> None:
    rng = np.random.default_rng(0)
    zone = rng.integers(0, 40, 4000)
    schema, rows = table(zone=zone.astype(str).astype(object), town=(zone % 7).astype(str))
    rows.loc[[0, 3999], "town"] = "elsewhere"
    assert found(schema, rows) == {"dependency zone -> town"}
    rows.loc[10:30, "town"] = "elsewhere"
    assert found(schema, rows) == set()


def test_keys_constants_and_lopsided_columns_prove_nothing() -> None:
    rng = np.random.default_rng(0)
    n = 2000
    lopsided = np.full(n, "no", dtype=object)
    lopsided[:2] = "yes"
    assert (
        found(
            *table(
                nearly_unique=rng.integers(0, n, n).astype(str).astype(object),
                twice=np.repeat(np.arange(n // 2), 2).astype(str).astype(object),
                group=np.repeat(rng.integers(0, 5, n // 2), 2).astype(str).astype(object),
                constant=np.full(n, "x", dtype=object),
                lopsided=lopsided,
                zeros=np.where(np.arange(n) < 5, 1.0, 0.0),
                other_zeros=np.where(np.arange(n) > n - 5, 1.0, 0.0),
            )
        )
        == set()
    )


def test_orders_count_only_where_chance_would_break_them() -> None:
    rng = np.random.default_rng(0)
    start = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 10**6, 1000), unit="min")
    cells = {
        "start": start,
        "end": start + pd.to_timedelta(rng.integers(0, 90, 1000), unit="min"),
        "paid": start + pd.to_timedelta(rng.integers(90, 999, 1000), unit="min"),
        "small": rng.integers(0, 10, 1000),
        "large": rng.integers(10, 20, 1000),
    }
    assert found(*table(**cells)) == {"inequality start <= end", "inequality end <= paid"}


@pytest.mark.parametrize("seed", range(5))
def test_independent_columns_have_no_rules(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 2000
    cells: dict[str, Any] = {}
    for i in range(12):
        cells[f"c{i}"] = rng.integers(0, 2 ** (i % 8 + 1), n).astype(str).astype(object)
        cells[f"i{i}"] = rng.poisson(2**i, n)
        cells[f"r{i}"] = money(rng, n, 5.0, zeros=i / 12)
        cells[f"b{i}"] = np.where(rng.random(n) < 0.5 / 2**i, "y", "n").astype(object)
    rules = found(*table(**cells))
    assert {rule for rule in rules if not rule.startswith("inequality")} == set()
    # Orders of independent columns: Poisson counts of means far apart hardly ever cross.
    assert rules == set()


def test_rules_are_found_among_a_hundred_columns() -> None:
    rng = np.random.default_rng(0)
    cells: dict[str, Any] = {}
    for i in range(20):
        part = fares(seed=i)
        zone = rng.integers(0, 50, 2000)
        part["zone"] = zone.astype(str).astype(object)
        part["town"] = (zone // 7).astype(str).astype(object)
        cells |= {f"{name}{i}": values for name, values in part.items()}
    schema, rows = table(**cells)
    rules = found(schema, rows)
    sums = {rule for rule in rules if rule.startswith("sum")}
    assert sums == {f"sum total{i} = fare{i} + tip{i} + tolls{i}" for i in range(20)}
    assert {f"dependency zone{i} -> town{i}" for i in range(20)} <= rules


def test_the_order_of_rows_and_a_hundredfold_of_them_change_nothing() -> None:
    schema, rows = table(**fares(30_000))
    shuffled = rows.iloc[::-1].reset_index(drop=True)
    assert found(schema, rows) == found(schema, shuffled) == {"sum total = fare + tip + tolls"}
