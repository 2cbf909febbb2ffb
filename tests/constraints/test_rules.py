"""Constraints judge rows as one would by hand, and a missing cell never breaks one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthkit.constraints import Rules, has_unique
from synthkit.errors import SchemaError
from synthkit.schema import (
    Column,
    Dependency,
    FixedCombinations,
    Inequality,
    Range,
    Schema,
    Sum,
    Unique,
)

COLUMNS = (
    Column(name="low", kind="integer"),
    Column(name="high", kind="real"),
    Column(name="city", kind="categorical"),
    Column(name="state", kind="categorical"),
)
ROWS = pd.DataFrame(
    {
        "low": pd.array([1, 2, 3, None], dtype="Int64"),
        "high": [1.0, 1.5, np.nan, 0.0],
        "city": ["Graz", "Wien", "Wien", None],
        "state": ["Styria", "Vienna", "Styria", "Vienna"],
    }
)


def broken(constraint: object, train: pd.DataFrame = ROWS) -> list[bool]:
    schema = Schema(columns=COLUMNS, constraints=(constraint,))  # type: ignore[arg-type]
    rules = Rules.fit(schema, train)
    (mask,) = rules.broken(ROWS).values()
    return mask.tolist()


def test_inequality_by_hand() -> None:
    rule = Inequality(kind="inequality", low="low", high="high")
    assert broken(rule) == [False, True, False, False]
    assert broken(rule.model_copy(update={"strict": True})) == [True, True, False, False]
    assert rule.label == "inequality low <= high"


def test_range_by_hand() -> None:
    assert broken(Range(kind="range", column="low", min=2)) == [True, False, False, False]
    assert broken(Range(kind="range", column="low", max=1)) == [False, True, True, False]
    assert broken(Range(kind="range", column="high", min=1, max=1.2)) == [False, True, False, True]


def test_two_ranges_of_one_column_hold_both() -> None:
    rules = (
        Range(kind="range", column="low", min=2),
        Range(kind="range", column="low", max=2),
    )
    schema = Schema(columns=COLUMNS, constraints=rules)
    for order in (rules, rules[::-1]):
        broken = Rules.fit(schema, ROWS, order).broken(ROWS)
        assert broken["range of low"].tolist() == [True, False, True, False]


def test_combinations_are_those_of_the_training_rows() -> None:
    rule = FixedCombinations(kind="fixed_combinations", columns=("city", "state"))
    assert broken(rule) == [False] * 4
    assert broken(rule, ROWS.iloc[:2]) == [False, False, True, True]


def test_unique_breaks_on_the_second_of_two_equals() -> None:
    assert broken(Unique(kind="unique", columns=("city",))) == [False, False, True, False]
    schema = Schema(columns=COLUMNS, constraints=(Unique(kind="unique", columns=("city",)),))
    assert has_unique(schema)


def test_incomparable_columns_are_refused_with_a_remedy() -> None:
    with pytest.raises(SchemaError, match=r"'city' \(categorical\).*no common order.*[Dd]eclare"):
        broken(Inequality(kind="inequality", low="low", high="city"))


def test_sums_by_hand() -> None:
    columns = (
        Column(name="a", kind="real", decimals=2),
        Column(name="b", kind="real", decimals=2),
        Column(name="total", kind="real", decimals=1),
    )
    rule = Sum(kind="sum", total="total", parts=("a", "b"))
    rows = pd.DataFrame(
        {
            "a": [0.1, 0.14, 0.1, np.nan, 1.0],
            "b": [0.2, 0.2, 0.3, 1.0, 1.0],
            "total": [0.3, 0.3, 0.3, 9.0, np.nan],
        }
    )
    rules = Rules.fit(Schema(columns=columns, constraints=(rule,)), rows)
    assert rules.broken(rows)["sum total = a + b"].tolist() == [False, False, True, False, False]


def test_dependencies_by_hand() -> None:
    rule = Dependency.model_validate({"kind": "dependency", "from": "city", "to": "state"})
    train = pd.DataFrame(
        {
            "city": ["Graz"] * 5 + ["Wien"] * 4,
            "state": ["Styria"] * 4 + ["Vienna"] + ["Vienna"] * 2 + ["Styria"] * 2,
        }
    )
    schema = Schema(columns=COLUMNS[2:], constraints=(rule,))
    rows = pd.DataFrame(
        {
            "city": ["Graz", "Graz", "Wien", "Linz", None, "Graz"],
            "state": ["Styria", "Vienna", "Styria", "Styria", "Vienna", None],
        }
    )
    told = "dependency city -> state"
    assert Rules.fit(schema, train).broken(rows)[told].tolist() == [
        *(False, True),
        *(False, False, False, False),  # no majority, unknown, missing on either side
    ]
    assert not Rules.fit(schema, train, rare=5).broken(rows)[told].any()
