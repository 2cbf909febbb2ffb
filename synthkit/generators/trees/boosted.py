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

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthkit.errors import ModelError
from synthkit.generators.boosters import MIN_ROWS, SETTINGS, ensemble
from synthkit.generators.ensemble import Ensemble
from synthkit.generators.nested import part_of, within
from synthkit.generators.trees.rows import Rows
from synthkit.generators.trees.splits import Splits

PATIENCE = 6  # rounds without a better prediction of the rows set aside
SET_ASIDE = 0.1

Decide = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Boosted:
    """One boosted model per level of the splits.

    Args:
        position: number of fields before.
        weight: (size,) float64 training rows of each code, and a little more for those without.
        models: of each level, over the fields before and the node's middle; ``None`` where nothing
            could be learned and the node's odds are all.
    """

    kind: ClassVar[str] = "boosted"
    position: int
    weight: np.ndarray
    splits: Splits
    models: tuple[Ensemble | None, ...]

    @classmethod
    def fit(
        cls,
        before: Rows,
        places: Sequence[np.ndarray],
        codes: np.ndarray,
        floor: np.ndarray,
        rounds: int,
        rng: np.random.Generator,
    ) -> Boosted:
        """Learns the codes from the fields before.

        Args:
            before: training rows of the fields before.
            places: features of the codes of these fields and, last, of this one.
            codes: (n,) codes.
            floor: (size,) distribution of one made-up row, so that no code is impossible.
            rounds: boosting rounds of each level at most.
        """
        weight = np.bincount(codes, minlength=len(floor)) + floor
        splits = Splits.of(places[-1], weight)
        rank = splits.rank[codes]
        rows, node = np.arange(len(codes)), np.zeros(len(codes), np.int32)
        models = []
        for _ in range(splits.levels):
            goes_right = rank[rows] >= splits.middle[node]
            middle, odds = splits.middle[node], splits.log_odds[node]
            asked = Rows(
                np.column_stack([before.codes[rows], middle]),
                np.column_stack([before.features[rows], middle.astype(np.float32)]),
            )
            models.append(_boost(asked, _asked(places), goes_right, odds, rounds, rng))
            node = splits.children[node, goes_right.astype(int)]
            rows, node = rows[node >= 0], node[node >= 0]
        return cls(len(places) - 1, weight, splits, tuple(models))

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

    def contradicted(self, rows: Rows, codes: np.ndarray) -> dict[int, np.ndarray]:
        """None: every code has some probability."""
        return {}

    def _walk(self, rows: Rows, decide: Decide) -> None:
        """Calls ``decide(row numbers, nodes, probability of right)`` level by level."""
        at, node = np.arange(len(rows)), np.zeros(len(rows), np.int32)
        for model in self.models:
            if not len(at):
                return
            score = self.splits.log_odds[node]
            if model is not None:
                codes = np.column_stack([rows.codes[at, : self.position], self.splits.middle[node]])
                score = score + model.predict(codes)[:, 0]
            goes_right = decide(at, node, 1.0 / (1.0 + np.exp(-score)))
            node = self.splits.children[node, goes_right.astype(int)]
            at, node = at[node >= 0], node[node >= 0]

    def arrays(self) -> dict[str, np.ndarray]:
        """Weights, from which the splits follow, and the models by level."""
        arrays = {"weight": self.weight}
        for level, model in enumerate(self.models):
            if model is not None:
                arrays |= within(f"level/{level}", model.arrays())
        return arrays

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray], places: Sequence[np.ndarray]) -> Boosted:
        """Inverse of ``arrays``, for the last of the fields with these features of their codes.

        Raises ``ModelError`` for arrays that do not fit together.
        """
        weight = arrays["weight"]
        if weight.shape != places[-1].shape or not np.all(weight > 0):
            raise ModelError("categories do not fit the layout", remedy="fit the model again")
        splits = Splits.of(places[-1], weight)
        parts = [part_of(arrays, f"level/{level}") for level in range(splits.levels)]
        asked = _asked(places)
        models = [Ensemble.from_arrays(part, asked, 1) if part else None for part in parts]
        return cls(len(places) - 1, weight, splits, tuple(models))


def _asked(places: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Features of the fields before, and of the middle of a node in place of the last one's."""
    return [*places[:-1], np.arange(len(places[-1]))]


def _boost(
    asked: Rows,
    places: Sequence[np.ndarray],
    goes_right: np.ndarray,
    log_odds: np.ndarray,
    rounds: int,
    rng: np.random.Generator,
) -> Ensemble | None:
    """A model of what ``log_odds`` leave, if it predicts unseen rows better by a standard error."""
    if len(asked) < MIN_ROWS or goes_right.min() == goes_right.max():
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
    x = asked.features
    aside = np.zeros(len(x), bool)
    aside[rng.permutation(len(x))[: int(len(x) * SET_ASIDE)]] = True
    data = lightgbm.Dataset(x[~aside], goes_right[~aside], init_score=log_odds[~aside])
    test = data.create_valid(x[aside], goes_right[aside], init_score=log_odds[aside])
    booster = lightgbm.train(
        settings,
        data,
        rounds,
        valid_sets=[test],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )
    sign = np.where(goes_right[aside], -1.0, 1.0)
    before = np.logaddexp(0.0, sign * log_odds[aside])
    model = ensemble([booster], places)
    score = log_odds[aside] + model.predict(asked.codes[aside])[:, 0]
    gain = before - np.logaddexp(0.0, sign * score)
    return model if gain.mean() > gain.std() / len(gain) ** 0.5 else None
