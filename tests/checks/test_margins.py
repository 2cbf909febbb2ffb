"""Shapes, pairs and triples on tables whose numbers are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthkit.checks.base import Evidence
from synthkit.checks.fidelity.margins import Pairs, Shapes, Triples, cells, choose_margins
from synthkit.contracts import checks as contract
from synthkit.results import CheckResult
from synthkit.run import Run
from synthkit.schema import Column, Schema


def bits(rows: list[str], times: int) -> pd.DataFrame:
    """A table of one-letter columns a, b, c; each row repeated."""
    repeated = [list(row) for row in rows] * times
    return pd.DataFrame(repeated, columns=list("abc")[: len(rows[0])], dtype=object)


def evidence(
    train: pd.DataFrame, holdout: pd.DataFrame | None, synthetic: pd.DataFrame
) -> Evidence:
    columns = tuple(Column(name=name, kind="categorical") for name in train)
    return Evidence(train, holdout, synthetic, Schema(columns=columns))


def one(check: type, given: Evidence) -> CheckResult:
    (result,) = check().run(given, Run(0))
    return result


def test_shapes_by_hand() -> None:
    train, holdout, synthetic = (bits(["x"] * k + ["y"] * (10 - k), 20) for k in (7, 6, 5))
    result = one(Shapes, evidence(train, holdout, synthetic))
    assert result.value == pytest.approx(0.1)
    assert result.reference == pytest.approx(0.1)
    assert result.floor is None
    assert result.ci is not None
    assert result.ci[0] < 0.1 < result.ci[1]
    assert result.detail["columns"] == [
        {"column": "a", "value": pytest.approx(0.1), "reference": pytest.approx(0.1)}
    ]
    assert "10.0%" in result.summary


def test_a_lost_dependence_of_two_columns_shows_in_pairs_only() -> None:
    real, synthetic = bits(["00", "11"] * 2, 100), bits(["00", "01", "10", "11"], 100)
    given = evidence(real, real, synthetic)
    assert one(Shapes, given).value == pytest.approx(0.0)
    pairs = one(Pairs, given)
    assert pairs.value == pytest.approx(0.5)
    assert pairs.reference == 0.0
    assert pairs.floor == pytest.approx(0.5, abs=0.06)
    assert pairs.detail["worst"][0]["columns"] == ["a", "b"]


def test_a_lost_parity_of_three_columns_shows_in_triples_only() -> None:
    real = bits(["000", "011", "101", "110"] * 2, 50)
    synthetic = bits([f"{i:03b}" for i in range(8)], 50)
    given = evidence(real, real, synthetic)
    assert one(Pairs, given).value == pytest.approx(0.0)
    assert one(Triples, given).value == pytest.approx(0.5)


def test_a_copy_of_the_training_rows_is_no_better_than_the_training_rows() -> None:
    release = contract.release(300)
    copied = contract.with_synthetic(release, release.train)
    for check in (Shapes, Pairs, Triples):
        result = one(check, copied)
        assert result.value == pytest.approx(result.reference)


def test_independent_columns_reach_the_floor() -> None:
    given = contract.independent(contract.release(2000))
    for check in (Pairs, Triples):
        result = one(check, given)
        assert result.value is not None
        assert result.value == pytest.approx(result.floor, rel=0.1)
        assert result.value > 1.5 * (result.reference or 1.0)


def test_an_honest_release_is_near_the_reference() -> None:
    for check in (Shapes, Pairs, Triples):
        result = one(check, contract.release(2000))
        assert result.value == pytest.approx(result.reference, rel=0.2)


def test_without_a_holdout_the_training_rows_are_the_measure() -> None:
    train, synthetic = bits(["x", "y"], 100), bits(["x"], 200)
    result = one(Shapes, evidence(train, None, synthetic))
    assert result.value == pytest.approx(0.5)
    assert result.reference is None
    assert "no holdout" in result.summary


def test_a_margin_with_many_cells_is_compressed() -> None:
    rng = np.random.default_rng(0)
    codes, sizes = rng.integers(0, 100, (50, 3)), np.array([100, 100, 100])
    (one_side, other), count = cells([codes[:20], codes[20:]], (0, 1, 2), sizes)
    assert count <= 50
    rows = codes @ np.array([10_000, 100, 1])
    joined = np.concatenate([one_side, other])
    assert (np.unique(rows, return_inverse=True)[1] == joined).all()


@pytest.mark.parametrize(("d", "k", "expected"), [(4, 2, 6), (30, 2, 300), (200, 3, 300)])
def test_margins_are_different_and_capped(d: int, k: int, expected: int) -> None:
    margins = choose_margins(d, k, np.random.default_rng(0))
    assert len(set(margins)) == len(margins) == expected
    assert all(tuple(sorted(set(margin))) == margin for margin in margins)
