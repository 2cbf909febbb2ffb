"""How far a forest's distributions are shrunk: the strength that predicts unseen rows best.

A tree is grown on half of the rows, so the other half says how much its leaves can be believed.
For each strength a of the grid, the likelihood of every row is averaged over the trees that have
not seen it, with distributions counted on the rows that they have seen; the strength with the
highest mean log-likelihood is kept. A field that the others say nothing about ends up at the top of
the grid, where all leaves are alike and nothing of the training rows is left but the field's own
distribution.

The likelihood is one of coarse levels (see ``relations``): on fine bins a few rows in a leaf
predict nothing, whatever the leaf knows.

NOTE[DIFF]: the strength in use is ``CAUTION`` times the best one. Half of the rows and the trees
that have not seen a row are fewer than the forest in use has, so that the best strength is too
high; the factor was chosen on halves of the training rows of four tables.
"""

from __future__ import annotations

import numpy as np

from synthkit.generators.trees.forest import Forest, Grown

CAUTION = 0.1
GRID = np.array([1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 300.0, 1e3, 1e4])


class Evidence:
    """Likelihoods of unseen rows, added up over trees.

    Args:
        levels: (n,) level of each row's code.
        count: number of levels.
    """

    def __init__(self, levels: np.ndarray, count: int) -> None:
        self._levels = levels.astype(np.int64)
        self._count = count
        self._likelihood = np.zeros((len(GRID), len(levels)))
        self._trees = np.zeros(len(levels))

    def add(self, grown: Grown, rows: np.ndarray) -> None:
        """Adds a tree that was grown on the given rows."""
        histogram = self._histogram(grown, rows)
        unseen = ~grown.seen
        leaf, level = grown.leaf[unseen], self._levels[rows[unseen]]
        for i, distribution in enumerate(_shrunk(grown.forest, histogram)):
            self._likelihood[i, rows[unseen]] += distribution[leaf, level]
        self._trees[rows[unseen]] += 1

    def best(self) -> float:
        """The strength of the grid with the highest mean log-likelihood."""
        tested = self._trees > 0
        if not tested.any():
            return float(GRID[len(GRID) // 2])
        mean = self._likelihood[:, tested] / self._trees[tested]
        return float(GRID[np.log(np.maximum(mean, 1e-12)).mean(1).argmax()])

    def _histogram(self, grown: Grown, rows: np.ndarray) -> np.ndarray:
        """(nodes, levels) seen rows below each node."""
        nodes, leaf = len(grown.forest.feature), grown.leaf[grown.seen]
        cell = leaf * self._count + self._levels[rows[grown.seen]]
        own = np.bincount(cell, minlength=nodes * self._count).reshape(nodes, self._count)
        up_to = np.concatenate([np.zeros((1, self._count)), np.cumsum(own, axis=0)])
        return up_to[grown.forest.last() + 1] - up_to[:-1]


def _shrunk(forest: Forest, histogram: np.ndarray) -> np.ndarray:
    """(strengths, nodes, levels) distributions, each shrunk towards its parent's."""
    shrunk = np.empty((len(GRID), *histogram.shape))
    floor = np.full(histogram.shape[1], 1.0 / histogram.shape[1])
    strength = GRID[:, None, None]
    rows = histogram.sum(1)[:, None]
    shrunk[:, 0] = (histogram[0] + strength[:, 0] * floor) / (rows[0] + strength[:, 0])
    at = np.zeros(1, np.int64)
    while len(at := at[forest.feature[at] >= 0]):
        children = np.concatenate([at + 1, forest.right[at]])
        prior = shrunk[:, forest.parent[children]]
        shrunk[:, children] = (histogram[children] + strength * prior) / (rows[children] + strength)
        at = children
    return shrunk
