"""Documents: values as YAML 1.2 reads them, and the place of every part."""

from __future__ import annotations

import pytest

from synthkit.document import Document, dotted, scalar
from synthkit.errors import RecipeError


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("no", "no"),
        ("on", "on"),
        ("y", "y"),
        ("12", 12),
        ("-1_000", -1000),
        ("007", 7),
        ("1.5", 1.5),
        ("1e-3", 0.001),
        (".5", 0.5),
        ("5.", 5.0),
        ("0x10", "0x10"),
        ("12:30", "12:30"),
        ("2020-01-01", "2020-01-01"),
        (".inf", ".inf"),
        ("nan", "nan"),
        ("1.2.3", "1.2.3"),
        ("-", "-"),
        ("_1", "_1"),
    ],
)
def test_unquoted_words(word: str, value: object) -> None:
    assert scalar(word) == value
    assert type(scalar(word)) is type(value)


def test_quotes_make_text_and_keys_are_always_text() -> None:
    document = Document.parse("a: '1'\n2020: \"true\"\nno: |\n  text\n", "f")
    assert document.data == {"a": "1", "2020": "true", "no": "text\n"}


def test_places_of_keys_and_values() -> None:
    document = Document.parse("a:\n  b: [1, {c: 2}]\n", "f")
    assert document.data == {"a": {"b": [1, {"c": 2}]}}
    assert document.where(("a", "b")) == "f:2:6"
    assert document.where(("a", "b"), key=True) == "f:2:3"
    assert document.where(("a", "b", 0)) == "f:2:7"
    assert document.where(("a", "b", 1, "c"), key=True) == "f:2:11"
    assert document.where(("a", "b", 1, "missing"), key=True) == "f:2:10"
    assert document.where(("a", "missing")) == "f:1:1"
    assert document.where(("missing",)) == "f:1:1"
    assert dotted(("a", "b", 1, "c")) == "a.b[1].c"


def test_a_duplicate_keeps_the_first_value_and_its_place() -> None:
    document = Document.parse("a: 1\nb: 2\na: 3\n", "f")
    assert document.data == {"a": 1, "b": 2}
    assert [str(p) for p in document.problems] == [
        "f:3:1: a: this key is given twice, first at 1:1. Remove one of them."
    ]


def test_an_override_takes_the_place_of_everything_below_it() -> None:
    document = Document.parse("a: {b: {c: 1}}\n", "f")
    document.set("a.b={d: 2}")
    document.set("x.y=no")
    assert document.data == {"a": {"b": {"d": 2}}, "x": {"y": "no"}}
    assert document.where(("a", "b", "d")) == "--set a.b"
    assert document.where(("a",), key=True) == "f:1:1"
    assert document.where(("x", "y")) == "--set x.y"
    assert document.problems == []


@pytest.mark.parametrize("text", ["", "# only a comment", "just text", "- a list", "42"])
def test_a_file_without_keys(text: str) -> None:
    with pytest.raises(RecipeError, match=r"f:1:1: the file holds no keys"):
        Document.parse(text, "f")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n\tb: 1", "f:2:1: a tab stands here"),
        ("a: b: c", "f:1:5: this ':' is out of place"),
        ("a: [1, 2", "f:1:9: the structure breaks off here"),
        ("a: *", "f:1:5: '*' begins an alias"),
        ("a: %x", "f:1:4: this character cannot begin a value"),
        ("a: 'x", "f:1:6: this is not YAML"),
        ("abc\ndef: 1", "f:2:4: this ':' is out of place"),
        ("a: 1\n]", "f:2:1: the structure breaks off here"),
        ("a: 1\nb: \x01", "line 2 holds a character"),
        ("a: " + "[" * 30, "f:1:24: more than 20 levels"),
    ],
)
def test_text_that_is_not_yaml(text: str, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        Document.parse(text, "f")
    assert message in str(caught.value)
    assert len(caught.value.problems) == 1
