"""Shares: exact counts, and who gets what is left."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthkit.errors import SchemaError
from synthkit.shares import Shares

CELLS = pd.Series(["a", "b", "c", None], dtype=object)
FREQUENCIES = np.array([600, 200, 100, 100])


def of(named: dict[int, float] | None, frequencies: np.ndarray = FREQUENCIES) -> Shares:
    return Shares.of("letter", CELLS, named, frequencies)


def test_even_is_over_the_categories_and_missing_cells_keep_their_share() -> None:
    np.testing.assert_allclose(of(None).weights, [0.3, 0.3, 0.3, 0.1])
    assert of(None).facts == {"column": "letter", "categories": 3, "shares": "even"}


@pytest.mark.parametrize(
    ("named", "weights"),
    [
        ({1: 0.5}, [0.375, 0.5, 0.0625, 0.0625]),
        ({3: 0.1}, [0.6, 0.2, 0.1, 0.1]),
        ({0: 0.2, 1: 0.2, 2: 0.2}, [0.2, 0.2, 0.2, 0.4]),  # only missing cells are left
        ({2: 1.0}, [0, 0, 1, 0]),
        ({0: 0.7, 1: 0.2, 2: 0.1}, [0.7, 0.2, 0.1, 0]),  # 0.1 + 0.2 + 0.7 is not quite 1
    ],
)
def test_what_is_left_goes_by_frequency(named: dict[int, float], weights: list[float]) -> None:
    np.testing.assert_allclose(of(named).weights, weights, atol=1e-12)


def test_what_nothing_can_take_is_refused() -> None:
    with pytest.raises(SchemaError, match=r"add up to 0\.8, and the model makes no other value"):
        of({0: 0.8}, np.array([900, 0, 0, 0]))


@pytest.mark.parametrize("n", [0, 1, 2, 7, 100, 1001, 10**9])
@pytest.mark.parametrize("named", [None, {0: 0.29}, {0: 0.1, 1: 0.2, 2: 0.7}])
def test_counts_add_up_and_are_less_than_one_row_off(n: int, named: dict[int, float]) -> None:
    shares = of(named)
    counts = shares.counts(n)
    assert counts.sum() == n
    assert (np.abs(counts - shares.weights * n) < 1).all()


def test_the_largest_remainder_gets_the_row_and_whole_quotas_are_met() -> None:
    assert of({0: 0.29, 1: 0.71}).counts(100).tolist() == [29, 71, 0, 0]
    assert of({0: 0.5, 1: 0.26, 2: 0.24}).counts(7).tolist() == [3, 2, 2, 0]
