"""``COLUMN=VALUE`` and ``COLUMN=VALUE:SHARE``: split at the ``=`` behind a column's name."""

from __future__ import annotations

import pytest

from synthkit.assignments import assigned, weighed
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


@pytest.mark.parametrize(
    ("texts", "shares"),
    [
        (["income"], {"income": "even"}),
        (["color=red"], {"color=red": "even"}),  # a column's name in full
        (["income=>50K:0.5"], {"income": {">50K": 0.5}}),
        (["note=a=b:c:.25", "note=:1e-1"], {"note": {"a=b:c": 0.25, "": 0.1}}),
        (["color=red=x:0.5"], {"color=red": {"x": 0.5}}),
        (["incme"], {"incme": "even"}),  # no such column: the caller says so
        (["age", "income"], {"age": "even", "income": "even"}),  # the caller refuses two
    ],
)
def test_shares_stand_behind_the_last_colon(texts: list[str], shares: object) -> None:
    assert weighed(texts, NAMES, "--balance") == shares


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["income=>50K"], "no value and share; expected COLUMN or COLUMN=VALUE:SHARE"),
        (["income=>50K:half"], "no value and share"),
        (["age", "age"], "column 'age' is given twice; expected its name alone"),
        (["age=1:0.5", "age=1:0.2"], "column 'age' is given twice"),
        (["age=1:0.5", "age"], "column 'age' is given even and by value"),
        (["age", "age=1:0.5"], "column 'age' is given even and by value"),
    ],
)
def test_what_weighs_nothing_or_twice_is_refused(texts: list[str], words: str) -> None:
    with pytest.raises(SynthkitError, match=words) as caught:
        weighed(texts, NAMES, "--balance")
    assert caught.value.where == "--balance"
