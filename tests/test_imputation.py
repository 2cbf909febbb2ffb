"""Imputation: every learned cell is filled, whatever its kind; all others stay, to the byte."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import synthkit as sk
from synthkit.errors import SchemaError

N = 80
START = np.datetime64("2024-01-01T00:00", "us")


def table(seed: int) -> pd.DataFrame:
    """One column of every kind that is learned, all moved by one hidden cause."""
    rng = np.random.default_rng(seed)
    cause = rng.random(N)
    days = (cause * 900 + rng.random(N) * 90).astype("m8[D]")
    start = START + days + (rng.integers(0, 86_400, N)).astype("m8[s]")
    return pd.DataFrame(
        {
            "spiked": np.where(rng.random(N) < 0.4, 0.0, np.round(90 * cause + rng.random(N), 2)),
            "full": rng.normal(cause),
            "few": rng.integers(0, 4, N) / 2,
            "whole": pd.array((1000 * cause).astype(int) + rng.integers(0, 99, N), "Int64"),
            "city": np.array(["Graz", "Linz", "Wien"], object)[(3 * cause).astype(int)],
            "job": rng.choice(["baker", "smith", "cook", "clerk"], N).astype(object),
            "size": pd.Categorical(rng.choice(["S", "M", "L"], N), ["S", "M", "L"], ordered=True),
            "member": pd.array(rng.random(N) < 0.5, "boolean"),
            "spelled": [f"{v:,.2f}" for v in 5000 * cause],
            "day": start.astype("M8[D]").astype(str).astype(object),
            "start": start,
            "end": start + rng.integers(1, 9000, N).astype("m8[s]"),
            "took": rng.integers(1, 9000, N).astype("m8[s]"),
            "score": rng.choice(["7", "8.5", "9", "10", "11", "n/a (see note)", "late"], N),
        }
    )


def with_holes(whole: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Cells missing at random, by the first column, or nearly all; one column marks them as ``?``."""
    rng = np.random.default_rng(seed)
    holes = whole.copy()
    for name in whole:
        share = rng.choice([0.0, 0.1, 0.5, 0.85])
        gone = rng.random(N) < share * np.where(whole["spiked"] == 0, 2, 0.5 * rng.integers(0, 2))
        holes.loc[gone, name] = "?" if name == "job" else None
    holes.loc[:3, "job"] = "?"
    return holes


def missing(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.isna() | (frame == "?")


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.integers(0, 2**31), st.booleans())
def test_learned_cells_are_filled_and_given_ones_stay(cells: int, gaps: int, same: bool) -> None:
    holes = with_holes(table(cells), gaps)
    model = sk.fit(holes, seed=1, options={"trees": 2, "correction_rounds": 0})
    # rows of the training table, and of another one with other holes
    asked = holes if same else with_holes(table(cells), gaps + 1).astype(holes.dtypes)
    filled = model.impute(asked, seed=2)
    assert missing(filled).sum().to_dict() == dict.fromkeys(filled, 0)
    for name in asked:
        kept = ~missing(asked)[name]
        assert filled.loc[kept, name].tolist() == asked.loc[kept, name].tolist()
        assert filled[name].dtype == holes[name].dtype


@pytest.mark.parametrize("options", [{}, {"split_rounds": 0}, {"correction_rounds": 0}])
def test_filled_cells_follow_the_present_ones_given_the_rest(options: dict) -> None:
    n = 6000
    rng = np.random.default_rng(3)
    group = rng.choice(["a", "b"], n)
    second = group == "b"
    label = np.where(rng.random(n) < np.where(second, 0.8, 0.3), "yes", "no").astype(object)
    amount = np.where(rng.random(n) < 0.3, 0.0, np.round(rng.normal(100 + 100 * second, 20), 1))
    # in group b most are missing, whatever they are
    gone = rng.random((2, n)) < np.where(second, 0.7, 0.1)
    frame = pd.DataFrame({"label": label, "group": group, "amount": amount})
    holes = frame.copy()
    holes.loc[gone[0], "label"] = None
    holes.loc[gone[1], "amount"] = np.nan
    filled = sk.fit(holes, seed=1, options=options).impute(holes, seed=1)
    for name, is_b in (("a", False), ("b", True)):
        rows = group == name
        labels = filled.loc[rows & gone[0], "label"] == "yes"
        amounts = filled.loc[rows & gone[1], "amount"]
        # standard errors of at most .03, and cells of 900 present ones shrunk to those of the other group
        assert abs(labels.mean() - (0.8 if is_b else 0.3)) < 0.12
        assert abs((amounts == 0).mean() - 0.3) < 0.12
        assert abs(amounts[amounts > 0].median() - (200 if is_b else 100)) < 8


def test_a_cell_is_filled_although_what_goes_before_says_missing() -> None:
    n = 1000
    rng = np.random.default_rng(4)
    closed = rng.random(n) < 0.3
    frame = pd.DataFrame({"state": np.where(closed, "closed", "open")})
    frame["reason"] = np.where(closed, rng.choice(["sold", "lost"], n, p=[0.9, 0.1]), None)
    frame["paid"] = np.where(closed, rng.integers(1, 400, n) / 4, np.nan)
    filled = sk.fit(frame, seed=1).impute(frame, seed=1)
    assert filled.notna().all(axis=None)
    assert 0.8 < (filled.loc[~closed, "reason"] == "sold").mean() < 0.98
    assert 30 < filled.loc[~closed, "paid"].median() < 70
    # where the state is to be filled too, it is one with a reason
    filled = sk.fit(frame, seed=1).impute(frame.assign(state=None, reason=None), seed=1)
    assert (filled.loc[~closed, "state"] == "closed").mean() > 0.95


def test_cells_are_filled_although_few_draws_meet_a_constraint() -> None:
    rng = np.random.default_rng(5)
    low = rng.integers(0, 1000, 2000)
    frame = pd.DataFrame({"low": low, "high": low + rng.integers(0, 60, 2000)}).astype(float)
    rule = {"kind": "inequality", "low": "low", "high": "high"}
    model = sk.fit(frame, seed=1, schema={"constraints": [rule]})
    holes = frame.assign(low=frame["low"].where(frame["high"] > 100))
    filled = model.impute(holes, seed=1)
    assert filled.notna().all(axis=None)
    assert (filled["low"] <= filled["high"]).all()
    kept = holes["low"].notna()
    assert filled[kept].equals(frame[kept])


def test_what_cannot_be_filled_is_said(people: pd.DataFrame) -> None:
    table = people.assign(
        empty=np.nan, words=[f"said {i} words about {i * 7} things" for i in range(len(people))]
    )
    table.loc[::3, "words"] = None
    model = sk.fit(table, seed=1)
    with pytest.warns(UserWarning, match="cells stay missing") as caught:
        filled = model.impute(table.assign(note=None).head(60), seed=1)
    said = sorted(str(warning.message) for warning in caught)
    assert len(said) == 2
    assert said[0].startswith("column empty: 60 of 60 cells stay missing: every training cell")
    assert said[1].startswith("column words: 20 of 60 cells stay missing: a column of kind text")
    assert filled["note"].notna().all()
    assert filled["words"].equals(table["words"].head(60))


def test_spelling_of_given_cells_stays_and_unreadable_ones_are_refused() -> None:
    spelled = [f"{i}.5" for i in range(99)]
    model = sk.fit(pd.DataFrame({"x": [*spelled, None], "k": ["a", "b"] * 50}), seed=1)
    odd = pd.DataFrame({"x": ["+7.50", " 8.5", None, "9e0"], "k": ["a", None, "b", "b"]})
    filled = model.impute(odd, seed=1)
    assert filled["x"].tolist()[:2] + filled["x"].tolist()[3:] == ["+7.50", " 8.5", "9e0"]
    assert filled.notna().all(axis=None)
    with pytest.raises(SchemaError, match="1 of 4 cells are not") as caught:
        model.impute(odd.assign(x=["7.5", "canary", None, "9.5"]))
    assert "canary" not in str(caught.value)


def test_no_rows_are_filled_to_no_rows() -> None:
    holes = with_holes(table(1), 2)
    model = sk.fit(holes, seed=1, options={"trees": 2, "correction_rounds": 0})
    for empty in (holes.head(0), pd.DataFrame(columns=list(holes))):
        pd.testing.assert_frame_equal(model.impute(empty), empty)
        assert model.log_prob(empty).shape == (0,)


def test_no_rows_of_computed_columns_are_filled_to_no_rows() -> None:
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"fare": rng.integers(1, 99, 200), "tip": rng.integers(0, 9, 200)})
    frame["pay"] = frame["fare"] + frame["tip"]
    rule = {"kind": "sum", "total": "pay", "parts": ["fare", "tip"]}
    model = sk.fit(frame, seed=1, schema={"constraints": [rule]}, options={"trees": 2})
    pd.testing.assert_frame_equal(model.impute(frame.head(0)), frame.head(0))
    assert model.log_prob(frame.head(0)).shape == (0,)
