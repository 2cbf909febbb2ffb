"""``COLUMN=VALUE``: split at the ``=`` behind a column's name."""

from __future__ import annotations

import pytest

from synthkit.assignments import assigned
from synthkit.errors import SynthkitError

NAMES = ("income", "note", "age", "=cmd()", "color", "color=red")


@pytest.mark.parametrize(
    ("text", "column", "value"),
    [
        ("income=>50K", "income", ">50K"),
        ("note=a=b", "note", "a=b"),
        ("age=", "age", None),
        ("=cmd()=5", "=cmd()", "5"),
        ("=cmd()=", "=cmd()", None),
        ("=cmd()==5", "=cmd()", "=5"),
        ("color=blue", "color", "blue"),
        ("color=red", "color", "red"),
        ("color=red=1", "color=red", "1"),
        ("size=a=b", "size", "a=b"),  # no such column: the caller says so
        ("=bmd()=5", "=bmd()", "5"),
    ],
)
def test_the_sign_behind_a_columns_name_splits(text: str, column: str, value: str | None) -> None:
    assert assigned([text], NAMES, "--given") == {column: value}


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["income"], "names no column and value; expected COLUMN=VALUE"),
        (["=x"], "names no column and value; expected COLUMN=VALUE"),
        (["=cmd()"], "names no column and value"),
        ([""], "names no column and value"),
        (["age=1", "=cmd()=1", "=cmd()=2"], r"column '=cmd\(\)' is given twice"),
    ],
)
def test_what_assigns_nothing_or_twice_is_refused(texts: list[str], words: str) -> None:
    with pytest.raises(SynthkitError, match=words) as caught:
        assigned(texts, NAMES, "--given")
    assert caught.value.where == "--given"
