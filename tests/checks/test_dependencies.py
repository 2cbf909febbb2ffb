"""The check of found rules tells planted faults, and only those."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from synthkit.checks.base import Evidence
from synthkit.checks.validity.dependencies import Dependencies
from synthkit.policy import judge, load_policy
from synthkit.recipe import Threshold
from synthkit.results import CheckResult
from synthkit.run import Run
from synthkit.schema import Column, Schema

SCHEMA = Schema(
    columns=(
        Column(name="fare", kind="real", decimals=2),
        Column(name="tip", kind="real", decimals=2),
        Column(name="total", kind="real", decimals=2),
        Column(name="zone", kind="categorical"),
        Column(name="town", kind="categorical"),
    )
)


def rides(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    fare, tip = np.round(rng.gamma(2, 6, n), 2), np.round(rng.gamma(2, 1, n), 2)
    zone = rng.integers(0, 30, n)
    return pd.DataFrame(
        {
            "fare": fare,
            "tip": tip,
            "total": np.round(fare + tip, 2),
            "zone": np.array([f"zone-{z}" for z in zone], dtype=object),
            "town": np.array([f"town-{z // 6}" for z in zone], dtype=object),
        }
    )


def check(synthetic: pd.DataFrame, holdout: pd.DataFrame | None = None) -> CheckResult:
    evidence = Evidence(rides(1000, 1), holdout, synthetic, SCHEMA)
    (result,) = Dependencies().run(evidence, Run(0))
    return result


def test_an_honest_table_keeps_every_rule() -> None:
    result = check(rides(1000, 3), rides(1000, 2))
    assert result.value == result.reference == 1.0
    assert result.floor is not None
    assert result.floor < 0.2
    assert {row["rule"] for row in result.detail["rules"]} == {
        "sum total = fare + tip",
        "dependency zone -> town",
    }


def test_planted_faults_are_counted_by_rule() -> None:
    rows = rides(1000, 3)
    rows.loc[:99, "total"] += 0.01
    rows.loc[50:249, "town"] = "town-99"
    rows.loc[900:, "tip"] = np.nan
    result = check(rows, rides(500, 2))
    shares = {row["rule"]: row["synthetic"] for row in result.detail["rules"]}
    assert shares == {
        "sum total = fare + tip": pytest.approx(0.9),
        "dependency zone -> town": pytest.approx(0.8),
    }
    assert result.value == pytest.approx(0.75)
    assert "kept least is 'dependency zone -> town', by 80.00%" in result.summary
    assert result.direction == "higher"


def test_a_value_that_training_never_had_is_no_fault_of_a_dependency() -> None:
    rows = rides(1000, 3)
    rows.loc[:99, ["zone", "town"]] = ["zone-new", "town-new"]
    assert check(rows).value == 1.0


def test_without_a_holdout_there_is_no_reference() -> None:
    result = check(rides(200, 3))
    assert result.reference is None
    assert all("holdout" not in row for row in result.detail["rules"])


def test_no_rule_means_the_question_does_not_arise() -> None:
    train = rides(1000, 1)[["fare", "zone"]]
    schema = Schema(columns=tuple(c for c in SCHEMA.columns if c.name in ("fare", "zone")))
    (result,) = Dependencies().run(Evidence(train, train, train, schema), Run(0))
    assert result.status == "not_applicable"


def test_no_value_is_told() -> None:
    rows = rides(1000, 3)
    rows["town"] = "town-99"
    told = json.dumps(asdict(check(rows, rides(500, 2))))
    assert "town-" not in told
    assert "zone-" not in told


def test_a_recipe_may_judge_it_and_the_bundled_policies_do_not() -> None:
    rows = rides(1000, 3)
    rows["total"] += 1.0
    result = check(rows, rides(1000, 2))
    policy = load_policy("release")
    assert judge([result], policy, {})[0][0].status == "measured"
    judged = judge([result], policy, {"dependencies": Threshold(min_of_reference=0.99)})[0][0]
    assert judged.status == "failed"
