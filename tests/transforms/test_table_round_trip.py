"""Exact round trip of whole tables of every kind, with the protections off."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthkit.errors import SchemaError
from synthkit.recipe import ProtectSpec
from synthkit.schema import Column, Inequality, Schema
from synthkit.transforms.base import typed_dtype
from synthkit.transforms.table import TableEncoder

OFF = ProtectSpec(rare=0, extremes=0)
MICROSECONDS = st.integers(-(10**17), 10**17)  # the years -1199 to 5138
DAY = 86_400_000_000

words = st.text(st.characters(), max_size=8)
CELLS: dict[str, list[tuple[dict[str, Any], st.SearchStrategy]]] = {
    "integer": [
        ({}, st.integers(-(2**63), 2**63 - 1)),
        ({}, st.integers(0, 3)),
        ({}, st.sampled_from([0, 5, 10, 2**62, -(2**62)])),
    ],
    "real": [
        ({}, st.floats(allow_nan=False, allow_infinity=False)),
        ({"decimals": 2}, st.integers(-(10**9), 10**9).map(lambda i: i / 100)),
        ({"decimals": 1}, st.floats(-1e6, 1e6)),  # the declared decimals are wrong
        ({"decimals": 3}, st.sampled_from([0.0, -0.0, 0.125, 1e300])),
    ],
    "boolean": [({}, st.booleans())],
    "categorical": [
        ({}, words),
        ({}, st.integers(-5, 5)),
        ({}, words | st.integers(2, 9) | st.floats(10.5, 20.5)),
    ],
    "constant": [({}, st.just("same"))],
    "ordinal": [({"order": ("low", "mid", "high")}, st.sampled_from(["low", "mid", "high"]))],
    "datetime": [
        ({}, MICROSECONDS),
        ({}, st.integers(-20000, 20000).map(lambda day: day * DAY)),
        ({"zone": "Europe/Vienna"}, st.integers(0, 10**6).map(lambda s: s * 10**6)),
    ],
    "duration": [({}, MICROSECONDS), ({}, st.integers(0, 10).map(lambda h: h * 3_600_000_000))],
    "mixed": [
        ({}, st.integers(0, 99).map(str) | st.sampled_from(["unknown", "n/a", "007"])),
        ({}, st.integers(0, 9999).map(lambda i: f"{i / 100:.2f}") | words),
        ({}, st.integers(0, 99) | st.just("none")),
    ],
}


def typed_column(column: Column, cells: list) -> pd.Series:
    if column.kind in ("datetime", "duration"):
        ticks = pd.Series([pd.NA if c is None else c for c in cells], dtype="Int64")
        filled = ticks.fillna(0).astype("int64")
        if column.kind == "duration":
            return filled.astype("timedelta64[us]").where(ticks.notna())
        times = filled.astype("datetime64[us]").where(ticks.notna())
        return times.dt.tz_localize("UTC") if column.zone else times
    return pd.Series(cells, dtype=typed_dtype(column))


@st.composite
def tables(draw: st.DrawFn) -> tuple[pd.DataFrame, Schema]:
    n = draw(st.integers(1, 30))
    columns, cells = [], {}
    for i in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(sorted(CELLS)))
        extra, values = draw(st.sampled_from(CELLS[kind]))
        column = Column(name=f"c{i}", kind=kind, **extra)
        holes = draw(st.sampled_from([values, values | st.none(), st.none()]))
        columns.append(column)
        cells[column.name] = typed_column(column, draw(st.lists(holes, min_size=n, max_size=n)))
    return pd.DataFrame(cells), Schema(columns=tuple(columns))


def round_trip(typed: pd.DataFrame, schema: Schema, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    encoder = TableEncoder.fit(typed, schema, OFF, rng)
    batch = encoder.transform(typed, rng)
    assert encoder.layout.check(batch) in (len(typed), 0)
    return encoder.inverse_transform(batch, rng, n=len(typed))


@settings(max_examples=250, deadline=None)
@given(tables(), st.integers(0, 2**32))
def test_every_table_comes_back_exactly(table: tuple[pd.DataFrame, Schema], seed: int) -> None:
    typed, schema = table
    pd.testing.assert_frame_equal(round_trip(typed, schema, seed), typed, check_exact=True)


@settings(max_examples=60, deadline=None)
@given(tables(), st.integers(0, 9))
def test_a_stored_encoder_decodes_the_same(table: tuple[pd.DataFrame, Schema], rare: int) -> None:
    typed, schema = table
    protect = ProtectSpec(rare=rare, extremes=rare)
    encoder = TableEncoder.fit(typed, schema, protect, np.random.default_rng(0))
    state = encoder.state()
    assert all(array.dtype.kind in "iuf" for array in state.arrays.values())
    meta = json.loads(json.dumps(state.meta))
    again = TableEncoder.from_state(schema, type(state)(meta, state.arrays))
    assert again.layout == encoder.layout
    assert again.protected == encoder.protected
    batch = encoder.transform(typed, np.random.default_rng(1))
    for name, values in again.transform(typed, np.random.default_rng(1)).items():
        assert values.tobytes() == batch[name].tobytes()
    frames = [
        e.inverse_transform(batch, np.random.default_rng(2), n=len(typed)) for e in (encoder, again)
    ]
    pd.testing.assert_frame_equal(*frames, check_exact=True)
    for name, array in again.state().arrays.items():
        assert array.tobytes() == state.arrays[name].tobytes()


def frame_of(**columns: tuple[Column, list]) -> tuple[pd.DataFrame, Schema]:
    typed = pd.DataFrame({c.name: typed_column(c, cells) for c, cells in columns.values()})
    return typed, Schema(columns=tuple(c for c, _ in columns.values()))


def test_300_categories_and_their_order() -> None:
    cells = [f"v{i:03d}" for i in range(300) for _ in range(1 + i % 7)]
    typed, schema = frame_of(a=(Column(name="a", kind="categorical"), cells))
    pd.testing.assert_frame_equal(round_trip(typed, schema), typed)
    encoder = TableEncoder.fit(typed, schema, OFF, np.random.default_rng(0))
    codes = encoder.transform(typed, np.random.default_rng(0))["a"]
    assert np.all(np.diff(np.bincount(codes)) <= 0)  # by descending frequency


def test_a_large_table_comes_back() -> None:
    rng = np.random.default_rng(0)
    n = 5000
    typed = pd.DataFrame(
        {
            "i": pd.array(rng.integers(-(10**12), 10**12, n), dtype="Int64"),
            "x": rng.standard_cauchy(n),
            "p": np.round(rng.exponential(300, n), 2),
            "t": pd.Series(rng.integers(0, 10**15, n)).astype("datetime64[us]"),
        }
    )
    kinds = {"i": "integer", "x": "real", "p": "real", "t": "datetime"}
    schema = Schema(
        columns=tuple(
            Column(name=k, kind=v, decimals=2 if k == "p" else None) for k, v in kinds.items()
        )
    )
    back = round_trip(typed, schema)
    exact = ["i", "p", "t"]
    pd.testing.assert_frame_equal(back[exact], typed[exact], check_exact=True)
    np.testing.assert_allclose(back["x"], typed["x"], rtol=1e-9)


def test_field_names_stay_unique() -> None:
    days = [DAY * i + 3_600_000_000 * (i % 5) for i in range(40)]
    typed, schema = frame_of(
        a=(Column(name="t", kind="datetime"), days),
        b=(Column(name="t.day", kind="integer"), list(range(40))),
    )
    encoder = TableEncoder.fit(typed, schema, OFF, np.random.default_rng(0))
    assert encoder.layout.names == ("t..day", "t..time", "t.day")
    assert [f.name for f in encoder.layout.of_column("t")] == ["t..day", "t..time"]
    pd.testing.assert_frame_equal(round_trip(typed, schema), typed)


def test_a_table_of_columns_that_are_not_learned() -> None:
    typed, schema = frame_of(
        a=(Column(name="a", kind="identifier", pattern="sequence"), ["17", "18", "19"]),
        b=(Column(name="b", kind="text"), ["two words", "four", "and three more"]),
        c=(Column(name="c", kind="real"), [None, None, None]),
    )
    encoder = TableEncoder.fit(typed, schema, ProtectSpec(), np.random.default_rng(0))
    assert encoder.layout.fields == ()
    assert set(encoder.unmodelled) == {"a", "b", "c"}
    assert encoder.placeholders == ("b",)
    made = encoder.inverse_transform({}, np.random.default_rng(0), n=50)
    assert made["a"].tolist() == [str(i + 1) for i in range(50)]
    assert made["b"].str.fullmatch(r"[A-Z][a-z ]*\.").all()
    assert made["c"].isna().all()
    assert made.dtypes.tolist() == typed.dtypes.tolist()


@pytest.mark.parametrize("change", ["drop", "add", "empty"])
def test_tables_that_do_not_fit_the_schema_are_refused(change: str) -> None:
    typed, schema = frame_of(
        a=(Column(name="a", kind="integer"), [1, 2, 3]),
        b=(Column(name="b", kind="boolean"), [True, False, True]),
    )
    wrong = {"drop": typed[["a"]], "add": typed.assign(c=1), "empty": typed[:0]}[change]
    with pytest.raises(SchemaError):
        TableEncoder.fit(wrong, schema, OFF, np.random.default_rng(0))


def test_cells_that_cannot_be_learned_are_refused_without_their_value() -> None:
    for cell, word in ((["secret"], "compared"), (complex(41237), "complex")):
        cells = np.empty(3, object)
        cells[:] = [cell] * 3
        typed = pd.DataFrame({"a": cells})
        schema = Schema(columns=(Column(name="a", kind="categorical"),))
        with pytest.raises(SchemaError, match=word) as caught:
            TableEncoder.fit(typed, schema, OFF, np.random.default_rng(0))
        assert "secret" not in str(caught.value)
        assert "41237" not in str(caught.value)


def test_rows_never_seen_are_taken() -> None:
    typed, schema = frame_of(
        i=(Column(name="i", kind="integer"), list(range(100))),
        c=(Column(name="c", kind="categorical"), ["a", "b"] * 50),
        t=(Column(name="t", kind="datetime"), [DAY * i for i in range(100)]),
        m=(Column(name="m", kind="mixed"), ["1", "2", "x", "x"] * 25),
        b=(Column(name="b", kind="boolean"), [True] * 99 + [False]),
    )
    encoder = TableEncoder.fit(typed, schema, ProtectSpec(), np.random.default_rng(0))
    new, _ = frame_of(
        i=(Column(name="i", kind="integer"), [-(2**63), 2**63 - 1, None]),
        c=(Column(name="c", kind="categorical"), ["z", None, 3]),
        t=(Column(name="t", kind="datetime"), [-(10**16), 10**16, None]),
        m=(Column(name="m", kind="mixed"), ["99", None, "y"]),
        b=(Column(name="b", kind="boolean"), [False, None, True]),
    )
    batch = encoder.transform(new, np.random.default_rng(0))
    assert encoder.layout.check(batch) == 3
    back = encoder.inverse_transform(batch, np.random.default_rng(0))
    assert not back.isna().any().any()  # nothing was missing in training
    assert back["i"].between(0, 99).all()
    assert back["c"].isin(["a", "b"]).all()
    assert back["b"].tolist()[0] is False
    assert encoder.layout.check(encoder.transform(new[:0], np.random.default_rng(0))) == 0


def test_same_seed_same_batch_and_another_seed_another() -> None:
    typed, schema = frame_of(i=(Column(name="i", kind="integer"), list(range(100)) * 2))
    encoder = TableEncoder.fit(typed, schema, OFF, np.random.default_rng(0))
    one, two, three = (
        encoder.transform(typed, np.random.default_rng(seed))["i"].tobytes() for seed in (1, 1, 2)
    )
    assert one == two != three


def test_constraints_between_other_kinds_are_left_alone() -> None:
    typed, schema = frame_of(
        i=(Column(name="i", kind="integer"), list(range(30))),
        t=(Column(name="t", kind="datetime"), [DAY * i for i in range(30)]),
    )
    rule = Inequality(kind="inequality", low="i", high="t")
    schema = schema.model_copy(update={"constraints": (rule,)})
    assert TableEncoder.fit(typed, schema, OFF, np.random.default_rng(0)).layout.names == (
        "i",
        "t.day",
    )
