"""Sampled and given rows have frequent combinations of quasi-identifiers only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import synthkit as sk
from synthkit.errors import RecipeError, SchemaError
from synthkit.more_rows import sample_run
from synthkit.recipe_io import effective_yaml, fingerprint, json_schema, parse_recipe
from synthkit.run import Run

NAMES = ["sex", "town", "age"]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """1,000 rows; one man of Ried, and no woman."""
    rng = np.random.default_rng(2)
    n = 1000
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], n),
            "town": rng.choice(["Graz", "Linz", "Wien"], n, p=[0.1, 0.3, 0.6]),
            "age": rng.normal(45, 15, n).round().astype(int),
            "pay": rng.normal(3000, 500, n).round(2),
        }
    )
    frame["sex"] = frame["sex"].mask(rng.random(n) < 0.1)
    ried = pd.DataFrame({"sex": ["m"], "town": ["Ried"], "age": [40], "pay": [3000.0]})
    return pd.concat([frame, ried], ignore_index=True)


@pytest.fixture(scope="module")
def model(table: pd.DataFrame) -> sk.FittedModel:
    return sk.fit(table, seed=1, protect={"quasi_identifiers": NAMES, "k": 12, "rare": 0})


def combinations(frame: pd.DataFrame, real: pd.DataFrame) -> pd.Series:
    """Sex, town and decile of the age of each row, found without the code under test."""
    deciles = np.quantile(real["age"], np.arange(1, 10) / 10, method="lower")
    age = np.searchsorted(deciles, frame["age"], side="left")
    return frame["sex"].fillna("?") + frame["town"] + age.astype(str)


def shared(frame: pd.DataFrame, real: pd.DataFrame) -> pd.Series:
    """By row, how many real rows have its combination."""
    counts = combinations(real, real).value_counts()
    return combinations(frame, real).map(counts).fillna(0)


def test_every_sampled_combination_is_shared_by_k_training_rows(
    table: pd.DataFrame, model: sk.FittedModel
) -> None:
    free = sk.fit(table, seed=1, protect={"rare": 0}).sample(1500, seed=5)
    assert (shared(free, table) < 12).mean() > 0.1
    assert shared(model.sample(1500, seed=5), table).min() >= 12
    even = model.sample(200, seed=5, balance={"sex": "even"})
    assert shared(even, table).min() >= 12


def test_the_same_seed_gives_the_same_rows_also_once_stored(
    model: sk.FittedModel, tmp_path: Path
) -> None:
    model.save(tmp_path / "model")
    again = sk.load(tmp_path / "model").sample(300, seed=9)
    assert again.equals(model.sample(300, seed=9))


def test_one_row_and_no_row_are_refused_in_the_same_words(model: sk.FittedModel) -> None:
    said = []
    for given in (
        {"sex": "m", "town": "Ried"},  # one
        {"sex": "f", "town": "Ried"},  # none
        {"sex": "m", "town": "Bonn"},  # no such town
    ):
        with pytest.raises(SchemaError) as caught:
            model.sample(5, given=given)
        said.append(str(caught.value))
    assert len(set(said)) == 1
    assert "Ried" not in said[0]
    assert "12 training rows share" in said[0]


def test_frequent_values_may_be_given(table: pd.DataFrame, model: sk.FittedModel) -> None:
    rows = model.sample(40, given={"town": "Wien", "sex": None}, seed=1)
    assert (rows["town"] == "Wien").all()
    assert rows["sex"].isna().all()
    assert shared(rows, table).min() >= 12


@pytest.mark.parametrize("balance", [{"town": "even"}, {"town": {"Ried": 0.5}}])
def test_a_balance_that_needs_a_rare_combination_is_refused(
    model: sk.FittedModel, balance: dict[str, Any]
) -> None:
    with pytest.raises(SchemaError, match="no combination of sex, town, age") as caught:
        model.sample(20, balance=balance)
    assert "Ried" not in str(caught.value)


def test_a_run_counts_what_it_rejected_and_what_fell_below_k(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    recipe = {
        "version": 1,
        "source": {"holdout": 0},  # so that all rows are training rows
        "protect": {"quasi_identifiers": NAMES, "k": 8, "rare": 0},
        "privacy": {"on_fail": "warn"},
        "output": {"path": str(tmp_path / "run"), "rows": 300},
    }
    run = sk.generate(recipe, data=table)
    assert run.manifest["rows"]["rejected"] == {
        "combination of sex, town, age of fewer than 8 training rows": run.manifest["rows"]["drawn"]
        - 300
    }
    found = run.manifest["quasi_identifiers"]
    assert found["columns"] == NAMES
    assert found["k"] == 8
    assert found["combinations"] > 0
    assert found["training_rows_below_k"] >= found["combinations_below_k"] > 0
    assert shared(run.synthetic, table).min() >= 8

    more = tmp_path / "more.csv"
    sample_run(run.path, 50, more, ["town=Wien"], None, Run())
    assert shared(pd.read_csv(more), table).min() >= 8
    with pytest.raises(SchemaError, match="no combination of sex, town, age"):
        sample_run(run.path, 5, tmp_path / "none.csv", ["town=Ried"], None, Run())


def job(**protect: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "source": {"path": "people.csv"},
        "protect": protect,
        "output": {"path": "out"},
    }


@pytest.mark.parametrize(
    ("protect", "message"),
    [
        ({"k": 3}, r"protect\.k: goes only with quasi_identifiers"),
        ({"quasi_identifiers": ["sex"], "k": 1}, "is 1; expected a number at least 2"),
        ({"quasi_identifiers": "sex"}, r"is text; expected a list such as \[sex\]"),
        ({"quasi_identifiers": ["sex", "sex"]}, r"quasi_identifiers\[1\]: .*twice"),
    ],
)
def test_slips_are_told_alike_in_recipes_and_in_python(
    table: pd.DataFrame, protect: dict[str, Any], message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        parse_recipe(job(**protect))
    with pytest.raises(RecipeError, match=message.replace(r"protect\.k", "k")):
        sk.fit(table, protect=protect)


def test_a_declared_kind_that_is_not_learned_is_refused_without_the_data() -> None:
    recipe = job(quasi_identifiers=["sex"]) | {"schema": {"columns": {"sex": {"kind": "text"}}}}
    with pytest.raises(RecipeError, match="column 'sex' is of kind text"):
        parse_recipe(recipe)


def test_unknown_columns_come_with_the_line(tmp_path: Path, table: pd.DataFrame) -> None:
    from synthkit.recipe_io import load_recipe
    from synthkit.sources import read_header

    table.to_csv(tmp_path / "people.csv", index=False)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        "version: 1\nsource: {path: people.csv}\n"
        "protect:\n  quasi_identifiers: [sex, twon, twon]\noutput: {path: out}\n"
    )
    with pytest.raises(RecipeError) as caught:
        load_recipe(recipe, read_header=read_header)
    told = [str(problem) for problem in caught.value.problems]
    assert len(told) == 2
    assert "recipe.yaml:4:" in told[0]
    assert "no column 'twon'" in told[0]
    assert "twice" in told[1]


def test_the_json_schema_knows_the_keys_and_old_fingerprints_stand() -> None:
    properties = json_schema()["$defs"]["ProtectSpec"]["properties"]
    assert {"near_copies", "quasi_identifiers", "k"} <= set(properties)
    plain = parse_recipe(job(rare=5)).recipe
    spelled = parse_recipe(job(rare=5, near_copies=0, quasi_identifiers=[])).recipe
    assert fingerprint(plain) == fingerprint(spelled)
    assert "near_copies" not in effective_yaml(plain)
    on = parse_recipe(job(near_copies=0.33)).recipe
    assert fingerprint(on) != fingerprint(plain)
    assert "near_copies: 0.33" in effective_yaml(on)
    assert "k: 5" in effective_yaml(parse_recipe(job(quasi_identifiers=["sex"])).recipe)


def test_booleans_missing_cells_and_no_rows_at_all(people: pd.DataFrame) -> None:
    names = ["member", "note", "since"]
    model = sk.fit(people, protect={"quasi_identifiers": names, "k": 3})
    assert model.sample(0).empty
    assert len(model.sample(50, given={"member": True, "note": None}, seed=1)) == 50


def test_a_balance_beside_what_is_given_counts_together(model: sk.FittedModel) -> None:
    shares = {"town": {"Graz": 0.5, "Wien": 0.5}}
    with pytest.raises(SchemaError, match="no combination of sex, town, age"):
        model.sample(20, balance=shares, given={"sex": None})
    assert len(model.sample(20, balance={"town": {"Wien": 1}}, given={"sex": "f"})) == 20


def test_a_slip_beside_a_quasi_identifier_is_told_as_what_it_is(model: sk.FittedModel) -> None:
    with pytest.raises(SchemaError, match="there is no column 'twon'"):
        model.sample(5, given={"sex": "f", "twon": "Wien"})


def test_impute_fills_rows_whatever_their_combination(
    table: pd.DataFrame, model: sk.FittedModel
) -> None:
    ried = table.tail(1).assign(sex=None)
    assert model.impute(ried, seed=1)["sex"].notna().all()
