"""Exact nearest neighbours in Euclidean space, both ways, in bounded memory.

One blocked matrix product per pair of tables gives for every row of either table its nearest row
in the other. Single precision finds the neighbour; its distance is then computed again in double
precision from the difference, so that equal rows have a distance of exactly zero.

    both = nearest(synthetic, train)
    both.distance, both.index               # of each synthetic row to the training rows
    both.back_distance                      # of each training row to the synthetic rows
    nearest_few(synthetic, train, 2)        # the nearest and the second nearest
    to_nearest_other(train)                 # how far each row is from all others
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

QUERY_ROWS = 256
POINT_ROWS = 32_768
GROUP = 32  # columns, of which the lowest is looked at first


@dataclass(frozen=True)
class Nearest:
    """Nearest neighbours between n queries and m points.

    Args:
        index, distance: (n,) position of and Euclidean distance to the nearest point.
        back_index, back_distance: (m,) the same from each point to the queries.
    """

    index: np.ndarray
    distance: np.ndarray
    back_index: np.ndarray
    back_distance: np.ndarray


def nearest(queries: np.ndarray, points: np.ndarray) -> Nearest:
    """Finds the nearest neighbours both ways; O(n m k) time, O(n + m) memory.

    Points that differ by less than about 1e-3 may be taken for one another (single precision):
    the distance is then off by no more than that.

    Args:
        queries: (n, k) float32, n >= 1, coordinates of the order of one.
        points: (m, k) float32, m >= 1.
    """
    n, m = len(queries), len(points)
    query_norms = np.einsum("ij,ij->i", queries, queries)
    # (-2 x, 1) . (y, |y|^2) = |x - y|^2 - |x|^2: one product, no broadcast additions.
    left = np.hstack([-2.0 * queries, np.ones((n, 1))]).astype(np.float32)
    norms = np.einsum("ij,ij->i", points, points)[:, None]
    right = np.hstack([points, norms]).astype(np.float32)
    best, index = np.full(n, np.inf, np.float32), np.zeros(n, np.int64)
    back_best, back_block = np.full(m, np.inf, np.float32), np.zeros(m, np.int64)
    for i in range(0, n, QUERY_ROWS):
        for j in range(0, m, POINT_ROWS):
            rows, columns = slice(i, i + QUERY_ROWS), slice(j, j + POINT_ROWS)
            block = left[rows] @ right[columns].T
            position = block.argmin(axis=1)
            value = block[np.arange(len(block)), position]
            _improve(best[rows], index[rows], value, position + j)
            block += query_norms[rows, None]
            _improve(back_best[columns], back_block[columns], block.min(axis=0), i)
    back_index = _within_block(queries, points, back_block)
    return Nearest(
        index,
        _distances(queries, points[index]),
        back_index,
        _distances(points, queries[back_index]),
    )


def nearest_few(queries: np.ndarray, points: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest points of each query, with the precision of ``nearest``.

    Args:
        queries: (n, d) float32.
        points: (m, d) float32, m >= k.
        k: at least 1.

    Returns:
        (n, k) positions and (n, k) Euclidean distances, the nearest first.
    """
    index = np.empty((len(queries), k), np.int64)
    norms = np.einsum("ij,ij->i", points, points)
    for i in range(0, len(queries), QUERY_ROWS):
        block = norms - 2.0 * (queries[i : i + QUERY_ROWS] @ points.T)
        index[i : i + QUERY_ROWS] = _lowest(block, k)
    distance = np.column_stack([_distances(queries, points[index[:, j]]) for j in range(k)])
    order = np.argsort(distance, axis=1, kind="stable")
    return np.take_along_axis(index, order, axis=1), np.take_along_axis(distance, order, axis=1)


def _lowest(block: np.ndarray, k: int) -> np.ndarray:
    """(n, k) positions of the k lowest of each row, in no order."""
    if k == 1:  # many times faster
        return block.argmin(axis=1)[:, None]
    n, m = block.shape
    if k >= m:
        return np.broadcast_to(np.arange(k), (n, k))
    if m < 4 * k * GROUP:
        return np.argpartition(block, k, axis=1)[:, :k]
    # The k lowest lie in the k groups of columns whose minima are lowest, and in the columns left over.
    grouped = m - m % GROUP
    minima = block[:, :grouped].reshape(n, -1, GROUP).min(axis=2)
    groups = np.argpartition(minima, k, axis=1)[:, :k]
    inside = (groups[:, :, None] * GROUP + np.arange(GROUP)).reshape(n, -1)
    candidates = np.hstack([inside, np.broadcast_to(np.arange(grouped, m), (n, m - grouped))])
    chosen = np.argpartition(np.take_along_axis(block, candidates, axis=1), k, axis=1)[:, :k]
    return np.take_along_axis(candidates, chosen, axis=1)


def to_nearest_other(points: np.ndarray) -> np.ndarray:
    """(m,) Euclidean distance from each point to the nearest of the others, as precise as ``nearest``.

    Infinite for a single point; O(m^2 k) time, O(m) memory.
    """
    m = len(points)
    norms = np.einsum("ij,ij->i", points, points)
    index = np.zeros(m, np.int64)
    for i in range(0, m, QUERY_ROWS):
        own = np.arange(i, min(i + QUERY_ROWS, m))
        block = norms - 2.0 * (points[own] @ points.T)
        block[own - i, own] = np.inf
        index[own] = block.argmin(axis=1)
    return _distances(points, points[index]) if m > 1 else np.full(m, np.inf)


def _improve(best: np.ndarray, where: np.ndarray, value: np.ndarray, new: np.ndarray | int) -> None:
    """Takes over the values that beat the best so far, and where they were found (in place)."""
    better = value < best
    best[better] = value[better]
    where[better] = new if isinstance(new, int) else new[better]


def _within_block(queries: np.ndarray, points: np.ndarray, block: np.ndarray) -> np.ndarray:
    """The query nearest to each point, once the block of queries it lies in is known.

    A position along the slow axis costs far more than a minimum, so the main loop keeps only the
    block and this second look is made once per point.
    """
    index = np.zeros(len(points), np.int64)
    for i in np.unique(block):
        mine = np.flatnonzero(block == i)
        group = queries[i : i + QUERY_ROWS].astype(np.float64)
        squared = np.square(group).sum(axis=1) - 2.0 * (points[mine].astype(np.float64) @ group.T)
        index[mine] = squared.argmin(axis=1) + i
    return index


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Row-wise Euclidean distances in double precision."""
    difference = a.astype(np.float64) - b
    return np.sqrt(np.einsum("ij,ij->i", difference, difference))
