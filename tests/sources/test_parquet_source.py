"""Reading Parquet: types kept, indexes sensible, what is no flat table refused by name."""

from __future__ import annotations

import datetime as dt
import decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synthkit.errors import SourceError
from synthkit.recipe import SourceSpec
from synthkit.sources import RawTable, read_header, read_table

CANARY = "CANARY-7391"


def read(folder: Path, table: pa.Table | pd.DataFrame, **stated: object) -> RawTable:
    if isinstance(table, pd.DataFrame):
        table.to_parquet(folder / "x.parquet")
    else:
        pq.write_table(table, folder / "x.parquet")
    spec = SourceSpec(path="x.parquet", **stated)
    return read_table(spec, folder, np.random.default_rng(0))


def test_types_are_kept(tmp_path: Path) -> None:
    table = pa.table(
        {
            "whole": pa.array([1, 2], pa.int32()),
            "gap": pa.array([2**60 + 1, None], pa.int64()),
            "flag": pa.array([True, False]),
            "flag_gap": pa.array([True, None]),
            "real": pa.array([0.5, None], pa.float32()),
            "text": pa.array(["x", None]),
            "group": pa.array(["x", None]).dictionary_encode(),
            "when": pa.array([0, None], pa.timestamp("us", tz="Europe/Rome")),
            "span": pa.array([5, None], pa.duration("s")),
            "day": pa.array([dt.date(2020, 1, 2), None]),
            "clock": pa.array([dt.time(1, 2, 3), None], pa.time64("us")),
            "price": pa.array([decimal.Decimal("1.25"), None], pa.decimal128(9, 2)),
            "nothing": pa.nulls(2),
        }
    )
    raw = read(tmp_path, table)
    assert {name: str(dtype) for name, dtype in raw.frame.dtypes.items()} == {
        "whole": "int32",
        "gap": "Int64",
        "flag": "bool",
        "flag_gap": "boolean",
        "real": "float32",
        "text": "string",
        "group": "category",
        "when": "datetime64[us, Europe/Rome]",
        "span": "timedelta64[s]",
        "day": "datetime64[s]",
        "clock": "timedelta64[us]",
        "price": "float64",
        "nothing": "object",
    }
    assert raw.frame["gap"].iloc[0] == 2**60 + 1
    assert raw.frame["day"].iloc[0] == pd.Timestamp("2020-01-02")
    assert raw.frame["clock"].iloc[0] == pd.Timedelta(hours=1, minutes=2, seconds=3)
    assert raw.frame["price"].iloc[0] == 1.25
    assert raw.frame.iloc[1].drop(["whole", "flag"]).isna().all()
    assert raw.origin.dialect.types == {
        "text": "string",
        "day": "date32[day]",
        "clock": "time64[us]",
        "price": "decimal128(9, 2)",
        "group": "dictionary<values=string, indices=int32, ordered=0>",
    }


def test_decimals_beyond_a_float_are_said(tmp_path: Path) -> None:
    column = pa.array([decimal.Decimal("1.25")], pa.decimal128(30, 2))
    assert "'a' (decimal128(30, 2))" in read(tmp_path, pa.table({"a": column})).origin.notices[0]


def test_a_named_index_is_a_column_and_an_unnamed_one_is_left_out(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="key"))
    named = read(tmp_path, frame)
    assert list(named.frame.columns) == ["a", "key"]
    assert named.origin.notices == ()
    unnamed = read(tmp_path, frame.rename_axis(None))
    assert list(unnamed.frame.columns) == ["a"]
    assert isinstance(unnamed.frame.index, pd.RangeIndex)
    assert "index" in unnamed.origin.notices[0]
    assert read_header(SourceSpec(path="x.parquet"), tmp_path) == ["a"]


def test_folder_and_glob_with_categories_of_their_own(tmp_path: Path) -> None:
    for name, value in (("b", "y"), ("a", "x")):
        table = pa.table({"g": pa.array([value] * 2).dictionary_encode(), "n": [1, 2]})
        pq.write_table(table, tmp_path / f"{name}.parquet")
    for path in (str(tmp_path), str(tmp_path / "?.parquet")):
        raw = read_table(SourceSpec(path=path), Path(), np.random.default_rng(0))
        assert raw.frame["g"].tolist() == ["x", "x", "y", "y"]
        assert raw.origin.files == ("a.parquet", "b.parquet")
    pq.write_table(pa.table({"g": pa.nulls(1), "n": [3]}), tmp_path / "c.parquet")
    many = pa.array([str(i) for i in range(300)]).cast(pa.dictionary(pa.int16(), pa.string()))
    pq.write_table(pa.table({"g": many, "n": range(300)}), tmp_path / "d.parquet")
    raw = read_table(SourceSpec(path=str(tmp_path)), Path(), np.random.default_rng(0))
    assert raw.frame["g"].iloc[[0, 3, 4, 5, 304]].astype(object).fillna("-").tolist() == [
        "x",
        "y",
        "-",
        "0",
        "299",
    ]
    pq.write_table(pa.table({"g": ["x"], "n": ["1"]}), tmp_path / "c.parquet")
    with pytest.raises(SourceError, match=r"c\.parquet: column 'g' has type string"):
        read_table(SourceSpec(path=str(tmp_path)), Path(), np.random.default_rng(0))


def test_sampling_by_batches(tmp_path: Path) -> None:
    table = pa.table({"i": np.arange(200_000)})
    raw = read(tmp_path, table, max_rows=500)
    assert len(raw.frame) == 500
    assert raw.frame["i"].is_monotonic_increasing
    assert raw.origin.rows_total == 200_000
    assert "500" in raw.origin.notices[0]


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pa.array([[CANARY]]), "list"),
        (pa.array([{"x": CANARY}]), "struct"),
        (pa.array([CANARY.encode()]), "binary"),
        (pa.array([[(CANARY, 1)]], pa.map_(pa.string(), pa.int8())), "map"),
    ],
)
def test_nested_and_binary_columns_are_refused(tmp_path: Path, column: pa.Array, kind: str) -> None:
    with pytest.raises(SourceError, match=rf"x\.parquet.*'deep' \({kind}") as caught:
        read(tmp_path, pa.table({"flat": [1], "deep": column}))
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pa.table([[1], [2]], names=["a", "a"]), "'a' in columns 1, 2"),
        (pa.table({"a": pa.array([], pa.int8())}), "columns but no rows"),
        (pa.table({}), "no columns"),
    ],
)
def test_unusable_tables(tmp_path: Path, table: pa.Table, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read(tmp_path, table)


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"PAR1" + b"x" * 500, None])
def test_damaged_file(tmp_path: Path, damage: bytes | None) -> None:
    read(tmp_path, pa.table({"a": [1]}))
    path = tmp_path / "x.parquet"
    path.write_bytes(path.read_bytes()[:-20] if damage is None else damage)
    with pytest.raises(SourceError, match="damaged or incomplete"):
        read_table(SourceSpec(path="x.parquet"), tmp_path, np.random.default_rng(0))


def test_damaged_pages(tmp_path: Path) -> None:
    read(tmp_path, pa.table({"a": [f"{CANARY}{i}" for i in range(1000)]}))
    path = tmp_path / "x.parquet"
    data = bytearray(path.read_bytes())
    data[4:200] = b"\xff" * 196
    path.write_bytes(data)
    with pytest.raises(SourceError, match="damaged or incomplete"):
        read_table(SourceSpec(path="x.parquet"), tmp_path, np.random.default_rng(0))
