"""Declarations are obeyed or contradicted, never ignored; roles must make sense."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from synthkit.columns import detect, to_raw, to_typed
from synthkit.errors import SchemaError
from synthkit.pictures import cells as picture_cells
from synthkit.recipe import ColumnSpec, SchemaSpec
from synthkit.schema import Column, FixedCombinations, Inequality, Range, Schema, Unique


def declared(cells: Any, **spec: Any) -> Column:
    """The column of these cells under a declaration; the law must hold as well."""
    frame = pd.DataFrame({"x": cells})
    schema = detect(frame, SchemaSpec(columns={"x": ColumnSpec(**spec)}))
    typed, _ = to_typed(frame, schema, strict=True)
    if "decimals" not in spec:
        pd.testing.assert_frame_equal(to_raw(typed, schema), frame)
    return schema["x"]


@pytest.mark.parametrize(
    ("cells", "spec", "fields"),
    [
        (["1", "2", "1"], {"kind": "categorical"}, {"kind": "categorical"}),
        ([1, 2, 1], {"kind": "categorical"}, {"kind": "categorical", "dtype": "int64"}),
        (["1", "2", "3"], {"kind": "real"}, {"kind": "real", "decimals": 0}),
        ([1.5, 2.25], {"kind": "real"}, {"kind": "real", "decimals": 2}),
        ([1, 2], {"kind": "real"}, {"kind": "real", "decimals": 0, "dtype": "int64"}),
        ([1.0, np.nan], {"kind": "integer"}, {"kind": "integer", "dtype": "float64"}),
        (["1.25", "2.5"], {"decimals": 1}, {"kind": "real", "decimals": 1}),
        (["1,234.50", "2.25"], {"kind": "real"}, {"kind": "real", "decimals": 2}),
        (["0", "1", "1"], {"kind": "boolean"}, {"true": "1", "false": "0"}),
        ([0, 1, 1], {"kind": "boolean"}, {"kind": "boolean", "dtype": "int64"}),
        (["yes", "yes"], {"kind": "boolean"}, {"true": "yes", "false": "no"}),
        (["03/04/2021", "05/06/2021"], {"format": "%d/%m/%Y"}, {"kind": "datetime", "format": "%d/%m/%Y"}),
        (["2021", "1999"], {"kind": "datetime", "format": "%Y"}, {"kind": "datetime"}),
        (["07:30", "12:10"], {"kind": "duration"}, {"kind": "duration", "format": "HH:MM"}),
        (["b", "a", "b"], {"order": ["b", "a"]}, {"kind": "ordinal", "order": ("b", "a")}),
        ([3, 1, 2], {"kind": "ordinal"}, {"kind": "ordinal", "order": (1, 2, 3)}),
        (["1", "2"], {"order": [1, 2]}, {"kind": "ordinal", "order": ("1", "2")}),
        (["low", "high"], {"kind": "ordinal"}, {"order": ("low", "high")}),
        (["a", "b"], {"kind": "identifier"}, {"kind": "identifier", "pattern": "a", "unique": True}),
        ([str(v) for v in range(4, 40)], {"kind": "identifier"}, {"pattern": "sequence"}),
        (["a", "b"], {"kind": "text"}, {"kind": "text"}),
        (["a", "b"], {"kind": "text", "content": "person names"}, {"content": "person names"}),
        (["1", "none", "2"], {"missing": ["none"]}, {"kind": "integer", "missing": ("none",)}),
        (["a", "?", "b"], {"missing": []}, {"kind": "categorical", "missing": (), "nullable": False}),
        ([5, -999, 7, 9], {"missing": ["-999"]}, {"kind": "integer", "sentinels": ("-999",), "nullable": True}),
        ([5.5, -999.0, 7.25], {"missing": ["-999"], "kind": "real"}, {"decimals": 2, "sentinels": ("-999",)}),
        ([*range(20, 90), *[-999] * 12], {"missing": []}, {"sentinels": (), "nullable": False}),
        ([str(v) for v in [*range(20, 90), *[-999] * 12]], {"missing": []}, {"sentinels": (), "nullable": False}),
        (["", ""], {"kind": "integer"}, {"kind": "constant", "nullable": True}),
    ],
)  # fmt: skip
def test_obeyed(cells: Any, spec: dict[str, Any], fields: dict[str, Any]) -> None:
    found = declared(cells, **spec)
    assert {key: getattr(found, key) for key in fields} == fields


@pytest.mark.parametrize(
    ("cells", "spec", "message"),
    [
        (["1", "x", "2", "y"], {"kind": "integer"}, r"2 of 4 cells .* rows 2, 4"),
        (["1", "2.5"], {"kind": "integer"}, r"1 of 2 cells .* row 2"),
        ([1.0, 2.5], {"kind": "integer"}, r"1 of 2 cells"),
        (["1", "x"], {"kind": "real"}, r"1 of 2 cells are not finite numbers"),
        (["a", "b"], {"kind": "boolean"}, "none of the usual pairs"),
        (["2024-01-01", "soon"], {"kind": "datetime"}, "no one datetime format fits"),
        (["2024-01-01", "soon"], {"format": "%Y-%m-%d"}, r"1 of 2 cells .* row 2"),
        (["2024-01-01"], {"format": "%Q"}, "declared format cannot be used"),
        (["2024-01-01"], {"format": "%d.%m"}, "declared format cannot be used"),
        (["1"], {"kind": "real", "format": "0,0,0"}, "declared format cannot be used"),
        (["a", "b"], {"kind": "ordinal"}, "order of the values is not known"),
        (["a", "b", "c"], {"order": ["a", "b"]}, r"1 of 3 cells .* in the column's order .* row 3"),
        (["a", "b"], {"order": ["a", "b", "a"]}, "names a value twice"),
        (["a", "b"], {"kind": "categorical", "order": ["a", "b"]}, "order is declared"),
        (["1", "2"], {"kind": "integer", "decimals": 2}, "decimals is declared"),
        (["1", "2"], {"content": "person names"}, "content is declared, which kind integer"),
        (["a", "b"], {"kind": "text", "format": "0.00"}, "format is declared"),
        (["a", "b"], {"kind": "constant"}, "declared constant but has 2 distinct values"),
        (["1h", "2h"], {"kind": "duration"}, "no one duration format fits"),
        ([5, -999, 5], {"kind": "categorical", "missing": ["-999"]}, "numbers are declared missing"),
        (["01:00"], {"kind": "duration", "format": "hours"}, "the format is unknown"),
    ],
)  # fmt: skip
def test_contradicted(cells: Any, spec: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        detect(pd.DataFrame({"x": cells}), SchemaSpec(columns={"x": ColumnSpec(**spec)}))


FRAME = pd.DataFrame(
    {
        "id": [f"{v}" for v in range(1, 61)],
        "start": ["2024-01-01", "2024-01-02"] * 30,
        "age": ["39", "50", "39"] * 20,
        "sex": ["m", "f"] * 30,
        "same": ["a"] * 60,
    }
)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"target": "ag"}, "schema.target: the data has no column 'ag'; .* Did you mean 'age'"),
        ({"sensitive": ("sx",)}, r"schema.sensitive\[0\]: the data has no column 'sx'"),
        ({"columns": {"agee": ColumnSpec()}}, "schema.columns.agee: the data has no column 'agee'"),
        ({"constraints": (Range(kind="range", column="a", min=0),)}, r"schema.constraints\[0\].column: the data has no"),
        ({"sensitive": ("sex", "sex")}, r"schema.sensitive\[1\]: this column stands twice"),
        ({"target": "id"}, "kind identifier .* nothing to predict"),
        ({"target": "same"}, "kind constant .* nothing to predict.*hoose another target"),
        ({"target": "sex", "sensitive": ("sex",)}, "both the target and sensitive"),
        ({"sensitive": ("id",)}, "forms no groups"),
        ({"constraints": (Inequality(kind="inequality", low="age", high="age"),)}, r"\[0\].high: is the same column as low"),
        ({"constraints": (Range(kind="range", column="age", min=5, max=1),)}, r"\[0\].min: is above max"),
        ({"constraints": (Unique(kind="unique", columns=("id", "id")),)}, r"\[0\].columns: holds a column twice"),
    ],
)  # fmt: skip
def test_roles_that_make_no_sense(spec: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        detect(FRAME, SchemaSpec(**spec))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"target": "photo"}, r"schema.target: .* nothing to predict.*\. Choose another target"),
        ({"sensitive": ("photo",)}, r"schema.sensitive\[0\]: .* forms no groups .*\. Remove it\.$"),
    ],
)
def test_images_have_no_role(spec: dict[str, Any], message: str) -> None:
    images = picture_cells(np.zeros((60, 8, 8, 1), np.uint8))
    with pytest.raises(SchemaError, match=message):
        detect(FRAME.assign(photo=images), SchemaSpec(**spec))


def test_everything_that_the_data_contradicts_is_told_at_once() -> None:
    spec = SchemaSpec(
        target="same",
        sensitive=("id", "sx", "sex"),
        columns={
            "start": ColumnSpec(kind="integer"),
            "age": ColumnSpec(kind="boolean"),
            "gone": ColumnSpec(),
        },
        constraints=(
            Inequality(kind="inequality", low="sex", high="age"),
            Range(kind="range", column="age", min=0),
        ),
    )
    with pytest.raises(SchemaError) as caught:
        detect(FRAME, spec)
    assert [".".join(map(str, error.at or ())) for error in caught.value.several] == [
        "schema.columns.gone",
        "schema.sensitive.1",
        "schema.columns.start.kind",
        "schema.columns.age.kind",
        "schema.target",
        "schema.sensitive.0",
        "schema.constraints.0",
    ]
    assert len(str(caught.value).splitlines()) == 7


def test_cells_that_contradict_several_columns_are_told_at_once() -> None:
    schema = Schema(columns=(Column(name="a", kind="integer"), Column(name="b", kind="real")))
    frame = pd.DataFrame({"a": ["1", "x", "y"], "b": ["u", "2.5", "3"]})
    with pytest.raises(SchemaError) as caught:
        to_typed(frame, schema, strict=True)
    assert [(e.where, e.what[:12]) for e in caught.value.several] == [
        ("column a", "2 of 3 cells"),
        ("column b", "1 of 3 cells"),
    ]


def test_roles_are_copied() -> None:
    rules = (
        FixedCombinations(kind="fixed_combinations", columns=("sex", "age")),
        Range(kind="range", column="age", min=0),
    )
    schema = detect(FRAME, SchemaSpec(target="age", sensitive=("sex",), constraints=rules))
    assert schema.target == "age"
    assert schema.sensitive == ("sex",)
    assert schema.constraints == rules


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"x": []}), "0 rows and 1 column;"),
        (pd.DataFrame(), "0 rows and 0 columns"),
        (pd.DataFrame({0: ["a"]}), "column names are not text"),
        (pd.DataFrame([["a", "b"]], columns=["x", "x"]), "column names repeat: x"),
    ],
)
def test_tables_that_cannot_be_described(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        detect(frame)
