"""Reading JSON lines: JSON's types, absent keys, refusals by line number."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from synthkit.errors import SourceError
from synthkit.recipe import SourceSpec
from synthkit.sources import RawTable, read_header, read_table

CANARY = "CANARY-7391"


def read(folder: Path, content: str | bytes, **stated: object) -> RawTable:
    data = content.encode() if isinstance(content, str) else content
    (folder / "x.jsonl").write_bytes(data)
    spec = SourceSpec(path="x.jsonl", **stated)
    return read_table(spec, folder, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("cells", "dtype", "values"),
    [
        (["1", "2"], "int64", [1, 2]),
        (["9007199254740993", "null"], "Int64", [9007199254740993, None]),
        (["1", "2.5"], "float64", [1.0, 2.5]),
        (["true", "false"], "bool", [True, False]),
        (["true", "null"], "boolean", [True, None]),
        (['"1"', '"2020-01-01"'], "string", ["1", "2020-01-01"]),  # text stays text
        (["1", '"x"'], "object", [1, "x"]),
        (["true", "1"], "object", [True, 1]),
        (["1180591620717411303424", "1"], "object", [2**70, 1]),
        (["null", "null"], "object", [None, None]),
        (['"é\\u0000\\n"', '""'], "string", ["é\0\n", ""]),
    ],
)
@pytest.mark.parametrize("between", [0, 20_000])
def test_types_are_json_s(
    tmp_path: Path, cells: list[str], dtype: str, values: list, between: int
) -> None:
    lines = [f'{{"a": {cells[0]}}}', *['{"b": 1}'] * between, f'{{"a": {cells[1]}}}']
    frame = read(tmp_path, "\n".join(lines)).frame
    if between and dtype in ("int64", "bool"):
        dtype = {"int64": "Int64", "bool": "boolean"}[dtype]
    assert str(frame["a"].dtype) == dtype
    found = [None if pd.isna(x) else x for x in (frame["a"].iloc[0], frame["a"].iloc[-1])]
    assert found == values
    if dtype == "object":
        assert list(map(type, found)) == list(map(type, values))
    assert frame["a"].iloc[1:-1].isna().all()


def test_keys_may_be_absent_and_new(tmp_path: Path) -> None:
    raw = read(tmp_path, '\ufeff{"b": 1}\n\n{"a": "x", "b": null}\r\n{}\n')
    assert list(raw.frame.columns) == ["b", "a"]
    assert raw.frame["a"].isna().tolist() == [True, False, True]
    assert raw.frame["b"].isna().tolist() == [False, True, True]
    assert raw.origin.rows_total == 3


def test_braces_inside_text_are_no_nesting(tmp_path: Path) -> None:
    assert read(tmp_path, '{"a": "[{x}]"}').frame["a"].tolist() == ["[{x}]"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"a": 1}\n{"a": "%s"\n', "line 2 is not valid JSON"),
        ('{"a": 1}\n\n%s\n', "line 3 is not valid JSON"),
        ('{"a": NaN, "b": "%s"}', "line 1 is not valid JSON"),
        ('{"%s": 1, "a": 1, "a": 2}', "line 1 .* has a key twice"),
        ('{"a": 1}\n["%s"]', "line 2 is not an object"),
        ('{"a": 1}\n"%s"', "line 2 is not an object"),
        ("null\n%s", "line 1 is not an object"),
        ('{"a": 1}\n{"a": ["%s"]}', "line 2: 'a' holds a nested value"),
        ('{"a": {"b": "%s"}}', "line 1: 'a' holds a nested value"),
        (b'{"a": 1}\n{"a": "\xe9%s"}', "line 2 is not valid JSON in UTF-8"),
        ('{"a": "%s\\ud800"}', "line 1 is not valid JSON"),  # half of a surrogate pair
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
    ],
)
def test_refusals_name_the_line_and_no_value(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    canary = CANARY if isinstance(content, str) else CANARY.encode()
    with pytest.raises(SourceError, match=message) as caught:
        read(tmp_path, content.replace("%s" if isinstance(content, str) else b"%s", canary))
    assert "x.jsonl" in str(caught.value)
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="line 1"):
        read(tmp_path, "[" * 100_000)


def test_header_is_told_only_where_it_is_sure(tmp_path: Path) -> None:
    spec = SourceSpec(path="x.jsonl")
    regular, late = '{"a": 1, "b": 2}\n' * 5_000, '{"c": 1}\n'
    read(tmp_path, regular)
    assert read_header(spec, tmp_path) == ["a", "b"]
    read(tmp_path, '{"a": 1}\n' + late)
    assert read_header(spec, tmp_path) == ["a", "c"]
    read(tmp_path, '{"a": 1}\n' + regular)
    assert read_header(spec, tmp_path) is None


def test_sampling_and_compression(tmp_path: Path) -> None:
    lines = b"".join(b'{"i": %d}\n' % i for i in range(50_000))
    raw = read(tmp_path, gzip.compress(lines), max_rows=100)
    assert len(raw.frame) == 100
    assert raw.frame["i"].is_monotonic_increasing
    assert raw.origin.rows_total == 50_000
