"""Conditions: fixed values and incomplete rows as ``Given``; clear refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthkit.errors import SchemaError
from synthkit.recipe import ProtectSpec
from synthkit.schema import Column, Inequality, Schema
from synthkit.transforms.table import TableEncoder

N = 400
SCHEMA = Schema(
    columns=(
        Column(name="age", kind="integer"),
        Column(name="height", kind="real", decimals=1),
        Column(name="city", kind="categorical", nullable=True),
        Column(name="size", kind="ordinal", order=("small", "large")),
        Column(name="member", kind="boolean", true="yes", false="no"),
        Column(name="since", kind="datetime"),
        Column(name="zoned", kind="datetime", zone="Europe/Vienna"),
        Column(name="took", kind="duration"),
        Column(name="score", kind="mixed"),
        Column(name="id", kind="identifier", pattern="sequence"),
        Column(name="note", kind="text"),
        Column(name="low", kind="integer"),
        Column(name="high", kind="integer"),
    ),
    constraints=(Inequality(kind="inequality", low="low", high="high"),),
)


def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    hours = pd.Series(rng.integers(0, 5000, N) * 3600 * 10**6)
    low = rng.integers(0, 100, N)
    return pd.DataFrame(
        {
            "age": pd.array(rng.integers(18, 80, N), dtype="Int64"),
            "height": np.round(rng.normal(170, 9, N), 1),
            "city": np.where(rng.random(N) < 0.2, None, rng.choice(["Graz", "Linz", "Wien"], N)),
            "size": rng.choice(["small", "large"], N).astype(object),
            "member": pd.array(rng.random(N) < 0.5, dtype="boolean"),
            "since": hours.astype("datetime64[us]"),
            "zoned": hours[::-1]
            .reset_index(drop=True)
            .astype("datetime64[us]")
            .dt.tz_localize("UTC"),
            "took": hours.astype("timedelta64[us]"),
            "score": rng.choice(["7", "8", "9", "none"], N).astype(object),
            "id": pd.Series(range(N), dtype=object),
            "note": pd.Series(["some words"] * N, dtype=object),
            "low": pd.array(low, dtype="Int64"),
            "high": pd.array(low + rng.integers(0, 50, N), dtype="Int64"),
        }
    )


@pytest.fixture(scope="module")
def encoder() -> TableEncoder:
    return TableEncoder.fit(table(), SCHEMA, ProtectSpec(), np.random.default_rng(0))


@pytest.mark.parametrize(
    ("column", "value", "cell"),
    [
        ("age", 40, 40),
        ("age", "40", 40),
        ("height", "170.5", 170.5),
        ("city", "Graz", "Graz"),
        ("city", None, None),
        ("size", "large", "large"),
        ("member", "yes", True),
        ("member", True, True),
        ("member", "False", False),
        ("since", "1970-03-01 05:00", pd.Timestamp("1970-03-01 05:00")),
        ("zoned", "1970-03-01 05:00", pd.Timestamp("1970-03-01 05:00", tz="UTC")),
        ("zoned", "1970-03-01T05:00+02:00", pd.Timestamp("1970-03-01 03:00", tz="UTC")),
        ("took", "900h", pd.Timedelta(hours=900)),
        ("score", "8", "8"),
        ("score", "none", "none"),
    ],
)
def test_a_given_value_is_known_in_every_row(
    encoder: TableEncoder, column: str, value: object, cell: object
) -> None:
    given = encoder.encode_given({column: value}, 7, np.random.default_rng(0))
    assert encoder.layout.check(given.values) == 7
    own = {field.name for field in encoder.layout.of_column(column)}
    assert own
    assert {name for name, mask in given.known.items() if mask.all()} == own
    assert not any(mask.any() for name, mask in given.known.items() if name not in own)
    made = encoder.inverse_transform(given.values, np.random.default_rng(0))[column]
    assert all((c is cell or c == cell) or (pd.isna(c) and cell is None) for c in made)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"agee": 40}, "did you mean 'age'"),
        ({"age": 4000}, "outside"),
        ({"age": "forty"}, "kind integer"),
        ({"age": 40.5}, "kind integer"),
        ({"age": 10**30}, "kind integer"),
        ({"age": float("nan")}, "kind integer"),
        ({"age": None}, "no training cell is"),
        ({"height": "inf"}, "kind real"),
        ({"city": "Grazz"}, "spell it as the data does"),
        ({"city": 5}, "3 learned categories"),
        ({"since": "soon"}, "kind datetime"),
        ({"since": "NaT"}, "kind datetime"),
        ({"since": "1999-01-01"}, "outside"),
        ({"since": "03/04/1970"}, "spelled YYYY-MM-DD"),
        ({"height": "170.55"}, "at most 1 decimal"),
        ({"height": 1e308}, "outside"),
        ({"took": "long"}, "kind duration"),
        ({"score": "77"}, "outside"),
        ({"score": "non"}, "spell it as the data does"),
        ({"id": 5}, "identifiers are not learned"),
        ({"id": None}, "identifiers are not learned"),
        ({"note": "hello"}, "free text is not learned"),
        ({"high": 60}, "give a value of 'low' too"),
    ],
)
def test_what_cannot_be_given_is_refused(encoder: TableEncoder, values: dict, words: str) -> None:
    with pytest.raises(SchemaError) as caught:
        encoder.encode_given(values, 3, np.random.default_rng(0))
    message = str(caught.value)
    assert words.lower() in message.lower()
    assert next(iter(values)) in message
    assert "4000" not in message


def test_both_sides_of_a_gap_can_be_given(encoder: TableEncoder) -> None:
    given = encoder.encode_given({"high": 60, "low": 30}, 5, np.random.default_rng(0))
    assert given.known["low"].all()
    assert given.known["high.gap"].all()
    made = encoder.inverse_transform(given.values, np.random.default_rng(0))
    assert made["high"].tolist() == [60] * 5


def test_incomplete_rows_are_known_where_present(encoder: TableEncoder) -> None:
    typed = table().head(6)
    typed.loc[0, "age"] = pd.NA
    typed.loc[1, "low"] = pd.NA
    typed.loc[2, "since"] = pd.NaT
    typed["city"] = ["Graz", None, "Linz", "Wien", None, "Graz"]
    given = encoder.encode_incomplete(typed, np.random.default_rng(0))
    assert encoder.layout.check(given.values) == 6
    assert given.known["age"].tolist() == [False, True, True, True, True, True]
    assert given.known["city"].tolist() == [True, False, True, True, False, True]
    assert given.known["since.day"].tolist() == given.known["since.time"].tolist()
    assert given.known["since.day"].sum() == 5
    assert given.known["high.gap"].tolist() == [True, False, True, True, True, True]
    assert set(given.known) == set(encoder.layout.names)
    # a number is missing beside a label, and the value alone beside a gap
    assert set(given.present) == set(given.known) - {"score.number", "high.alone"}
    assert all(np.array_equal(given.present[n], ~given.known[n]) for n in given.present)
