"""Ranks: hand-worked cells, the two laws of the transform, exactness, protection."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from synthkit.recipe import ProtectSpec
from synthkit.transforms.layout import Categorical, Numeric, with_wide_spikes
from synthkit.transforms.ranks import MOST_SPIKES, Ranks

OFF = ProtectSpec(rare=0, extremes=0)
ON = ProtectSpec()
N = 4000


def fit(numbers: np.ndarray, protect: ProtectSpec = ON, nullable: bool = False) -> Ranks:
    return Ranks.fit(np.asarray(numbers), protect, nullable=nullable)


def round_trip(ranks: Ranks, numbers: np.ndarray, seed: int = 0) -> np.ndarray:
    present = np.zeros(len(numbers), bool)
    return ranks.decode(ranks.encode(numbers, present, np.random.default_rng(seed)))[0]


def columns() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    zeros = rng.random(N) < 0.7
    return {
        "normal": rng.normal(size=N),
        "heavy tail": rng.standard_cauchy(N),
        "log scale": 10.0 ** rng.uniform(-200, 200, N),
        "inflated": np.where(zeros, 0.0, rng.exponential(size=N)),
        "two spikes": np.select([zeros, rng.random(N) < 0.5], [0.0, 99.5], rng.normal(50, 9, N)),
        "ages": rng.binomial(80, 0.4, N),
        "fine integers": rng.integers(0, 10**9, N),
        "multiples": 250 * rng.geometric(0.01, N),
        "heaped": np.where(
            rng.random(N) < 0.6, 5 * rng.integers(4, 16, N), rng.integers(18, 80, N)
        ),
        "one wide gap": np.where(zeros, rng.integers(0, 900, N), 10**15 + rng.integers(0, 900, N)),
        "constant": np.full(N, 7),
        "pair": rng.integers(0, 2, N),
    }


@pytest.fixture(params=sorted(columns()))
def column(request: pytest.FixtureRequest) -> np.ndarray:
    return columns()[request.param]


# laws


@pytest.mark.parametrize("protect", [OFF, ON])
@pytest.mark.parametrize("name", sorted(columns().keys() - {"constant", "pair"}))
def test_ranks_of_the_training_rows_are_uniform(name: str, protect: ProtectSpec) -> None:
    column = columns()[name]
    ranks = fit(column, protect)
    u = ranks.encode(column, np.zeros(N, bool), np.random.default_rng(0))
    assert kstest(u, "uniform").pvalue > 0.01


@pytest.mark.parametrize("protect", [OFF, ON])
def test_random_ranks_decode_to_the_training_distribution(
    column: np.ndarray, protect: ProtectSpec
) -> None:
    drawn = fit(column, protect).draw(200_000, np.random.default_rng(0))
    values, counts = np.unique(column, return_counts=True)
    grid = np.concatenate([values[counts > 20], np.quantile(column, np.linspace(0, 1, 41))])
    for point in grid:
        for side in (np.less, np.less_equal):  # both sides of a spike: its mass is right too
            expected, found = side(column, point).mean(), side(drawn, point).mean()
            assert abs(expected - found) < 0.007


def test_spikes_are_the_atoms_of_one_in_a_thousand() -> None:
    numbers = np.concatenate(
        [np.zeros(600), np.full(50, 0.5), np.full(8, 0.7), np.linspace(1, 2, 9342)]
    )
    field = fit(numbers).field()
    assert isinstance(field, Numeric)
    assert np.allclose(field.spikes, ((0.0, 0.06), (0.06, 0.065)))
    assert np.allclose(with_wide_spikes(field).spikes, ((0.0, 0.06),))


def test_no_more_spikes_than_a_hundred_the_largest() -> None:
    counts = np.arange(20, 140)
    numbers = np.concatenate([np.repeat(np.arange(120), counts), np.linspace(200, 300, 4000)])
    field = fit(numbers).field()
    assert isinstance(field, Numeric)
    assert len(field.spikes) == MOST_SPIKES
    widths = [high - low for low, high in field.spikes]
    assert min(widths) == pytest.approx(40 / len(numbers))


def test_few_values_become_ordered_codes() -> None:
    numbers = np.repeat([3, 5, 1], [10, 20, 70])
    ranks = fit(numbers, nullable=True)
    assert ranks.field("n") == Categorical("n", 4, ordered=True, missing=3)
    codes = ranks.encode(
        np.array([1, 3, 5, 0]), np.array([False, False, False, True]), np.random.default_rng(0)
    )
    assert codes.tolist() == [0, 1, 2, 3]
    numbers, missing = ranks.decode(codes)
    assert numbers[:3].tolist() == [1, 3, 5]
    assert missing.tolist() == [False, False, False, True]


def test_many_values_do_not() -> None:
    numbers = np.repeat(np.arange(51), 20)
    assert isinstance(fit(numbers).field(), Numeric)
    assert isinstance(fit(numbers[numbers < 50]).field(), Categorical)


# lattice and holes


def test_no_value_is_invented_in_a_column_of_repeated_values() -> None:
    rng = np.random.default_rng(0)
    numbers = 89 * rng.integers(0, 100, 5000)
    drawn = fit(numbers).draw(20_000, rng)
    assert np.isin(drawn, numbers).all()


def test_rare_values_between_atoms_move_to_the_nearest() -> None:
    numbers = np.concatenate([np.repeat([10, 20, 30], 300), [21, 22, 28]])
    ranks = fit(numbers, ProtectSpec(rare=5, extremes=0))
    assert ranks.low.tolist() == ranks.high.tolist() == [10, 20, 30]
    assert np.diff(ranks.edges) == pytest.approx(np.array([300, 302, 301]) / 903)
    assert ranks.hidden == {"merged_rows": 3}
    assert round_trip(ranks, np.array([21, 28, -5, 99])).tolist() == [20, 30, 10, 30]


def test_continuous_columns_keep_their_step() -> None:
    rng = np.random.default_rng(0)
    drawn = fit(50 * rng.integers(0, 10**6, 3000)).draw(5000, rng)
    assert np.all(drawn % 50 == 0)


def test_a_hole_between_clusters_stays_almost_empty() -> None:
    rng = np.random.default_rng(0)
    numbers = np.concatenate([rng.normal(0, 1, 5000), rng.normal(1000, 1, 5000)])
    drawn = fit(numbers).draw(50_000, rng)
    assert np.mean((drawn > 10) & (drawn < 990)) <= 0.002


def test_cells_ascend_without_overlap(column: np.ndarray) -> None:
    for protect in (OFF, ON, ProtectSpec(rare=50, extremes=0), ProtectSpec(rare=0, extremes=50)):
        ranks = fit(column, protect)
        assert np.all(ranks.low <= ranks.high)
        assert np.all(ranks.high[:-1] < ranks.low[1:]) or ranks.step == 0
        assert np.all(ranks.high[:-1] <= ranks.low[1:])
        assert np.all(np.diff(ranks.edges) > 0)
        assert ranks.edges[0] == 0.0
        assert ranks.edges[-1] == 1.0


# exactness with the protections off

integers = st.lists(
    st.integers(-(2**63), 2**63 - 1) | st.integers(-50, 50), min_size=1, max_size=60
)
floats = st.lists(
    st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0.0, -0.0, 5e-324, -5e-324, 1e300, -1e300, 1.7976931348623157e308, 1.0]),
    min_size=1,
    max_size=60,
)


@given(integers, st.integers(0, 2**32))
def test_integers_come_back_exactly(numbers: list[int], seed: int) -> None:
    array = np.array(numbers, np.int64)
    assert np.array_equal(round_trip(fit(array, OFF), array, seed), array)


@given(floats, st.integers(0, 2**32))
def test_floats_come_back_exactly_from_small_columns(numbers: list[float], seed: int) -> None:
    array = np.array(numbers)
    assert np.array_equal(round_trip(fit(array, OFF), array, seed), array)


def test_large_columns_come_back(column: np.ndarray) -> None:
    back = round_trip(fit(column, OFF), column)
    if column.dtype.kind == "i":
        assert np.array_equal(back, column)
    else:
        np.testing.assert_allclose(back, column, rtol=1e-9, atol=0)


def test_huge_integers_come_back_from_large_columns() -> None:
    numbers = np.random.default_rng(0).integers(-(2**62), 2**62, 5000)
    assert np.array_equal(round_trip(fit(numbers, OFF), numbers), numbers)


@pytest.mark.parametrize("numbers", [[3], [3, 3], [2**63 - 1, -(2**63)], [1.5e308, -1.5e308]])
@pytest.mark.parametrize("protect", [OFF, ON])
def test_tiny_columns_work(numbers: list, protect: ProtectSpec) -> None:
    ranks = fit(np.array(numbers), protect)
    back = round_trip(ranks, np.array(numbers))
    assert np.all(np.isfinite(back))
    if protect is OFF:
        assert back.tolist() == numbers


# protection


def test_extremes_are_clipped_and_counted() -> None:
    numbers = np.concatenate([np.linspace(0, 100, 1000), [1e6, 2e6, 3e6]])
    ranks = fit(numbers, ProtectSpec(rare=0, extremes=3))
    assert ranks.extreme_rows == 6
    assert ranks.high[-1] < 101
    assert ranks.low[0] > 0
    assert round_trip(ranks, np.array([2e6]))[0] > 99


def test_an_extreme_that_many_share_is_kept() -> None:
    numbers = np.concatenate([np.arange(1000), np.full(40, 99_999)])
    ranks = fit(numbers)
    assert ranks.high[-1] == 99_999
    assert ranks.extreme_rows == 5


def test_the_hidden_extremes_are_spread_not_piled_up() -> None:
    numbers = np.random.default_rng(0).normal(size=2000)
    ranks = fit(numbers)
    u = ranks.encode(np.full(500, 1e9), np.zeros(500, bool), np.random.default_rng(0))
    assert len(np.unique(ranks.decode(u)[0])) == 500


@pytest.mark.parametrize("rare", [2, 5, 20])
def test_every_cell_holds_enough_rows(column: np.ndarray, rare: int) -> None:
    ranks = fit(column, ProtectSpec(rare=rare, extremes=0))
    assert np.all(np.diff(ranks.edges) * N > rare - 1e-6)


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=300), st.integers(2, 9))
def test_an_atom_is_shared_by_enough_rows(numbers: list[int], rare: int) -> None:
    ranks = fit(np.array(numbers), ProtectSpec(rare=rare, extremes=0))
    values, counts = np.unique(numbers, return_counts=True)
    shared = set(values[counts >= rare].tolist())
    assert set(ranks.low[ranks.low == ranks.high].tolist()) <= shared


@pytest.mark.parametrize("numbers", [[41237], [41237, 41239], [-7.31], [0]])
def test_a_column_too_small_tells_only_its_magnitude(numbers: list) -> None:
    ranks = fit(np.array(numbers))
    assert len(ranks.low) == 1
    assert ranks.low[0] < numbers[0] <= ranks.high[0]
    assert not np.isin([ranks.low[0], ranks.high[0]], numbers).any()


def test_a_missing_cell_never_seen_is_drawn() -> None:
    for numbers in (np.repeat([1, 2], 50), np.arange(1000)):
        ranks = fit(numbers)
        field = ranks.encode(np.zeros(9, np.int64), np.ones(9, bool), np.random.default_rng(0))
        assert not ranks.decode(field)[1].any()


def test_state_round_trip(column: np.ndarray) -> None:
    ranks = fit(column, nullable=True)
    again = Ranks.from_state(ranks.state())
    u = np.random.default_rng(0).random(100)
    if not ranks.discrete:
        assert ranks.decode(u)[0].tobytes() == again.decode(u)[0].tobytes()
    assert again.field() == ranks.field()
    assert again.hidden == ranks.hidden


def test_no_row_is_as_good_as_many() -> None:
    ranks = fit(np.arange(1000))
    assert (
        len(ranks.encode(np.zeros(0, np.int64), np.zeros(0, bool), np.random.default_rng(0))) == 0
    )
    assert len(ranks.decode(np.zeros(0))[0]) == 0
