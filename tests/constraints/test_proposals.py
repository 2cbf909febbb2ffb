"""Proposals: active where nothing speaks against them, with the reason either way."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synthkit.constraints.proposals import propose
from synthkit.schema import Column, Schema

SCHEMA = Schema(
    columns=(
        Column(name="a", kind="real", decimals=2),
        Column(name="b", kind="real", decimals=2),
        Column(name="total", kind="real", decimals=2),
        Column(name="zone", kind="categorical"),
        Column(name="street", kind="categorical"),
        Column(name="town", kind="categorical"),
    )
)


def rows(n: int = 1000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    a, b = np.round(rng.gamma(2, 6, n), 2), np.round(rng.gamma(2, 6, n), 2)
    zone, street = rng.integers(0, 12, n), rng.integers(0, 12, n)
    town = zone // 4
    street = 3 * street + town  # the street, too, lies in one town
    return pd.DataFrame(
        {
            "a": a,
            "b": b,
            "total": np.round(a + b, 2),
            "zone": np.char.add("z", zone.astype(str)).astype(object),
            "street": np.char.add("s", street.astype(str)).astype(object),
            "town": np.char.add("t", town.astype(str)).astype(object),
        }
    )


def proposed(typed: pd.DataFrame, target: str | None = None) -> dict[str, tuple[bool, str]]:
    found = propose(SCHEMA, typed, target, np.random.default_rng(0))
    return {p.rule.label: (p.active, p.reason) for p in found}


def test_a_column_is_computed_once() -> None:
    found = proposed(rows())
    assert found == {
        "sum total = a + b": (True, "holds in all 1,000 rows; computed, not learned"),
        "dependency zone -> town": (True, "holds in all 1,000 rows; computed, not learned"),
        "dependency street -> town": (
            False,
            "holds in all 1,000 rows, but another rule computes the column already",
        ),
    }


def test_few_rows_gaps_exceptions_and_rare_values_are_doubts() -> None:
    assert not any(active for active, _ in proposed(rows(300)).values())
    typed = rows(4000)
    typed.loc[0, "total"] += 1.0
    typed.loc[1000:1100, "town"] = None
    found = proposed(typed)
    assert found["sum total = a + b"] == (False, "holds in all but 1 of 4,000 rows")
    assert "missing on one side" in found["dependency zone -> town"][1]
    typed = rows(2000)
    rare = np.arange(60)
    typed.loc[rare, "zone"] = np.char.add("rare", (rare // 6).astype(str)).astype(object)
    typed.loc[rare, "town"] = np.char.add("t", (rare // 6 % 3).astype(str)).astype(object)
    assert proposed(typed)["dependency zone -> town"][0]
    typed.loc[rare, "town"] = "t9"
    active, reason = proposed(typed)["dependency zone -> town"]
    assert not active
    assert "none but rare values of zone" in reason
