"""Whole and round amounts: hand-worked weights, exactness, and as many of them as in training."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthkit.recipe import ProtectSpec
from synthkit.schema import Column, Inequality, Schema
from synthkit.transforms.cells import Cells
from synthkit.transforms.heaps import Heaps, Runs
from synthkit.transforms.ranks import Ranks
from synthkit.transforms.table import TableEncoder

OFF = ProtectSpec(rare=0, extremes=0)
ON = ProtectSpec()
N = 6000


def amounts(stray: float, seed: int = 0) -> np.ndarray:
    """(N,) cents around 70,000.00 of both signs, a share of them with cents."""
    rng = np.random.default_rng(seed)
    whole = 100 * rng.normal(70_000, 40_000, N).astype(np.int64)
    return whole + (rng.random(N) < stray) * rng.integers(1, 100, N)


def one_run(values: np.ndarray, counts: np.ndarray, step: int, origin: int = 0) -> Runs:
    """One cell around all values."""
    cells = Cells(np.array([origin]), np.array([values.max()]), step, 0, 0)
    return Runs.of(values, counts, np.zeros(len(values), int), cells)


def test_whole_numbers_weigh_as_much_as_their_rows() -> None:
    values, counts = np.array([0, 100, 200, 230, 300]), np.array([1, 1, 5, 1, 2])
    found = Heaps.of(one_run(values, counts, step=10), unit=100, rounded=False)
    share = (9 + 1 / 10) / 11
    assert found is not None
    assert found.periods == (1, 10)
    assert found.weights == pytest.approx(((1 - share) / 9, share))


@pytest.mark.parametrize(
    "numbers",
    [
        1000 * np.arange(-20, 20) + 7,  # a lattice beside the round numbers
        np.repeat(1000 * np.arange(80), 50),  # atoms only
        np.array([1000]),
        10**12 * np.arange(-9_000_000, 9_000_000, 4999) + 5 * (np.arange(3601) % 7),  # too far
    ],
)
def test_a_lattice_without_round_points_or_runs_has_no_heaps(numbers: np.ndarray) -> None:
    assert Ranks.fit(numbers, OFF, nullable=False, unit=100, rounded=True).heaps is None


@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize(
    ("unit", "origin", "step", "values"),
    [
        (1, 0, 1, [1, 2, 3]),  # integers
        (100, 0, 100, [100, 200, 300]),  # all whole
        (100, 0, 250, [250, 500, 1000]),  # quarters: a whole number may be no point
        (100, 0, 1, [101, 202, 300]),  # mostly decimals
        (1, 0, 1, [1000] * 9 + [1003]),  # one round number, whose heap would tell it
    ],
)
def test_other_lattices_have_equal_weights(
    unit: int, origin: int, step: int, values: list[int], rounded: bool
) -> None:
    array, counts = np.unique(np.array(values, np.int64), return_counts=True)
    assert Heaps.of(one_run(array, counts, step, origin), unit, rounded=rounded) is None


def test_places_by_hand() -> None:
    heaps = Heaps((1, 4), (0.1, 0.7))  # from 0 to 4 the points weigh 0.7, 0.1, 0.1, 0.1, 0.7
    points = np.arange(5)
    found = heaps.place(points, np.zeros(5, int), np.full(5, 4), np.full(5, 0.5))
    assert found == pytest.approx(np.array([0.35, 0.75, 0.85, 0.95, 1.35]) / 1.7)


WEIGHTS = st.floats(0.001, 1.0)


@st.composite
def chains(draw: st.DrawFn) -> Heaps:
    """Up to four periods with any weights."""
    factors = draw(st.lists(st.integers(2, 20), max_size=3))
    periods = np.cumprod([1, *factors]).tolist()
    return Heaps(tuple(periods), tuple(draw(WEIGHTS) for _ in periods))


@given(chains(), st.integers(-500, 500), st.integers(0, 300))
def test_every_point_has_the_weight_of_its_roundest_period(
    heaps: Heaps, first: int, span: int
) -> None:
    points = np.arange(first, first + span + 1)
    weight = np.zeros(len(points))
    for period, own in zip(heaps.periods, heaps.weights, strict=True):
        weight[points % period == 0] = own
    low, high = np.full(len(points), first), np.full(len(points), first + span)
    ends = np.append(0, np.cumsum(weight)) / weight.sum()
    found = heaps.place(points, low, high, np.full(len(points), 0.5))
    assert found == pytest.approx((ends[1:] + ends[:-1]) / 2)
    for inside in (0.001, 0.5, 0.999):
        place = heaps.place(points, low, high, np.full(len(points), inside))
        assert np.array_equal(heaps.point(place, low, high), points)


@given(
    st.integers(2, 1000),
    st.floats(0.5, 0.999),
    st.integers(-(10**9), 10**9),
    st.integers(0, 10**5),
    st.floats(0, 1),
    st.floats(0.001, 0.999),
)
def test_a_point_comes_back_from_its_place(
    period: int, share: float, first: int, span: int, part: float, inside: float
) -> None:
    heaps = Heaps((1, period, 10 * period), ((1 - share) / (period - 1), share, 2 * share))
    low, high = np.array([first]), np.array([first + span])
    point = low + int(part * span)
    place = heaps.place(point, low, high, np.array([inside]))
    assert 0 < place[0] < 1
    assert heaps.point(place, low, high) == point


@pytest.mark.parametrize("stray", [0.002, 0.05, 0.4])
@pytest.mark.parametrize("protect", [OFF, ON])
def test_as_many_amounts_are_whole_as_in_training(stray: float, protect: ProtectSpec) -> None:
    numbers = amounts(stray)
    ranks = Ranks.fit(numbers, protect, nullable=False, unit=100)
    drawn = ranks.draw(100_000, np.random.default_rng(0))
    assert np.mean(drawn % 100 == 0) == pytest.approx(np.mean(numbers % 100 == 0), abs=0.006)
    for share in (0.1, 0.5, 0.9):
        assert np.mean(drawn <= np.quantile(numbers, share)) == pytest.approx(share, abs=0.007)


def test_all_weigh_the_same_without_the_unit() -> None:  # the fault that this is about
    drawn = Ranks.fit(amounts(0.05), ON, nullable=False).draw(10_000, np.random.default_rng(0))
    assert np.mean(drawn % 100 == 0) < 0.1


def test_with_the_protections_off_amounts_come_back_exactly() -> None:
    numbers = amounts(0.05)
    ranks = Ranks.fit(numbers, OFF, nullable=False, unit=100)
    ranks = Ranks.from_state(ranks.state())
    assert ranks.heaps is not None
    field = ranks.encode(numbers, np.zeros(N, bool), np.random.default_rng(0))
    assert np.array_equal(ranks.decode(field)[0], numbers)


def test_amounts_outside_of_every_cell_are_moved_into_one() -> None:
    ranks = Ranks.fit(amounts(0.05), ON, nullable=False, unit=100)
    numbers = np.array([-(10**12), 10**12])
    moved, _ = ranks.decode(ranks.encode(numbers, np.zeros(2, bool), np.random.default_rng(0)))
    assert ranks.low[0] <= moved[0] <= ranks.high[0]
    assert ranks.low[-1] <= moved[1] <= ranks.high[-1]


@pytest.mark.parametrize("ordered", [False, True])
def test_columns_keep_their_share_of_whole_amounts(ordered: bool) -> None:
    typed = pd.DataFrame({"due": amounts(0.03) / 100})
    typed["value"] = typed["due"] + np.abs(amounts(0.03, seed=1)) / 100
    typed = typed.round(2)
    rule = Inequality(kind="inequality", low="due", high="value")
    schema = Schema(
        columns=tuple(Column(name=n, kind="real", decimals=2) for n in typed),
        constraints=(rule,) if ordered else (),
    )
    encoder = TableEncoder.fit(typed, schema, ON, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    made = encoder.inverse_transform({f.name: rng.random(N) for f in encoder.layout.fields}, rng)
    for name in typed:
        real, found = ((table[name] % 1 == 0).mean() for table in (typed, made))
        assert found == pytest.approx(real, abs=0.02)


def heaped(seed: int = 0, scale: int = 1) -> np.ndarray:
    """(N,) incomes: 50 % to the unit, 30 % rounded to 100, 20 % to 5000."""
    rng = np.random.default_rng(seed)
    exact = rng.lognormal(10.5, 0.6, N)
    to = rng.choice([1, 100, 5000], N, p=[0.5, 0.3, 0.2])
    return scale * (to * np.maximum(np.rint(exact / to), 1)).astype(np.int64)


@pytest.mark.parametrize("protect", [OFF, ON])
@pytest.mark.parametrize(("scale", "unit"), [(1, 1), (-1, 1), (100, 100), (1, 100)])
def test_as_many_are_round_as_in_training(scale: int, unit: int, protect: ProtectSpec) -> None:
    numbers = heaped(scale=scale)
    numbers[0] += scale == 100  # cents exist
    ranks = Ranks.fit(numbers, protect, nullable=False, unit=unit, rounded=True)
    drawn = ranks.draw(100_000, np.random.default_rng(0))
    for period in (10, 50, 100, 500, 1000, 5000, 10_000):
        real, made = (np.mean(rows % (period * abs(scale)) == 0) for rows in (numbers, drawn))
        assert made == pytest.approx(real, abs=0.015)
    for share in (0.1, 0.5, 0.9):
        below = np.mean(numbers <= np.quantile(numbers, share))
        assert np.mean(drawn <= np.quantile(numbers, share)) == pytest.approx(below, abs=0.02)


def test_without_them_round_numbers_would_be_few() -> None:  # the fault that this is about
    drawn = Ranks.fit(heaped(), ON, nullable=False).draw(100_000, np.random.default_rng(0))
    assert np.mean(drawn % 100 == 0) < 0.6 * np.mean(heaped() % 100 == 0)


@pytest.mark.parametrize("protect", [OFF, ON])
@pytest.mark.parametrize("seed", range(5))
def test_a_column_without_heaps_is_as_before(seed: int, protect: ProtectSpec) -> None:
    rng = np.random.default_rng(seed)
    columns = {
        "even": rng.integers(0, 10**6, N),
        "skewed": rng.lognormal(10, 2, N).astype(np.int64),
        "normal": np.rint(rng.normal(0, 3000, N)).astype(np.int64),
        "short": rng.integers(0, 900, N),
        "few": rng.integers(0, 10**5, 60),
        "steps": 25 * rng.integers(0, 10**5, N),
        "two runs": np.where(rng.random(N) < 0.5, 990, 10**6) + rng.integers(0, 400, N),
    }
    for numbers in columns.values():
        assert Ranks.fit(numbers, protect, nullable=False, unit=100, rounded=True).heaps is None


def test_round_numbers_come_back_exactly_from_the_state() -> None:
    numbers = heaped()
    ranks = Ranks.fit(numbers, OFF, nullable=False, rounded=True)
    assert ranks.heaps is not None
    assert ranks.heaps.periods == (1, 100, 5000)
    again = Ranks.from_state(ranks.state())
    assert again.heaps == ranks.heaps
    field = again.encode(numbers, np.zeros(N, bool), np.random.default_rng(0))
    assert np.array_equal(again.decode(field)[0], numbers)
