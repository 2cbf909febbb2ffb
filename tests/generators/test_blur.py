"""Laws of the blur: what is moved, how far, and that the rows of a tight relation are not replayed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import synthkit as sk
from synthkit.generators.coding import Coding
from synthkit.generators.trees.blur import blurred
from synthkit.transforms.layout import Categorical, Field, Numeric

NUMBER = Coding.of(Numeric("n", nullable=True))
SPIKED = Coding.of(Numeric("n", spikes=((0.4, 0.6),)))
N = 20_000


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_a_code_moves_half_the_way_to_its_neighbours_in_the_leaf() -> None:
    leaf = np.repeat(np.arange(N), 4)
    codes = np.tile([300, 320, 324, 340], N)
    moved = blurred(codes, leaf, NUMBER, rng()).reshape(N, 4)
    # a standard deviation of 14.2, of which a quarter is 3.6, so that 300 and 340 move by 4 at most
    assert moved.min(0).tolist() == [296, 316, 322, 336]
    assert moved.max(0).tolist() == [304, 322, 328, 344]
    assert moved.mean(0) == pytest.approx([300, 319.2, 324.8, 340], abs=0.3)


def test_the_variance_below_a_leaf_stays_the_same() -> None:
    leaf = np.repeat(np.arange(N // 20), 20)
    codes = np.rint(rng().normal(500, 50, N)).astype(int)
    moved = blurred(codes, leaf, NUMBER, rng(1))
    assert moved.std() == pytest.approx(codes.std(), rel=0.01)
    assert np.mean(moved != codes) > 0.7


def test_missing_cells_and_spikes_stay_and_nothing_comes_to_them() -> None:
    codes = rng().integers(0, NUMBER.size, N)
    moved = blurred(codes, np.arange(N) // 10, NUMBER, rng(1))
    missing = NUMBER.size - 1
    assert np.array_equal(codes == missing, moved == missing)
    assert moved.min() >= 0
    spike = int(SPIKED.base()[:-1].argmax())
    codes = rng().integers(spike - 40, spike + 40, N)
    moved = blurred(codes, np.arange(N) // 10, SPIKED, rng(1))
    assert np.array_equal(codes == spike, moved == spike)
    assert np.mean(moved != codes) > 0.5


@pytest.mark.parametrize("field", [Categorical("c", 400), Categorical("o", 400, ordered=True)])
def test_codes_that_are_values_stay(field: Field) -> None:
    codes = rng().integers(0, 400, N)
    assert blurred(codes, np.zeros(N, int), Coding.of(field), rng(1)) is codes


def singles(table: pd.DataFrame) -> pd.DataFrame:
    return table[~table.duplicated(keep=False)]


def test_training_rows_of_a_tight_relation_are_not_handed_out_more_than_others() -> None:
    n = 20_000
    x = rng().normal(size=2 * n).round(2)
    y = (2 * x + 0.5 * rng(1).normal(size=2 * n)).round(2)
    table = pd.DataFrame({"x": x, "y": y, "k": rng(2).integers(0, 2, 2 * n)})
    trained, held_out = table[:n], table[n:]
    rows = sk.fit(trained, seed=0).sample(n).drop_duplicates()
    handed_out, by_chance = (
        len(singles(part).merge(rows, on=["x", "y", "k"])) for part in (trained, held_out)
    )
    assert by_chance > 100
    assert handed_out < 1.35 * by_chance  # 2.1 without
