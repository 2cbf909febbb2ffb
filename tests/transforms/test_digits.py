"""Real numbers come out with no more digits than the column's own."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import synthkit as sk
from synthkit.recipe import ProtectSpec
from synthkit.schema import Column, Inequality, Schema
from synthkit.transforms.digits import Digits
from synthkit.transforms.table import TableEncoder

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def size(value: float) -> tuple[int, int]:
    """Significant digits and decimals of the shortest exact spelling."""
    _, digits, power = Decimal(repr(value)).normalize().as_tuple()
    return (len(digits) if any(digits) else 0), max(-power, 0)


@pytest.mark.parametrize(
    ("values", "significant", "places"),
    [
        ([0.25, -103.5, 0.0], 4, 2),
        ([100.0, 2e6], 1, 0),
        ([94.3666666666667, 3.71131229945985], 15, 14),
        ([1.5e-12, -2e-11], 2, 13),
        ([1.25e20], 3, 0),
    ],
)
def test_digits_are_counted_as_spelled(values: list, significant: int, places: int) -> None:
    assert Digits.of(values) == Digits(significant, places)


def test_full_precision_is_left_alone() -> None:
    assert Digits.of([1.5, 0.30000000000000004]) is None
    assert Digits.of([]) is None
    assert Digits.of([0.0]) is None


@given(st.lists(FINITE, min_size=1, max_size=8), st.integers(1, 15))
def test_rounding_keeps_the_columns_numbers_and_shortens_others(values: list, keep: int) -> None:
    cells = [float(f"{value:.{keep - 1}e}") for value in values]
    cells = [value for value in cells if np.isfinite(value)]
    digits = Digits.of(cells)
    if digits is None:  # nothing but zeros, or one next to the smallest float64
        return
    assert digits.rounded(np.array(cells)).tolist() == cells
    made = digits.rounded(rng().normal(size=50) * min(max(map(abs, cells)), 1e300))
    for value in made.tolist():
        significant, places = size(value)
        assert significant <= digits.significant
        assert places <= digits.places


def test_numbers_come_out_as_short_as_they_came_in() -> None:
    n = 900
    months = np.array([float(f"{x:.15g}") for x in 1200 * rng().random(n)])
    tiny = np.array([float(f"{x:.3g}") for x in 1e-12 * rng().random(n)])
    frame = pd.DataFrame({"months": months, "tiny": tiny, "full": rng().normal(size=n)})
    model = sk.fit(frame, seed=1)
    assert model.schema["months"].decimals is None
    made = model.sample(500)
    for name in ("months", "tiny"):
        most = np.max([size(value) for value in frame[name].tolist()], axis=0)
        assert np.all(np.max([size(value) for value in made[name].tolist()], axis=0) <= most)
    assert not made["months"].isin(frame["months"]).any()
    assert max(size(value)[0] for value in made["full"].tolist()) == 17
    again = sk.fit(frame.astype(str), seed=1).sample(500)["months"]
    assert again.str.replace(".", "").str.lstrip("0").str.len().max() <= 15


def test_rounding_keeps_a_number_at_or_above_its_anchor() -> None:
    n = 400
    low = 0.1 * rng().integers(1, 2000, n) / 3  # 17 digits
    high = np.array([float(f"{x:.4g}") for x in low + 0.01 + rng().exponential(0.01, n)])
    high = np.where(high < low, np.ceil(low), high)
    typed = pd.DataFrame({"low": low, "high": high})
    schema = Schema(
        columns=(Column(name="low", kind="real"), Column(name="high", kind="real")),
        constraints=(Inequality(kind="inequality", low="low", high="high"),),
    )
    encoder = TableEncoder.fit(typed, schema, ProtectSpec(), rng())
    for coder in (encoder, TableEncoder.from_state(schema, encoder.state())):
        batch = {name: rng().random(n) for name in encoder.layout.names}
        made = coder.inverse_transform(batch, rng())
        assert (made["low"] <= made["high"]).all()
        short = [size(value)[0] <= 4 for value in made["high"].tolist()]
        assert 0.4 < np.mean(short) <= 1


def test_tiny_numbers_keep_their_last_digit() -> None:
    numbers = np.array([5.960464477539063e-08, 1.5e-300, -2.5e-12])
    digits = Digits.of(numbers)
    assert digits is not None
    assert np.array_equal(digits.rounded(numbers), numbers)
