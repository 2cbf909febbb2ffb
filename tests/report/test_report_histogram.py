"""Bins, spikes and overflow, worked out by hand."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from synthkit.report.categories import categories
from synthkit.report.cells import Cells
from synthkit.report.histogram import Unit, find_spikes, histogram


def test_a_hand_worked_histogram() -> None:
    # 200 rows, so 8 bins at most; five rows off either end the range is 1 .. 48: steps of ten.
    real = np.repeat(np.arange(0.0, 50.0), 4)
    synthetic = np.repeat(np.arange(0.0, 50.0, 5.0), 20)
    values = {"real": real, "synthetic": synthetic}
    rows = {"real": 250, "synthetic": 200}
    description, cells = histogram(values, rows, "integer")
    assert description["edges"] == [0, 10, 20, 30, 40, 50]
    assert description["real"] == [0.16] * 5  # 40 of 250 rows, 50 are missing
    assert description["synthetic"] == [0.2] * 5
    assert description["holdout"] is None
    assert description["spikes"] == []
    assert description["below"] == {"real": 0.0, "holdout": None, "synthetic": 0.0}
    # Five bins differ by 0.04 each, and 0.2 are missing on one side: (0.2 + 0.2) / 2.
    assert cells.gap("synthetic") == 0.2


def test_a_value_with_a_large_share_is_a_spike_and_leaves_the_bins() -> None:
    rng = np.random.default_rng(0)
    body = rng.uniform(100, 200, 400)
    values = {name: np.append(np.zeros(600), body) for name in ("real", "holdout", "synthetic")}
    description, _ = histogram(values, dict.fromkeys(values, 1000), "real")
    assert description["spikes"] == [{"value": 0, "real": 0.6, "holdout": 0.6, "synthetic": 0.6}]
    assert description["edges"][0] >= 90
    assert abs(sum(description["synthetic"]) + description["above"]["synthetic"] - 0.4) < 0.02


def test_spikes_need_to_stand_out_and_to_be_public() -> None:
    flat = np.repeat(np.arange(8.0), 10)
    assert find_spikes(flat, flat).tolist() == []
    peaks = np.concatenate([np.full(40, -1.0), np.full(30, 9.0), np.arange(100, 130)])
    assert find_spikes(peaks, peaks).tolist() == [-1.0, 9.0]
    only_real = np.append(np.full(90, 123.456), np.arange(10.0))
    assert find_spikes(only_real, np.arange(100.0)).tolist() == []
    four_real = np.append(np.full(4, 7.0), np.arange(100, 120.0))
    assert find_spikes(four_real, np.full(50, 7.0)).tolist() == []


def test_wide_ranges_get_a_log_scale_unless_only_the_synthetic_rows_are_wide() -> None:
    wide = np.geomspace(1, 100_000, 500)
    narrow = np.linspace(50, 100, 500)
    assert (
        histogram({"real": wide, "synthetic": wide}, {"real": 500, "synthetic": 500}, "real")[0][
            "scale"
        ]
        == "log"
    )
    odd = {"real": narrow, "synthetic": wide}
    assert histogram(odd, {"real": 500, "synthetic": 500}, "real")[0]["scale"] == "linear"


def test_a_log_axis_of_integers_still_shows_its_spike() -> None:
    wide = np.append(np.full(300, 7.0), np.round(np.geomspace(1, 10_000, 500)))
    description, _ = histogram(
        {"real": wide, "synthetic": wide}, {"real": 800, "synthetic": 800}, "integer"
    )
    assert description["scale"] == "log"
    assert description["edges"][:3] == [1, 2, 3]
    assert [spike["value"] for spike in description["spikes"]] == [7]


def test_infinities_lie_off_the_axis() -> None:
    values = np.append(np.linspace(0, 1, 100), [np.inf] * 5 + [-np.inf] * 6)
    description, _ = histogram(
        {"real": values, "synthetic": values}, {"real": 111, "synthetic": 111}, "real"
    )
    assert description["above"]["real"] >= 5 / 111 - 1e-6
    assert description["below"]["real"] >= 6 / 111 - 1e-6
    assert np.isfinite(description["edges"]).all()


FLOATS = st.lists(
    st.floats(allow_nan=False) | st.integers(0, 3).map(float), min_size=0, max_size=60
)


@given(FLOATS, FLOATS, st.sampled_from(["real", "integer", "duration"]))
def test_any_values_are_counted_once_and_give_strict_json(
    real: list[float], synthetic: list[float], unit: Unit
) -> None:
    values = {"real": np.array(real), "synthetic": np.array(synthetic)}
    rows = {table: len(v) for table, v in values.items()}
    description, cells = histogram(values, rows, unit)
    json.dumps(description, allow_nan=False)
    assert {table: int(counts.sum()) for table, counts in cells.counts.items()} == rows
    assert len(description["edges"]) in (0, len(description["real"]) + 1)


def test_few_or_no_values_give_no_bins() -> None:
    few = {"real": np.array([3.0, 4.0]), "synthetic": np.array([])}
    description, cells = histogram(few, {"real": 2, "synthetic": 0}, "real")
    assert description["edges"] == []
    assert description["real"] == []
    assert cells.gap("synthetic") is None


def test_small_real_cells_are_drawn_empty_and_counted_in_the_gap() -> None:
    counts = {"real": np.array([4, 5, 91]), "synthetic": np.array([1, 8, 91])}
    cells = Cells(counts, {"real": 100, "synthetic": 100})
    assert cells.shares() == {
        "real": [0.0, 0.05, 0.91],
        "holdout": None,
        "synthetic": [0.01, 0.08, 0.91],
    }
    assert cells.gap("synthetic") == 0.03


def series(counts: dict[str, int]) -> pd.Series:
    return pd.Series([level for level, n in counts.items() for _ in range(n)], dtype=object)


def test_hand_worked_categories() -> None:
    values = {
        "real": series({"a": 50, "b": 30, "rare": 4, "real only": 16}),
        "synthetic": series({"a": 40, "b": 40, "rare": 10, "synthetic only": 10}),
    }
    description, cells = categories(values, {"real": 100, "synthetic": 100})
    assert description["labels"] == ["a", "b"]
    assert description["real"] == [0.5, 0.3]
    assert description["synthetic"] == [0.4, 0.4]
    assert description["other"] == {
        "real": 0.2,
        "holdout": None,
        "synthetic": 0.2,
        "levels": {"real": 2, "holdout": None, "synthetic": 2},
    }
    assert cells.gap("synthetic") == 0.1


def test_ordinal_levels_keep_their_order_and_others_go_by_size() -> None:
    values = {"real": series({"high": 30, "low": 10, "mid": 20})} | {
        "synthetic": series({"high": 1, "low": 1, "mid": 1})
    }
    rows = {"real": 60, "synthetic": 3}
    assert categories(values, rows)[0]["labels"] == ["high", "mid", "low"]
    ordered, _ = categories(values, rows, ("low", "mid", "high"))
    assert ordered["labels"] == ["low", "mid", "high"]
    assert ordered["real"] == [0.167, 0.333, 0.5]  # three digits
    assert ordered["synthetic"] == [round(1 / 3, 6)] * 3


def test_at_most_twenty_levels_are_named() -> None:
    levels = series({f"level {i:02d}": 40 - i for i in range(30)})
    rows = {"real": len(levels), "synthetic": len(levels)}
    description, _ = categories({"real": levels, "synthetic": levels}, rows)
    assert description["labels"] == [f"level {i:02d}" for i in range(20)]
    assert description["other"]["levels"]["real"] == 10
