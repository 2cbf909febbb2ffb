"""Lower bounds of epsilon: known numbers, and none where there is nothing to prove."""

from __future__ import annotations

import numpy as np
import pytest

from synthkit.stats.epsilon import epsilon_bound, proven


@pytest.mark.parametrize(
    ("counts", "epsilon"),
    [
        ((1000, 1000, 0, 1000), 5.60),  # a perfect attack on a thousand of either
        ((100, 100, 0, 100), 3.28),
        ((250, 1000, 100, 1000), 0.62),
        ((4600, 10_000, 1000, 10_000), 1.45),
        ((100, 1000, 100, 1000), 0.0),
        ((0, 1000, 1000, 1000), 0.0),
    ],
)
def test_known_numbers(counts: tuple[int, int, int, int], epsilon: float) -> None:
    assert proven(*counts) == pytest.approx(epsilon, abs=0.006)


def test_clearing_others_proves_as_much_as_finding_members() -> None:
    # All members are beyond the threshold, and only one other in a thousand is not.
    assert proven(1000, 1000, 500, 1000) == pytest.approx(proven(500, 1000, 0, 1000), abs=1e-9)


def test_a_perfect_score_among_useless_ones_is_found() -> None:
    rng = np.random.default_rng(0)
    is_member = np.arange(2000) < 1000
    scores = np.column_stack([rng.random(2000), is_member + rng.random(2000) / 2])
    found = epsilon_bound(scores, is_member, rng)
    assert found.index == 1
    assert found.epsilon > 4.5  # on a half of five hundred each, at most 4.91
    assert found.rates[0] > 0.95


def test_useless_scores_prove_nothing_in_19_of_20_cases() -> None:
    rng = np.random.default_rng(1)
    is_member = np.arange(600) < 300
    found = [epsilon_bound(rng.random((600, 7)), is_member, rng).epsilon for _ in range(200)]
    assert sum(epsilon > 0 for epsilon in found) <= 16  # at most 10 expected, two deviations
