"""Nearest neighbours against the full distance matrix."""

from __future__ import annotations

import numpy as np
import pytest

from synthkit.stats import distances
from synthkit.stats.distances import nearest, nearest_few, to_nearest_other


@pytest.mark.parametrize(("n", "m", "k"), [(1, 1, 1), (7, 3, 2), (120, 90, 5)])
def test_against_the_full_matrix(n: int, m: int, k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distances, "QUERY_ROWS", 16)
    monkeypatch.setattr(distances, "POINT_ROWS", 32)
    rng = np.random.default_rng(n)
    a, b = rng.random((n, k), np.float32), rng.random((m, k), np.float32)
    full = np.linalg.norm(a[:, None].astype(float) - b[None], axis=2)
    found = nearest(a, b)
    assert found.distance == pytest.approx(full.min(axis=1), abs=1e-6)
    assert found.back_distance == pytest.approx(full.min(axis=0), abs=1e-6)
    assert (found.index == full.argmin(axis=1)).all()
    assert (found.back_index == full.argmin(axis=0)).all()


def test_equal_rows_are_at_distance_zero() -> None:
    rows = np.random.default_rng(0).random((50, 30), np.float32)
    found = nearest(rows, rows[::-1].copy())
    assert (found.distance == 0.0).all()
    assert (found.back_distance == 0.0).all()
    assert (found.index == np.arange(50)[::-1]).all()


def test_both_directions_agree() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.random((40, 3), np.float32), rng.random((60, 3), np.float32)
    there, back = nearest(a, b), nearest(b, a)
    assert there.distance == pytest.approx(back.back_distance)
    assert there.back_index.tolist() == back.index.tolist()


@pytest.mark.parametrize("k", [1, 2, 7, 30])
def test_the_nearest_few_against_the_full_matrix(k: int) -> None:
    rng = np.random.default_rng(k)
    queries, points = rng.random((300, 4), np.float32), rng.random((30, 4), np.float32)
    full = np.linalg.norm(queries[:, None].astype(float) - points[None], axis=2)
    index, distance = nearest_few(queries, points, k)
    assert distance == pytest.approx(np.sort(full, axis=1)[:, :k], abs=1e-6)
    assert (index == np.argsort(full, axis=1)[:, :k]).all()


@pytest.mark.parametrize("k", [1, 3, 8])
def test_the_nearest_few_of_many_with_ties(k: int) -> None:
    """So many points that groups of them are looked at first, on a grid where many are as near."""
    rng = np.random.default_rng(k)
    queries, points = (rng.integers(0, 5, (n, 3)).astype(np.float32) for n in (50, 1237))
    full = np.linalg.norm(queries[:, None].astype(float) - points[None], axis=2)
    index, distance = nearest_few(queries, points, k)
    assert distance == pytest.approx(np.sort(full, axis=1)[:, :k])
    assert np.take_along_axis(full, index, axis=1) == pytest.approx(distance)
    assert all(len(set(row)) == k for row in index.tolist())


@pytest.mark.parametrize("m", [2, 90])
def test_the_nearest_other_against_the_full_matrix(m: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distances, "QUERY_ROWS", 16)
    rows = np.random.default_rng(m).random((m, 4), np.float32)
    rows[-1] = rows[0]
    full = np.linalg.norm(rows[:, None].astype(float) - rows[None], axis=2)
    np.fill_diagonal(full, np.inf)
    found = to_nearest_other(rows)
    assert found == pytest.approx(full.min(axis=1), abs=1e-6)
    assert found[0] == found[-1] == 0.0


def test_a_single_row_has_no_other() -> None:
    assert to_nearest_other(np.zeros((1, 3), np.float32)).tolist() == [np.inf]
