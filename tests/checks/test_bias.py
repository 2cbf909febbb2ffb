"""Groups that shrink and gaps that grow are seen, with the numbers one would work out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthkit.checks.base import Evidence
from synthkit.checks.bias.outcome_gap import OutcomeGap
from synthkit.checks.bias.representation import Representation
from synthkit.contracts import checks as contract
from synthkit.policy import Policy, judge
from synthkit.recipe import Threshold
from synthkit.results import CheckResult
from synthkit.run import Run
from synthkit.schema import Column, Schema

SCHEMA = Schema(
    columns=(Column(name="g", kind="categorical"), Column(name="y", kind="categorical")),
    target="y",
    sensitive=("g",),
)


def people(a_yes: int, a_no: int, b_yes: int, b_no: int) -> pd.DataFrame:
    counts = [a_yes, a_no, b_yes, b_no]
    return pd.DataFrame(
        {
            "g": np.repeat(np.array(["A", "A", "B", "B"], dtype=object), counts),
            "y": np.repeat(np.array(["yes", "no", "yes", "no"], dtype=object), counts),
        }
    )


def one(check: type, evidence: Evidence) -> CheckResult:
    (result,) = check().run(evidence, Run(0))
    return result


def test_representation_by_hand() -> None:
    train, holdout = people(30, 30, 20, 20), people(29, 29, 21, 21)
    result = one(Representation, Evidence(train, holdout, people(45, 45, 15, 15), SCHEMA))
    assert result.value == pytest.approx(0.15)  # 60 % -> 75 %
    assert result.reference == pytest.approx(0.02)
    assert result.ci is not None
    assert result.ci[0] < 0.15 < result.ci[1]
    assert "60.0% of the training rows, 75.0% of the synthetic rows" in result.summary


def test_outcome_gap_by_hand() -> None:
    train = people(40, 60, 20, 80)  # 40 % against 20 %
    holdout = people(35, 65, 25, 75)
    synthetic = people(60, 40, 10, 90)  # 60 % against 10 %
    result = one(OutcomeGap, Evidence(train, holdout, synthetic, SCHEMA))
    assert result.value == pytest.approx(0.3)
    assert result.direction == "lower"
    assert result.reference == pytest.approx(0.1)  # 35 % against 25 %: the gap halves
    row = result.detail["columns"][0]
    assert (row["high"], row["low"]) in {("A", "B"), ("B", "A")}
    assert row["real"] == pytest.approx(0.2)
    variances = [0.24, 0.16, 0.24, 0.09]
    assert row["se"] == pytest.approx((sum(variances) / 100) ** 0.5)
    assert "20 percentage points" in result.summary
    assert "50 percentage points in the synthetic rows" in result.summary


@pytest.mark.parametrize(
    ("synthetic", "change", "said"),
    [
        ((60, 40, 40, 60), 0.0, "by 20 percentage points in the synthetic rows"),
        ((90, 10, 10, 90), 0.6, "by 80 percentage points in the synthetic rows"),  # grown
        ((50, 50, 50, 50), -0.2, "by 0 percentage points in the synthetic rows"),  # vanished
        (
            (40, 60, 60, 40),
            -0.4,
            "by 20 percentage points the other way round",
        ),  # as wide, reversed
        ((10, 90, 90, 10), -1.0, "by 80 percentage points the other way round"),
    ],
)
def test_a_gap_that_grows_vanishes_or_turns_round_has_changed(
    synthetic: tuple[int, int, int, int], change: float, said: str
) -> None:
    train = people(60, 40, 40, 60)
    result = one(OutcomeGap, Evidence(train, train, people(*synthetic), SCHEMA))
    assert result.value == pytest.approx(abs(change), abs=1e-12)
    assert result.reference == 0.0
    assert said in result.summary
    assert result.detail["columns"][0]["change"] == pytest.approx(change, abs=1e-12)
    half = 1.959964 * result.detail["columns"][0]["se"]
    low, high = abs(change) - half, abs(change) + half
    assert result.ci == pytest.approx((max(low, 0.0), high), abs=1e-6)
    threshold = {"outcome_gap": Threshold(max=0.05)}
    _, verdict = judge([result], Policy(name="none"), threshold)
    assert verdict.word == ("passed" if change == 0.0 else "failed")


def test_a_group_that_shrinks_counts_as_much_as_one_that_grows() -> None:
    train = people(30, 30, 20, 20)  # 60 % A
    for synthetic in (people(45, 45, 15, 15), people(15, 15, 45, 45)):
        result = one(Representation, Evidence(train, train, synthetic, SCHEMA))
        assert result.value is not None
        assert result.value == max(abs(row["difference"]) for row in result.detail["groups"])
        assert result.ci is not None
        assert 0.0 <= result.ci[0] < result.value < result.ci[1]


def test_a_numeric_outcome_is_in_standard_deviations() -> None:
    groups = np.array(["A"] * 100 + ["B"] * 100, dtype=object)
    schema = SCHEMA.model_copy(
        update={"columns": (SCHEMA.columns[0], Column(name="y", kind="real"))}
    )
    wide, narrow = (
        pd.DataFrame({"g": groups, "y": np.repeat([high, 0.0], 100)}) for high in (10.0, 5.0)
    )
    result = one(OutcomeGap, Evidence(wide, None, narrow, schema))
    assert result.value == pytest.approx(1.0)  # the gap of 2 standard deviations becomes 1
    assert result.reference is None


@pytest.mark.parametrize("coded", [(0, 1), (1, 2)])
def test_an_outcome_of_two_numbers_is_compared_by_shares(coded: tuple[int, int]) -> None:
    schema = SCHEMA.model_copy(
        update={"columns": (SCHEMA.columns[0], Column(name="y", kind="integer"))}
    )
    train, synthetic = (
        rows.assign(y=np.where(rows["y"] == "yes", *coded)).astype({"y": "Int64"})
        for rows in (people(40, 60, 20, 80), people(20, 80, 40, 60))
    )
    result = one(OutcomeGap, Evidence(train, None, synthetic, schema))
    assert result.value == pytest.approx(0.4)
    assert "20 percentage points the other way round" in result.summary


def test_a_skewed_release_stands_out_from_an_honest_one() -> None:
    release = contract.release(1500)
    rows = release.synthetic
    kept = rows[(rows["group"] == "A") | (np.arange(len(rows)) % 3 == 0)]
    flipped = rows.copy()
    flipped.loc[flipped["group"] == "A", "outcome"] = "yes"
    for check, skewed in ((Representation, kept), (OutcomeGap, flipped)):
        honest, found = one(check, release), one(check, contract.with_synthetic(release, skewed))
        assert honest.ci is not None
        assert honest.ci[0] <= 0.02
        assert found.ci is not None
        assert found.ci[0] > 0.05


def test_groups_of_a_boolean_have_the_labels_of_the_data() -> None:
    flag = Column(name="g", kind="boolean", true="Yes", false="No")
    schema = SCHEMA.model_copy(update={"columns": (flag, SCHEMA.columns[1])})
    train, synthetic = (
        rows.assign(g=pd.array(rows["g"] == "A", dtype="boolean"))
        for rows in (people(40, 60, 20, 80), people(40, 60, 10, 90))
    )
    evidence = Evidence(train, None, synthetic, schema)
    groups = one(Representation, evidence).detail["groups"]
    assert {row["group"] for row in groups} == {"Yes", "No"}
    assert {row["real"] for row in groups} == {0.5}
    gap = one(OutcomeGap, evidence).detail["columns"][0]
    assert {gap["high"], gap["low"]} == {"Yes", "No"}


def test_a_sensitive_number_with_two_values_has_two_groups() -> None:
    column = Column(name="g", kind="integer")
    schema = SCHEMA.model_copy(update={"columns": (column, SCHEMA.columns[1])})
    train, synthetic = (
        rows.assign(g=(rows["g"] == "A").astype("Int64"))
        for rows in (people(40, 60, 20, 80), people(40, 60, 10, 40))
    )
    evidence = Evidence(train, None, synthetic, schema)
    result = one(Representation, evidence)
    assert {row["group"]: row["real"] for row in result.detail["groups"]} == {"0": 0.5, "1": 0.5}
    assert result.value == pytest.approx(2 / 3 - 1 / 2)
    gap = one(OutcomeGap, evidence).detail["columns"][0]
    assert {gap["high"], gap["low"]} == {"0", "1"}


def test_a_sensitive_number_is_cut_at_its_quartiles() -> None:
    column = Column(name="g", kind="integer")
    schema = SCHEMA.model_copy(update={"columns": (column, SCHEMA.columns[1])})
    train = pd.DataFrame({"g": pd.array(np.arange(200), dtype="Int64"), "y": ["yes", "no"] * 100})
    result = one(Representation, Evidence(train, None, train, schema))
    assert [row["real"] for row in result.detail["groups"]] == pytest.approx([0.25] * 4, abs=0.01)
    assert result.detail["groups"][0]["group"] == "lowest quarter"


def test_small_groups_are_not_named() -> None:
    train = people(50, 50, 50, 50)
    train.loc[:4, "g"] = "only five people"
    result = one(Representation, Evidence(train, None, train, SCHEMA))
    assert {row["group"] for row in result.detail["groups"]} == {"A", "B", "other"}
    assert "only five people" not in repr(result)


def test_without_sensitive_columns_the_question_does_not_arise() -> None:
    release = contract.release(200)
    schema = release.schema.model_copy(update={"sensitive": ()})
    given = Evidence(release.train, release.holdout, release.synthetic, schema)
    for check in (Representation, OutcomeGap):
        assert one(check, given).status == "not_applicable"
