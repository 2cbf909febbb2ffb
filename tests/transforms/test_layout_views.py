"""The views of a rank field: bins and states, and their inverses at every boundary."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthkit.transforms.layout import (
    Categorical,
    Layout,
    Numeric,
    edges,
    from_bins,
    from_states,
    to_bins,
    to_states,
)


@st.composite
def fields(draw: st.DrawFn) -> Numeric:
    """Numeric fields with 0 to 5 spikes, which may touch each other, 0 and 1."""
    cuts = draw(st.lists(st.integers(0, 100), min_size=2, max_size=8, unique=True))
    points = [cut / 100 for cut in sorted(cuts)]
    chosen = draw(st.lists(st.booleans(), min_size=len(points) - 1, max_size=len(points) - 1))
    spikes = tuple(
        (low, high) for low, high, yes in zip(points, points[1:], chosen, strict=False) if yes
    )
    return Numeric("x", spikes=spikes, nullable=True)


def ranks_of(field: Numeric) -> np.ndarray:
    """Random ranks, 0, 1, NaN, every end of a spike and its neighbours in float64."""
    ends = np.array([end for spike in field.spikes for end in spike])
    near = np.concatenate([ends, np.nextafter(ends, 0), np.nextafter(ends, 1)])
    return np.concatenate([np.random.default_rng(0).random(200), [0.0, 1.0, np.nan], near])


@given(fields(), st.integers(1, 300))
def test_every_spike_is_one_bin_and_bins_are_narrow(field: Numeric, k: int) -> None:
    cuts = edges(field, k)
    assert cuts[0] == 0.0
    assert cuts[-1] == 1.0
    assert np.all(np.diff(cuts) > 0)
    assert len(cuts) - 1 <= k + 2 * len(field.spikes) + 1
    pairs = set(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True))
    assert set(field.spikes) <= pairs
    others = [high - low for low, high in pairs - set(field.spikes)]
    assert all(width <= 1.5 / k + 1e-12 for width in others)


def test_a_small_share_beside_a_spike_is_cut_more_finely_in_all_its_stretches() -> None:
    # a continuous share of 1/16 in two stretches, 3 to 1: of 128 bins 128 (1/16)^(1/4) = 64
    field = Numeric("x", spikes=((3 / 64, 63 / 64),))
    low, high = np.array(edges(field, 128, 0.25)).searchsorted([3 / 64, 63 / 64])
    assert low == 48
    assert len(edges(field, 128, 0.25)) - 1 - high == 16
    assert len(edges(field, 128, 1.0)) - 1 == 8 + 1  # by their width alone


@given(fields(), st.integers(1, 300))
def test_a_rank_drawn_from_a_bin_is_in_that_bin(field: Numeric, k: int) -> None:
    cuts = edges(field, k)
    codes = to_bins(ranks_of(field), cuts)
    assert codes.min() >= 0
    assert codes.max() == len(cuts) - 1  # the missing one
    drawn = from_bins(codes, cuts, np.random.default_rng(1))
    assert np.array_equal(to_bins(drawn, cuts), codes)


@given(fields())
def test_states_survive_the_way_back(field: Numeric) -> None:
    u = ranks_of(field)
    state, z = to_states(field, u)
    assert np.all(np.isfinite(z))
    assert np.array_equal(state == len(field.spikes) + 1, np.isnan(u))
    back = from_states(field, state, z, np.random.default_rng(1))
    again, z_again = to_states(field, back)
    assert np.array_equal(again, state)
    np.testing.assert_allclose(z_again, z, atol=1e-6)
    free = np.flatnonzero(state[:200] == 0)  # the random ones: an end of a spike may change sides
    np.testing.assert_allclose(back[free], u[free], atol=2e-6)


def test_states_of_a_worked_example() -> None:
    field = Numeric("x", spikes=((0.0, 0.2), (0.6, 1.0)), nullable=True)
    state, z = to_states(field, np.array([0.0, 0.1, 0.2, 0.4, 0.6, 1.0, np.nan]))
    assert state.tolist() == [1, 1, 0, 0, 2, 2, 3]
    assert z[3] == pytest.approx(0.0, abs=1e-12)  # the middle of the continuous part
    assert z[2] < -4


@pytest.mark.parametrize("z", [-50.0, 50.0, -np.inf, np.inf])
@pytest.mark.parametrize(
    "spikes", [(), ((0.0, 0.3),), ((0.7, 1.0),), ((0.0, 0.3), (0.7, 1.0)), ((0.4, 0.5),)]
)
def test_an_extreme_score_stays_continuous(z: float, spikes: tuple) -> None:
    field = Numeric("x", spikes=spikes)
    u = from_states(field, np.zeros(1, np.int32), np.array([z]), np.random.default_rng(0))
    assert 0.0 <= u[0] <= 1.0
    assert to_states(field, u)[0][0] == 0


def test_a_spike_that_covers_everything_has_no_continuous_state() -> None:
    field = Numeric("x", spikes=((0.0, 1.0),))
    state, _ = to_states(field, np.array([0.0, 0.5, 1.0]))
    assert state.tolist() == [1, 1, 1]
    u = from_states(field, np.array([0, 1]), np.array([0.3, 0.0]), np.random.default_rng(0))
    assert to_states(field, u)[0].tolist() == [1, 1]


def test_scores_of_uniform_ranks_are_standard_normal() -> None:
    field = Numeric("x", spikes=((0.25, 0.5),))
    state, z = to_states(field, np.linspace(0.0005, 0.9995, 1000))
    assert (state == 1).mean() == pytest.approx(0.25, abs=0.002)
    assert z[state == 0].mean() == pytest.approx(0.0, abs=0.01)
    assert z[state == 0].std() == pytest.approx(1.0, abs=0.01)


LAYOUT = Layout(
    (
        Categorical("c", 3, missing=2, column="c"),
        Numeric("x", spikes=((0.1, 0.4),), column="x"),
    )
)


def test_a_layout_comes_back_from_json() -> None:
    assert Layout.from_json(LAYOUT.to_json()) == LAYOUT
    assert LAYOUT.of_column("x") == (LAYOUT["x"],)


@pytest.mark.parametrize(
    ("codes", "ranks", "words"),
    [
        ([0, 3], [0.1, 0.2], "outside"),
        ([0, -1], [0.1, 0.2], "outside"),
        ([0.0, 1.0], [0.1, 0.2], "dtype"),
        ([0, 1], [0.1, 1.5], "outside"),
        ([0, 1], [0.1, np.nan], "missing"),
        ([0, 1], [0, 1], "dtype"),
        ([0, 1], [0.1], "lengths"),
    ],
)
def test_a_batch_that_does_not_fit_is_refused(codes: list, ranks: list, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        LAYOUT.check({"c": np.array(codes), "x": np.array(ranks)})


def test_check_counts_rows_and_wants_all_fields() -> None:
    assert LAYOUT.check({"c": np.array([0, 2]), "x": np.array([0.0, 1.0])}) == 2
    with pytest.raises(ValueError, match="differ"):
        LAYOUT.check({"c": np.array([0])})
    with pytest.raises(ValueError, match="repeat"):
        Layout((Numeric("x"), Numeric("x")))
