"""The even random sample of a stream: fair, in order, repeatable, bounded."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binom

from synthkit.sources.sample import RowSample


def sampled(n: int, limit: int, batch: int, seed: int = 0) -> np.ndarray:
    sample = RowSample(limit, np.random.default_rng(seed))
    for start in range(0, n, batch):
        sample.add(pa.table({"i": np.arange(start, min(n, start + batch))}))
    assert sample.total == n
    return pa.concat_tables(sample.pieces)["i"].to_numpy()


@pytest.mark.parametrize(
    ("n", "limit", "batch"), [(10, 10, 3), (10, 50, 3), (1_000, 7, 10), (1_000, 999, 64), (5, 1, 5)]
)
def test_size_and_order(n: int, limit: int, batch: int) -> None:
    kept = sampled(n, limit, batch)
    assert len(kept) == min(n, limit)
    assert (np.diff(kept) > 0).all()


def test_every_row_has_the_same_chance() -> None:
    n, limit, draws = 60, 12, 4_000
    counts = np.zeros(n)
    for seed in range(draws):
        counts[sampled(n, limit, 7, seed)] += 1
    low, high = binom.ppf([1e-5, 1 - 1e-5], draws, limit / n)
    assert low <= counts.min()
    assert counts.max() <= high


def test_pairs_are_drawn_independently_of_their_batch() -> None:
    n, limit, draws = 20, 5, 4_000
    together = {"same": 0, "other": 0}
    for seed in range(draws):
        kept = set(sampled(n, limit, 10, seed))
        together["same"] += {2, 3} <= kept
        together["other"] += {2, 17} <= kept
    chance = limit * (limit - 1) / (n * (n - 1))
    low, high = binom.ppf([1e-5, 1 - 1e-5], draws, chance)
    assert low <= together["same"] <= high
    assert low <= together["other"] <= high


def test_the_stream_s_blocks_do_not_decide() -> None:
    assert sampled(1_000, 50, 10).tolist() == sampled(1_000, 50, 333).tolist()
    assert sampled(1_000, 50, 10).tolist() != sampled(1_000, 50, 10, seed=1).tolist()


def test_memory_is_bounded() -> None:
    sample = RowSample(1_000, np.random.default_rng(0))
    for start in range(0, 100_000, 500):
        sample.add(pa.table({"i": np.arange(start, start + 500)}))
        assert sum(len(piece) for _, piece in sample._kept) <= 1_000 + 500


def test_notice_only_if_rows_are_left_out() -> None:
    sample = RowSample(3, np.random.default_rng(0))
    sample.add(pa.table({"i": [1, 2, 3]}))
    assert sample.notices == []
    sample.add(pa.table({"i": [4]}))
    assert "4 rows; an even random sample of 3" in sample.notices[0]
