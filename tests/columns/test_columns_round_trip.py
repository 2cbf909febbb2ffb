"""The law ``to_raw(to_typed(x)) == x``, by kind, on generated columns."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthkit.columns import dates, detect, durations, to_raw, to_typed
from synthkit.columns.distinct import Distinct
from synthkit.recipe import ColumnSpec, SchemaSpec
from synthkit.schema import KINDS

LAW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MISSING = st.sampled_from(["", "NA", "?", "NULL"])
DTYPES = {
    "integer": "Int64",
    "real": "float64",
    "boolean": "boolean",
    "duration": "timedelta64[us]",
    **dict.fromkeys(
        ("categorical", "ordinal", "constant", "mixed", "identifier", "text"), "object"
    ),
}


def assert_law(cells: Any) -> str:
    """Asserts the law and the typed dtype; returns the kind."""
    frame = pd.DataFrame({"x": cells})
    schema = detect(frame)
    typed, invalid = to_typed(frame, schema, strict=True)
    assert invalid == {}
    column = schema["x"]
    if column.kind == "datetime":
        wanted = "datetime64[us, UTC]" if column.zone else "datetime64[us]"
    else:
        wanted = DTYPES[column.kind]
    assert str(typed["x"].dtype) == wanted
    pd.testing.assert_frame_equal(to_raw(typed, schema), frame)
    again, _ = to_typed(to_raw(typed, schema), schema)
    pd.testing.assert_frame_equal(again, typed)
    return column.kind


def with_missing(cells: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    """Columns of these cells with one spelling of missing cells."""
    return st.tuples(st.lists(cells, min_size=1, max_size=40), MISSING, st.data()).map(
        lambda drawn: [
            drawn[1] if drawn[2].draw(st.integers(0, 4)) == 0 else cell for cell in drawn[0]
        ]
    )


@LAW
@given(with_missing(st.integers(-(2**63), 2**63 - 1).map(str)))
def test_integers(cells: list[str]) -> None:
    assert_law(cells)


@LAW
@given(st.lists(st.integers(-(10**12), 10**12).map(lambda v: f"{v:,}"), min_size=1, max_size=30))
def test_thousands(cells: list[str]) -> None:
    assert_law(cells)


@LAW
@given(
    st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=30),
    st.sampled_from([("$", ""), ("€ ", ""), ("", "%"), ("", " kg"), ("", " EUR")]),
)
def test_money_and_units(cents: list[int], around: tuple[str, str]) -> None:
    before, behind = around
    cells = [f"{'-' * (v < 0)}{before}{abs(v) / 100:,.2f}{behind}" for v in cents]
    assert assert_law(cells) in ("integer", "real", "constant")


@LAW
@given(
    st.lists(st.integers(-(10**6), 10**6), min_size=2, max_size=30),
    st.integers(1, 6),
    st.sampled_from([".", ","]),
)
def test_fixed_decimals(values: list[int], decimals: int, mark: str) -> None:
    assert_law([f"{v / 10**decimals + 0.0:.{decimals}f}".replace(".", mark) for v in values])


@LAW
@given(st.lists(st.floats(-1e6, 1e6).map(lambda v: v + 0.0), min_size=2, max_size=30))
def test_floats_as_python_prints_them(values: list[float]) -> None:
    cells = [cell for cell in map(repr, values) if "e" not in cell] or ["0.5"]
    if "noisy" not in detect(pd.DataFrame({"x": cells})).columns[0].reason:
        assert assert_law(cells) in ("real", "constant", "integer")


@LAW
@given(st.lists(st.floats(-1e300, 1e300, allow_nan=False) | st.none(), min_size=1, max_size=30))
def test_native_floats(values: list[float | None]) -> None:
    assert_law(np.array(values, np.float64))


@LAW
@given(
    st.lists(st.integers(-100, 100) | st.none(), min_size=1, max_size=30),
    st.sampled_from(["Int8", "Int64", "Float32", "int32[pyarrow]", "double[pyarrow]", "float32"]),
)
def test_native_numbers(values: list[int | None], dtype: str) -> None:
    if dtype == "float32":
        assert_law(np.array(values, np.float32))
    else:
        assert_law(pd.array(values, dtype=dtype))


@LAW
@given(
    st.lists(
        st.datetimes(dt.datetime(1677, 10, 1), dt.datetime(2262, 1, 1)), min_size=1, max_size=20
    ),
    st.sampled_from(
        [
            *("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M:%S.%6f"),
            *("%B %d, %Y", "%Y-%m-%dT%H:%M:%S%Z", "%Y-%m-%d %H:%M%:z", "%d-%b-%Y"),
            *("%d/%m/%Y %I:%M %p", "%-d/%-m/%Y"),
        ]
    ),
    st.sampled_from(["+00:00", "+05:30", "-03:00"]),
)
def test_spelled_datetimes(values: list[dt.datetime], format: str, offset: str) -> None:
    moments = np.array(values, "M8[us]")
    cells = dates.spell(moments, format, offset)
    assert assert_law(cells) in ("datetime", "constant")


@LAW
@given(
    st.lists(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2030, 1, 1)), min_size=1),
    st.sampled_from(["Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
    st.sampled_from(["%Y-%m-%dT%H:%M:%S%:z", "%d.%m.%Y %H:%M%z"]),
)
def test_offsets_of_a_zone_come_back(values: list[dt.datetime], zone: str, format: str) -> None:
    cells = dates.spell(np.array(values, "M8[us]"), format, zone)
    assert assert_law(cells) in ("datetime", "constant")


@LAW
@given(st.lists(st.sampled_from(["+00:00", "+02:00", "-11:30"]), min_size=2, max_size=30))
def test_offsets_of_no_zone_come_back_as_one_of_them(offsets: list[str]) -> None:
    cells = [f"2024-03-{i + 1:02d} 10:11{offset}" for i, offset in enumerate(offsets)]
    frame = pd.DataFrame({"x": cells})
    schema = detect(frame)
    typed, _ = to_typed(frame, schema, strict=True)
    back = to_raw(typed, schema)["x"]
    assert set(back.str[-6:]) <= set(offsets)
    pd.testing.assert_frame_equal(to_typed(back.to_frame(), schema, strict=True)[0], typed)


def test_summer_time_has_the_name_of_its_zone() -> None:
    frame = pd.DataFrame({"x": ["2024-03-30T12:00:00+0100", "2024-04-01T12:00:00+0200"]})
    assert detect(frame)["x"].zone == "Europe/Berlin"
    declared = SchemaSpec(columns={"x": ColumnSpec(kind="datetime", format="%Y-%m-%dT%H:%M:%S%z")})
    assert detect(frame, declared)["x"].zone == "Europe/Berlin"


def test_a_fraction_that_is_mostly_zero_keeps_its_digits() -> None:
    cells = ["2000-01-01 00:00:00.000000"] * 9 + ["2000-01-02 00:00:00.000001"] * 6
    assert assert_law(cells) == "datetime"


@LAW
@given(
    st.lists(st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)), min_size=1, max_size=20),
    st.sampled_from(["datetime64[ns]", "datetime64[s]", "datetime64[ms, UTC]", "datetime64[us, America/New_York]", "timestamp[ms][pyarrow]"]),
)  # fmt: skip
def test_native_datetimes(values: list[dt.datetime], dtype: str) -> None:
    cells = pd.Series([v.replace(microsecond=0) for v in values] + [None])
    if "," in dtype:
        cells = cells.dt.tz_localize("UTC")
    assert assert_law(cells.astype(dtype)) == "datetime"


@LAW
@given(
    st.lists(st.integers(0, 10**10), min_size=1, max_size=20),
    st.sampled_from(durations.FORMATS),
)
def test_spelled_durations(seconds: list[int], format: str) -> None:
    cells = durations.spell(np.array(seconds, "m8[s]"), format)
    assert assert_law(cells) in ("duration", "constant")


@LAW
@given(with_missing(st.text(min_size=1, max_size=8).filter(lambda text: "\x00" not in text)))
def test_any_text(cells: list[str]) -> None:
    """Nothing may be lost whatever the cells are, except what the law exempts."""
    frame = pd.DataFrame({"x": cells})
    schema = detect(frame)
    back = to_raw(to_typed(frame, schema)[0], schema)
    column = schema["x"]
    if column.is_modelled and not column.is_numeric:
        spelled = [column.missing[0] if cell in column.missing else cell for cell in cells]
        assert back["x"].tolist() == spelled


@LAW
@given(st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=20))
def test_text_dtypes_with_nulls(cells: list[str | None]) -> None:
    for dtype in ("object", "string[python]", "string[pyarrow]", "category"):
        assert_law(pd.Series(cells, dtype=dtype))


@LAW
@given(st.data(), st.sampled_from([st.text("abc", min_size=1), st.integers(), st.floats(0, 1)]))
def test_categorical_dtypes_keep_their_list(data: st.DataObject, values: st.SearchStrategy) -> None:
    listed = data.draw(st.lists(values, min_size=1, max_size=6, unique=True))
    cells = data.draw(st.lists(st.sampled_from([*listed, None]), min_size=1, max_size=20))
    assert_law(pd.Categorical(cells, listed, ordered=data.draw(st.booleans())))


@LAW
@given(
    st.lists(
        st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text("xyz", min_size=1),
        min_size=1,
        max_size=20,
    )
)
def test_python_objects(cells: list[Any]) -> None:
    assert_law(pd.Series(cells, dtype=object))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_typed_dtype(kind: str) -> None:
    assert kind == "datetime" or kind in DTYPES


def test_an_arrow_null_reads_like_none() -> None:
    assert Distinct.of(pd.Series(["a", pd.NA], dtype="string[pyarrow]")).codes.tolist() == [0, -1]
