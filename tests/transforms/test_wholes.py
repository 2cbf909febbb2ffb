"""Amounts of which a few have decimals: hand-worked weights, exactness, and the share of whole ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthkit.recipe import ProtectSpec
from synthkit.schema import Column, Inequality, Schema
from synthkit.transforms.ranks import Ranks
from synthkit.transforms.table import TableEncoder
from synthkit.transforms.wholes import Wholes

OFF = ProtectSpec(rare=0, extremes=0)
ON = ProtectSpec()
N = 6000


def amounts(stray: float, seed: int = 0) -> np.ndarray:
    """(N,) cents around 70,000.00 of both signs, a share of them with cents."""
    rng = np.random.default_rng(seed)
    whole = 100 * rng.normal(70_000, 40_000, N).astype(np.int64)
    return whole + (rng.random(N) < stray) * rng.integers(1, 100, N)


def test_whole_numbers_weigh_as_much_as_their_rows() -> None:
    values, counts = np.array([0, 100, 200, 230, 300]), np.array([1, 1, 5, 1, 2])
    found = Wholes.of(values, counts, unit=100, origin=0, step=10)
    assert found == Wholes(10, pytest.approx((9 + 1 / 10) / 11))


@pytest.mark.parametrize(
    ("unit", "origin", "step", "values"),
    [
        (1, 0, 1, [1, 2, 3]),  # integers
        (100, 0, 100, [100, 200, 300]),  # all whole
        (100, 0, 250, [250, 500, 1000]),  # quarters: a whole number may be no point
        (100, 5, 10, [15, 100, 200]),  # a lattice beside the whole numbers
        (100, 0, 1, [101, 202, 300]),  # mostly decimals
        (100, 0, 1, []),  # atoms only
    ],
)
def test_other_lattices_have_equal_weights(
    unit: int, origin: int, step: int, values: list[int]
) -> None:
    array = np.array(values, np.int64)
    assert Wholes.of(array, np.ones(len(array)), unit, origin, step) is None


def test_places_by_hand() -> None:
    wholes = Wholes(4, 0.7)  # from 0 to 4 the points weigh 0.7, 0.1, 0.1, 0.1, 0.7
    points = np.arange(5)
    found = wholes.place(points, np.zeros(5, int), np.full(5, 4), np.full(5, 0.5))
    assert found == pytest.approx(np.array([0.35, 0.75, 0.85, 0.95, 1.35]) / 1.7)


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
    wholes = Wholes(period, share)
    low, high = np.array([first]), np.array([first + span])
    point = low + int(part * span)
    place = wholes.place(point, low, high, np.array([inside]))
    assert 0 < place[0] < 1
    assert wholes.point(place, low, high) == point


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
    assert ranks.wholes is not None
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
