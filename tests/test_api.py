"""DataFrames in, DataFrames out: dtypes, conditions, gaps, persistence, audits."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import synthkit as sk
from synthkit.errors import (
    ConstraintError,
    ModelError,
    RecipeError,
    SchemaError,
    SourceError,
    SynthkitError,
)


@pytest.fixture(scope="module")
def model(people: pd.DataFrame) -> sk.FittedModel:
    return sk.fit(people, seed=7)


def test_samples_have_the_tables_columns_order_and_dtypes(
    model: sk.FittedModel, people: pd.DataFrame
) -> None:
    rows = model.sample(100)
    assert list(rows.columns) == list(people.columns)
    assert rows.dtypes.to_dict() == people.dtypes.to_dict()
    assert (rows["height"].round(1) == rows["height"]).all()


def test_calls_go_on_in_the_stream_and_a_seed_repeats(model: sk.FittedModel) -> None:
    assert not model.sample(50).equals(model.sample(50))
    pd.testing.assert_frame_equal(model.sample(50, seed=1), model.sample(50, seed=1))


def test_given_values_hold_in_every_row_and_move_the_rest(model: sk.FittedModel) -> None:
    high = model.sample(400, given={"income": "high"}, seed=1)
    low = model.sample(400, given={"income": "low"}, seed=1)
    assert set(high["income"]) == {"high"}
    assert high["age"].mean() > low["age"].mean() + 5


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"wage": 1}, "no column 'wage'"),
        ({"income": "huge"}, "income"),
        ({"id": "C-1"}, "id"),
        ({"age": "old"}, "age"),
    ],
)
def test_impossible_conditions_are_clear_errors(
    model: sk.FittedModel, given: dict[str, object], message: str
) -> None:
    with pytest.raises(SchemaError, match=message):
        model.sample(5, given=given)


@pytest.fixture(scope="module")
def ruled(people: pd.DataFrame) -> sk.FittedModel:
    """A model with a rule between columns, and one over all rows."""
    rules = [
        {"kind": "inequality", "low": "visits", "high": "age"},
        {"kind": "unique", "columns": ["city", "age"]},
    ]
    table = people[["visits", "age", "city", "note"]]
    return sk.fit(table, seed=7, schema={"constraints": rules})


def test_given_values_that_break_a_constraint_cost_little(ruled: sk.FittedModel) -> None:
    given = {"visits": 8, "age": 20}
    assert set(ruled.sample(1, given=given)["age"]) == {20}
    table = pd.DataFrame({"low": np.arange(400) % 40, "high": np.arange(400) % 40 + 20})
    model = sk.fit(
        table, schema={"constraints": [{"kind": "inequality", "low": "low", "high": "high"}]}
    )
    with pytest.raises(ConstraintError) as caught:
        model.sample(200_000, given={"low": 38, "high": 22})
    said = str(caught.value)
    drawn = int(re.search(r"only 0 of ([\d,]+) drawn", said)[1].replace(",", ""))
    assert drawn < 10_000
    assert "200,000 rows with the given 'low' and 'high'" in said
    assert "38" not in said


def test_unique_rows_are_unique_over_all_rounds(ruled: sk.FittedModel) -> None:
    rows = ruled.sample(150, seed=1)
    assert len(rows) == 150
    assert not rows.duplicated(["city", "age"]).any()


def test_no_rows_on_request(model: sk.FittedModel, people: pd.DataFrame) -> None:
    assert list(model.sample(0).columns) == list(people.columns)
    assert len(model.sample(0)) == 0


def test_imputation_fills_the_gaps_and_nothing_else(
    model: sk.FittedModel, people: pd.DataFrame
) -> None:
    holes = people.head(60).copy()
    holes.loc[:19, "income"] = None
    holes.loc[20:29, "height"] = np.nan
    filled = model.impute(holes, seed=1)
    assert filled[["income", "height", "city"]].notna().all().all()
    known = holes["income"].notna()
    assert (filled.loc[known, "income"] == holes.loc[known, "income"]).all()
    assert (filled["age"] == holes["age"]).all()
    assert filled.index.equals(holes.index)


def test_unusual_rows_have_low_likelihood(model: sk.FittedModel, people: pd.DataFrame) -> None:
    odd = people.sample(frac=1.0, random_state=0)
    odd["income"] = np.where(people["income"] == "high", "low", "high")
    assert model.log_prob(people).mean() > model.log_prob(odd.sort_index()).mean()


def test_a_saved_model_samples_the_same_bytes(model: sk.FittedModel, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    loaded = sk.load(tmp_path / "m")
    pd.testing.assert_frame_equal(loaded.sample(80, seed=5), model.sample(80, seed=5))
    assert {p.name for p in (tmp_path / "m").iterdir()} == {"model.json", "arrays.safetensors"}


@pytest.mark.parametrize(
    "damage", ["truncate", "foreign", "other program", "old format", "other arrays", "no meta"]
)
def test_damaged_and_foreign_models_are_clear_errors(
    model: sk.FittedModel, tmp_path: Path, damage: str
) -> None:
    folder = tmp_path / "m"
    model.save(folder)
    meta = json.loads((folder / "model.json").read_text())
    if damage == "truncate":
        content = (folder / "arrays.safetensors").read_bytes()
        (folder / "arrays.safetensors").write_bytes(content[: len(content) // 2])
    elif damage == "foreign":
        (folder / "arrays.safetensors").write_bytes(b"PK\x03\x04 a pickle or a zip")
    elif damage == "no meta":
        (folder / "model.json").unlink()
    else:
        change = {
            "other program": {"program": "other"},
            "old format": {"format": 0},
            "other arrays": {"sha256": "0" * 64},
        }[damage]
        (folder / "model.json").write_text(json.dumps({**meta, **change}))
    with pytest.raises(ModelError) as caught:
        sk.load(folder)
    assert str(folder) in str(caught.value)


def test_a_categorical_dtype_comes_out_as_it_went_in(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": pd.Categorical(
                rng.choice(["large", "small"], 300), ["small", "medium", "large"], ordered=True
            ),
            "city": pd.Categorical(rng.choice(["Wien", "Graz"], 300), ["Wien", "Linz", "Graz"]),
            "code": pd.Categorical(rng.choice([3, 1], 300), [3, 2, 1]),
        }
    )
    frame["rare"] = frame["city"].cat.set_categories(["Wien", "Linz", "Graz", "Canary"])
    frame.loc[0, "rare"] = "Canary"
    model = sk.fit(frame, seed=1)
    model.save(tmp_path / "m")
    for rows in (model.sample(80), sk.load(tmp_path / "m").sample(80)):
        assert rows.dtypes.drop("rare").to_dict() == frame.dtypes.drop("rare").to_dict()
        assert rows["rare"].dtype == pd.CategoricalDtype(["Wien", "Graz"])
    stored = [path.read_bytes() for path in (tmp_path / "m").iterdir()]
    assert not any(b"Canary" in content for content in stored)
    assert b"medium" not in (tmp_path / "m" / "model.json").read_bytes()


def test_model_metadata_holds_no_value(model: sk.FittedModel, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    meta = (tmp_path / "m" / "model.json").read_text()
    for value in ("Graz", "Linz", "C-1", "high"):
        assert f'"{value}' not in meta


def test_wrong_options_are_named(people: pd.DataFrame) -> None:
    with pytest.raises(RecipeError, match="no_such_option"):
        sk.fit(people, options={"no_such_option": 1})
    with pytest.raises(RecipeError, match="targt"):
        sk.fit(people, schema={"targt": "income"})


def test_audit_catches_a_copy_and_clears_fresh_rows(people: pd.DataFrame) -> None:
    rng = np.random.default_rng(0)
    big = pd.concat([people] * 6, ignore_index=True)
    big["height"] = np.round(rng.normal(170, 9, len(big)), 3)
    big["age"] = rng.integers(18, 80, len(big))
    real, holdout, fresh = big[:800], big[800:1600], big[1600:2400]
    copied = sk.audit(real, real, holdout=holdout, target="income")
    assert copied.verdict.word == "failed"
    clear = sk.audit(real, fresh, holdout=holdout, target="income")
    assert clear.verdict.word == "passed", clear.verdict.reasons
    blind = sk.audit(real, fresh)
    assert blind.verdict.word == "not_assessed"


def test_audit_of_other_columns_is_refused(people: pd.DataFrame) -> None:
    with pytest.raises(SchemaError, match="age"):
        sk.audit(people, people.drop(columns="age"))


def test_a_holdout_that_holds_the_training_rows_is_refused(people: pd.DataFrame) -> None:
    train, holdout = people.head(200), people.tail(200)
    with pytest.raises(SchemaError, match="200 of 200 holdout rows are training rows"):
        sk.audit(train, train, holdout=train)
    mixed = pd.concat([holdout, train.head(50)])
    with pytest.raises(SchemaError, match="50 of 250 holdout rows"):
        sk.audit(train, train, holdout=mixed)
    coarse = people[["city", "member"]]
    assert sk.audit(coarse.head(200), coarse.tail(200), holdout=coarse.tail(200)).checks


def test_shuffled_columns_fail_fidelity(people: pd.DataFrame) -> None:
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"a": rng.normal(size=3000)})
    for name in "bcdef":
        table[name] = table["a"] + rng.normal(0, 0.05, len(table))
    real, holdout, fresh = table[:1000], table[1000:2000], table[2000:]
    shuffled = fresh.apply(lambda column: rng.permutation(column))
    verdict = sk.audit(real, shuffled, holdout=holdout).verdict
    assert verdict.word == "failed"
    assert any("c2st" in reason for reason in verdict.reasons)


@pytest.mark.parametrize("data", [None, [[1, "canary"]], np.array([["canary"]])])
def test_other_types_are_refused_without_their_content(data: object) -> None:
    with pytest.raises(SourceError, match="DataFrame") as caught:
        sk.fit(data)
    assert "canary" not in str(caught.value)


def test_negative_numbers_of_rows_and_unknown_checks_are_named(model: sk.FittedModel) -> None:
    with pytest.raises(SynthkitError, match="cannot make -1 rows"):
        model.sample(-1)
