"""Cells of a table: the same pseudonym for the same value in all columns, types and tables."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import synthkit as sk
from synthkit.columns import detect
from synthkit.errors import SynthkitError
from synthkit.pseudonyms import Key
from synthkit.pseudonyms.table import pseudonymised
from synthkit.recipe import ColumnSpec, SchemaSpec

SECRET = "a secret for tests only"
CELLS = [123456, 123456, 7000007, 123456, 999]


def hidden(frame: pd.DataFrame, columns: dict[str, Any], **options: Any) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sk.pseudonymise(frame, columns, SECRET, **options)


def refusal(frame: pd.DataFrame, columns: Any, key: Any = SECRET) -> str:
    with pytest.raises(SynthkitError) as caught:
        sk.pseudonymise(frame, columns, key)
    return str(caught.value)


TYPES = {
    "int64": pd.Series(CELLS),
    "Int64": pd.Series([*CELLS, None], dtype="Int64"),
    "int64[pyarrow]": pd.Series([*CELLS, None], dtype="int64[pyarrow]"),
    "float64": pd.Series([*CELLS, None], dtype="float64"),
    "object": pd.Series([str(cell) for cell in CELLS] + [None], dtype=object),
    "string": pd.Series([str(cell) for cell in CELLS] + [None], dtype="string[pyarrow]"),
    "python ints": pd.Series([*CELLS, None], dtype=object),
    "category": pd.Series([*CELLS, None], dtype="Int64").astype("category"),
    "delimited text": pd.Series([*map(str, CELLS), ""], dtype="string[pyarrow]"),
    "padded": pd.Series([f" {cell}.0" for cell in CELLS]),
}


@pytest.mark.parametrize("name", TYPES)
def test_a_number_has_one_pseudonym_whatever_holds_it(name: str) -> None:
    frame = TYPES[name].to_frame("code")
    made = hidden(frame, {"code": "format"})["code"]
    text = hidden(TYPES["object"].to_frame("code"), {"code": "format"})["code"]
    if name != "category":  # whose list holds the pseudonyms
        assert made.dtype == frame["code"].dtype
    assert [int(float(cell)) for cell in made[:5]] == [int(cell) for cell in text[:5]]
    assert made[5:].isna().tolist() == frame["code"][5:].isna().tolist()
    assert [len(cell) for cell in text[:5]] == [len(str(cell)) for cell in CELLS]
    assert not set(text[:5]) & set(map(str, CELLS))


def test_columns_of_one_word_and_other_tables_share_their_pseudonyms() -> None:
    visits = pd.DataFrame(
        {
            "doctor": ["Ann Lee", "Bo Ng", "Ann Lee", None],
            "sent by": ["Bo Ng", None, "Cy Orr", "Ann Lee"],
            "cost": [1.5, 2.5, 3.5, 4.5],
        },
        index=[3, 1, 2, 9],
    )
    words = {"doctor": "person names", "sent by": "person names"}
    made = hidden(visits, words)
    staff = hidden(pd.DataFrame({"name": ["Cy Orr", "Ann Lee", "Bo Ng"]}), {"name": "person names"})
    known = dict(zip(["Cy Orr", "Ann Lee", "Bo Ng"], staff["name"], strict=True))
    assert len(set(known.values())) == 3
    for column in words:
        pd.testing.assert_series_equal(made[column].dropna(), visits[column].dropna().map(known))
        assert made[column].isna().tolist() == visits[column].isna().tolist()
    pd.testing.assert_series_equal(made["cost"], visits["cost"])
    assert visits["doctor"].iloc[0] == "Ann Lee"  # the input is left alone


def test_missing_cells_stay_however_they_are_spelled() -> None:
    frame = pd.DataFrame({"code": ["AB-1", "?", "CD-2", "", "n/a", "EF-3", "none given"] * 5})
    made = hidden(frame, {"code": "format"})["code"]
    stay = frame["code"].isin(["?", "", "n/a"])
    assert (made == frame["code"]).tolist() == stay.tolist()
    schema = {"columns": {"code": {"missing": ["none given", "?", "", "n/a"]}}}
    declared = hidden(frame, {"code": "format"}, schema=schema)["code"]
    assert (declared == "none given").sum() == 5


def test_numbers_that_stand_for_a_missing_cell_stay_as_a_category() -> None:
    frame = pd.DataFrame({"grade": [123456, -999, 234567, -999, 123456]})
    declared = SchemaSpec(columns={"grade": ColumnSpec(missing=("-999",))})
    replaced = pseudonymised(frame, {"grade": "format"}, Key.of(SECRET), declared)
    made = replaced.frame["grade"]
    assert (made == frame["grade"]).tolist() == [False, True, False, True, False]
    schema = detect(replaced.frame, replaced.declared(declared))
    assert schema["grade"].kind == "categorical"
    assert not schema["grade"].nullable


def test_a_list_of_categories_is_replaced_with_values_that_no_row_has() -> None:
    dtype = pd.CategoricalDtype(["Zed Young", "Ann Lee", "Bo Ng"])
    made = hidden(
        pd.DataFrame({"who": pd.Series(["Bo Ng", "Ann Lee"], dtype=dtype)}), {"who": "person names"}
    )
    listed = made["who"].cat.categories.tolist()
    assert len(listed) == 3
    assert listed == sorted(listed)
    assert not {*listed} & {*dtype.categories}


def test_what_is_shared_small_or_kept_is_counted_and_said_without_a_value() -> None:
    names = [f"Person Number {i}" for i in range(400)]
    frame = pd.DataFrame({"first": names, "code": [f"{i:04}" for i in range(398)] + ["--", "//"]})
    words = {"first": "first names", "code": "format"}
    replaced = pseudonymised(frame, words, Key.of(SECRET))
    facts = replaced.facts
    made = replaced.frame["first"]
    assert facts["first"]["shared"] == made.duplicated(keep=False).sum() > 50
    assert facts["first"] | {"shared": 0} == {
        "word": "first names", "values": 400, "shared": 0, "few": 0, "kept": 0,
    }  # fmt: skip
    assert facts["code"] == {"word": "format", "values": 400, "shared": 0, "few": 398, "kept": 2}
    assert len(replaced.notices) == 3
    assert "first': " in replaced.notices[0]
    assert "of 400 different values share a pseudonym" in replaced.notices[0]
    assert "398 of 400 different values have a format of fewer than 10,000" in replaced.notices[1]
    with pytest.warns(UserWarning, match="different values") as said:
        sk.pseudonymise(frame, words, SECRET)
    assert [str(warning.message) for warning in said] == replaced.notices


def test_a_pseudonym_shared_across_columns_is_counted() -> None:
    names = [f"Person Number {i}" for i in range(400)]
    frame = pd.DataFrame({"a": names[:200], "b": names[200:]})
    replaced = pseudonymised(frame, dict.fromkeys("ab", "first names"), Key.of(SECRET))
    both = pd.concat([replaced.frame["a"], replaced.frame["b"]], ignore_index=True)
    shared = both.duplicated(keep=False)
    assert replaced.facts["a"]["shared"] == shared[:200].sum()
    assert replaced.facts["b"]["shared"] == shared[200:].sum()


FRAME = pd.DataFrame(
    {
        "real": [1.5, 2.25],
        "flag": [True, False],
        "day": ["2020-01-31", "2021-02-28"],
        "size": pd.Categorical(["s", "l"], ["s", "l"], ordered=True),
        "number": [77, 88],
        "small": pd.Series([100, 127], dtype="int8"),
        "huge": [2e15, 3.0],
        "single": pd.Series([2e6, 3.0], dtype="float32"),
    }
)


@pytest.mark.parametrize(
    ("column", "word", "parts"),
    [
        ("real", "format", ["column real: is real", "neither size nor order", "schema.columns.real.kind"]),
        ("flag", "format", ["column flag: is boolean"]),
        ("day", "format", ["column day: is datetime"]),
        ("size", "format", ["column size: is ordinal"]),
        ("number", "person names", ["column number: holds numbers, not person names; expected format"]),
        ("small", "format", ["is int8, which does not hold every number of as many digits", "larger dtype"]),
        ("huge", "format", ["more than 15 digits as float64", "Int64 or as text"]),
        ("single", "format", ["more than 6 digits as float32"]),
        ("nmber", "format", ["the data has no column 'nmber'", "Did you mean 'number'?"]),
        ("number", "fromat", ["is 'fromat'", "Did you mean 'format'?"]),
    ],
)  # fmt: skip
def test_what_cannot_have_pseudonyms(column: str, word: str, parts: list[str]) -> None:
    message = refusal(FRAME, {column: word})
    for part in parts:
        assert part in message
    for cell in ("77", "100", "2020"):
        assert cell not in message


def test_everything_that_is_wrong_comes_at_once() -> None:
    assert refusal(FRAME, {"real": "format", "flag": "format"}).count("\n") == 1


def test_arguments() -> None:
    assert "columns: has 0 entries" in refusal(FRAME, {})
    assert "columns: is of type list; expected a mapping" in refusal(FRAME, ["number"])
    assert "key: is of type bytes" in refusal(FRAME, {"number": "format"}, b"x" * 20)
    assert "key: is too short" in refusal(FRAME, {"number": "format"}, "hunter2")
    assert "hunter2" not in refusal(FRAME, {"number": "format"}, "hunter2")
    with pytest.raises(SynthkitError, match=r"goes only with a recipe.*pseudonymise"):
        sk.fit(FRAME, protect={"pseudonyms": {"key": "x", "columns": {"number": "format"}}})


def test_codes_that_look_like_numbers_may_be_declared() -> None:
    frame = pd.DataFrame({"code": ["11.25", "12.5"]})
    schema = {"columns": {"code": {"kind": "categorical"}}}
    made = hidden(frame, {"code": "format"}, schema=schema)["code"]
    assert made.str.fullmatch(r"[0-9]{2}\.[0-9]{1,2}").all()
    assert np.array_equal(made.str.len(), frame["code"].str.len())
