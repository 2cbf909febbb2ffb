"""Writing files: what is written reads back, half a file never looks whole, refusals are clear."""

from __future__ import annotations

import datetime as dt
import json
import os
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthkit.dialect import Dialect
from synthkit.errors import PluginError, SinkError
from synthkit.recipe import SourceSpec
from synthkit.sinks import FileSink, shard_path, sinks, write_shard
from synthkit.sources import RawTable, read_table

CANARY = "CANARY-7391"


def read(path: Path, **stated: object) -> RawTable:
    return read_table(SourceSpec(path=str(path), **stated), Path(), np.random.default_rng(0))


def written(folder: Path, frame: pd.DataFrame, dialect: Dialect | None = None) -> str:
    path = folder / "out.csv"
    assert write_shard(frame, path, "csv", dialect or Dialect()) == len(frame)
    return path.read_bytes().decode((dialect or Dialect()).encoding)


TRICKY = st.text(
    st.one_of(
        st.sampled_from(',;\t|"\n\r \ufeffé€😀'),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=6,
)


@st.composite
def text_tables(draw: st.DrawFn) -> pd.DataFrame:
    names = draw(st.lists(TRICKY.filter(str.strip), min_size=1, max_size=4, unique=True))
    rows = draw(st.lists(st.lists(TRICKY, min_size=len(names), max_size=len(names)), min_size=1))
    return pd.DataFrame(rows, columns=names, dtype=pd.StringDtype("pyarrow"))


@settings(max_examples=300, deadline=None)
@given(
    frame=text_tables(),
    delimiter=st.sampled_from(",;\t|^ :~_\x1f"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    style=st.sampled_from(["minimal", "all"]),
)
def test_text_tables_survive_writing_and_reading(
    tmp_path_factory: pytest.TempPathFactory,
    frame: pd.DataFrame,
    delimiter: str,
    encoding: str,
    newline: str,
    style: str,
) -> None:
    path = tmp_path_factory.mktemp("round") / "x.csv"
    dialect = Dialect(
        delimiter=delimiter,
        encoding=encoding,
        newline=newline,
        quoted=tuple(frame.columns) if style == "all" else (),
        quoted_header=style == "all",
    )
    write_shard(frame, path, "csv", dialect)
    raw = read(path, delimiter=delimiter, header=True, encoding=encoding)
    pd.testing.assert_frame_equal(raw.frame, frame)


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,x\n2,\n",
        "a;b\r\n1,5;x\r\n",
        '"a","b"\n"1","x ""y"""\n"2",\n',
        'a\tb\n1\t"x\ty"\n',
        '"n","text"\n1,"x"\n2,"y"\n',
        "1,x\n2,y\n3,x\n",
        'a\nx\n""\ny\n',
        "a|é\n1|€\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_comes_back_byte_by_byte(tmp_path: Path, text: str, encoding: str) -> None:
    source, copy = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(text.encode(encoding))
    raw = read(source)
    write_shard(raw.frame, copy, "csv", raw.origin.dialect)
    assert copy.read_bytes() == source.read_bytes()


def test_cells_of_other_types_become_text(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "n": pd.array([1, None], "Int64"),
            "r": [0.1, np.nan],
            "o": ["x,y", None],
            "t": pd.to_datetime(["2020-01-02", None]),
            "c": pd.Categorical(["k", None]),
        }
    )
    assert written(tmp_path, frame) == 'n,r,o,t,c\n1,0.1,"x,y",2020-01-02,k\n,,,,\n'


def test_no_rows_leave_a_header(tmp_path: Path) -> None:
    assert written(tmp_path, pd.DataFrame({"a": pd.Series([], dtype="string")})) == "a\n"


def test_blocks_make_no_difference(tmp_path: Path) -> None:
    n = 150_000
    frame = pd.DataFrame({"a": [f"{i}" for i in range(n)], "b": ["x"] * (n - 1) + ['"']})
    text = written(tmp_path, frame)
    assert text.count("\n") == n + 1
    assert text.endswith(f'{n - 1},""""\n')
    pd.testing.assert_frame_equal(read(tmp_path / "out.csv").frame.astype(object), frame)


def test_a_character_that_the_encoding_lacks(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [f"{CANARY} \u4e2d"]})
    with pytest.raises(SinkError, match="cp1252") as caught:
        written(tmp_path, frame, Dialect(encoding="cp1252"))
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert list(tmp_path.iterdir()) == []


def test_parquet_keeps_types_and_restores_storage_types(tmp_path: Path) -> None:
    source, copy = tmp_path / "in.parquet", tmp_path / "out.parquet"
    table = pa.table(
        {
            "n": pa.array([1, None], pa.int16()),
            "flag": pa.array([True, None]),
            "when": pa.array([0, None], pa.timestamp("us", tz="UTC")),
            "day": pa.array([dt.date(2020, 1, 2), None]),
            "clock": pa.array([dt.time(1, 2, 3), None], pa.time32("ms")),
            "price": pa.array([Decimal("1.25"), None], pa.decimal128(9, 2)),
            "text": pa.array(["x", None]),
            "long": pa.array(["x", None], pa.large_string()),
            "view": pa.array(["x", None], pa.string_view()),
            "group": pa.array(["x", None]).dictionary_encode(),
        }
    )
    pq.write_table(table, source)
    raw = read(source)
    write_shard(raw.frame, copy, "parquet", raw.origin.dialect)
    assert pq.read_table(copy).equals(table)


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("index", [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8()])
def test_parquet_restores_the_types_of_dictionaries(
    tmp_path: Path, index: pa.DataType, ordered: bool
) -> None:
    values = {
        "text": pa.array(["x", "y"]),
        "long": pa.array(["x", "y"], pa.large_string()),
        "whole": pa.array([7, 5], pa.int16()),
        "real": pa.array([0.5, 0.25]),
        "day": pa.array([dt.date(2020, 1, 2), dt.date(2019, 1, 2)]),
        "when": pa.array([0, 1], pa.timestamp("us", tz="Europe/Vienna")),
    }
    codes = pa.array([0, 1, None, 1], index)
    table = pa.table(
        {
            name: pa.DictionaryArray.from_arrays(codes, known, ordered=ordered)
            for name, known in values.items()
        }
    )
    source, copy = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(table, source)
    stored = pq.read_table(source)
    raw = read(source)
    write_shard(raw.frame, copy, "parquet", raw.origin.dialect)
    back = pq.read_table(copy)
    assert back.schema.equals(stored.schema)
    assert back.to_pylist() == stored.to_pylist()


def test_a_dictionary_that_outgrew_its_index_gets_a_larger_one(tmp_path: Path) -> None:
    types = {"group": "dictionary<values=string, indices=int8, ordered=0>"}
    for size, index in ((128, pa.int8()), (129, pa.int16())):
        frame = pd.DataFrame({"group": pd.Categorical([f"{i:03d}" for i in range(size)])})
        write_shard(frame, tmp_path / "x.parquet", "parquet", Dialect(types=types))
        back = pq.read_table(tmp_path / "x.parquet")["group"]
        assert back.type == pa.dictionary(index, pa.string())
        assert back.to_pylist() == frame["group"].tolist()


def test_a_reader_of_parquet_gets_the_dtypes_of_the_input(tmp_path: Path) -> None:
    source, copy = tmp_path / "in.parquet", tmp_path / "out.parquet"
    frame = pd.DataFrame(
        {
            "gap": pd.array([1, None], "Int64"),
            "whole": pd.array([1, 2], "Int8"),
            "flag": pd.array([True, None], "boolean"),
            "text": pd.array(["a", None], "string"),
            "arrow": pd.array([1, None], "int64[pyarrow]"),
            "plain": [1.0, None],
            "words": ["a", None],
            "group": pd.Categorical(["x", "y"]),
            "when": pd.to_datetime(["2020-01-02", None]).tz_localize("Europe/Vienna"),
        }
    )
    table = pa.Table.from_pandas(frame)
    for stored in (table, table.replace_schema_metadata(None)):
        pq.write_table(stored, source)
        raw = read(source)
        write_shard(raw.frame, copy, "parquet", raw.origin.dialect)
        assert pd.read_parquet(copy).dtypes.to_dict() == pd.read_parquet(source).dtypes.to_dict()
    assert pq.read_schema(copy).pandas_metadata is None


@pytest.mark.parametrize("note", [b"no json", b"[]", b'{"columns": [{"numpy_type": "Int64"}]}'])
def test_a_strange_note_beside_the_columns_is_passed_over(tmp_path: Path, note: bytes) -> None:
    table = pa.table({"a": [1, None]}, metadata={b"pandas": note})
    pq.write_table(table, tmp_path / "in.parquet")
    raw = read(tmp_path / "in.parquet")
    assert raw.origin.dialect.dtypes == {}
    assert raw.frame["a"].tolist() == [1, pd.NA]


def test_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    frame = pd.DataFrame(
        {
            "n": pd.array([1, None], "Int64"),
            "r": [0.1, np.nan],
            "é": ['a"\n', None],
            "b": [True, False],
            "t": pd.to_datetime(["2020-01-02 03:04:05", None]),
            "m": [2**70, "x"],
            "o": pd.Series([np.int64(5), Decimal("0.5")], dtype=object),
            "d": pd.to_timedelta([90, None], unit="s"),
        }
    )
    write_shard(frame, path, "jsonl", Dialect())
    assert path.read_text(encoding="utf-8").splitlines() == [
        '{"n": 1, "r": 0.1, "é": "a\\"\\n", "b": true, "t": "2020-01-02T03:04:05", '
        '"m": 1180591620717411303424, "o": 5, "d": "P0DT0H1M30S"}',
        '{"n": null, "r": null, "é": null, "b": false, "t": null, "m": "x", "o": 0.5, "d": null}',
    ]


@settings(max_examples=100, deadline=None)
@given(
    values=st.lists(
        st.one_of(
            st.none(),
            st.integers(-(2**70), 2**70),
            st.floats(allow_nan=False, allow_infinity=False),
            st.booleans(),
            TRICKY,
        ),
        min_size=1,
    )
)
def test_json_lines_survive_writing_and_reading(
    tmp_path_factory: pytest.TempPathFactory, values: list
) -> None:
    path = tmp_path_factory.mktemp("round") / "x.jsonl"
    write_shard(pd.DataFrame({"a": pd.Series(values, dtype=object)}), path, "jsonl", Dialect())
    stored = [json.loads(line)["a"] for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
    back = [None if pd.isna(cell) else cell for cell in read(path).frame["a"].tolist()]
    assert stored == values
    assert back == values


@pytest.mark.parametrize(
    ("format", "frame", "message"),
    [
        ("parquet", pd.DataFrame({"a": [1, CANARY]}), "column 'a' mixes types"),
        ("parquet", pd.DataFrame({"a": [2**70]}), "column 'a' mixes types"),
        ("jsonl", pd.DataFrame({"a": [1.0, np.inf]}), "column 'a' holds an infinite number"),
        ("jsonl", pd.DataFrame({"a": [CANARY, -np.inf]}), "column 'a' holds an infinite number"),
    ],
)
def test_cells_that_a_format_cannot_hold(
    tmp_path: Path, format: str, frame: pd.DataFrame, message: str
) -> None:
    with pytest.raises(SinkError, match=message) as caught:
        write_shard(frame, tmp_path / "x", format, Dialect())
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert list(tmp_path.iterdir()) == []


def test_shard_names() -> None:
    folder = Path("run")
    assert shard_path(folder, "csv", 0, 1) == folder / "data.csv"
    assert shard_path(folder, "parquet", 3, 12) == folder / "data" / "part-00003.parquet"


@pytest.mark.parametrize("format", ["csv", "parquet", "jsonl"])
def test_a_shard_is_absent_or_whole(
    tmp_path: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "data" / f"x.{format}"
    frame = pd.DataFrame({"a": ["x"]})
    write_shard(frame, path, format, Dialect())
    before = path.read_bytes()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(SinkError, match="no space left"):
        write_shard(pd.DataFrame({"a": ["y"]}), path, format, Dialect())
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("format", ["csv", "parquet", "jsonl"])
def test_a_full_disk_is_a_sink_error(tmp_path: Path, format: str) -> None:
    (tmp_path / ".x.tmp").symlink_to("/dev/full")
    frame = pd.DataFrame({"a": ["x" * 100] * 10_000})
    with pytest.raises(SinkError, match=r"no space left.*Free some space"):
        write_shard(frame, tmp_path / "x", format, Dialect())
    assert not (tmp_path / "x").exists()


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SinkError, match="cannot write here"):
        write_shard(pd.DataFrame({"a": ["x"]}), tmp_path / "file" / "x.csv", "csv", Dialect())


def test_every_registered_sink_is_one() -> None:
    assert set(sinks.names()) >= {"csv", "parquet", "jsonl"}
    assert all(isinstance(sinks.get(name)(), FileSink) for name in sinks.names())
    with pytest.raises(PluginError, match="no sink named 'xlsx'"):
        write_shard(pd.DataFrame({"a": ["x"]}), Path("x"), "xlsx", Dialect())


def test_same_rows_same_bytes(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": ["x", "y"], "b": [1.5, 2.5]})
    for format in ("csv", "parquet", "jsonl"):
        for name in ("1", "2"):
            write_shard(frame, tmp_path / name, format, Dialect())
        assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()
