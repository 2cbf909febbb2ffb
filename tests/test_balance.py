"""Rows with chosen shares of one column's values: exact, and otherwise the model's own."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import synthkit as sk
from synthkit.balance import Balance
from synthkit.errors import ConstraintError, NotSupported, SchemaError

N = 1500


@pytest.fixture(scope="module")
def clients() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    age = rng.integers(18, 80, N)
    rich = rng.random(N) < 1 / (1 + np.exp(-(age - 65) / 8))
    return pd.DataFrame(
        {
            "row": np.arange(1, N + 1),
            "age": age,
            "city": rng.choice(["Graz", "Linz", "Wien"], N, p=[0.1, 0.3, 0.6]),
            "children": rng.choice(4, N, p=[0.5, 0.3, 0.15, 0.05]),
            "note": pd.array(np.where(rng.random(N) < 0.3, None, rng.choice(["a", "b"], N))),
            "member": rng.random(N) < 0.2,
            "score": rng.normal(0, 1, N),
            "income": np.where(rich, "high", "low"),
        }
    )


@pytest.fixture(scope="module")
def model(clients: pd.DataFrame) -> sk.FittedModel:
    return sk.fit(clients, seed=7, schema={"target": "income"}, options={"trees": 5})


def counts(rows: pd.DataFrame, column: str) -> dict[Any, int]:
    return rows[column].value_counts().to_dict() | {None: int(rows[column].isna().sum())}


@pytest.mark.parametrize(
    ("balance", "column", "wanted"),
    [
        (True, "income", {"high": 500, "low": 501, None: 0}),
        ({"income": "even"}, "income", {"high": 500, "low": 501, None: 0}),
        ({"income": {"high": 0.9}}, "income", {"high": 901, "low": 100, None: 0}),
        ({"member": {"True": 0.25}}, "member", {True: 250, False: 751, None: 0}),
        ({"member": {True: 0.25}}, "member", {True: 250, False: 751, None: 0}),
        ({"children": "even"}, "children", {0: 251, 1: 250, 2: 250, 3: 250, None: 0}),
        (
            {"children": {"3": 0.5, 1: 0.25, 2: 0.25}},
            "children",
            {3: 501, 1: 250, 2: 250, None: 0},
        ),
        ({"note": {None: 0.5, "a": 0.5}}, "note", {"a": 501, None: 500}),
        ({"note": {"": 1.0}}, "note", {None: 1001}),
    ],
)
def test_counts_are_exact(
    model: sk.FittedModel, balance: Any, column: str, wanted: dict[Any, int]
) -> None:
    assert counts(model.sample(1001, balance=balance, seed=1), column) == wanted


def test_values_that_are_not_named_share_what_is_left_as_the_model_makes_them(
    model: sk.FittedModel,
) -> None:
    free = model.sample(4000, seed=2)["city"].value_counts()
    city = model.sample(4000, balance={"city": {"Graz": 0.5}}, seed=1)["city"].value_counts()
    assert city["Graz"] == 2000
    assert abs(city["Wien"] / city["Linz"] - free["Wien"] / free["Linz"]) < 0.2


def test_missing_cells_keep_their_share_where_others_are_even(model: sk.FittedModel) -> None:
    note = counts(model.sample(1000, balance={"note": "even"}, seed=1), "note")
    assert abs(note["a"] - note["b"]) <= 1
    assert abs(note[None] - 300) < 50


def test_rows_of_a_category_are_as_without_balance(model: sk.FittedModel) -> None:
    free, even = model.sample(8000, seed=1), model.sample(8000, balance=True, seed=2)
    assert even["age"].mean() > free["age"].mean() + 3  # the table as a whole has changed
    for income in ("high", "low"):
        own, other = (rows[rows["income"] == income] for rows in (free, even))
        error = np.sqrt(own["age"].var() / len(own) + other["age"].var() / len(other))
        assert abs(own["age"].mean() - other["age"].mean()) < 4 * error
        for city in ("Graz", "Linz", "Wien"):
            shares = [(rows["city"] == city).mean() for rows in (own, other)]
            assert abs(shares[0] - shares[1]) < 4 * np.sqrt(0.25 / len(own) + 0.25 / len(other))


def test_rows_are_shuffled_and_counters_count_on(model: sk.FittedModel) -> None:
    rows = model.sample(1000, balance=True, seed=1)
    assert rows["row"].tolist() == list(range(1, 1001))
    assert 200 < (rows["income"].head(500) == "high").sum() < 300


def test_other_columns_may_be_given(model: sk.FittedModel) -> None:
    rows = model.sample(300, {"city": "Graz", "note": None}, seed=1, balance=True)
    assert set(rows["city"]) == {"Graz"}
    assert rows["note"].isna().all()
    assert counts(rows, "income") == {"high": 150, "low": 150, None: 0}


def test_a_seed_repeats_and_no_rows_are_no_rows(model: sk.FittedModel) -> None:
    first, again = (model.sample(200, balance={"city": {"Graz": 0.4}}, seed=5) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    assert len(model.sample(0, balance=True)) == 0


def test_rejected_rows_are_drawn_again_for_the_same_category(clients: pd.DataFrame) -> None:
    rules = [
        {"kind": "range", "column": "age", "min": 50},
        {"kind": "unique", "columns": ["score"]},
    ]
    model = sk.fit(clients, seed=7, schema={"constraints": rules}, options={"trees": 5})
    rows = model.sample(400, balance={"income": "even"}, seed=1)
    assert counts(rows, "income") == {"high": 200, "low": 200, None: 0}
    assert (rows["age"] >= 50).all()
    assert rows["score"].is_unique
    assert rows["row"].is_unique
    assert 60 < (rows["income"].head(200) == "low").sum() < 140
    with pytest.raises(ConstraintError, match="rows with the given 'children'"):
        sk.fit(
            clients[["children", "member"]],
            schema={"constraints": [{"kind": "range", "column": "children", "max": 2}]},
        ).sample(50, balance={"children": {"3": 0.2}})


NEURAL = {"transformer": {"epochs": 1}, "vae": {"epochs": 1}}


@pytest.mark.parametrize("backend", NEURAL)
def test_neural_backends_keep_the_shares(clients: pd.DataFrame, backend: str) -> None:
    pytest.importorskip("torch")
    table = clients[["city", "member", "income"]].head(300)
    model = sk.fit(table, backend, seed=1, options=NEURAL[backend])
    rows = model.sample(101, balance={"income": {"high": 0.6}}, seed=1)
    assert counts(rows, "income") == {"high": 61, "low": 40, None: 0}


def test_a_backend_that_declines_given_cells_says_so(
    model: sk.FittedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def declining(self: object, n: int, rng: object, given: object = None) -> None:
        raise NotSupported("cannot draw rows for known cells", remedy="choose backend trees")

    monkeypatch.setattr(type(model._model.generator), "sample", declining)
    with pytest.raises(NotSupported, match="cannot draw rows for known cells"):
        model.sample(10, balance=True)


@pytest.mark.parametrize(
    ("balance", "message"),
    [
        ("income", "balance: is text; expected true for the target, {COLUMN: even} or {COLUMN: {VALUE: SHARE}}."),
        (False, "balance: is false; expected true for the target, {COLUMN: even} or {COLUMN: {VALUE: SHARE}}."),
        ({}, "balance: names no column; expected one column."),
        ({"income": "even", "city": "even"}, "balance: names 2 columns; expected one column. Their shares together are not defined; choose one."),
        ({"income": "evn"}, "balance.income: is text; expected even, or {VALUE: SHARE}."),
        ({"income": {}}, "balance.income: is empty; expected even, or {VALUE: SHARE}."),
        ({"income": {"high": 0}}, "balance.income.high: is 0; expected a share above 0 and at most 1."),
        ({"income": {"high": float("nan")}}, "balance.income.high: is nan; expected a share above 0 and at most 1."),
        ({"income": {"high": True}}, "balance.income.high: is true; expected a share above 0 and at most 1."),
        ({"income": {"high": "half"}}, "balance.income.high: is text; expected a share above 0 and at most 1."),
        ({"income": {"high": 0.7, "low": 0.4}}, "balance.income: has shares that add up to 1.1; expected at most 1."),
        ({"income": {"high": 0.5, "low": 0.4}}, "balance.income: has shares that add up to 0.9, and the model makes no other value; expected shares that add up to 1."),
        ({"income": {"rich": 0.5}}, "balance.income.rich: the given value is not a category learned in training; expected one of its 2 learned categories. Spell it as the data does; rare categories are not learned."),
        ({"income": {"": 0.5}}, "balance.income.: is missing, and no training cell is; expected a value."),
        ({"children": {"1": 0.5, 1: 0.2}}, "balance.children[1]: is a value that is named twice."),
        ({"incme": "even"}, "balance.incme: the data has no column 'incme'; expected one of its 8 columns. Did you mean 'income'?"),
        ({"age": "even"}, "balance.age: column 'age' is not learned as categories; expected categories, or at most 50 whole numbers that all recur. Declare age: {kind: categorical} under schema.columns."),
        ({"score": "even"}, "balance.score: column 'score' is of kind real; expected a column of categories, booleans or few whole numbers. Declare score: {kind: categorical} under schema.columns, or choose another."),
        ({"row": "even"}, "balance.row: column 'row' is of kind identifier, which is made anew and not learned; expected a column of categories, booleans or few whole numbers. Declare row: {kind: categorical} under schema.columns, or choose another."),
    ],
)  # fmt: skip
def test_what_cannot_be_balanced_is_one_clear_error(
    model: sk.FittedModel, balance: Any, message: str
) -> None:
    with pytest.raises(SchemaError, match=re.escape(message)) as caught:
        model.sample(5, balance=balance)
    assert str(caught.value) == message


def test_a_column_is_balanced_or_given(model: sk.FittedModel) -> None:
    with pytest.raises(SchemaError, match="column 'income' is given a value too"):
        model.sample(5, {"income": "high"}, balance=True)


def test_computed_columns_and_absent_targets_are_refused(model: sk.FittedModel) -> None:
    rules = [{"kind": "dependency", "from": "city", "to": "state"}]
    table = pd.DataFrame({"city": ["Graz", "Linz"] * 50, "state": ["S", "O"] * 50})
    computing = sk.fit(table, schema={"constraints": rules}, options={"trees": 2})
    with pytest.raises(SchemaError, match="'state' is computed from 'city', not learned"):
        computing.sample(5, balance={"state": "even"})
    with pytest.raises(SchemaError, match="is true, and the schema has no target"):
        computing.sample(5, balance=True)
    assert Balance.read(True).column_in(model.schema).name == "income"
