"""``log_prob`` is a density of the rows themselves: laws, and known densities as oracles."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import synthkit as sk
from synthkit.errors import SchemaError

ROWS = 4000


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    moments = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 9000, ROWS), unit="h")
    return pd.DataFrame(
        {
            "city": rng.choice(["Graz", "Linz", "Wien"], ROWS, p=[0.7, 0.2, 0.1]),
            "level": rng.normal(size=ROWS),
            "fare": np.round(rng.exponential(20, ROWS), 2),
            "since": moments,
            "visits": rng.integers(0, 5, ROWS),
            "member": rng.random(ROWS) < 0.5,
            "gap": np.where(rng.random(ROWS) < 0.3, np.nan, rng.normal(size=ROWS)),
            "score": rng.choice(["7", "8", "9", "none"], ROWS),
        }
    )


@pytest.fixture(scope="module")
def model(table: pd.DataFrame) -> sk.FittedModel:
    return sk.fit(table, seed=1)


def test_the_same_row_always_has_the_same_value(model: sk.FittedModel, table: pd.DataFrame) -> None:
    some = table.head(50)
    alone = model.log_prob(some)
    twice = model.log_prob(pd.concat([some, some[::-1], table], ignore_index=True))
    assert np.array_equal(alone, twice[:50])
    assert np.array_equal(alone, twice[50:100][::-1])
    assert np.array_equal(alone, model.log_prob(some))


def test_what_the_model_makes_has_a_density(model: sk.FittedModel) -> None:
    assert np.isfinite(model.log_prob(model.sample(500, seed=1))).all()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("city", "Zanzibar"),
        ("city", None),
        ("level", 1e9),
        ("level", -1e300),
        ("level", np.nan),
        ("level", np.inf),
        ("fare", 1e6),
        ("since", pd.Timestamp("1999-01-01")),
        ("since", pd.NaT),
        ("visits", 7),
        ("visits", 1.5),
        ("visits", np.nan),
        ("member", "perhaps"),
        ("gap", -1e6),
        ("score", "77"),
        ("score", "7.5"),
    ],
)
def test_what_the_model_never_makes_is_the_oddest(
    model: sk.FittedModel, table: pd.DataFrame, column: str, value: object
) -> None:
    usual = table[np.isfinite(model.log_prob(table))].head(20).reset_index(drop=True)
    usual[column] = usual[column].astype(object)
    usual.loc[3, column] = value
    log = model.log_prob(usual)
    assert log.argmin() == 3
    assert log[3] == -np.inf
    assert np.isfinite(np.delete(log, 3)).all()


@pytest.mark.parametrize("column", ["visits", "level", "fare", "since", "score"])
def test_text_that_is_no_number_or_date_is_refused(
    model: sk.FittedModel, table: pd.DataFrame, column: str
) -> None:
    rows = table.head(20).assign(**{column: table[column].astype(str).astype(object)})
    rows.loc[3, column] = "Zanzibar"
    for judge in (model.log_prob, model.impute):
        with pytest.raises(
            SchemaError, match=rf"column {column}( of frame)?: 1 of 20 cells.*row 4\)"
        ) as caught:
            judge(rows)
        assert "Zanzibar" not in str(caught.value)


def test_no_rows_have_no_density(model: sk.FittedModel, table: pd.DataFrame) -> None:
    assert model.log_prob(table.head(0)).shape == (0,)
    with pytest.raises(SchemaError, match="1 missing"):
        model.log_prob(table.head(0).drop(columns="city"))


@pytest.mark.parametrize("decimals", [None, 2])
def test_a_normal_column_has_the_normal_density(decimals: int | None) -> None:
    rng = np.random.default_rng(1)
    drawn = rng.normal(50, 10, 20_000)
    model = sk.fit(pd.DataFrame({"x": drawn if decimals is None else drawn.round(decimals)}))
    grid = np.round(np.arange(-20, 120, 0.01), 2)
    log = model.log_prob(pd.DataFrame({"x": grid}))
    assert np.exp(log).sum() * 0.01 == pytest.approx(1, abs=0.02)
    true = -(((grid - 50) / 10) ** 2) / 2 - np.log(10 * np.sqrt(2 * np.pi))
    middle = np.abs(grid - 50) < 10
    assert abs((log - true)[middle].mean()) < 0.1
    reached = np.isfinite(log)
    assert grid[reached].min() < 20
    assert grid[reached].max() > 80
    ranks = pd.Series(log[reached]).rank().corr(pd.Series(true[reached]).rank())
    assert ranks > 0.95


def test_the_unit_of_a_column_shifts_its_density_and_nothing_else() -> None:
    rng = np.random.default_rng(2)
    metres = rng.normal(2, 0.5, ROWS)
    feet = metres * 4.0  # a power of two: exact
    short = sk.fit(pd.DataFrame({"x": metres})).log_prob(pd.DataFrame({"x": metres}))
    long = sk.fit(pd.DataFrame({"x": feet})).log_prob(pd.DataFrame({"x": feet}))
    reached = np.isfinite(short)
    assert np.array_equal(reached, np.isfinite(long))
    assert np.allclose(short[reached] - long[reached], np.log(4.0))


def test_discrete_cells_have_their_probability() -> None:
    """A category, a whole number and a repeated real count by their shares of the rows."""
    rng = np.random.default_rng(3)
    city = rng.choice(["Graz", "Linz", None], ROWS, p=[0.6, 0.3, 0.1])
    shares = sk.fit(pd.DataFrame({"city": city})).log_prob(
        pd.DataFrame({"city": ["Graz", "Linz", None]})
    )
    assert np.allclose(np.exp(shares), [0.6, 0.3, 0.1], atol=0.03)
    count = rng.poisson(200, ROWS)
    numbers = np.arange(100, 301)
    total = sk.fit(pd.DataFrame({"count": count})).log_prob(pd.DataFrame({"count": numbers}))
    assert np.exp(total).sum() == pytest.approx(1, abs=0.02)
    level = np.where(rng.random(ROWS) < 0.4, 0.0, rng.exponential(size=ROWS))
    zero = sk.fit(pd.DataFrame({"level": level})).log_prob(pd.DataFrame({"level": [0.0]}))
    assert np.exp(zero[0]) == pytest.approx(0.4, abs=0.03)


def test_hidden_names_share_the_probability_of_their_group() -> None:
    """1000 names, each too rare to be learned: every one is about as probable as it was."""
    rng = np.random.default_rng(4)
    names = pd.DataFrame({"club": [f"club of {i // 3}" for i in rng.permutation(3000)]})
    model = sk.fit(names, schema={"columns": {"club": {"kind": "categorical"}}})
    each = np.exp(model.log_prob(names.drop_duplicates()))
    assert each.sum() == pytest.approx(1, abs=0.2)


def test_a_missing_identifier_counts_and_its_text_does_not() -> None:
    rng = np.random.default_rng(5)
    ids = pd.Series([f"ID-{i:05d}" for i in rng.permutation(ROWS)], dtype=object)
    ids[rng.random(ROWS) < 0.2] = None
    table = pd.DataFrame({"id": ids, "visits": rng.integers(0, 5, ROWS)})
    model = sk.fit(table)
    rows = pd.DataFrame({"id": ["ID-99999", "ID-00000", None], "visits": 2})
    log = model.log_prob(rows)
    assert log[0] == log[1]
    assert np.exp(log[2] - log[0]) == pytest.approx(0.25, abs=0.05)
