"""Keys of people and accounts that several rows share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthkit.columns import detect
from synthkit.errors import SynthkitError
from synthkit.recipe import ColumnSpec, SchemaSpec
from synthkit.schema import EACH_ROW

IBANS = [f"AT{i:02d} 1904 3002 3457 {i:04d}" for i in range(40)]


@pytest.mark.parametrize(
    ("name", "cells", "is_key"),
    [
        ("customer_id", list(range(1000, 1040)), True),
        ("customerId", [f"C{i}" for i in range(40)], True),
        ("patient_no", [f"{i:05d}" for i in range(40)], True),
        ("account number", list(range(40)), True),
        ("anything", IBANS, True),
        ("anything", [iban.replace(" ", "") for iban in IBANS], True),
        ("login", [f"p{i}@host.org" for i in range(120)], True),
        ("agent", [f"p{i}@host.org" for i in range(40)], False),  # few, who serve many
        ("customer_id", list(range(10)), False),  # groups
        ("customer_age", list(range(20, 60)), False),
        ("product_id", list(range(40)), False),
        ("card_share", [i / 7 for i in range(40)], False),
        ("customers", list(range(40)), False),
    ],
)
def test_a_recurring_key_is_told_by_its_name_or_cells(name: str, cells: list, is_key: bool) -> None:
    column = detect(pd.DataFrame({name: cells * 5}))[name]
    assert column.recurring_key == is_key
    assert (column.kind == "identifier") == is_key


def test_a_key_that_hardly_recurs_is_none() -> None:
    cells = [*range(1000), *range(20)]
    assert not detect(pd.DataFrame({"customer_id": cells}))["customer_id"].recurring_key


def test_a_key_with_missing_cells_is_one() -> None:
    column = detect(pd.DataFrame({"customer_id": [*range(40), np.nan] * 5}))["customer_id"]
    assert column.recurring_key
    assert column.nullable


def test_a_declared_kind_stays_and_the_key_is_known_all_the_same() -> None:
    spec = SchemaSpec(columns={"customer_id": ColumnSpec(kind="categorical")})
    column = detect(pd.DataFrame({"customer_id": list(range(40)) * 5}), spec)["customer_id"]
    assert column.kind == "categorical"
    assert column.recurring_key
    assert column.tells_of_people


def test_with_people_told_apart_a_column_is_judged_by_one_row_of_each() -> None:
    rng = np.random.default_rng(0)
    who = np.repeat(np.arange(200), 6)
    codes = np.array([f"X-{n}" for n in rng.permutation(10**6)[:200]], object)
    frame = pd.DataFrame(
        {"who": who, "badge": codes[who], "city": rng.choice(["Graz", "Linz"], len(who))}
    )
    kinds = {c.name: c.kind for c in detect(frame).columns}
    assert kinds == {"who": "integer", "badge": "categorical", "city": "categorical"}
    schema = detect(frame, SchemaSpec(person="who"))
    assert [c.kind for c in schema.columns] == ["identifier", "identifier", "categorical"]
    assert not schema["badge"].unique
    assert "of one row of each person" in schema["badge"].reason
    assert schema.person_column == "who"
    assert detect(frame, SchemaSpec(person=EACH_ROW)).person_column is None


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"person": "whom"}, "schema.person: the data has no column 'whom'"),
        (
            {"person": "who", "target": "who"},
            "column who is to tell people apart, and is the target",
        ),
        ({"person": "who", "sensitive": ("who",)}, "is to tell people apart, and is sensitive"),
    ],
)
def test_a_person_that_cannot_be(spec: dict, said: str) -> None:
    frame = pd.DataFrame({"who": list(range(40)) * 5, "x": range(200)})
    with pytest.raises(SynthkitError, match=said):
        detect(frame, SchemaSpec(**spec))


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([None] * 200, "no value of column who recurs, and those of 'iban' do"),
        (list(range(200)), "no value of column who recurs, and those of 'iban' do"),
        ([i % 40 + 0.25 for i in range(200)], "of kind real, whose values tell nobody apart"),
        ([f"2024-01-{i % 28 + 1:02d}" for i in range(200)], "of kind datetime, whose values tell"),
    ],
)
def test_a_column_that_tells_nobody_apart_is_refused(cells: list, said: str) -> None:
    frame = pd.DataFrame({"who": cells, "iban": IBANS * 5})
    with pytest.raises(SynthkitError, match=said) as error:
        detect(frame, SchemaSpec(person="who"))
    assert EACH_ROW in str(error.value)


def test_one_mistake_is_said_once() -> None:
    frame = pd.DataFrame({"who": list("abcd") * 50, "x": range(200)})
    with pytest.raises(SynthkitError) as error:
        detect(frame, SchemaSpec(person="who", target="who"))
    assert len(error.value.several) <= 1
    assert "kind" not in str(error.value)
