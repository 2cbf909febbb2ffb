"""Reading delimited text: what comes out is what is stored, or one clear refusal."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import zstandard

from synthkit.errors import SourceError
from synthkit.recipe import SourceSpec
from synthkit.sources import RawTable, read_header, read_table

CANARY = "CANARY-7391"


def read(folder: Path, content: bytes | str, name: str = "x.csv", **stated: object) -> RawTable:
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    spec = SourceSpec(path=name, **stated)
    return read_table(spec, folder, np.random.default_rng(0))


def cells(raw: RawTable) -> list[list[str]]:
    return raw.frame.to_numpy(object).tolist()


@pytest.mark.parametrize(
    ("content", "names", "rows"),
    [
        ("a,b\n1,x\n", ["a", "b"], [["1", "x"]]),
        (
            "a,b\r\n01,\r\n NA ,?\r\n",
            ["a", "b"],
            [["01", ""], [" NA ", "?"]],
        ),  # nothing interpreted
        ('a,b\n"x\ny","p""q"\n', ["a", "b"], [["x\ny", 'p"q']]),
        ('"a\nb",c\n1,"2\r\n3"\n', ["a\nb", "c"], [["1", "2\r\n3"]]),
        ("a,b\n\n1,2\n\n\n3,4\n\n", ["a", "b"], [["1", "2"], ["3", "4"]]),
        ("a\nx\n\ny\n", ["a"], [["x"], [""], ["y"]]),  # one column: a blank line is an empty cell
        ("a,b\n1,2", ["a", "b"], [["1", "2"]]),  # no line end at the end
        ("a,b\n,\n", ["a", "b"], [["", ""]]),
        ("\ufeffa;b\n1;2\n", ["a", "b"], [["1", "2"]]),
        ("1,x\n2,y\n3,x\n", ["column_1", "column_2"], [["1", "x"], ["2", "y"], ["3", "x"]]),
        ('a,b\n5" pipe,6\n', ["a", "b"], [['5" pipe', "6"]]),
    ],
)
def test_cells_as_stored(tmp_path: Path, content: str, names: list[str], rows: list) -> None:
    raw = read(tmp_path, content)
    assert list(raw.frame.columns) == names
    assert cells(raw) == rows
    assert all(isinstance(dtype, pd.StringDtype) for dtype in raw.frame.dtypes)
    assert raw.frame.notna().all(axis=None)
    assert raw.origin.rows_total == raw.origin.rows_read == len(rows)


def test_compression_is_told_by_content(tmp_path: Path) -> None:
    text = b"a,b\n" + b"1,x\n" * 40_000
    packed = zstandard.ZstdCompressor().compress
    halves = text[:50_001], text[50_001:]
    for name, data in {
        "x.csv": text,
        "x.csv.gz": gzip.compress(text),
        "misnamed.csv": gzip.compress(text),
        "x.csv.zst": packed(text),
        "two.csv.gz": b"".join(map(gzip.compress, halves)),
        "two.csv.zst": b"".join(map(packed, halves)),
    }.items():
        raw = read(tmp_path, data, name)
        assert cells(raw) == [["1", "x"]] * 40_000, name
        assert raw.origin.sha256 == hashlib.sha256(data).hexdigest()
        assert raw.origin.files == (name,)


@pytest.mark.parametrize("keep", [0.02, 0.5, 0.999])
@pytest.mark.parametrize("packed", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_a_cut_archive_is_refused(tmp_path: Path, packed, keep: float) -> None:
    rows = np.random.default_rng(0).integers(0, 10**6, 20_000)
    data = packed(b"a\n" + "\n".join(map(str, rows)).encode())
    with pytest.raises(SourceError, match="damaged or incomplete"):
        read(tmp_path, data[: int(len(data) * keep)])


def test_encodings(tmp_path: Path) -> None:
    text = "name,n\nJosé,1\nZoë,2\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"):
        raw = read(tmp_path, text.encode(encoding))
        assert cells(raw) == [["José", "1"], ["Zoë", "2"]], encoding
        assert raw.origin.dialect.encoding == encoding
        assert raw.origin.notices == ()
    assert cells(read(tmp_path, text.encode("shift_jisx0213"), encoding="shift_jisx0213")) == [
        ["José", "1"],
        ["Zoë", "2"],
    ]


def test_fallback_encoding_is_said(tmp_path: Path) -> None:
    early = "é,b\n1,2\n".encode("cp1252")
    late = b"a,b\n" + b"1,2\n" * 100_000 + "€,2\n".encode("cp1252")
    assert list(read(tmp_path, early, header=True).frame.columns) == ["é", "b"]
    raw = read(tmp_path, late)
    assert raw.frame["a"].iloc[-1] == "€"
    assert raw.origin.dialect.encoding == "cp1252"
    assert raw.origin.notices == ("x.csv is not UTF-8; it was read as cp1252",)


def test_fallback_encoding_is_one_file_s_own(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("a,b\né,1\n", encoding="utf-8")
    (tmp_path / "2.csv").write_text("a,b\né,2\n", encoding="cp1252")
    raw = read_table(SourceSpec(path="*.csv"), tmp_path, np.random.default_rng(0))
    assert cells(raw) == [["é", "1"], ["é", "2"]]


@pytest.mark.parametrize(
    ("content", "stated", "message"),
    [
        (
            "a,b\né,2\n".encode() + b"\xe9,2\n\x81,2\n",
            {},
            r"x\.csv: line 3 is not utf-8 text, and line 4 is not cp1252 text\. Repair the line, or",
        ),
        (b"a,b\n1,2\n\xe9,2\n", {"encoding": "utf-8"}, "line 3 is not utf-8 text"),
        (b"a,b\n1,23\n", {"encoding": "utf-16"}, "is not utf-16 text"),
        (b"a,b\n" + b"1,2\n" * 50_000 + b"\0,2\n", {}, "zero bytes"),
    ],
)
def test_unreadable_text(tmp_path: Path, content: bytes, stated: dict, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read(tmp_path, content, **stated)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"a,b\n1,2\n3,4,{CANARY}\n", "row 3 has 3 cells where the header has 2"),
        (f"a,b\n1,2\n\n{CANARY}\n", "row 3 has 1 cell where the header has 2"),
        (f'a,b\n"1\n1",2\n{CANARY}\n', "row 3 has 1 cell"),  # a line break in a cell is no row
        ("a,b\n" + "1,2\n" * 3_000_000 + f"{CANARY}\n", "row 3000002 has 1 cell"),
        (f"1,x\n2,x\n{CANARY}\n", "row 3 has 1 cell where row 1 has 2"),
        (
            f'a,b\n1,2\n"3,{CANARY}\n5,6\n7,8\n',
            "row 3 has 1 cell where the header has 2, and goes on over 3 lines: most likely a quote in "
            "it is not closed; expected .* Close the quote",
        ),
        (f'a,b\r\n"1,{CANARY}\r\n3,4\r\n', "row 2 has 1 cell .* over 2 lines"),
        (f'a,b\n1,"{CANARY}\n3,4\n', "a quote is opened and not closed"),
        (f'a,b\n1,"{CANARY}\n' + "3,4\n" * 3_000_000, "a quote is opened and not closed"),
        (f"a,b\n1,{CANARY}\0\n", "zero bytes"),
        ("a,b,a\n1,2,3\n", "'a' in columns 1, 3"),
        ("", "the file is empty"),
        ("a,b\n", "a header but no rows"),
        ("a,b", "a header but no rows"),
        ('[{"a": 1}]', "a header but no rows"),
    ],
)
def test_refusals_name_the_place_and_no_value(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        read(tmp_path, content)
    assert "x.csv" in str(caught.value)
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_trailing_delimiters(tmp_path: Path) -> None:
    for content in ("a,b,\n1,2,\n3,4,\n", "a,b\n1,2,\n3,4,\n"):
        raw = read(tmp_path, content)
        assert list(raw.frame.columns) == ["a", "b"]
        assert cells(raw) == [["1", "2"], ["3", "4"]]
        assert "ends in a delimiter" in raw.origin.notices[0]
        assert read_header(SourceSpec(path="x.csv"), tmp_path) == ["a", "b"]


def test_a_late_value_after_the_trailing_delimiter_is_kept(tmp_path: Path) -> None:
    raw = read(tmp_path, "a,b,\n" + "1,2,\n" * 50_000 + "1,2,3\n")
    assert list(raw.frame.columns) == ["a", "b", "column_3"]
    assert raw.frame["column_3"].iloc[-1] == "3"
    assert raw.origin.notices == ("the last column has no name; it is called column_3",)


def test_files_of_a_folder_share_columns_in_any_order(tmp_path: Path) -> None:
    (tmp_path / "2.csv").write_text("b;a\n4;3\n")
    (tmp_path / "1.csv").write_text("a,b\n1,2\n")
    (tmp_path / "_SUCCESS").write_text("")
    raw = read_table(SourceSpec(path=str(tmp_path)), Path(), np.random.default_rng(0))
    assert cells(raw) == [["1", "2"], ["3", "4"]]
    assert raw.origin.files == ("1.csv", "2.csv")
    assert len(raw.origin.sha256) == 64
    (tmp_path / "3.csv").write_text("a,c\n1,2\n")
    with pytest.raises(SourceError, match=r"3\.csv.*lacks b and it adds c"):
        read_table(SourceSpec(path=str(tmp_path)), Path(), np.random.default_rng(0))


def test_a_row_longer_than_the_first_sample(tmp_path: Path) -> None:
    names = [f"a_rather_long_column_name_{i}" for i in range(5_000)]
    raw = read(tmp_path, ",".join(names) + "\n" + ",".join("1" * 5_000) + "\n")
    assert raw.frame.shape == (1, 5_000)


def test_sampling_keeps_file_order_and_says_so(tmp_path: Path) -> None:
    content = "a\n" + "".join(f"{i}\n" for i in range(300_000))
    raw = read(tmp_path, content, max_rows=1_000)
    kept = raw.frame["a"].astype(int)
    assert len(kept) == 1_000
    assert kept.is_monotonic_increasing
    assert kept.is_unique
    assert raw.origin.rows_total == 300_000
    assert raw.origin.rows_read == 1_000
    assert raw.origin.notices == (
        "the source has 300,000 rows; an even random sample of 1,000 was read (source.max_rows)",
    )
    assert raw.frame.equals(read(tmp_path, content, max_rows=1_000).frame)


def test_example_and_its_header() -> None:
    spec = SourceSpec(path="example:adult")
    raw = read_table(spec, Path(), np.random.default_rng(0))
    assert raw.frame.shape == (48_842, 15)
    assert read_header(spec, Path()) == list(raw.frame.columns)
    assert (raw.frame["workclass"] == "?").sum() == 2_799
    assert raw.origin.notices == ()


def test_header_imports_nothing_heavy() -> None:
    code = (
        "import sys; from pathlib import Path; from synthkit.recipe import SourceSpec;"
        "from synthkit.sources import read_header;"
        "names = read_header(SourceSpec(path='example:adult'), Path());"
        "assert names[0] == 'age', names;"
        "heavy = {'pandas', 'pyarrow', 'torch', 'numpy', 'sqlalchemy'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
