"""Controls: the audit is silent where nothing leaks, speaks where something does, and says when it cannot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from synthkit.checks.base import Evidence
from synthkit.checks.privacy.controls import Controls
from synthkit.checks.privacy.known_releases import drawn, moved, noisy, with_copies
from synthkit.contracts import checks as contract
from synthkit.policy import load_policy
from synthkit.recipe import Threshold
from synthkit.results import CheckResult
from synthkit.run import Run

QUICK = {
    name: Threshold(max_ci_low=limit)
    for name, limit in (("exact_copies.unique", 0.0), ("dcr_share", 0.55))
}


def tried(evidence: Evidence, releases: int = 6, limits: object = QUICK) -> dict[str, CheckResult]:
    asked = Evidence(
        evidence.train,
        evidence.holdout,
        evidence.synthetic,
        evidence.schema,
        limits=limits,  # type: ignore[arg-type]
        controls=releases,
    )
    return {result.name: result for result in Controls().run(asked, Run(0))}


def test_a_sound_audit_passes_what_is_honest_and_stops_what_is_not() -> None:
    results = tried(contract.release(2400))
    assert results["controls.false_alarms"].value == 0.0
    assert results["controls.copy"].value == 1.0
    assert results["controls.noise"].value == 1.0
    assert results["controls.one_percent"].value == 1.0
    assert results["controls.one_percent"].detail["limits"] == {"exact_copies.unique": 3}
    assert results["controls.false_alarms"].detail["rows"] == 500
    assert {result.status for result in results.values()} == {"measured"}


def test_as_many_rows_are_copied_as_in_a_release_of_the_training_rows() -> None:
    result = tried(contract.release(1000))["controls.one_percent"]
    assert result.detail["rows"] == 500
    assert "with copies of 10" in result.summary


def test_an_audit_that_lets_a_few_copies_pass_has_no_answer() -> None:
    release = contract.release(600)
    result = tried(replace(release, train=release.train[:300]))["controls.one_percent"]
    assert result.status == "not_assessed"
    assert "copies of 3 one-of-a-kind training rows the audit stops 0" in result.detail["reason"]


def test_the_synthetic_rows_take_no_part() -> None:
    evidence = contract.release(600)
    copied = contract.planted(evidence, 1.0)
    assert [r.value for r in tried(evidence).values()] == [r.value for r in tried(copied).values()]


def test_the_limits_of_a_bundled_policy() -> None:
    results = tried(contract.release(700), 2, load_policy("release").checks)
    assert results["controls.false_alarms"].value == 0.0
    assert results["controls.copy"].value == results["controls.noise"].value == 1.0


def test_an_audit_that_cannot_stop_copies_has_no_answer() -> None:
    """Of two binary columns all rows are alike, so copying them changes nothing."""
    rng = np.random.default_rng(0)
    frames = [
        pd.DataFrame({n: rng.integers(0, 2, 800).astype(str).astype(object) for n in "ab"})
        for _ in range(3)
    ]
    schema = contract.table(
        {n: ("categorical", np.array(["x"] * 3, object)) for n in "ab"}, 3
    ).schema
    result = tried(Evidence(*frames, schema))["controls.copy"]
    assert result.status == "not_assessed"
    assert "too alike" in result.detail["reason"]


def test_a_holdout_of_other_people_is_found_out() -> None:
    """A limit that rows of the holdout's kind break by themselves, as they do not resemble the training rows."""
    evidence = contract.release(1200)
    assert evidence.holdout is not None
    limits = {
        "dcr_share": Threshold(max_ci_low=0.3)
    }  # half of honest rows are nearer to training rows
    result = tried(evidence, 8, limits)["controls.false_alarms"]
    assert result.status == "not_assessed"
    assert "stops 8 (dcr_share)" in result.detail["reason"]


@pytest.mark.parametrize(
    ("evidence", "releases", "limits", "status", "said"),
    [
        (contract.release(400), 6, QUICK, "not_assessed", "400 holdout rows and 500 are needed"),
        (contract.EDGE_CASES["no holdout"](), 6, QUICK, "not_assessed", "no holdout"),
        (contract.release(600), 0, QUICK, "not_applicable", "no controls are asked for"),
        (contract.release(600), 6, {}, "not_applicable", "no limit of privacy is set"),
    ],
)
def test_why_there_is_no_answer(
    evidence: Evidence, releases: int, limits: object, status: str, said: str
) -> None:
    for result in tried(evidence, releases, limits).values():
        assert result.status == status
        assert said in result.detail["reason"]


def test_no_row_lies_on_two_sides_of_a_control() -> None:
    evidence = contract.release(600)
    parts = drawn(evidence, 300, np.random.default_rng(0), np.array([7, 500, 3]))
    sides = [set(frame["id"]) for frame in (parts.train, parts.holdout, parts.unseen)]
    assert [len(side) for side in sides] == [300, 300, 300]
    assert not sides[0] & sides[1]
    assert not sides[1] & sides[2]
    assert not sides[0] & sides[2]
    rows = with_copies(parts)
    assert set(rows["id"]) & sides[0] == set(evidence.train["id"].iloc[[7, 500, 3]])
    assert len(set(rows["id"]) & sides[2]) == 297


def test_noise_is_a_hundredth_of_the_spread_and_keeps_dtypes() -> None:
    evidence = contract.release(2000)
    parts = drawn(evidence, 1000, np.random.default_rng(0), np.arange(0))
    rows = noisy(parts, evidence, 0)
    assert rows.dtypes.equals(parts.train.dtypes)
    apart = (rows["income"] - parts.train["income"]).std()
    assert apart == pytest.approx(0.01 * parts.train["income"].std(), rel=0.1)
    assert rows["age"].isna().equals(parts.train["age"].isna())
    assert (rows["age"] - parts.train["age"]).abs().max() <= 1
    assert rows["since"].ne(parts.train["since"]).mean() > 0.9
    assert rows["city"].equals(parts.train["city"])
    missing = pd.Series([pd.NaT] * 3, dtype="datetime64[us]")
    assert moved(missing, np.random.default_rng(0)).isna().all()
