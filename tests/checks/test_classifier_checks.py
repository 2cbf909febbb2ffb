"""The classifier test and utility: known answers, and tables whose fault is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthkit.checks.base import Evidence
from synthkit.checks.fidelity.c2st import ClassifierTest
from synthkit.checks.fidelity.task import Task, macro_auc, r_squared
from synthkit.checks.fidelity.utility import Utility
from synthkit.checks.learner import SMALL, Features
from synthkit.contracts import checks as contract
from synthkit.results import CheckResult
from synthkit.run import Run
from synthkit.schema import Column, Kind, Schema


def c2st(evidence: Evidence) -> CheckResult:
    (result,) = ClassifierTest().run(evidence, Run(0))
    return result


def test_an_honest_release_cannot_be_told_apart() -> None:
    results = [c2st(contract.release(400, seed)) for seed in range(12)]
    assert np.mean([r.value for r in results]) == pytest.approx(0.5, abs=0.02)
    assert np.mean([r.reference for r in results]) == pytest.approx(0.5, abs=0.02)
    assert np.mean([r.floor for r in results]) > 0.6
    missed = [r for r in results if not r.ci[0] < 0.5 < r.ci[1]]
    assert len(missed) <= 2


def test_independent_columns_reach_the_floor() -> None:
    result = c2st(contract.independent(contract.release(800)))
    assert result.value == pytest.approx(result.floor, abs=0.07)
    assert result.value is not None
    assert result.value > 0.6


def test_the_column_that_gives_it_away_is_named() -> None:
    release = contract.release(500)
    marked = release.synthetic.copy()
    marked["income"] = marked["income"] + 0.001
    result = c2st(contract.with_synthetic(release, marked))
    assert result.value is not None
    assert result.value > 0.55
    first = result.detail["columns"][0]
    assert first["column"] == "income"


def test_one_shifted_column_gives_every_row_away() -> None:
    release = contract.release(300)
    moved = release.synthetic.copy()
    moved["income"] = moved["income"] + 1e9
    result = c2st(contract.with_synthetic(release, moved))
    assert result.value == pytest.approx(1.0)
    assert result.detail["columns"][0]["alone"] == pytest.approx(1.0, abs=0.01)
    assert "100.0%" in result.summary


def test_r_squared_by_hand() -> None:
    y = np.array([1.0, 2.0, 3.0])
    assert r_squared(np.array([1.0, 2.0, 3.0]), y)[0] == 1.0
    assert r_squared(np.full(3, 2.0), y)[0] == pytest.approx(0.0)
    assert r_squared(np.array([1.0, 2.0, 2.0]), y)[0] == pytest.approx(0.5)  # 1 - 1/2


def test_macro_auc_by_hand() -> None:
    y = np.array([0.0, 0.0, 1.0, 1.0, 2.0, 2.0])
    right = np.eye(3)[y.astype(int)]
    assert macro_auc(right, y, 3)[0] == 1.0
    # class 0 perfect; classes 1 and 2 swapped: one against the rest (1 + 0.25 + 0.25) / 3
    swapped = right[:, [0, 2, 1]]
    assert macro_auc(swapped, y, 3)[0] == pytest.approx(0.5)


def test_classes_keep_their_number_when_rare_ones_are_left_out() -> None:
    x = np.column_stack([np.repeat([5.0, 2.0, 9.0], [30, 40, 3]), np.arange(73.0)])
    features = Features(x, [0])
    task = Task.of(features, features, 0, 20)
    assert isinstance(task, Task)
    assert task.classes is not None
    assert task.classes.tolist() == [2.0, 5.0]
    rest, y = task.rows(features)
    assert rest.x.shape == (70, 1)
    assert y.tolist() == [1.0] * 30 + [0.0] * 40
    assert task.score(task.predictions(features, features, SMALL), y)[0] > 0.99


def _numeric_world(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return pd.DataFrame({"x": x, "y": 2 * x + 0.1 * rng.normal(size=n)})


def test_a_numeric_target_is_scored_by_r_squared() -> None:
    schema = Schema(
        columns=(Column(name="x", kind="real"), Column(name="y", kind="real")), target="y"
    )
    train, holdout, synthetic = (_numeric_world(600, seed) for seed in range(3))
    target, overall = Utility().run(Evidence(train, holdout, synthetic, schema), Run(0))
    assert target.value == pytest.approx(0.99, abs=0.03)
    assert target.reference == pytest.approx(0.99, abs=0.03)
    assert target.floor == 0.0
    assert overall.detail["columns"][0]["score"] == "R2"


@pytest.mark.parametrize("values", [(0, 1), (1, 2)])
@pytest.mark.parametrize("kind", ["integer", "real"])
def test_a_number_with_two_values_is_scored_like_two_classes(
    values: tuple[int, int], kind: Kind
) -> None:
    schema = Schema(
        columns=(Column(name="x", kind="real"), Column(name="y", kind=kind)), target="y"
    )
    classes = Schema(
        columns=(Column(name="x", kind="real"), Column(name="y", kind="categorical")), target="y"
    )
    dtype = "Int64" if kind == "integer" else "float64"
    tables = [_numeric_world(600, seed) for seed in range(3)]
    tables = [t.assign(y=np.where(t["y"] > 0.5, *values)).astype({"y": dtype}) for t in tables]
    labelled = [t.assign(y=t["y"].astype(int).astype(str).astype(object)) for t in tables]
    as_number = Utility().run(Evidence(*tables, schema), Run(0))
    as_classes = Utility().run(Evidence(*labelled, classes), Run(0))
    target = as_number[0]
    assert target.score == "AUC"
    assert target.floor == 0.5
    assert "(AUC)" in target.summary
    for field in ("value", "reference", "floor"):
        assert getattr(target, field) == pytest.approx(getattr(as_classes[0], field), abs=1e-9)
    overall = as_number[1]
    assert {row["column"]: row["score"] for row in overall.detail["columns"]} == {
        "x": "R2",
        "y": "AUC",
    }
    assert overall.floor == 0.25
    assert overall.score == "AUC and R2"
    assert "(AUC for 1, R2 for 1)" in overall.summary


def test_what_counts_as_two_values() -> None:
    x = np.column_stack([np.repeat([0.0, 1.0, np.nan], 30), np.arange(90.0)])
    two = Features(x, [])
    task = Task.of(two, two, 0, 20)
    assert isinstance(task, Task)
    assert (task.score_name, task.floor) == ("AUC", 0.5)
    truth = task.rows(two)[1]
    assert truth.tolist() == [0.0] * 30 + [1.0] * 30
    guess = np.append(truth[:-10], [0.0] * 10)  # of 30 x 30 pairs 20 x 30 are right, 10 x 30 ties
    assert task.score(guess, truth)[0] == pytest.approx((600 + 300 / 2) / 900)
    three = Features(x.copy(), [])
    three.x[-1, 0] = 2.0
    for train, test in ((two, three), (three, two)):
        task = Task.of(train, test, 0, 20)
        assert isinstance(task, Task)
        assert (task.score_name, task.floor) == ("R2", 0.0)
    lopsided = Features(x.copy(), [])
    lopsided.x[35:60, 0] = 0.0  # five ones are left
    assert "fewer than two of its classes" in str(Task.of(lopsided, lopsided, 0, 20))


def test_utility_of_an_honest_release_is_the_reference() -> None:
    target, overall = Utility().run(contract.release(1500), Run(0))
    for result in (target, overall):
        assert result.value == pytest.approx(result.reference, abs=0.06)
        assert result.floor is not None
        assert result.value is not None
        assert result.value > result.floor + 0.02
    columns = {row["column"] for row in overall.detail["columns"]}
    assert columns == {"age", "income", "city", "group", "member", "since", "outcome"}


def test_independent_columns_teach_nothing() -> None:
    target, _ = Utility().run(contract.independent(contract.release(1500)), Run(0))
    assert target.value == pytest.approx(0.5, abs=0.07)
    assert target.reference is not None
    assert target.reference > 0.65


def test_a_synthetic_table_without_one_of_the_classes_scores_the_floor() -> None:
    release = contract.release(400)
    only = release.synthetic.copy()
    only["outcome"] = np.array(["yes"] * len(only), dtype=object)
    target, _ = Utility().run(contract.with_synthetic(release, only), Run(0))
    assert target.value == target.floor == 0.5


def test_no_target_does_not_apply() -> None:
    release = contract.release(200)
    schema = release.schema.model_copy(update={"target": None})
    given = Evidence(release.train, release.holdout, release.synthetic, schema)
    target, overall = Utility().run(given, Run(0))
    assert target.status == "not_applicable"
    assert overall.status == "measured"
