"""``Boosted``: the distribution of an unordered category, as boosted yes-or-no questions.

A category is drawn by walking down a binary tree over its codes (``splits``). On each level one
boosted model tells the odds of going right from the fields before and the node; it starts from the
node's odds among all training rows and stops when rows set aside are no longer predicted better.
No leaf holds the codes of a few rows, so for the same likelihood of new rows fewer combinations of
categories are handed out again than by a forest, and it takes a third of the time.

NOTE[DIFF]: binary trees over bins with one boosted model per level are XGenBoost's (Zhou et al.
2025) for numbers; ours stand over categories in the order of their main axis (``relations``), and
numbers stay with the forest, which was better for them on the four tables of ``benchmarks/``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from synthkit.errors import ModelError
from synthkit.generators.trees.boosters import MIN_ROWS, SETTINGS, from_array, predict, to_array
from synthkit.generators.trees.rows import Rows
from synthkit.generators.trees.splits import Splits

if TYPE_CHECKING:
    from lightgbm import Booster

PATIENCE = 6  # rounds without a better prediction of the rows set aside
SET_ASIDE = 0.1

Decide = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Boosted:
    """One boosted model per level of the splits.

    Args:
        position: number of fields before.
        place: (size,) float32 where each code stands.
        weight: (size,) float64 training rows of each code, and a little more for those without.
        models: of each level, over the fields before and the node's middle; ``None`` where nothing
            could be learned and the node's odds are all.
    """

    kind: ClassVar[str] = "boosted"
    position: int
    place: np.ndarray
    weight: np.ndarray
    splits: Splits
    models: tuple[Booster | None, ...]

    @classmethod
    def fit(
        cls,
        features: np.ndarray,
        codes: np.ndarray,
        place: np.ndarray,
        floor: np.ndarray,
        rounds: int,
        rng: np.random.Generator,
    ) -> Boosted:
        """Learns the codes from the fields before.

        Args:
            features: (n, position) float32.
            codes: (n,) codes.
            place: (size,) where each code stands.
            floor: (size,) distribution of one made-up row, so that no code is impossible.
            rounds: boosting rounds of each level at most.
        """
        weight = np.bincount(codes, minlength=len(place)) + floor
        splits = Splits.of(place, weight)
        rank = splits.rank[codes]
        rows, node = np.arange(len(codes)), np.zeros(len(codes), np.int32)
        models = []
        for _ in range(splits.levels):
            goes_right = rank[rows] >= splits.middle[node]
            x = _with_node(features[rows], splits.middle[node])
            models.append(_boost(x, goes_right, splits.log_odds[node], rounds, rng))
            node = splits.children[node, goes_right.astype(int)]
            rows, node = rows[node >= 0], node[node >= 0]
        return cls(features.shape[1], place, weight, splits, tuple(models))

    def draw(self, rows: Rows, rng: np.random.Generator) -> np.ndarray:
        """A walk down the splits."""
        place = np.zeros(len(rows), np.int64)

        def decide(at: np.ndarray, node: np.ndarray, right: np.ndarray) -> np.ndarray:
            goes_right: np.ndarray = rng.random(len(at)) < right
            place[at] = np.where(goes_right, self.splits.middle[node], self.splits.low[node])
            return goes_right

        self._walk(rows, decide)
        return self.splits.order[place]

    def draw_present(
        self, rows: Rows, missing: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """A walk towards the missing code, left at a node drawn by the odds of leaving it there."""
        rank = self.splits.rank[missing]
        reached, chance = np.ones(len(rows)), np.zeros(len(rows))
        leave = np.full(len(rows), -1)
        left = np.zeros(len(rows), bool)
        place = np.zeros(len(rows), np.int64)

        def follow(at: np.ndarray, node: np.ndarray, right: np.ndarray) -> np.ndarray:
            goes_right: np.ndarray = rank >= self.splits.middle[node]
            away = reached[at] * np.where(goes_right, 1.0 - right, right)
            chance[at] += away
            # not below: where no odds are left, the last node will do
            taken = rng.random(len(at)) * chance[at] <= away
            leave[at[taken]] = node[taken]
            reached[at] *= np.where(goes_right, right, 1.0 - right)
            return goes_right

        def decide(at: np.ndarray, node: np.ndarray, right: np.ndarray) -> np.ndarray:
            free = rng.random(len(at)) < right
            towards = rank >= self.splits.middle[node]
            leaves = leave[at] == node
            goes_right: np.ndarray = np.where(left[at], free, towards ^ leaves)
            left[at] |= leaves
            place[at] = np.where(goes_right, self.splits.middle[node], self.splits.low[node])
            return goes_right

        self._walk(rows, follow)
        self._walk(rows, decide)
        return self.splits.order[place], chance

    def probability(
        self, rows: Rows, codes: np.ndarray, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Product of the odds on the way to each code; exact."""
        rank = self.splits.rank[codes]
        probability = np.ones(len(rows))

        def decide(at: np.ndarray, node: np.ndarray, right: np.ndarray) -> np.ndarray:
            goes_right: np.ndarray = rank[at] >= self.splits.middle[node]
            probability[at] *= np.where(goes_right, right, 1.0 - right)
            return goes_right

        self._walk(rows, decide)
        return probability

    def _walk(self, rows: Rows, decide: Decide) -> None:
        """Calls ``decide(row numbers, nodes, probability of right)`` level by level."""
        at, node = np.arange(len(rows)), np.zeros(len(rows), np.int32)
        for model in self.models:
            if not len(at):
                return
            score = self.splits.log_odds[node]
            if model is not None:
                x = _with_node(rows.features[at, : self.position], self.splits.middle[node])
                score = score + predict([model], x)[:, 0]
            goes_right = decide(at, node, 1.0 / (1.0 + np.exp(-score)))
            node = self.splits.children[node, goes_right.astype(int)]
            at, node = at[node >= 0], node[node >= 0]

    def arrays(self) -> dict[str, np.ndarray]:
        """Places and weights, from which the splits follow, and the models by level."""
        models = {f"level/{i}": to_array(m) for i, m in enumerate(self.models) if m is not None}
        return {"place": self.place, "weight": self.weight} | models

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray], position: int, size: int) -> Boosted:
        """Inverse of ``arrays``; raises ``ModelError`` for arrays that do not fit together."""
        place, weight = arrays["place"], arrays["weight"]
        if place.shape != (size,) or weight.shape != (size,) or not np.all(weight > 0):
            raise ModelError("categories do not fit the layout", remedy="fit the model again")
        splits = Splits.of(place, weight)
        names = [f"level/{i}" for i in range(splits.levels)]
        models = [from_array(arrays[k], position + 1) if k in arrays else None for k in names]
        return cls(position, place, weight, splits, tuple(models))


def _with_node(features: np.ndarray, middle: np.ndarray) -> np.ndarray:
    return np.column_stack([features, middle.astype(np.float32)])


def _boost(
    x: np.ndarray,
    goes_right: np.ndarray,
    log_odds: np.ndarray,
    rounds: int,
    rng: np.random.Generator,
) -> Booster | None:
    """A model of what ``log_odds`` leave, if it predicts unseen rows better by a standard error."""
    if len(x) < MIN_ROWS or goes_right.min() == goes_right.max():
        return None
    import lightgbm

    settings = SETTINGS | {
        "objective": "binary",
        "boost_from_average": False,
        "num_leaves": 7,
        "learning_rate": 0.3,
        "min_data_in_leaf": 10,
        "seed": int(rng.integers(2**31)),
    }
    aside = np.zeros(len(x), bool)
    aside[rng.permutation(len(x))[: int(len(x) * SET_ASIDE)]] = True
    data = lightgbm.Dataset(x[~aside], goes_right[~aside], init_score=log_odds[~aside])
    test = data.create_valid(x[aside], goes_right[aside], init_score=log_odds[aside])
    model = lightgbm.train(
        settings,
        data,
        rounds,
        valid_sets=[test],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )
    sign = np.where(goes_right[aside], -1.0, 1.0)
    before = np.logaddexp(0.0, sign * log_odds[aside])
    score = log_odds[aside] + model.predict(x[aside], raw_score=True, num_threads=1)
    gain = before - np.logaddexp(0.0, sign * score)
    return model if gain.mean() > gain.std() / len(gain) ** 0.5 else None
