"""People with several rows: one side of a split, one voice in an audit, and no pass before it is known who is who."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import synthkit as sk
from synthkit.checks.base import Evidence
from synthkit.columns import detect, to_typed
from synthkit.errors import SynthkitError
from synthkit.people import protecting_people
from synthkit.progress import Notice
from synthkit.recipe import ProtectSpec, SchemaSpec
from synthkit.report.html import render
from synthkit.schema import EACH_ROW, Column, Schema


def transactions(people: int, seed: int, start: int = 0) -> pd.DataFrame:
    """Six rows each, with a key, an account, and things that belong to the person."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), 6)
    numbers = 10_000_000 + start + rng.permutation(500_000)[:people]
    frame = pd.DataFrame(
        {
            "customer_id": numbers[who],
            "iban": np.array([f"DE21 3704 0044 {n}" for n in numbers], object)[who],
            "born": rng.integers(1940, 2005, people)[who],
            "city": rng.choice(["Graz", "Linz", "Wels", "Steyr"], people)[who],
            "amount": rng.lognormal(3, 1, len(who)).round(2),
            "sort": rng.choice(["rent", "food", "fun"], len(who)),
        }
    )
    return frame.sample(frac=1.0, random_state=seed).reset_index(drop=True)


@pytest.fixture(scope="module")
def tables() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Training rows, rows of other people, and honest synthetic rows."""
    return (
        transactions(300, 0),
        transactions(300, 1, 1_000_000),
        transactions(300, 2, 2_000_000),
    )


def test_no_audit_passes_before_it_is_known_who_is_who(tables: tuple) -> None:
    real, held, made = tables
    report = sk.audit(real, made, holdout=held, controls=0)
    assert report.verdict.word == "not_assessed"
    assert "several rows have one 'customer_id'" in str(report.privacy)
    assert f"person: {EACH_ROW}" in str(report.privacy)
    assert not any(check.value is not None for check in report.family("privacy"))


def test_honest_rows_pass_once_people_are_told_apart(tables: tuple) -> None:
    real, held, made = tables
    said: list[object] = []
    report = sk.audit(
        real, made, holdout=held, person="customer_id", controls=0, listener=said.append
    )
    assert report.passed
    assert report["exact_copies"].detail["real_rows_used"] == 300
    assert report.facts["person"] == "customer_id"
    assert report.facts["people_train"] == report.facts["people_holdout"] == 300
    notices = [str(event) for event in said if isinstance(event, Notice)]
    assert any("1,800 real rows are of 300 people" in notice for notice in notices)
    page = render(report.shareable())
    assert not any(account in page for account in real["iban"].unique())


@pytest.mark.parametrize("column", ["iban", "customer_id"])
def test_a_key_that_is_handed_out_is_a_leak(tables: tuple, column: str) -> None:
    real, held, made = tables
    leaking = made.assign(**{column: real[column].to_numpy()})
    report = sk.audit(real, leaking, holdout=held, person="customer_id", controls=0)
    result = report["replay.personal"]
    assert result.status == "failed"
    assert result.detail["column"] == column
    assert result.value == 1.0
    assert not report
    page = render(report.shareable())
    assert not any(account in page for account in real["iban"].unique())


def test_a_separator_more_does_not_hide_a_key(tables: tuple) -> None:
    real, held, made = tables
    spelled = real["iban"].str.replace(" ", "-", regex=False)
    report = sk.audit(
        real, made.assign(iban=spelled), holdout=held, person="customer_id", controls=0
    )
    assert report["replay.personal"].value == 1.0


def test_a_copy_of_any_row_of_a_person_counts(tables: tuple) -> None:
    """Twelve of 1,800 rows are copied, of twelve people, of whom one row in six would be looked at."""
    real, held, made = tables
    chosen = real.drop_duplicates("customer_id").head(12)
    copied = pd.concat([chosen, made[12:]], ignore_index=True)
    report = sk.audit(real, copied, holdout=held, person="customer_id", controls=0)
    assert report["exact_copies.unique"].status == "failed"
    assert report["exact_copies.unique"].detail["seen_training"] == 12
    places = [entry["data_row"] for entry in report["exact_copies.unique"].listing]
    assert sorted(places) == [i + 1 for i in chosen.index]


def test_people_on_both_sides(tables: tuple) -> None:
    real, held, made = tables
    mixed = pd.concat([held, real[:30]], ignore_index=True)
    said: list[object] = []
    report = sk.audit(
        real, made, holdout=mixed, person="customer_id", controls=0, listener=said.append
    )
    assert report.facts["rows_left_out"] == 30
    assert any("30 of 1,830 holdout rows left out" in str(event) for event in said)
    rows = real.sample(frac=1.0, random_state=0)
    with pytest.raises(
        SynthkitError, match="are of people who are among the training rows"
    ) as error:
        sk.audit(rows[:900], made, holdout=rows[900:], person="customer_id")
    assert "Split the rows by 'customer_id'" in str(error.value)


def test_a_run_splits_by_people_and_hands_out_no_key(tables: tuple, tmp_path: Path) -> None:
    real = pd.concat(tables[:2], ignore_index=True)
    said: list[object] = []
    recipe = {
        "version": 1,
        "schema": {"person": "customer_id"},
        "generator": {"trees": 1},
        "checks": {"controls": 0},
        "privacy": {"on_fail": "warn"},
        "output": {"path": str(tmp_path / "run")},
    }
    run = sk.generate(recipe, data=real, listener=said.append)
    assert run.report.facts["person"] == "customer_id"
    assert any("3,600 rows are of 600 people" in str(event) for event in said)
    assert run.report["exact_copies"].value is not None
    for name in ("customer_id", "iban"):
        assert not run.synthetic[name].astype(str).isin(real[name].astype(str)).any()
    train = sk.generate(
        {**recipe, "schema": {}, "output": {"path": str(tmp_path / "b")}}, data=real
    )
    assert train.verdict.word == "not_assessed"


def test_people_are_counted_where_there_are_too_few(tables: tuple) -> None:
    real, held, made = tables
    few = held[held["customer_id"].isin(held["customer_id"].unique()[:100])]
    report = sk.audit(real, made, holdout=few, person="customer_id", controls=0)
    assert report.verdict.word == "not_assessed"
    assert "100 holdout rows of different people and at least 250" in str(report.privacy)


def test_a_row_without_a_key_is_of_somebody_else() -> None:
    real = transactions(100, 0)
    real.loc[:4, "customer_id"] = np.nan
    schema = detect(real, SchemaSpec(person="customer_id"))
    typed, _ = to_typed(real, schema)
    people = Evidence(typed, None, typed, schema).of_people()
    assert len(people.train) == real["customer_id"].nunique() + 5


def test_protection_counts_people() -> None:
    sizes = [6, 5, 4, 3, 2, 1, 1]
    who = np.repeat([f"c{i}" for i in range(len(sizes))], sizes).astype(object)
    columns = (Column(name="who", kind="identifier"), Column(name="x", kind="categorical"))
    frame = pd.DataFrame({"who": who, "x": "a"})
    spec = ProtectSpec(rare=5, k=3, extremes=2)
    told = protecting_people(spec, frame, Schema(columns=columns, person="who"))
    assert (told.rare, told.k, told.extremes) == (6 + 5 + 4 + 3 + 1, 6 + 5 + 1, 6 + 5)
    assert protecting_people(spec, frame, Schema(columns=columns)) == spec
    off = ProtectSpec(rare=0, extremes=0)
    told = protecting_people(off, frame, Schema(columns=columns, person="who"))
    assert (told.rare, told.extremes) == (0, 0)
    each = frame.assign(who=[f"c{i}" for i in range(len(frame))])
    assert protecting_people(spec, each, Schema(columns=columns, person="who")) == spec


def test_what_one_person_has_in_many_rows_is_not_learned_as_it_is() -> None:
    """Six rows have one birthday, which is frequent by rows and one person's."""
    real = transactions(300, 0)
    rng = np.random.default_rng(0)
    days = pd.Timestamp("1950-01-01") + pd.to_timedelta(rng.permutation(18_000)[:300], "D")
    birthday = dict(zip(real["customer_id"].unique(), days, strict=True))
    real["birthday"] = real["customer_id"].map(birthday)
    handed_out = {}
    for person in (None, "customer_id"):
        schema = {"person": person} if person else {}
        made = sk.fit(real, "trees", schema=schema, seed=0).sample(1800)
        handed_out[person] = made["birthday"].isin(real["birthday"]).mean()
    assert handed_out[None] > 0.9
    assert handed_out["customer_id"] < 0.2
