"""Laws of the splits of a category and of the boosted walk down them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthkit.generators.trees.boosted import Boosted
from synthkit.generators.trees.rows import Rows
from synthkit.generators.trees.splits import Splits

WEIGHTS = st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=60).map(np.array)


@given(WEIGHTS, st.randoms(use_true_random=False))
def test_the_odds_along_the_way_multiply_to_each_codes_share(weight, random) -> None:  # type: ignore[no-untyped-def]
    place = np.array([random.random() for _ in weight])
    splits = Splits.of(place, weight)
    assert np.array_equal(place[splits.order], np.sort(place))
    share = np.full(len(weight), np.nan)

    def descend(node: int, low: int, high: int, probability: float) -> None:
        if high - low == 1:
            share[splits.order[low]] = probability
            return
        right = 1 / (1 + np.exp(-splits.log_odds[node]))
        middle = splits.middle[node]
        assert splits.low[node] == low < middle < high
        descend(splits.children[node, 0], low, middle, probability * (1 - right))
        descend(splits.children[node, 1], middle, high, probability * right)

    descend(0, 0, len(weight), 1.0)
    assert np.allclose(share, weight / weight.sum())


def test_a_node_parts_its_weight_evenly() -> None:
    splits = Splits.of(np.arange(4.0), np.array([3.0, 1.0, 1.0, 1.0]))
    assert splits.middle.tolist() == [1, 2, 3]
    assert splits.children.tolist() == [[-1, 1], [-1, 2], [-1, -1]]
    assert splits.levels == 3


STEPS = 1000
PLACES = (np.arange(STEPS) / STEPS).astype(np.float32)


def rows(codes: np.ndarray) -> Rows:
    """Rows of fields that take ``STEPS`` values between 0 and 1."""
    return Rows(codes, PLACES[codes])


def learned(before: Rows, codes: np.ndarray, size: int) -> Boosted:
    floor, place = np.full(size, 1 / size), np.arange(size, dtype=np.float32)
    places = [PLACES] * before.codes.shape[1] + [place]
    return Boosted.fit(before, places, codes, floor, 200, np.random.default_rng(0))


def test_noise_teaches_nothing_and_leaves_the_shares() -> None:
    rng = np.random.default_rng(1)
    before = rows(rng.integers(0, STEPS, (3000, 3)))
    codes = rng.choice(3, 3000, p=[0.5, 0.3, 0.2])
    model = learned(before, codes, 4)
    share = (np.bincount(codes, minlength=4) + 0.25) / 3001
    found = [model.probability(before, np.full(3000, k), None) for k in range(4)]
    assert np.allclose(np.sum(found, axis=0), 1.0)
    assert np.abs(np.mean(found, axis=1) - share).max() < 0.01
    assert np.std(found[0]) < 0.03


def test_draws_follow_the_probabilities_and_codes_without_rows_stay_possible() -> None:
    rng = np.random.default_rng(2)
    before = rows(rng.integers(0, STEPS, (6000, 2)))
    codes = (before.features[:, 0] * 3 + rng.random(6000)).astype(int)
    model = learned(before, codes, 5)
    one = rows(np.full((20_000, 2), STEPS // 2))
    drawn = np.bincount(model.draw(one, rng), minlength=5) / 20_000
    probability = [model.probability(one, np.full(20_000, k), None)[0] for k in range(5)]
    assert np.abs(drawn - probability).max() < 0.015
    assert probability[1] + probability[2] > 0.9  # of 1.5 to 2.5, cut
    assert 0 < probability[4] < 0.01


def test_arrays_bring_the_same_model_back() -> None:
    rng = np.random.default_rng(3)
    before = rows(rng.integers(0, STEPS, (2000, 2)))
    codes = (before.features[:, 0] * 4).astype(int)
    model = learned(before, codes, 4)
    assert any(level is not None for level in model.models)
    again = Boosted.from_arrays(model.arrays(), [PLACES, PLACES, np.arange(4, dtype=np.float32)])
    at = rows(rng.integers(0, STEPS, (500, 2)))
    drawn = [m.draw(at, np.random.default_rng(4)) for m in (model, again)]
    assert np.array_equal(*drawn)


@pytest.mark.parametrize("n", [1, 150])
def test_few_rows_give_shares_alone(n: int) -> None:
    model = learned(rows(np.zeros((n, 1), int)), np.arange(n) % 2, 2)
    assert model.models == (None,)
