"""The yardstick on tables whose numbers are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks import yardstick


def table(n: int, seed: int) -> pd.DataFrame:
    """x is uniform, y follows x, kind is x's half with errors, one cell in ten is missing."""
    rng = np.random.default_rng(seed)
    x = rng.random(n)
    kind = np.where((x > 0.5) ^ (rng.random(n) < 0.1), "high", "low").astype(object)
    y = x + 0.1 * rng.standard_normal(n)
    y[rng.random(n) < 0.1] = np.nan
    kind[rng.random(n) < 0.1] = None
    return pd.DataFrame({"x": x, "y": y, "kind": kind})


@pytest.fixture(scope="module")
def parts() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return table(800, 1), table(800, 2), table(800, 3)


def test_halves_split_all_rows_without_overlap() -> None:
    numbers = pd.DataFrame({"i": np.arange(11)})
    train, holdout = yardstick.halves(numbers)
    assert len(train) == 5
    assert sorted([*train["i"], *holdout["i"]]) == list(range(11))
    assert list(train["i"]) != list(range(5))


def test_an_independent_draw_is_at_the_neutral_values(parts) -> None:
    train, holdout, fresh = parts
    # standard errors for 800 rows: .018 (share), .014 (both AUCs)
    assert abs(yardstick.dcr_share(fresh, train, holdout) - 0.5) < 0.06
    assert abs(yardstick.membership_auc(train, holdout, fresh) - 0.5) < 0.05
    assert abs(yardstick.c2st_auc(holdout, fresh) - 0.5) < 0.06
    assert yardstick.exact_copies(train, fresh) == 0.0


def test_a_copy_of_the_training_rows_is_caught(parts) -> None:
    train, holdout, _ = parts
    assert yardstick.dcr_share(train, train, holdout) > 0.99
    assert yardstick.membership_auc(train, holdout, train) > 0.99
    assert yardstick.exact_copies(train, train) == 1.0
    assert yardstick.dcr_share(holdout, train, holdout) < 0.01


def test_the_distance_counts_categories_and_ranges() -> None:
    train = pd.DataFrame({"a": [0.0, 10.0], "b": ["p", "p"]})
    holdout = pd.DataFrame({"a": [4.0, 4.0], "b": ["p", "q"]})
    # 3 is .3 from 0 and .1 from 4; 9 is .1 from 10; with "q", 4 is nearest
    synthetic = pd.DataFrame({"a": [3.0, 9.0, 9.0, 2.0], "b": ["p", "p", "q", "p"]})
    assert yardstick.dcr_share(synthetic, train, holdout) == pytest.approx((0 + 1 + 0 + 0.5) / 4)


def test_margins_of_a_hand_worked_table() -> None:
    real = pd.DataFrame({"a": ["x", "x", "y", "y"], "b": ["u", "v", "u", "v"]})
    made = pd.DataFrame({"a": ["x", "x", "y", "y"], "b": ["u", "u", "v", "v"]})
    assert yardstick.kway_error(real, made, 1) == 0.0
    assert yardstick.kway_error(real, made, 2) == pytest.approx(0.5)
    assert yardstick.kway_error(real, real, 2) == 0.0


def test_shuffled_columns_are_told_apart(parts) -> None:
    train, holdout, _ = parts
    rng = np.random.default_rng(0)
    shuffled = pd.DataFrame({name: rng.permutation(train[name]) for name in train})
    assert yardstick.c2st_auc(holdout, shuffled) > 0.8  # a tenth of the cells is missing
    assert yardstick.kway_error(holdout, shuffled, 2) > 2 * yardstick.kway_error(holdout, train, 2)


def test_utility_of_a_category_and_of_a_number(parts) -> None:
    train, holdout, _ = parts
    assert 0.8 < yardstick.tstr(train, holdout, "kind") < 1.0
    assert 0.5 < yardstick.tstr(train, holdout, "y") < 1.0
    constant = train.assign(kind="low")
    assert yardstick.tstr(constant, holdout, "kind") == 0.5


@pytest.mark.parametrize("kind", ["x", "kind"])
def test_a_table_of_one_kind_of_column_has_a_distance(kind: str) -> None:
    train, holdout, fresh = (table(60, seed)[[kind]] for seed in (1, 2, 3))
    assert 0.3 < yardstick.dcr_share(fresh, train, holdout) < 0.7
    assert yardstick.kway_error(holdout, fresh, 2) == 0.0
