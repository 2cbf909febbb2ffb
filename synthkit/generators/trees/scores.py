"""``Scores``: boosted predictions of a field from the fields before it, used as features.

Cross-fitted: the rows are split in ``FOLDS``, each fold's scores come from a model that has not
seen it, and sampling uses one fold's model per row, at random. So the trees that split on a score
see it as wrong in training as it will be in sampling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from synthkit.generators.trees.boosters import SETTINGS, from_array, predict, to_array

if TYPE_CHECKING:
    from lightgbm import Booster

FOLDS = 2


@dataclass(frozen=True)
class Scores:
    """``models[fold][k]`` predicts the k-th score; no scores if a fold's list is empty."""

    models: tuple[tuple[Booster, ...], ...]

    @classmethod
    def fit(
        cls, features: np.ndarray, target: np.ndarray, rounds: int, rng: np.random.Generator
    ) -> tuple[Scores, np.ndarray]:
        """``(scores, predictions)``: the models, and each row's scores by a model that did not see it.

        Args:
            features: (n, p) float32.
            target: (n, k) float64, what to predict.
            rounds: boosting rounds of each model.

        Returns:
            predictions: (n, k) float32.
        """
        import lightgbm

        fold = rng.permutation(len(features)) % FOLDS
        settings = SETTINGS | {
            "objective": "regression",
            "num_leaves": 31,
            "learning_rate": 0.3,
            "min_data_in_leaf": 20,
            "seed": int(rng.integers(2**31)),
        }
        predictions = np.empty(target.shape, np.float32)
        models = []
        for k in range(FOLDS):
            seen = fold != k
            data = lightgbm.Dataset(features[seen], params=settings, free_raw_data=False)
            boosters = []
            for column in range(target.shape[1]):
                data.set_label(target[seen, column])
                booster = lightgbm.train(settings, data, rounds)
                predictions[~seen, column] = booster.predict(features[~seen], num_threads=1)
                boosters.append(booster)
            models.append(tuple(boosters))
        return cls(tuple(models)), predictions

    @classmethod
    def none(cls) -> Scores:
        """No scores at all."""
        return cls(((),) * FOLDS)

    @property
    def count(self) -> int:
        """Number of scores."""
        return len(self.models[0])

    def predict(self, features: np.ndarray, fold: np.ndarray) -> np.ndarray:
        """(n, k) float32 scores of each row by the models of its fold."""
        scores = np.empty((len(features), self.count), np.float32)
        for k, models in enumerate(self.models):
            rows = np.flatnonzero(fold == k)
            if len(rows):
                scores[rows] = predict(models, features[rows])
        return scores

    def arrays(self) -> dict[str, np.ndarray]:
        """The bytes of each model."""
        return {
            f"{k}.{column}": to_array(model)
            for k, models in enumerate(self.models)
            for column, model in enumerate(models)
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray], n_features: int) -> Scores:
        """Inverse of ``arrays``. Raises ``ModelError`` for bytes that are not such a model."""
        count = len(arrays) // FOLDS
        return cls(
            tuple(
                tuple(from_array(arrays[f"{k}.{column}"], n_features) for column in range(count))
                for k in range(FOLDS)
            )
        )
