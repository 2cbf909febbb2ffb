"""A DataFrame as a source: taken as it is, or refused by column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthkit.errors import SourceError
from synthkit.sources import from_frame

CANARY = "CANARY-7391"


def test_frame_is_kept_as_it_is() -> None:
    frame = pd.DataFrame(
        {
            "i": pd.array([1, None], "Int64"),
            "c": pd.Categorical(["x", None]),
            "t": pd.to_datetime(["2020-01-01", None], utc=True),
            "m": ["x", 1],
        }
    )
    raw = from_frame(frame)
    pd.testing.assert_frame_equal(raw.frame, frame)
    assert raw.origin.notices == ()
    assert raw.origin.rows_total == raw.origin.rows_read == 2


def test_index_is_left_out_and_said() -> None:
    raw = from_frame(pd.DataFrame({"a": [1, 2]}, index=["x", "y"]))
    assert isinstance(raw.frame.index, pd.RangeIndex)
    assert "index is left out" in raw.origin.notices[0]


def test_hash_is_of_names_types_cells_and_order() -> None:
    def sha(**columns: object) -> str:
        return from_frame(pd.DataFrame(columns)).origin.sha256

    base = sha(a=[1, 2], b=["x", None])
    assert base == sha(a=[1, 2], b=["x", None])
    different = [
        sha(a=[2, 1], b=["x", None]),
        sha(a=[1.0, 2.0], b=["x", None]),
        sha(c=[1, 2], b=["x", None]),
        sha(b=["x", None], a=[1, 2]),
        sha(a=[1, 2], b=["x", ""]),
    ]
    assert len({base, *different}) == 6


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({0: [1], "a": [1]}), r"not text: 1 \(int\)"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "'a' in columns 1, 2"),
        (pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])), "2 levels"),
        (pd.DataFrame({"a": []}), "columns but no rows"),
        (pd.DataFrame(), "no columns"),
        (pd.DataFrame({"a": [[CANARY], None]}), "'a' holds list"),
        (pd.DataFrame({"a": [{"k": CANARY}, b"x"]}), "'a' holds bytes, dict"),
        (pd.DataFrame({"a": [f"{CANARY}\ud800"]}), "half of a surrogate pair"),
        (pd.DataFrame({"a": [1j]}), "'a' holds complex128"),
        (pd.DataFrame({"a": pd.arrays.SparseArray([0, 1])}), "'a' holds Sparse"),
        (pd.DataFrame({"a": pd.interval_range(0, 2)}), "'a' holds interval"),
        (pd.DataFrame({"a": pd.period_range("2020", periods=2, freq="D")}), "'a' holds period"),
        (pd.DataFrame({"a": [np.array([1]), None]}), "'a' holds ndarray"),
    ],
)
def test_refusals(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        from_frame(frame)
    assert CANARY not in str(caught.value)
