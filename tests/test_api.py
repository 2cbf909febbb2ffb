"""DataFrames in, DataFrames out: dtypes, conditions, gaps, persistence, audits."""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from collections.abc import Callable
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
from synthkit.progress import Notice
from synthkit.report.html import render


@pytest.fixture(scope="module")
def model(people: pd.DataFrame) -> sk.FittedModel:
    return sk.fit(people, seed=7)


def test_a_model_says_what_it_is(model: sk.FittedModel) -> None:
    assert repr(model) == "<FittedModel of 9 columns, backend trees>"


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


def test_given_values_that_no_row_has_together_are_told() -> None:
    rng = np.random.default_rng(0)
    line = rng.choice(["fast", "slow", "none"], 1000)
    backup = np.where(line == "none", "no line", rng.choice(["yes", "no"], 1000))
    model = sk.fit(
        pd.DataFrame({"line": line, "backup": backup, "age": rng.integers(20, 60, 1000)})
    )
    with pytest.warns(UserWarning, match="given for 'backup' and 'line' are in no training row"):
        rows = model.sample(5, given={"line": "none", "backup": "yes"})
    assert set(rows["backup"]) == {"yes"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.sample(5, given={"line": "none", "backup": "no line"})
        model.sample(5, given={"line": "fast", "age": 30})


@pytest.fixture(scope="module")
def european() -> sk.FittedModel:
    """A model of numbers that are spelled with a decimal comma, a currency or a unit."""
    rng = np.random.default_rng(0)
    prices = rng.integers(500, 9900, 300)
    frame = pd.DataFrame(
        {
            "price": [f"{price // 100},{price % 100:02d}" for price in prices],
            "paid": [f"${price:,}.00" for price in prices],
            "share": [f"{share}%" for share in rng.integers(0, 101, 300)],
        }
    )
    return sk.fit(frame, seed=1, options={"trees": 5})


@pytest.mark.parametrize(
    ("column", "given", "cell"),
    [
        ("price", "12,50", "12,50"),
        ("price", "12.5", "12,50"),
        ("price", 12.5, "12,50"),
        ("paid", "$1,200.00", "$1,200.00"),
        ("paid", "1200", "$1,200.00"),
        ("share", "50%", "50%"),
    ],
)
def test_a_value_may_be_given_as_the_column_spells_it(
    european: sk.FittedModel, column: str, given: object, cell: str
) -> None:
    assert european.sample(20, given={column: given})[column].tolist() == [cell] * 20


@pytest.mark.parametrize(
    ("column", "given", "words"),
    [
        ("price", "12;50", "spelled 1234.5 or as the column is, 0,00"),
        ("paid", "€1200", r"spelled 1234 or as the column is, \$#,##0.00"),
        ("price", "12,505", "at most 2 decimals"),
    ],
)
def test_a_refused_value_says_which_spelling_works(
    european: sk.FittedModel, column: str, given: str, words: str
) -> None:
    with pytest.raises(SchemaError, match=words) as caught:
        european.sample(5, given={column: given})
    assert given not in str(caught.value)


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


def test_a_recipe_for_rows_in_memory_needs_no_source(people: pd.DataFrame, tmp_path: Path) -> None:
    job = {"version": 1, "privacy": {"on_fail": "warn"}}
    run = sk.generate({**job, "output": {"path": tmp_path / "a"}}, data=people)
    assert len(run.synthetic) == len(people) / 2  # half is held out
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(f"version: 1\nsource: {{holdout: 0}}\noutput: {{path: {tmp_path / 'b'}}}\n")
    run = sk.generate(recipe, overrides=["privacy.on_fail=warn"], data=people)
    assert len(run.synthetic) == len(people)
    with pytest.raises(RecipeError, match="source"):
        sk.generate({**job, "output": {"path": tmp_path / "c"}})


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


RULES = [
    {"kind": "sum", "total": "tall", "parts": ["height", "visits"]},
    {"kind": "dependency", "from": "city", "to": "state"},
    {"kind": "inequality", "low": "age", "high": "limit"},
]


@pytest.fixture(scope="module")
def related(people: pd.DataFrame) -> pd.DataFrame:
    return people.assign(
        tall=(people["height"] + people["visits"]).round(1),
        state=people["city"].map({"Graz": "S", "Linz": "O", "Wien": "O"}),
        limit=people["age"] + np.arange(len(people)) % 7,
    )


@pytest.fixture(scope="module")
def computing(related: pd.DataFrame) -> sk.FittedModel:
    return sk.fit(related, seed=7, schema={"constraints": RULES})


def keeps_the_rules(rows: pd.DataFrame) -> bool:
    return bool(
        ((rows["tall"] - rows["height"] - rows["visits"]).abs().fillna(0) < 0.05).all()
        and (rows.groupby("city")["state"].nunique() <= 1).all()
        and not (rows["age"] > rows["limit"]).any()
    )


def test_given_cells_move_what_is_computed_from_them(computing: sk.FittedModel) -> None:
    rows = computing.sample(50, {"height": 171.3, "city": "Wien"}, seed=1)
    assert (rows["height"] == 171.3).all()
    assert keeps_the_rules(rows)
    assert set(rows["state"]) == {"O"}
    with pytest.raises(SchemaError, match="computed from 'height', 'visits'"):
        computing.sample(5, {"tall": 180.0})


def test_imputation_keeps_the_rules(computing: sk.FittedModel, related: pd.DataFrame) -> None:
    holes = related.copy()
    for i, name in enumerate(["tall", "height", "visits", "city", "state", "age", "limit"]):
        holes[name] = holes[name].astype(object)
        holes.loc[i * 30 : i * 30 + 29, name] = None
    holes.loc[300:329, ["city", "state"]] = None
    holes.loc[330:359, ["tall", "visits"]] = None
    holes = holes.astype({"tall": float, "height": float, "visits": "Int64", "age": "Int64"})
    holes = holes.astype({"limit": "Int64"})
    filled = computing.impute(holes, seed=1)
    assert keeps_the_rules(filled)
    columns = ["tall", "height", "visits", "city", "state", "age", "limit"]
    assert filled[columns].notna().all().all()
    solved = filled.loc[30:89, ["height", "visits"]]
    assert solved.astype(float).round(1).equals(related.loc[30:89, ["height", "visits"]] * 1.0)


def test_several_missing_parts_add_up_to_a_present_total(
    computing: sk.FittedModel, related: pd.DataFrame
) -> None:
    usual = related[related["height"].between(160, 180)].head(60).reset_index(drop=True)
    holes = usual.astype({"visits": float})
    holes.loc[:29, ["height", "visits"]] = np.nan
    holes.loc[:29, "income"] = None
    filled = computing.impute(holes, seed=1)
    assert filled.notna().all().drop("note").all()
    assert (filled["tall"] == usual["tall"]).all()
    assert keeps_the_rules(filled)
    assert filled.loc[:29, "visits"].nunique() > 2


def test_parts_of_an_impossible_total_stay_missing(
    computing: sk.FittedModel, related: pd.DataFrame
) -> None:
    holes = related.astype({"visits": "Int64"})
    holes.loc[0, ["height", "visits"]] = None
    holes.loc[0, "tall"] = 9999.0
    holes.loc[0, "income"] = None
    with pytest.warns(UserWarning, match="1 of 400 cells stay missing"):
        filled = computing.impute(holes, seed=1)
    assert filled.loc[0, ["height", "visits"]].isna().all()
    assert filled.loc[0, "income"] in {"high", "low"}


def test_unusual_rows_have_low_likelihood(model: sk.FittedModel, people: pd.DataFrame) -> None:
    odd = people.sample(frac=1.0, random_state=0)
    odd["income"] = np.where(people["income"] == "high", "low", "high")
    usual, unusual = model.log_prob(people), model.log_prob(odd.sort_index())
    reached = np.isfinite(usual)  # a number that was hidden as an extreme is never made
    assert reached.mean() > 0.8
    assert usual[reached].mean() > unusual[reached].mean()


def test_a_saved_model_samples_the_same_bytes(model: sk.FittedModel, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    loaded = sk.load(tmp_path / "m")
    pd.testing.assert_frame_equal(loaded.sample(80, seed=5), model.sample(80, seed=5))
    assert {p.name for p in (tmp_path / "m").iterdir()} == {"model.json", "arrays.safetensors"}


@pytest.mark.parametrize(
    "damage",
    ["truncate", "foreign", "other program", "old format", "other arrays", "no meta", "field"],
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
    elif damage == "field":
        meta["layout"][1]["name"] = "other"
        (folder / "model.json").write_text(json.dumps(meta))
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


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("m/model.json", "this is a file"),
        ("m/model.json/model", "there is no such folder"),
        ("n", "there is no such folder"),
        ("", "this folder holds no model"),
    ],
)
def test_a_model_is_a_folder(model: sk.FittedModel, tmp_path: Path, place: str, words: str) -> None:
    model.save(tmp_path / "m")
    expected = r"expected a folder with model\.json and arrays\.safetensors\. Name the folder that"
    with pytest.raises(ModelError, match=f"{words}; {expected}"):
        sk.load(tmp_path / place)


def test_a_model_of_somebody_else_says_so(
    model: sk.FittedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.save(tmp_path / "m")

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ModelError, match="you may not read this model"):
        sk.load(tmp_path / "m")


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


def test_an_audit_refuses_a_quasi_identifier_that_is_no_column(people: pd.DataFrame) -> None:
    with pytest.raises(SynthkitError, match=r"quasi_identifiers: .*'aeg'.* Did you mean 'age'"):
        sk.audit(people.head(200), people.tail(200), quasi_identifiers=["city", "aeg"])


def test_audit_catches_a_copy_and_clears_fresh_rows(people: pd.DataFrame) -> None:
    rng = np.random.default_rng(0)
    big = pd.concat([people] * 6, ignore_index=True)
    big["height"] = np.round(rng.normal(170, 9, len(big)), 3)
    big["age"] = rng.integers(18, 80, len(big))
    real, holdout, fresh = big[:800], big[800:1600], big[1600:2400]
    copied = sk.audit(real, real, holdout=holdout, target="income", controls=0)
    assert copied.verdict.word == "failed"
    clear = sk.audit(real, fresh, holdout=holdout, target="income", controls=2)
    assert clear.verdict.word == "passed", clear.verdict.reasons
    blind = sk.audit(real, fresh)
    assert blind.verdict.word == "not_assessed"


def wider(people: pd.DataFrame) -> pd.DataFrame:
    """2,400 rows, all different."""
    rng = np.random.default_rng(0)
    big = pd.concat([people] * 6, ignore_index=True)
    return big.assign(id=[f"C-{i}" for i in range(len(big))], height=rng.normal(170, 9, len(big)))


@pytest.mark.parametrize("shared", [4, 15, 300])
def test_a_holdout_with_training_rows_is_refused(people: pd.DataFrame, shared: int) -> None:
    big = wider(people)
    real, held = big[:800], pd.concat([big[:shared], big[800 + shared : 1600]])
    with pytest.raises(
        SchemaError, match=rf"the holdout: {shared} of 800 holdout rows are training"
    ):
        sk.audit(real, big[1600:], holdout=held, controls=0)


def test_a_few_holdout_rows_that_are_training_rows_are_left_out_and_hide_no_copy(
    people: pd.DataFrame,
) -> None:
    big, said = wider(people), []
    real, held = big[:800], pd.concat([big[:3], big[803:1600]])
    made = pd.concat([big[:8], big[1608:]])
    report = sk.audit(real, made, holdout=held, controls=0, listener=said.append)
    notices = [event.message for event in said if isinstance(event, Notice)]
    assert "3 holdout rows equal to a training row left out: the generator saw them" in notices
    assert (report.facts["rows_holdout"], report.facts["rows_shared"]) == (797, 0)
    assert report.facts["rows_left_out"] == 3
    assert report["exact_copies.unique"].status == "failed"
    assert report["exact_copies.unique"].detail["seen_training"] == 8


def test_a_report_is_saved_as_the_command_saves_it(people: pd.DataFrame, tmp_path: Path) -> None:
    big = wider(people)
    report = sk.audit(big[:800], big[:800], holdout=big[800:1600], controls=0)
    sk.save_report(report, tmp_path / "audit")
    shared = json.loads((tmp_path / "audit" / "report.json").read_text())
    internal = json.loads((tmp_path / "audit" / "internal" / "report.json").read_text())
    listings = [sum(len(c["listing"]) for c in told["checks"]) for told in (shared, internal)]
    assert listings[0] == 0 < listings[1]
    with pytest.raises(SynthkitError, match=r"report: .*what synthkit\.audit gives"):
        sk.save_report(shared, tmp_path)  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", [None, "x"])
def test_of_people_who_are_all_alike_nothing_is_said(cell: str | None) -> None:
    frame = pd.DataFrame({"a": [cell] * 600, "b": [cell] * 600})
    report = sk.audit(frame, frame, holdout=frame, controls=0)
    assert report.verdict.word == "not_assessed"
    assert str(report.privacy).startswith("not_assessed(all real rows are the same")


def test_cells_that_cannot_be_read_hide_no_copy(people: pd.DataFrame) -> None:
    big = wider(people)
    real, held, made = big[:800], big[800:1600], big[1600:].astype({"age": object})
    made.iloc[:8, 1] = [f"EUR {age}" for age in made["age"][:8]]
    for policy, word in (("internal", "failed"), ("release", "failed")):
        report = sk.audit(real, made, holdout=held, controls=0, policy=policy)
        assert report.verdict.word == word
        assert report["validity.cells"].status == "failed"
    made["age"] = [f"EUR {age}" for age in big["age"][1600:]]
    with pytest.raises(SchemaError, match="age of the synthetic table: 800 of 800 cells") as caught:
        sk.audit(real, made, holdout=held, controls=0)
    assert "EUR" not in str(caught.value)


def test_an_audit_says_of_what_it_is(people: pd.DataFrame, tmp_path: Path) -> None:
    big = wider(people)
    paths = {name: tmp_path / f"{name}.csv" for name in ("real", "synthetic")}
    big[:800].to_csv(paths["real"], index=False)
    big[800:1600].to_csv(paths["synthetic"], index=False)
    report = sk.audit(
        paths["real"], paths["synthetic"], controls=0, quasi_identifiers=["age", "city"]
    )
    digest = hashlib.sha256(paths["real"].read_bytes()).hexdigest()
    assert report.facts["files"]["real"] == f"real.csv, SHA-256 {digest}"
    assert list(report.facts["files"]) == ["real", "synthetic"]
    assert report.facts["known"] == ["age", "city"]
    assert report.facts["synthkit"] == sk.__version__
    page = render(report.shareable())
    assert digest in page
    assert "why this limit" in page.lower()


@pytest.mark.parametrize("role", ["holdout", "synthetic"])
def test_numbers_beside_text_of_the_same_name_are_refused(people: pd.DataFrame, role: str) -> None:
    big = wider(people)
    tables = {"real": big[:800], "holdout": big[800:1600], "synthetic": big[1600:]}
    worded = {
        name: t.assign(visits=t["visits"].map("{} visits".format)) for name, t in tables.items()
    }
    where = "the holdout" if role == "holdout" else "the synthetic table"
    with pytest.raises(
        SchemaError, match=f"{where}: column 'visits' holds numbers, and text in the"
    ):
        sk.audit(**{**worded, role: tables[role]}, controls=0)


def test_audit_of_other_columns_is_refused(people: pd.DataFrame) -> None:
    with pytest.raises(SchemaError, match=r"synthetic table: .* 1 missing \(age\); expected its 9"):
        sk.audit(people, people.drop(columns="age"))
    with pytest.raises(SchemaError, match=r"holdout: .*'incme' is perhaps meant as 'income'"):
        sk.audit(people, people, holdout=people.rename(columns={"income": "incme"}))
    other = pd.DataFrame({f"Other{i}": [1, 2] for i in range(40)})
    with pytest.raises(SchemaError) as caught:
        sk.audit(people, other)
    assert "9 missing (id, age, city and 6 more)" in str(caught.value)
    assert "40 unknown (Other0, Other1, Other2 and 37 more)" in str(caught.value)
    assert len(str(caught.value)) < 250


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
    verdict = sk.audit(real, shuffled, holdout=holdout, controls=0).verdict
    assert verdict.word == "failed"
    assert any("c2st" in reason for reason in verdict.reasons)


@pytest.mark.parametrize("data", [None, [[1, "canary"]], np.array([["canary"]])])
def test_other_types_are_refused_without_their_content(data: object) -> None:
    with pytest.raises(SynthkitError, match="DataFrame") as caught:
        sk.fit(data)
    assert "canary" not in str(caught.value)


FRAME = pd.DataFrame({"canary": ["Zanzibar", "b"]})
JOB = {"version": 1, "source": {"path": "a.csv"}, "output": {"path": "out"}}

# (the call on a model; the argument that the message names; what it expects)
ODD_ARGUMENTS = [
    (lambda m: m.sample(-1), "n", "is -1; expected a whole number of at least 0"),
    (lambda m: m.sample(1.5), "n", "float; expected a whole number"),
    (lambda m: m.sample("5"), "n", "str; expected a whole number"),
    (lambda m: m.sample(None), "n", "None; expected a whole number"),
    (lambda m: m.sample(True), "n", "bool; expected a whole number"),
    (lambda m: m.sample(1, given=FRAME), "given", "DataFrame; expected a mapping such as"),
    (lambda m: m.sample(1, given=["age"]), "given", "list; expected a mapping"),
    (lambda m: m.sample(1, given={3: 1}), "given", "expected a mapping"),
    (lambda m: m.sample(1, given={"city": ["Zanzibar"]}), "given['city']", "a single value"),
    (lambda m: m.sample(1, given={"city": FRAME["canary"]}), "given['city']", "a single value"),
    (lambda m: m.sample(1, seed=-1), "seed", "is -1; expected a whole number"),
    (lambda m: m.sample(1, seed=1.5), "seed", "float; expected a whole number"),
    (lambda m: m.impute(None), "frame", "None; expected a DataFrame"),
    (lambda m: m.impute("Zanzibar"), "frame", "str; expected a DataFrame"),
    (lambda m: m.impute(m.sample(3), seed="x"), "seed", "str; expected a whole number"),
    (lambda m: m.log_prob([["Zanzibar"]]), "frame", "list; expected a DataFrame"),
    (lambda m: m.save(None), "folder", "None; expected a path"),
    (lambda m: sk.load(None), "folder", "None; expected a path"),
    (lambda m: sk.load("a\0"), "folder", "NUL"),
    (lambda m: sk.load("a", seed=-1), "seed", "is -1"),
    (lambda m: sk.fit([1]), "data", "list; expected a DataFrame or a file's path"),
    (lambda m: sk.fit("a\0"), "data", "NUL"),
    (lambda m: sk.fit(FRAME, seed=-1), "seed", "is -1"),
    (lambda m: sk.fit(FRAME, seed=None), "seed", "None; expected a whole number"),
    (lambda m: sk.fit(FRAME, backend=3), "backend", "int; expected a backend's name"),
    (lambda m: sk.fit(FRAME, schema="canary"), "schema", "str; expected a mapping"),
    (lambda m: sk.fit(FRAME, protect=3), "protect", "int; expected a mapping"),
    (lambda m: sk.fit(FRAME, options=[1]), "options", "list; expected a mapping"),
    (lambda m: sk.fit(FRAME, budget_s="60s"), "budget_s", "str; expected a number of seconds"),
    (lambda m: sk.fit(FRAME, budget_s=0), "budget_s", "is 0; expected a number of seconds above 0"),
    (lambda m: sk.fit(FRAME, listener=3), "listener", "int; expected a function"),
    (lambda m: sk.audit(None, FRAME), "real", "None; expected a DataFrame or a file's path"),
    (lambda m: sk.audit(FRAME, FRAME, holdout=3), "holdout", "int; expected a DataFrame"),
    (lambda m: sk.audit(FRAME, FRAME, sensitive=3), "sensitive", "int; expected a list of text"),
    (lambda m: sk.audit(FRAME, FRAME, sensitive=[3]), "sensitive", "expected a list of text"),
    (lambda m: sk.audit(FRAME, FRAME, target=["a"]), "target", "is a list; expected text"),
    (lambda m: sk.audit(FRAME, FRAME, policy=None), "policy", "None; expected a policy's name"),
    (lambda m: sk.audit(FRAME, FRAME, seed=-1), "seed", "is -1"),
    (lambda m: sk.audit(FRAME, FRAME, fidelity={"c2st": 0.7}), "fidelity.c2st", "a number"),
    (lambda m: sk.audit(FRAME, FRAME, fidelity={"c2ts": {"max": 1}}), "fidelity.c2ts", "'c2st'"),
    (
        lambda m: sk.audit(FRAME, FRAME, fidelity={"c2st": {"max": 2}}),
        "fidelity.c2st.max",
        "from 0 to 1",
    ),
    (lambda m: sk.audit(FRAME, FRAME, fidelity={"c2st": {"mx": 1}}), "fidelity.c2st.mx", "'max'"),
    (lambda m: sk.audit(FRAME, FRAME, fidelity=0.7), "fidelity", "float; expected a mapping"),
    (lambda m: sk.generate(None), "recipe", "None; expected a file, a bundled recipe's name"),
    (lambda m: sk.generate([JOB]), "recipe", "list; expected a file"),
    (lambda m: sk.generate(JOB, overrides=[3]), "overrides", "expected a list of text"),
    (lambda m: sk.generate(JOB, overrides="sede=3"), "sede", "there is no such key"),
    (lambda m: sk.generate(JOB, data="a.csv"), "data", "str; expected a DataFrame"),
    (lambda m: sk.generate({**JOB, "source": FRAME}), "source", "DataFrame; expected a mapping"),
    (lambda m: sk.generate({**JOB, "seed": {1}}), "seed", "set; expected a whole number"),
    (lambda m: sk.generate({**JOB, "output": {"path": 3}}), "output.path", "a number"),
]


@pytest.mark.parametrize(("call", "where", "words"), ODD_ARGUMENTS)
def test_an_odd_argument_is_one_clear_error(
    model: sk.FittedModel, call: Callable[[sk.FittedModel], object], where: str, words: str
) -> None:
    with pytest.raises(SynthkitError) as caught:
        call(model)
    message = str(caught.value)
    assert f"{where}: " in message
    assert words in message
    assert message.count("\n") == 0
    assert "Zanzibar" not in message


def test_numbers_of_other_libraries_missing_cells_and_paths_are_welcome(
    model: sk.FittedModel, people: pd.DataFrame, tmp_path: Path
) -> None:
    assert len(model.sample(np.int64(3), seed=np.uint8(4))) == 3
    for missing in (None, np.nan, pd.NA):
        assert model.sample(20, given={"note": missing})["note"].isna().all()
    people.to_csv(tmp_path / "people.csv", index=False)
    job = {"version": 1, "source": {"path": tmp_path / "x.csv"}, "output": {"path": tmp_path}}
    with pytest.raises(SourceError, match=r"x\.csv: there is no such file"):
        sk.generate({**job, "output": {"path": tmp_path / "out"}})


def test_a_single_text_is_one_sensitive_column_and_thresholds_are_judged(
    people: pd.DataFrame,
) -> None:
    report = sk.audit(
        people.head(200),
        people.tail(200),
        sensitive="city",
        fidelity={"shapes": {"max": 0.0}, "pairs": {"max": 1.0}},
    )
    assert report.facts["sensitive"] == ["city"]
    assert report["shapes"].threshold == {"max": 0.0}
    assert report["shapes"].status == "failed"
    assert report["pairs"].status == "passed"


def test_a_printed_report_is_short_and_says_every_number(people: pd.DataFrame) -> None:
    report = sk.audit(people.head(200), people.tail(200))
    lines = str(report).splitlines()
    assert lines[0] == f"{report.verdict.word} under the policy 'internal'"
    assert lines[1] == f"privacy: {report.privacy}"
    assert len(lines) == 3 + len(report.verdict.reasons) + len(report.checks)
    assert max(map(len, lines[-len(report.checks) :])) < 100
    line = next(line for line in lines if line.startswith("shapes "))
    assert f"{report['shapes'].value:.3g}" in line
    low, high = report["validity.cells"].ci or (0.0, 0.0)
    assert any(f"  {low:.3g} to {high:.3g}  " in line for line in lines)
    assert line.endswith("measured")
    assert len(repr(report)) < 100


@pytest.mark.parametrize("dtype", ["uint64", "UInt64", "uint64[pyarrow]"])
@pytest.mark.parametrize("repeats", [0, 10])
def test_numbers_beyond_a_signed_64_bit_one_keep_their_dtype(dtype: str, repeats: int) -> None:
    rng = np.random.default_rng(0)
    large = rng.integers(2**63, 2**64 - 1, 300 - repeats, dtype="uint64")
    cells = pd.Series([*large, *large[:repeats]], dtype="uint64").astype(dtype)
    made = sk.fit(pd.DataFrame({"a": cells, "b": rng.random(300)})).sample(300)["a"]
    assert made.dtype == cells.dtype
    assert made.astype(object).map(int).max() >= 2**63
    assert not made.isin(cells).any()


def test_a_sample_beyond_its_identifiers_says_so() -> None:
    rng = np.random.default_rng(0)
    ids = rng.permutation(np.arange(1, 101)).astype("int8")
    model = sk.fit(pd.DataFrame({"id": ids, "b": rng.random(100)}))
    assert model.sample(127)["id"].is_unique
    with pytest.warns(UserWarning, match="column id: identifiers repeat: .* 127 different rows"):
        assert model.sample(128)["id"].nunique() == 127
