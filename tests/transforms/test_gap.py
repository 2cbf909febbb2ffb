"""Columns told by their gap: inequalities hold by construction, close datetimes stay close."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthkit.recipe import ProtectSpec
from synthkit.schema import Column, Inequality, Schema
from synthkit.transforms.base import typed_dtype
from synthkit.transforms.gap import anchors
from synthkit.transforms.layout import Batch, Categorical
from synthkit.transforms.table import TableEncoder

OFF = ProtectSpec(rare=0, extremes=0)
DAY = 86_400_000_000
TWO_PLACES = st.integers(-(10**6), 10**6).map(lambda i: i / 100)
SIDES: dict[str, tuple[Column, st.SearchStrategy]] = {
    "integer": (Column(name="", kind="integer"), st.integers(-1000, 1000)),
    "tens": (Column(name="", kind="integer"), st.integers(-100, 100).map(lambda i: 10 * i)),
    "decimals": (Column(name="", kind="real", decimals=2), TWO_PLACES),
    "coarse": (
        Column(name="", kind="real", decimals=1),
        st.integers(-9999, 9999).map(lambda i: i / 10),
    ),
    "float": (Column(name="", kind="real"), st.floats(-1e4, 1e4)),
}


def fitted(low: Column, high: Column, typed: pd.DataFrame, *, strict: bool = False) -> TableEncoder:
    rule = Inequality(kind="inequality", low="low", high="high", strict=strict)
    schema = Schema(columns=(high, low), constraints=(rule,))
    return TableEncoder.fit(typed, schema, OFF, np.random.default_rng(0))


def random_batch(encoder: TableEncoder, n: int, rng: np.random.Generator) -> Batch:
    """Fields drawn independently, the worst that a backend can do."""
    batch: Batch = {}
    for field in encoder.layout.fields:
        if isinstance(field, Categorical):
            batch[field.name] = rng.integers(field.size, size=n)
        else:
            u = rng.random(n)
            batch[field.name] = np.where(rng.random(n) < 0.1, np.nan, u) if field.nullable else u
    return batch


def side(name: str, kind: str) -> tuple[Column, st.SearchStrategy]:
    column, cells = SIDES[kind]
    return column.model_copy(update={"name": name}), cells | st.none()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_an_inequality_holds_by_construction(data: st.DataObject) -> None:
    low, lows = side("low", data.draw(st.sampled_from(sorted(SIDES))))
    high, highs = side("high", data.draw(st.sampled_from(sorted(SIDES))))
    strict = data.draw(st.booleans())
    rows = data.draw(st.lists(st.tuples(lows, highs), min_size=1, max_size=40))
    fit = [(a, b) for a, b in rows if a is None or b is None or (a < b if strict else a <= b)] or [
        (0, 1000)
    ]
    typed = pd.DataFrame(
        {
            "low": pd.Series([a for a, _ in fit], dtype=typed_dtype(low)),
            "high": pd.Series([b for _, b in fit], dtype=typed_dtype(high)),
        }
    )
    encoder = fitted(low, high, typed, strict=strict)
    rng = np.random.default_rng(0)
    back = encoder.inverse_transform(encoder.transform(typed, rng), rng, n=len(typed))
    if high.decimals is None and high.kind == "real":
        np.testing.assert_allclose(back["high"], typed["high"], rtol=1e-9, atol=1e-9)
    else:
        pd.testing.assert_series_equal(back["high"], typed["high"], check_exact=True)
    if typed.notna().all(axis=1).any():
        assert "high.gap" in encoder.layout.names
        made = encoder.inverse_transform(random_batch(encoder, 300, rng), rng).dropna()
        a, b = made["low"].to_numpy(float), made["high"].to_numpy(float)
        assert np.all(a < b) if strict else np.all(a <= b)


def pair(start: np.ndarray, end: np.ndarray) -> tuple[pd.DataFrame, Schema]:
    typed = pd.DataFrame({"end": end, "start": start}).astype("datetime64[us]")
    names = ("end", "start")
    return typed, Schema(columns=tuple(Column(name=name, kind="datetime") for name in names))


def test_close_datetimes_are_found_and_stay_in_order() -> None:
    rng = np.random.default_rng(0)
    start = rng.integers(0, 400 * DAY, 500)
    typed, schema = pair(start, start + rng.integers(0, DAY // 24, 500))
    encoder = TableEncoder.fit(typed, schema, ProtectSpec(), rng)
    assert encoder.layout.names == ("end.gap", "start.day", "start.time")
    made = encoder.inverse_transform(random_batch(encoder, 5000, rng), rng).dropna()
    assert list(made) == ["end", "start"]
    gap = made["end"] - made["start"]
    assert gap.min() >= pd.Timedelta(0)
    assert gap.max() <= pd.Timedelta(hours=1)


@pytest.mark.parametrize("case", ["apart", "crossing", "few", "same"])
def test_other_pairs_of_datetimes_are_left_alone(case: str) -> None:
    rng = np.random.default_rng(0)
    start = rng.integers(0, 400 * DAY, 500)
    end = {
        "apart": start + rng.integers(0, 4000 * DAY, 500),
        "crossing": start + rng.integers(-DAY // 9, DAY, 500),
        "few": start + 5,
        "same": start,
    }[case]
    rows = 19 if case == "few" else 500
    found = anchors(*pair(start[:rows], end[:rows]))
    assert len(found) == (1 if case == "same" else 0)


def test_dates_stay_dates_behind_a_time() -> None:
    rng = np.random.default_rng(0)
    start = rng.integers(0, 400 * DAY, 500)
    end = (start // DAY + rng.integers(1, 9, 500)) * DAY
    typed, schema = pair(start, end)
    encoder = TableEncoder.fit(typed, schema, OFF, rng)
    assert "end.gap" in encoder.layout.names
    made = encoder.inverse_transform(random_batch(encoder, 2000, rng), rng)
    assert (made["end"].dt.normalize() == made["end"]).all()
    assert (made["end"] >= made["start"]).all()


def test_a_missing_anchor_has_a_field_of_its_own() -> None:
    low = pd.array([1, 2, None, None, 5] * 20, dtype="Int64")
    high = pd.array([3, None, 7, None, 5] * 20, dtype="Int64")
    typed = pd.DataFrame({"low": low, "high": high})
    columns = (Column(name="low", kind="integer"), Column(name="high", kind="integer"))
    encoder = fitted(*columns, typed)
    assert encoder.layout.names == ("high.gap", "high.alone", "low")
    rng = np.random.default_rng(0)
    back = encoder.inverse_transform(encoder.transform(typed, rng), rng)
    pd.testing.assert_frame_equal(back[["low", "high"]], typed)


def test_chains_have_no_circle() -> None:
    rng = np.random.default_rng(0)
    a = rng.integers(0, 100, 200)
    typed = pd.DataFrame({"a": a, "b": a + 1, "c": a + 3}).astype("Int64")
    rules = [("a", "b"), ("b", "c"), ("c", "a"), ("a", "c")]
    schema = Schema(
        columns=tuple(Column(name=name, kind="integer") for name in "cab"),
        constraints=tuple(Inequality(kind="inequality", low=x, high=y) for x, y in rules),
    )
    found = anchors(typed, schema)
    assert {high: anchor.column.name for high, anchor in found.items()} == {"b": "a", "c": "b"}
    encoder = TableEncoder.fit(typed, schema, OFF, rng)
    made = encoder.inverse_transform(random_batch(encoder, 1000, rng), rng)
    assert (made["a"] <= made["b"]).all()
    assert (made["b"] <= made["c"]).all()


def test_numbers_too_large_to_subtract_are_not_paired() -> None:
    typed = pd.DataFrame({"low": [-(2**62), 0], "high": [2**62, 5]}).astype("Int64")
    columns = (Column(name="low", kind="integer"), Column(name="high", kind="integer"))
    assert fitted(*columns, typed).layout.names == ("high", "low")
    typed = pd.DataFrame({"low": [-1.7e308, 0.0], "high": [1.7e308, 5.0]})
    columns = (Column(name="low", kind="real"), Column(name="high", kind="real"))
    assert fitted(*columns, typed).layout.names == ("high", "low")
