"""How delimited text is recognised: encodings, delimiters, headers, quotes, names."""

from __future__ import annotations

import codecs

import pytest

from synthkit.errors import SourceError
from synthkit.recipe import SourceSpec
from synthkit.sources.sniff import guess_delimiter, sniff, tokenize


def look(text: str | bytes, **stated: object):
    data = text.encode() if isinstance(text, str) else text
    found = sniff(data, True, SourceSpec(path="x", **stated))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("a|b\nx,y|2\n", "|"),
        ("a~b\n1~2\n", "~"),
        ("a,b;c\n1,2\n3,4\n5,6\n", ","),  # most rows have the header's width
        ("name\nJohn, Smith\nJane\n", ","),  # nothing splits the header: one column
        ("time\n12:30\n13:40\n", ","),
        ('"a;b",c\n"x;y",1\n', ","),
        ('"line one\nline two";c\nx;1\n', ";"),
    ],
)
def test_delimiter(text: str, delimiter: str) -> None:
    assert guess_delimiter(text, whole=True) == delimiter
    assert look(text).dialect.delimiter == delimiter


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("age,city\n39,Rome\n", True),
        ("39,Rome\n40,Oslo\n", False),
        ("name,city\nAnn,Rome\nBob,Oslo\n", True),  # text only: no evidence, so a header
        ("yes,no\nno,yes\nyes,no\nno,no\n", False),  # a value that returns in its column
        ("country,2010,2011,2012\nNorway,1,2,3\n", True),  # years in a row are names
        ("0,1,2\n5,6,7\n", True),  # counted from 0
        ("5,6,7\n1,2,3\n", False),
        ("NA,5\n3,6\n4,7\n", False),  # a placeholder says nothing
        ("day,n\n2020-01-01,1\n", True),
        ("2020-01-01,x\n2020-01-02,y\n", False),
        ("id,name\n1,Ann\n2,Bob\nid,name\n3,Cid\n", True),  # files joined with their headers
        ("1,2,3\n", False),
        ("a,b,c\n", True),
    ],
)
def test_header(text: str, header: bool) -> None:
    found = look(text)
    assert found.dialect.header is header
    assert bool(found.notices) is (not header)


def test_stated_beats_detected() -> None:
    assert look("1;2\n3;4\n", header=True).names == ("1", "2")
    assert look("a,b\n1,2\n", header=False).names == ("column_1", "column_2")
    assert look("a,b;c\n1,2;3\n", delimiter=";").names == ("a,b", "c")
    assert look("é,b\n".encode("latin-1") * 2, encoding="latin-1", header=True).names[0] == "é"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("é,b\n1,2\n".encode(), "utf-8"),
        (codecs.BOM_UTF8 + "é,b\n1,2\n".encode(), "utf-8-sig"),
        ("é,b\n1,2\n".encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + "é,b\n1,2\n".encode("utf-16-be"), "utf-16"),
        ("é,b\n1,2\n".encode("utf-16-le"), "utf-16-le"),
        ("é,b\n1,2\n".encode("utf-16-be"), "utf-16-be"),
        ("é,b\n1,2\n".encode("utf-32"), "utf-32"),
    ],
)
def test_encoding(data: bytes, encoding: str) -> None:
    found = look(data)
    assert found.dialect.encoding == encoding
    assert found.names == ("é", "b")


def test_byte_order_mark_below_a_stated_encoding_is_no_part_of_the_name() -> None:
    found = look(codecs.BOM_UTF8 + b"a,b\n1,2\n", encoding="utf-8")
    assert found.names == ("a", "b")
    assert found.skip == len("\ufeffa,b\n")


@pytest.mark.parametrize("delimiter", ['"', "\n", "§"])
def test_impossible_delimiters(delimiter: str) -> None:
    with pytest.raises(SourceError, match=r"source\.delimiter cannot be"):
        look("a,b\n1,2\n", delimiter=delimiter)


@pytest.mark.parametrize("delimiter", list(" :^_x\x1f"))
def test_any_other_delimiter_may_be_stated(delimiter: str) -> None:
    assert look(f"a{delimiter}b\n1{delimiter}2\n", delimiter=delimiter).names == ("a", "b")


def test_unknown_encoding_is_named() -> None:
    with pytest.raises(SourceError, match="'klingon' is not known"):
        look("a,b\n", encoding="klingon")


@pytest.mark.parametrize(
    ("text", "quoted", "quoted_header"),
    [
        ('"a","b"\n"1","2"\n', ("a", "b"), True),
        ('"a","b"\n1,"x"\n', ("b",), True),  # numbers bare, text quoted
        ('a,b\n1,"x,y"\n2,z\n', (), False),  # only where needed
        ('a,b\n"x",1\n,2\n"y",3\n', ("a",), False),  # an empty cell says nothing
    ],
)
def test_quoting_style(text: str, quoted: tuple[str, ...], quoted_header: bool) -> None:
    dialect = look(text, header=True).dialect
    assert dialect.quoted == quoted
    assert dialect.quoted_header is quoted_header


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends(newline: str) -> None:
    found = look(f"{newline}a,b{newline}1,2{newline}")
    assert found.dialect.newline == newline
    assert found.skip == len(newline) + len("a,b") + len(newline)


def test_tokenize_follows_quotes() -> None:
    rows = tokenize('a,"b ""c"", d\ne"\r\n\n"x"y,\n,', ",", whole=True)
    assert [row.cells for row in rows] == [("a", 'b "c", d\ne'), ("xy", ""), ("", "")]
    assert [row.quoted for row in rows] == [(False, True), (True, False), (False, False)]


def test_tokenize_drops_the_row_that_a_sample_cuts() -> None:
    assert [row.cells for row in tokenize('a,b\n1,2\n3,"4', ",", whole=False)] == [
        ("a", "b"),
        ("1", "2"),
    ]


def test_repeated_names_are_refused_with_positions() -> None:
    with pytest.raises(SourceError, match="'a' in columns 1, 3; 'b' in columns 2, 4"):
        look("a,b,a,b\n1,2,3,4\n")


def test_unnamed_columns_are_named_by_position() -> None:
    found = look(",x,\n0,1,2\n")
    assert found.names == ("column_1", "x", "column_3")
    assert found.notices == ("columns without a name are called column_N: 1, 3",)
    with pytest.raises(SourceError, match="'column_1' in columns 1, 2"):
        look(",column_1\n0,1\n")


@pytest.mark.parametrize("text", ["a,b,\n1,2,\n3,4,\n", "a,b\n1,2,\n3,4,\n"])
def test_trailing_delimiter_is_seen(text: str) -> None:
    found = look(text)
    assert found.spare
    assert found.names == ("a", "b", "column_3")


def test_last_column_without_values_below_no_header_is_a_column() -> None:
    assert not look("1,x,\n2,y,\n").spare


@pytest.mark.parametrize("data", [b"", b"\n\r\n", codecs.BOM_UTF8, b"  \n"])
def test_empty(data: bytes) -> None:
    with pytest.raises(SourceError, match="the file is empty"):
        look(data)


@pytest.mark.parametrize("data", [b"\0" * 64, b"a,b\n1,\0\n", b"\x7fELF\0\0\0\x01\0"])
def test_binary(data: bytes) -> None:
    with pytest.raises(SourceError, match="zero bytes"):
        look(data)


def test_a_part_with_less_than_two_rows_says_nothing() -> None:
    spec = SourceSpec(path="x")
    assert sniff(b"a,b", False, spec) is None
    assert sniff(b"a,b\n1", False, spec) is None
    assert sniff(b"a,b\n1,2\n3", False, spec) is not None
