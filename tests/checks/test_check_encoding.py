"""The encoder by hand: levels, features and coordinates of small columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthkit.checks.base import Evidence
from synthkit.checks.encoding import CategoryCode, Encoder, NumericCode, encoder_of, subsample
from synthkit.contracts import checks as contract
from synthkit.schema import Column, Schema
from synthkit.typed import to_numbers

REAL = Column(name="x", kind="real")
WORD = Column(name="c", kind="categorical")


def words(*values: str | None) -> pd.Series:
    return pd.Series(values, dtype=object)


def test_numbers_fall_in_deciles_and_missing_is_a_level() -> None:
    code = NumericCode.fit(REAL, pd.Series(np.arange(100.0)))
    assert code.levels == 11
    levels = code.codes(pd.Series([-5.0, 0.0, 9.0, 10.0, 98.0, 1e9, np.nan]))
    assert levels.tolist() == [0, 0, 0, 1, 9, 9, 10]


def test_a_spike_is_a_level_of_its_own() -> None:
    values = np.concatenate([np.full(40, 5.0), np.arange(60) / 6])
    code = NumericCode.fit(REAL, pd.Series(values))
    below, spike, above = code.codes(pd.Series([4.999, 5.0, 5.001]))
    assert below < spike < above
    alone = code.codes(pd.Series(values)) == spike
    assert np.unique(values[alone]).tolist() == [5.0]


def test_dates_and_durations_are_numbers() -> None:
    dates = pd.Series(pd.date_range("2020-01-01", periods=100)).astype("datetime64[us]")
    dates[0] = pd.NaT
    code = NumericCode.fit(Column(name="d", kind="datetime"), dates)
    assert code.codes(dates)[[0, 1, 99]].tolist() == [10, 0, 9]
    gaps = pd.Series(pd.to_timedelta(np.arange(100), unit="s")).astype("timedelta64[us]")
    assert NumericCode.fit(Column(name="d", kind="duration"), gaps).codes(gaps).max() == 9


def test_zoned_times_are_numbers() -> None:
    zoned = pd.Series(pd.to_datetime(["1970-01-01T00:00:01Z", None])).astype("datetime64[us, UTC]")
    assert to_numbers(zoned)[0] == 1e6
    assert np.isnan(to_numbers(zoned)[1])


def test_rare_unseen_and_missing_categories() -> None:
    train = words(*["a"] * 60, *["b"] * 40, *["rare"] * 4)
    code = CategoryCode.fit(WORD, train)
    assert code.levels == 4
    assert code.codes(words("a", "b", "rare", "unseen", None)).tolist() == [0, 1, 2, 2, 3]
    features = code.feature(words("a", None))
    assert features[0] == 0.0
    assert np.isnan(features[1])


def test_a_small_table_keeps_its_rare_categories() -> None:
    assert CategoryCode.fit(WORD, words("a", "b", "c")).levels == 5


def test_different_categories_are_one_apart() -> None:
    code = CategoryCode.fit(WORD, words("a", "b"))
    a, b, missing = code.points(words("a", "b", None))
    assert np.linalg.norm(a - b) == pytest.approx(1.0)
    assert np.linalg.norm(a - missing) == pytest.approx(1.0)


def test_a_number_is_its_rank() -> None:
    code = NumericCode.fit(REAL, pd.Series(np.arange(1001.0) ** 3))
    points = code.points(pd.Series([0.0, 500.0**3, 1e9, 1e12, -1.0, 500.5**3, np.nan]))
    assert points[:, 0] == pytest.approx([0.0, 0.5, 1.0, 1.0, 0.0, 0.5005, 0.5], abs=1e-5)
    assert points[:, 1].tolist() == [0, 0, 0, 0, 0, 0, 1]


def test_a_repeated_number_has_its_middle_rank() -> None:
    code = NumericCode.fit(REAL, pd.Series([0.0] * 50 + [1.0] * 50))
    assert code.points(pd.Series([0.0, 1.0]))[:, 0] == pytest.approx([0.25, 0.75], abs=0.01)


def test_training_and_holdout_rows_choose_the_levels_alike() -> None:
    rng = np.random.default_rng(0)
    names = rng.choice([f"name {i}" for i in range(150)], (3, 600))  # four of each in a table
    parts = [pd.DataFrame({"name": part.astype(object)}) for part in names]
    schema = Schema(columns=(Column(name="name", kind="categorical"),))
    evidence = Evidence(*parts, schema)
    encoder = encoder_of(evidence)
    rare = [np.mean(encoder.codes(part) == encoder.levels[0] - 2) for part in parts]
    assert rare[0] == pytest.approx(rare[1], abs=0.05)
    # as the training rows alone would have it
    alone = Encoder.fit(schema, evidence.train)
    rare = [np.mean(alone.codes(part) == alone.levels[0] - 2) for part in parts]
    assert rare[0] < rare[1] - 0.05


def test_identifiers_and_text_are_left_out() -> None:
    evidence = contract.release(60)
    encoder = Encoder.fit(evidence.schema, evidence.train)
    assert encoder.names == ["age", "income", "city", "group", "member", "since", "outcome"]
    assert encoder.codes(evidence.synthetic).shape == (60, 7)
    assert (encoder.codes(evidence.synthetic) < encoder.levels).all()
    assert encoder.features(evidence.synthetic).shape == (60, 7)
    points = encoder.points(evidence.synthetic)
    assert points.shape == (60, encoder.dimensions)
    assert points.dtype == np.float32


def test_subsample_keeps_all_rows_that_fit() -> None:
    rng = np.random.default_rng(0)
    assert subsample(3, 5, rng).tolist() == [0, 1, 2]
    rows = subsample(100, 5, rng)
    assert len(set(rows.tolist())) == 5
    assert (np.diff(rows) > 0).all()
