"""Fitting one field given the fields before it: look it up, boost its splits, or score it and grow trees."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from synthkit.generators.boosters import MIN_ROWS
from synthkit.generators.coding import Coding
from synthkit.generators.trees.blur import blurred
from synthkit.generators.trees.boosted import Boosted
from synthkit.generators.trees.conditional import Conditional, ForestConditional, Lookup
from synthkit.generators.trees.config import TreesConfig
from synthkit.generators.trees.forest import Forest, grow
from synthkit.generators.trees.relations import determining
from synthkit.generators.trees.restricted import Restricted
from synthkit.generators.trees.rows import Rows
from synthkit.generators.trees.scores import Scores
from synthkit.generators.trees.smoothing import CAUTION, Evidence
from synthkit.transforms.layout import Numeric

SCORES = 3  # of a field at most
SCORE_ROWS = 200_000  # scores are boosted on at most so many rows


@dataclass(frozen=True)
class Training:
    """What fitting a field needs; everything is in visit order.

    Args:
        config: options.
        rows: the training rows.
        codings: per field.
        targets: per field, (size, k) float64, what splits and scores tell apart, of each code.
        levels: per field, (size,) coarse level of each code.
    """

    config: TreesConfig
    rows: Rows
    codings: Sequence[Coding]
    targets: list[np.ndarray]
    levels: list[np.ndarray]

    def conditional(
        self, position: int, rng: np.random.Generator, deadline: float
    ) -> tuple[Conditional, bool]:
        """The model of the field at a position, and whether it is all that was asked for.

        Args:
            deadline: on the monotonic clock; past it there are no scores and no second tree.
        """
        parent = determining(self.rows.codes[:, : position + 1])
        if parent is not None:
            parents, codes = self.rows.codes[:, parent], self.rows.codes[:, position]
            sizes = self.codings[parent].size, self.codings[position].size
            return Lookup.fit(parent, *sizes, parents, codes), True
        model, complete = self._learned(position, rng, deadline)
        codings, codes = self.codings[: position + 1], self.rows.codes[:, : position + 1]
        return Restricted.of(model, codings, codes), complete

    def _learned(
        self, position: int, rng: np.random.Generator, deadline: float
    ) -> tuple[Conditional, bool]:
        coding, codes = self.codings[position], self.rows.codes[:, position]
        subset = rng.permutation(len(codes))[:SCORE_ROWS]
        codes = codes[subset]
        before = Rows(self.rows.codes[subset, :position], self.rows.features[subset, :position])
        places = [c.feature for c in self.codings[: position + 1]]
        target = self.targets[position][codes]
        in_time = time.monotonic() < deadline
        learnable = position > 0 and len(codes) >= MIN_ROWS and codes.min() < codes.max()
        if learnable and in_time and self.config.split_rounds and coding.nominal:
            rounds = self.config.split_rounds
            return Boosted.fit(before, places, codes, coding.floor(), rounds, rng), True
        features, scores, unexplained = before.features, Scores.none(), 1.0
        learnable = learnable and self.config.score_rounds > 0
        if learnable and in_time:
            scores, predicted = Scores.fit(
                before, places[:-1], target[:, :SCORES], self.config.score_rounds, rng
            )
            unexplained = _unexplained(target[:, :SCORES], predicted)
            features = np.hstack([features, predicted])
        complete = in_time or not learnable
        min_leaf = self.config.leaf_rows(len(codes), unexplained, isinstance(coding.field, Numeric))
        levels = self.levels[position]
        evidence = Evidence(levels[codes], int(levels.max()) + 1)
        stored = codes.astype(np.min_scalar_type(coding.size))
        trees: list[Forest] = []
        for _ in range(self.config.trees if position else 1):
            if trees and time.monotonic() >= deadline:
                complete = False
                break
            own = rng.permutation(len(codes))[: self.config.tree_rows]
            grown = grow(features[own], target[own], stored[own], min_leaf, rng)
            evidence.add(grown, own)
            kept = blurred(grown.forest.codes, np.sort(grown.leaf), coding, rng)
            trees.append(replace(grown.forest, codes=kept))
        smoothing = self.config.smoothing or CAUTION * evidence.best()
        forest = Forest.join(trees)
        return ForestConditional(position, forest, scores, smoothing, coding.floor()), complete


def _unexplained(target: np.ndarray, predicted: np.ndarray) -> float:
    """Share of the target's variance that the out-of-fold scores leave, in [0, 1]."""
    total = np.sum((target - target.mean(0)) ** 2)
    return float(min(np.sum((target - predicted) ** 2) / total, 1.0)) if total > 0 else 1.0
