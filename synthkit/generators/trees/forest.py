"""``Forest``: the distribution of one field's code given features, as trees with counted leaves.

A tree is grown by scikit-learn and packed into flat arrays: nodes in preorder, so that the left
child of a node is the next one and the rows below a node are one slice. A leaf's distribution is
shrunk towards its ancestors',

    p(code | node) = (rows of the code in the node + a * p(code | parent)) / (rows in the node + a),

and the root's towards a floor. Drawing needs none of these numbers: starting at the leaf, stay with
probability rows / (rows + a), else go up; then pick a row's code where the walk ends. The forest is
the even mixture of its trees, so a draw uses one random tree.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from synthkit.errors import ModelError

SHARE_OF_FEATURES = 0.7  # tried at each split, as in random forests
NEGLIGIBLE = 1e-4  # a weight of ancestors that is left to the floor when a probability is asked for


@dataclass(frozen=True)
class Forest:
    """All trees of one field, node and row numbers counted through.

    Args:
        roots: (trees,) int32 node.
        feature: (nodes,) int32 column of the features; -1 in a leaf.
        threshold: (nodes,) float32; values up to it go left.
        right: (nodes,) int32 right child, the left one being the next node; 0 in a leaf.
        parent: (nodes,) int32; -1 above a root.
        start, stop: (nodes,) int32, slice of ``codes`` below the node.
        codes: (rows,) codes in the order of the leaves.
    """

    roots: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    right: np.ndarray
    parent: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    codes: np.ndarray

    @classmethod
    def join(cls, trees: list[Forest]) -> Forest:
        """One forest of several."""
        nodes = np.cumsum([0] + [len(tree.feature) for tree in trees])
        rows = np.cumsum([0] + [len(tree.codes) for tree in trees])

        def shifted(name: str, by: np.ndarray) -> np.ndarray:
            parts = [getattr(tree, name) for tree in trees]
            return np.concatenate(
                [np.where(part < 0, part, part + k) for part, k in zip(parts, by, strict=False)]
            ).astype(np.int32)

        return cls(
            roots=shifted("roots", nodes),
            feature=np.concatenate([tree.feature for tree in trees]),
            threshold=np.concatenate([tree.threshold for tree in trees]),
            right=shifted("right", nodes),
            parent=shifted("parent", nodes),
            start=shifted("start", rows),
            stop=shifted("stop", rows),
            codes=np.concatenate([tree.codes for tree in trees]),
        )

    def leaves(self, features: np.ndarray, trees: np.ndarray) -> np.ndarray:
        """(n,) leaf of each row of (n, p) features in the tree with the given number."""
        node = self.roots[trees]
        rows = np.flatnonzero(self.feature[node] >= 0)
        while len(rows):
            at = node[rows]
            goes_left = features[rows, self.feature[at]] <= self.threshold[at]
            at = np.where(goes_left, at + 1, self.right[at])
            node[rows] = at
            rows = rows[self.feature[at] >= 0]
        return node

    def draw(
        self,
        leaves: np.ndarray,
        smoothing: float,
        floor: np.ndarray,
        rng: np.random.Generator,
    ) -> np.ndarray:
        """(n,) int32 codes from the shrunk distributions of the leaves."""
        node = leaves.copy()
        rows = np.arange(len(node))
        while len(rows):
            at = node[rows]
            size = self.stop[at] - self.start[at]
            goes_up = rng.random(len(rows)) * (size + smoothing) >= size
            rows = rows[goes_up]
            node[rows] = self.parent[node[rows]]
            rows = rows[node[rows] >= 0]
        place = rng.random(len(node))
        size = self.stop[node] - self.start[node]
        codes = self.codes[self.start[node] + (place * size).astype(np.int64)].astype(np.int32)
        beyond = node < 0
        if beyond.any():
            codes[beyond] = np.searchsorted(np.cumsum(floor)[:-1], place[beyond], side="right")
        return codes

    def draw_present(
        self,
        leaves: np.ndarray,
        missing: int,
        smoothing: float,
        floor: np.ndarray,
        rng: np.random.Generator,
    ) -> tuple[np.ndarray, np.ndarray]:
        """(n,) int32 codes but the last one, ``missing``; (n,) probability of not being missing.

        Every node on the way up is met with a known probability, so that one of them can be chosen
        by its rows that are not missing.
        """
        others, below = self._others(missing)
        chance, weight = np.zeros(len(leaves)), np.ones(len(leaves))
        chosen = np.full(len(leaves), -1)
        node, rows = leaves.copy(), np.arange(len(leaves))
        while len(rows):
            at = node[rows]
            size = self.stop[at] - self.start[at]
            count = below[self.stop[at]] - below[self.start[at]]
            here = weight[rows] * count / (size + smoothing)
            chance[rows] += here
            taken = rng.random(len(rows)) * chance[rows] < here
            chosen[rows[taken]] = at[taken]
            weight[rows] *= smoothing / (size + smoothing)
            node[rows] = self.parent[at]
            rows = rows[node[rows] >= 0]
        rest = weight * floor[:missing].sum()
        beyond = rng.random(len(leaves)) * (chance + rest) <= rest
        place = rng.random(len(leaves))
        first = below[self.start[chosen]]
        count = below[self.stop[chosen]] - first
        inside = np.minimum(first + (place * count).astype(np.int64), len(others) - 1)
        codes = np.zeros(len(leaves), np.int32)
        codes[~beyond] = self.codes[others[inside[~beyond]]]
        shares = np.cumsum(floor[: missing - 1]) / floor[:missing].sum()
        codes[beyond] = np.searchsorted(shares, place[beyond], side="right")
        return codes, chance + rest

    def probability(
        self,
        leaves: np.ndarray,
        codes: np.ndarray,
        smoothing: float,
        floor: np.ndarray,
    ) -> np.ndarray:
        """(n,) probability of each code under the shrunk distribution of its leaf."""
        probability = np.zeros(len(leaves))
        weight = np.ones(len(leaves))
        node, rows = leaves.copy(), np.arange(len(leaves))
        while len(rows):
            at = node[rows]
            size = self.stop[at] - self.start[at]
            first = codes[rows].astype(np.int64) * len(self.codes)
            below = np.searchsorted(self._index, first + self.stop[at])
            count = below - np.searchsorted(self._index, first + self.start[at])
            probability[rows] += weight[rows] * count / (size + smoothing)
            weight[rows] *= smoothing / (size + smoothing)
            node[rows] = self.parent[at]
            rows = rows[(node[rows] >= 0) & (weight[rows] > NEGLIGIBLE)]
        return probability + weight * floor[codes]

    @cached_property
    def _index(self) -> np.ndarray:
        """(rows,) sorted ``code * rows + place``: counts a code in a slice by two searches."""
        key = self.codes.astype(np.int64) * len(self.codes) + np.arange(len(self.codes))
        key.sort()
        return key

    def _others(self, missing: int) -> tuple[np.ndarray, np.ndarray]:
        """Places of all codes but ``missing``; (rows + 1,) how many of them stand before each place.

        Both int32, and kept: they are asked for once per block of rows.
        """
        if missing not in self._counted:
            other = self.codes != missing
            below = np.concatenate([[0], np.cumsum(other)]).astype(np.int32)
            self._counted[missing] = np.flatnonzero(other).astype(np.int32), below
        return self._counted[missing]

    @cached_property
    def _counted(self) -> dict[int, tuple[np.ndarray, np.ndarray]]:
        """By code, what ``_others`` found."""
        return {}

    def last(self) -> np.ndarray:
        """(nodes,) the last node below each one, which is the right-most leaf."""
        node = np.arange(len(self.feature))
        while np.any(inner := self.feature[node] >= 0):
            node = np.where(inner, self.right[node], node)
        return node

    def arrays(self) -> dict[str, np.ndarray]:
        """The fields by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def check(self, n_features: int, size: int) -> None:
        """Raises ``ModelError`` unless every walk stays inside the arrays and comes to an end."""
        nodes, rows = len(self.feature), len(self.codes)
        number = np.arange(nodes)
        inner = self.feature >= 0
        leads_on = (self.right[inner] > number[inner] + 1) & (self.right[inner] < nodes)
        good = (
            all(len(getattr(self, name)) == nodes for name in ("threshold", "right", "parent"))
            and len(self.start) == len(self.stop) == nodes
            and nodes > 0
            and len(self.roots) > 0
            and bool(np.all((self.roots >= 0) & (self.roots < nodes)))
            and bool(np.all(self.feature < n_features))
            and bool(np.all(leads_on))
            and bool(np.all((self.parent >= -1) & (self.parent < number)))
            and bool(np.all((self.start >= 0) & (self.start < self.stop) & (self.stop <= rows)))
            and bool(np.all(self.codes < size))
        )
        if not good:
            raise ModelError(
                "the arrays of a tree contradict each other", remedy="fit the model again"
            )


@dataclass(frozen=True)
class Grown:
    """A tree and how it came about.

    Args:
        forest: of this one tree.
        leaf: (n,) node that each row fell into.
        seen: (n,) bool, whether the row had a say in the splits.
    """

    forest: Forest
    leaf: np.ndarray
    seen: np.ndarray


def grow(
    features: np.ndarray,
    target: np.ndarray,
    codes: np.ndarray,
    min_leaf: int,
    rng: np.random.Generator,
) -> Grown:
    """One tree: grown on a random half of the rows, filled with all of them.

    Rows that had no say in the splits stand in the leaves like any other, which makes a leaf's
    distribution more honest.

    Args:
        features: (n, p) float32; p may be 0.
        target: (n, k) float64, what a split should tell apart.
        codes: (n,) codes to count.
        min_leaf: rows in a leaf, on average at least.
    """
    from sklearn.tree import DecisionTreeRegressor

    n = len(codes)
    seen = np.zeros(n, bool)
    half = rng.permutation(n)[: -(-n // 2)]
    seen[half] = True
    if features.shape[1] == 0 or n < 2 * min_leaf or codes.min() == codes.max():
        return Grown(_stump(codes), np.zeros(n, np.int64), seen)
    tree = DecisionTreeRegressor(
        min_samples_leaf=-(-min_leaf // 2),
        max_features=SHARE_OF_FEATURES if features.shape[1] > 1 else None,
        random_state=int(rng.integers(2**31)),
    )
    tree.fit(features[half], target[half])
    forest, leaf = _packed(tree.tree_, features, codes)
    return Grown(forest, leaf, seen)


def _rounded_down(threshold: np.ndarray) -> np.ndarray:
    """The largest float32 not above each threshold: features are float32, so splits stay the same."""
    nearest = threshold.astype(np.float32)
    return np.where(nearest > threshold, np.nextafter(nearest, np.float32(-np.inf)), nearest)


def _stump(codes: np.ndarray) -> Forest:
    zero, none = np.zeros(1, np.int32), np.full(1, -1, np.int32)
    stop = np.full(1, len(codes), np.int32)
    return Forest(zero, none, zero.astype(np.float32), zero, none, zero, stop, codes)


def _packed(tree: object, features: np.ndarray, codes: np.ndarray) -> tuple[Forest, np.ndarray]:
    """scikit-learn's tree in our arrays; it numbers its nodes in preorder, too."""
    left, right = tree.children_left, tree.children_right  # type: ignore[attr-defined]
    inner = np.flatnonzero(left >= 0)
    parent = np.full(len(left), -1)
    parent[left[inner]] = parent[right[inner]] = inner
    empty = np.zeros(len(left), np.int32)
    forest = Forest(
        roots=empty[:1],
        feature=np.where(left >= 0, tree.feature, -1).astype(np.int32),  # type: ignore[attr-defined]
        threshold=_rounded_down(tree.threshold),  # type: ignore[attr-defined]
        right=np.maximum(right, 0).astype(np.int32),
        parent=parent.astype(np.int32),
        start=empty,
        stop=empty,
        codes=codes,
    )
    leaf = forest.leaves(features, np.zeros(len(codes), np.int64))
    before = np.concatenate([[0], np.cumsum(np.bincount(leaf, minlength=len(left)))])
    values = forest.arrays()
    values["start"] = before[:-1].astype(np.int32)
    values["stop"] = before[forest.last() + 1].astype(np.int32)
    values["codes"] = codes[np.argsort(leaf, kind="stable")]
    return Forest(**values), leaf
