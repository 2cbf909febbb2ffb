"""Casting counts what does not fit, reads other tools' spellings, and never shows a value."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthkit.columns import detect, to_raw, to_typed
from synthkit.errors import SchemaError
from synthkit.recipe import ColumnSpec, SchemaSpec
from synthkit.schema import Column, Schema

CANARY = "zq81canary"


def schema_of(*columns: Column) -> Schema:
    return Schema(columns=columns)


def typed(cells: Any, column: Column) -> tuple[list[Any], int]:
    """Typed cells with None for missing ones, and the number of invalid ones."""
    frame, invalid = to_typed(pd.DataFrame({column.name: cells}), schema_of(column))
    values = frame[column.name]
    return [None if gone else v for v, gone in zip(values, values.isna(), strict=True)], invalid.get(column.name, 0)  # fmt: skip


def column(kind: Any, **fields: Any) -> Column:
    return Column(name="x", kind=kind, **fields)


def moments(*cells: str) -> list[pd.Timestamp]:
    return [pd.Timestamp(cell) for cell in cells]


@pytest.mark.parametrize(
    ("cells", "target", "expected", "invalid"),
    [
        (["39.0", "40", "4e1", "x", "39.5", "007"], column("integer"), [39, 40, 40, None, None, None], 3),
        (["1,234", "99", "1234"], column("integer", format="#,##0"), [1234, 99, 1234], 0),
        (["9223372036854775807", "9223372036854775808"], column("integer"), [2**63 - 1, None], 1),
        (["", "?", "5"], column("integer", missing=("?",)), [None, None, 5], 0),
        (["5", "-999"], column("integer", sentinels=("-999",)), [5, None], 0),
        ([5.0, 5.5, np.nan, np.inf], column("integer"), [5, None, None, None], 2),
        ([5, 6], column("real", decimals=2), [5.0, 6.0], 0),
        (["1.5", "inf", "-Infinity", "1e999", "nan"], column("real"), [1.5, None, None, None, None], 3),
        ([0.5, np.inf, -np.inf, np.nan], column("real"), [0.5, None, None, None], 2),
        (["1.234,5", "2.5"], column("real", format="#.##0,0"), [1234.5, 2.5], 0),
        (["Yes", "NO", "1", "maybe"], column("boolean", true="Yes", false="No"), [True, False, True, None], 1),
        ([True, False], column("boolean", true="Yes", false="No"), [True, False], 0),
        (["20.03.2024", "2024-03-20", "2024-03-20T00:00:00", "2024-02-30"], column("datetime", format="%d.%m.%Y"), [*moments("2024-03-20") * 3, None], 1),
        (["2024-03-20T10:00:00Z"], column("datetime", format="%Y-%m-%d"), moments("2024-03-20T10:00"), 0),
        (["2024-03-20 10:00:00.25"], column("datetime"), moments("2024-03-20T10:00:00.25"), 0),
        ([20240320], column("datetime", format="%Y%m%d"), moments("2024-03-20"), 0),
        (["01:30:00", "PT90M", "soon"], column("duration", format="HH:MM:SS"), [pd.Timedelta("90min")] * 2 + [None], 1),
        (["low", "high", "huge", ""], column("ordinal", order=("low", "high"), nullable=True), ["low", "high", None, None], 1),
        ([1, 2.0, "3"], column("categorical"), ["1", "2", "3"], 0),
        (["1", "2"], column("categorical", dtype="int64"), [1, 2], 0),
        (["a", " ", "b"], column("categorical", nullable=True), ["a", None, "b"], 0),
        (["a", " ", "b"], column("categorical"), ["a", " ", "b"], 0),
        ([1, 1.7, np.inf], column("categorical", dtype="int64"), [1, "1.7", "inf"], 0),
        (["true", "no"], column("categorical", dtype="bool"), [True, "no"], 0),
        (["1.5", "2", "x"], column("categorical", dtype="float64"), [1.5, 2.0, "x"], 0),
        ([2**70, 5], column("integer"), [None, 5], 1),
    ],
)  # fmt: skip
def test_typed_values(cells: Any, target: Column, expected: list[Any], invalid: int) -> None:
    if not isinstance(cells[0], str):
        cells = pd.Series(cells, dtype=object if "3" in cells else None)
    assert typed(cells, target) == (expected, invalid)


def test_zones_meet_in_utc() -> None:
    local = Column(name="x", kind="datetime", format="%Y-%m-%d %H:%M%:z", zone="+02:00")
    cells = ["2024-03-20 12:00+02:00", "2024-03-20T10:00:00Z", "2024-03-20 12:00"]
    frame, invalid = to_typed(pd.DataFrame({"x": cells}), schema_of(local))
    assert invalid == {}
    assert frame["x"].tolist() == [pd.Timestamp("2024-03-20T10:00Z")] * 3
    assert to_raw(frame, schema_of(local))["x"].tolist() == [cells[0]] * 3


def test_named_zone_reads_naive_cells_as_local_time() -> None:
    local = Column(
        name="x", kind="datetime", zone="Europe/Vienna", dtype="datetime64[ns, Europe/Vienna]"
    )
    expected = [pd.Timestamp("2024-07-01T10:00Z")]
    for cells in (["2024-07-01 12:00:00"], pd.to_datetime(["2024-07-01 12:00"])):
        frame, _ = to_typed(pd.DataFrame({"x": cells}), schema_of(local))
        assert frame["x"].tolist() == expected


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=60, max_size=120), st.sampled_from(["integer", "real", "datetime"]))  # fmt: skip
def test_planted_cells_are_counted_exactly(planted: list[bool], kind: str) -> None:
    right = {"integer": "12", "real": "1.25", "datetime": "2024-03-20"}[kind]
    cells = [CANARY if bad else right for bad in planted]
    target = column(kind, format="%Y-%m-%d" if kind == "datetime" else None)
    values, invalid = typed(cells, target)
    assert invalid == sum(planted)
    assert [value is None for value in values] == planted


def test_strict_names_column_count_and_rows_but_no_value() -> None:
    cells = ["5"] * 20
    for row in (2, 3, 5, 7, 11, 13):
        cells[row - 1] = CANARY
    frame = pd.DataFrame({"x": cells})
    with pytest.raises(SchemaError) as caught:
        to_typed(frame, schema_of(column("integer")), strict=True)
    message = str(caught.value)
    assert "column x: 6 of 20 cells are not whole numbers" in message
    assert "data rows 2, 3, 5, 7, 11, ..." in message
    assert CANARY not in message
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "cells",
    [
        [CANARY, "a", "a"],
        [CANARY] * 3,
        [f"{CANARY}-{i:03d}" for i in range(90)],
        [f"{CANARY} is {i} the {i} thing" for i in range(90)],
        [CANARY, *map(str, range(40))],
        pd.Series([CANARY, 1, 2.5, None], dtype=object),
        pd.Categorical([CANARY, "b"], ordered=True),
    ],
)
def test_no_value_in_a_reason(cells: Any) -> None:
    reason = detect(pd.DataFrame({"x": cells})).columns[0].reason
    assert reason
    assert CANARY not in reason


def test_numbers_in_reasons_are_counts() -> None:
    reason = detect(pd.DataFrame({"x": ["77123", "88456", "77123"]})).columns[0].reason
    assert reason == "whole numbers, 2 distinct values in 3 cells"


@pytest.mark.parametrize(
    "spec",
    [
        ColumnSpec(kind="integer"),
        ColumnSpec(kind="real"),
        ColumnSpec(kind="boolean"),
        ColumnSpec(kind="datetime"),
        ColumnSpec(kind="datetime", format="%d.%m.%Y"),
        ColumnSpec(kind="duration"),
        ColumnSpec(kind="duration", format="HH:MM"),
        ColumnSpec(kind="ordinal"),
        ColumnSpec(kind="constant"),
        ColumnSpec(order=("a", "b")),
        ColumnSpec(decimals=2),
        ColumnSpec(format="#,##0.00"),
    ],
)
def test_no_value_in_the_error_of_a_contradicted_declaration(spec: ColumnSpec) -> None:
    frame = pd.DataFrame({"x": ["a", "b", CANARY]})
    with pytest.raises(SchemaError) as caught:
        detect(frame, SchemaSpec(columns={"x": spec}))
    error: BaseException | None = caught.value
    while error is not None:
        assert CANARY not in str(error)
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize(
    "cells",
    [
        [[CANARY], [CANARY]],
        [{CANARY: 1}, None],
        [CANARY.encode(), b"x"],
        pd.Series([1j, 2j]),
        pd.period_range("2024-01", periods=2, freq="M"),
        pd.cut([1, 2], 2),
    ],
)
def test_unsupported_cells_are_refused_without_showing_them(cells: Any) -> None:
    with pytest.raises(SchemaError, match="column x: the column holds") as caught:
        detect(pd.DataFrame({"x": cells}))
    assert CANARY not in str(caught.value)


def test_text_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(
        SchemaError, match="column x: some cells hold text that is no valid"
    ) as caught:
        detect(pd.DataFrame({"x": [f"{CANARY}\ud800", "b"]}))
    assert CANARY not in str(caught.value)


def test_what_cannot_be_kept_is_said() -> None:
    def reason(cells: Any) -> str:
        return detect(pd.DataFrame({"x": cells})).columns[0].reason

    fine = np.array(["2024-01-01T00:00:00.123456789", "2024-01-02"], "M8[ns]")
    assert "beyond the microsecond" in reason(fine)
    assert "with another offset" in reason(["2024-03-31T01:30+01:00", "2024-03-31T01:30+02:00"])
    assert "in a variant" in reason(["01/2/2024", "1/13/2024"])
    assert "1 value is noisy" in reason(["0.1", "0.2", "0.30000000000000004"])
    assert "1 cell is infinite" in reason(["0.5", "1.25", "inf"])
    assert "fraction that is always zero" in reason(["39.0", "40.0"])


def test_other_columns_are_named_with_the_nearest() -> None:
    schema = schema_of(column("integer"), Column(name="income", kind="categorical"))
    with pytest.raises(SchemaError) as caught:
        to_typed(pd.DataFrame({"x": ["1"], "incom": ["a"]}), schema)
    assert "1 missing (income), 1 unknown (incom)" in str(caught.value)
    assert "'incom' is perhaps meant as 'income'" in str(caught.value)
    with pytest.raises(SchemaError, match=r"1 missing \(income\)"):
        to_typed(pd.DataFrame({"x": ["1"]}), schema)
    doubled = pd.DataFrame([["1", "a", "b"]], columns=["x", "income", "income"])
    with pytest.raises(SchemaError, match=r"1 repeated \(income\)"):
        to_typed(doubled, schema)


def test_columns_come_out_in_schema_order_with_the_index() -> None:
    schema = schema_of(column("integer"), Column(name="y", kind="categorical"))
    frame = pd.DataFrame({"y": ["a", "b"], "x": ["1", "2"]}, index=[7, 9])
    result, _ = to_typed(frame, schema)
    assert list(result) == ["x", "y"]
    assert result.index.tolist() == [7, 9]
    assert to_raw(result, schema).index.tolist() == [7, 9]


def test_missing_cells_are_written_in_the_most_frequent_spelling() -> None:
    frame = pd.DataFrame({"x": ["1", "NA", "?", "NA"]})
    schema = detect(frame)
    assert schema["x"].missing == ("NA", "?")
    assert to_raw(to_typed(frame, schema)[0], schema)["x"].tolist() == ["1", "NA", "NA", "NA"]


def test_sentinels_are_written_back_in_the_spelling_of_the_column() -> None:
    frame = pd.DataFrame({"x": [f"{v}.5" for v in range(70)] + ["9999.0"] * 12})
    schema = detect(frame)
    values, _ = to_typed(frame, schema)
    assert int(values["x"].isna().sum()) == 12
    pd.testing.assert_frame_equal(to_raw(values, schema), frame)


def test_huge_integers_beside_a_sentinel_stay_exact() -> None:
    target = column("integer", dtype="int64", sentinels=("-1",), nullable=True)
    values = pd.DataFrame({"x": pd.array([2**62 + 1, None], dtype="Int64")})
    assert to_raw(values, schema_of(target))["x"].tolist() == [2**62 + 1, -1]


def test_one_long_cell_costs_no_memory_for_all() -> None:
    """No fixed-width copy of the cells is made: 100,000 x 4,000 characters would be 1.6 GB."""
    cells = [f"cell {row}" for row in range(100_000)] + ["long " * 800]
    frame = pd.DataFrame({"x": cells})
    tracemalloc.start()
    schema = detect(frame)
    to_raw(to_typed(frame, schema)[0], schema)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200e6


def test_native_sentinels_keep_an_integer_dtype() -> None:
    frame = pd.DataFrame({"x": np.array([*range(20, 90), *[-999] * 12], np.int16)})
    schema = detect(frame)
    assert schema["x"].sentinels == ("-999",)
    pd.testing.assert_frame_equal(to_raw(to_typed(frame, schema)[0], schema), frame)


def test_a_missing_cell_that_the_dtype_cannot_hold_is_refused() -> None:
    values = pd.DataFrame({"x": pd.array([1, None], dtype="Int64")})
    with pytest.raises(SchemaError, match="1 cell is missing, which dtype int64 cannot hold"):
        to_raw(values, schema_of(column("integer", dtype="int64")))


def test_empty_tables_pass_through() -> None:
    frame = pd.DataFrame({"x": ["1", "2"], "t": ["2024-01-01", "2024-01-02"], "c": ["a", "b"]})
    schema = detect(frame)
    values, invalid = to_typed(frame.iloc[:0], schema)
    assert invalid == {}
    assert len(values) == 0
    pd.testing.assert_frame_equal(to_raw(values, schema), frame.iloc[:0])


def test_schema_survives_json() -> None:
    frame = pd.DataFrame(
        {
            "a": pd.Categorical([3, 1], [1, 3], ordered=True),
            "b": pd.Series(["x", None]),
            "c": pd.to_datetime(["2024-01-01", "2024-01-02"]),
            "d": ["low", "high"],
        }
    )
    schema = detect(frame, SchemaSpec(columns={"d": ColumnSpec(order=("low", "high"))}))
    again = Schema.model_validate_json(schema.model_dump_json())
    assert again == schema
    pd.testing.assert_frame_equal(to_raw(to_typed(frame, again)[0], again), frame)
