"""``Scores``: boosted predictions of a field from the fields before it, used as features.

Cross-fitted: the rows are split in ``FOLDS``, each fold's scores come from a model that has not
seen it, and sampling uses one fold's model per row, at random. So the trees that split on a score
see it as wrong in training as it will be in sampling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthkit.generators.boosters import SETTINGS, ensemble
from synthkit.generators.ensemble import Ensemble
from synthkit.generators.nested import part_of, within
from synthkit.generators.trees.rows import Rows

FOLDS = 2


@dataclass(frozen=True)
class Scores:
    """``models[fold]`` predicts all scores; there are none without models."""

    models: tuple[Ensemble, ...]

    @classmethod
    def fit(
        cls,
        rows: Rows,
        places: Sequence[np.ndarray],
        target: np.ndarray,
        rounds: int,
        rng: np.random.Generator,
    ) -> tuple[Scores, np.ndarray]:
        """``(scores, predictions)``: the models, and each row's scores by a model that did not see it.

        Args:
            rows: training rows of the p fields before.
            places: features of their codes.
            target: (n, k) float64, what to predict.
            rounds: boosting rounds of each model.

        Returns:
            predictions: (n, k) float32.
        """
        import lightgbm

        fold = rng.permutation(len(rows)) % FOLDS
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
            data = lightgbm.Dataset(rows.features[seen], params=settings, free_raw_data=False)
            boosters = []
            for column in range(target.shape[1]):
                data.set_label(target[seen, column])
                boosters.append(lightgbm.train(settings, data, rounds))
            models.append(ensemble(boosters, places))
            predictions[~seen] = models[k].predict(rows.codes[~seen])
        return cls(tuple(models)), predictions

    @classmethod
    def none(cls) -> Scores:
        """No scores at all."""
        return cls(())

    @property
    def count(self) -> int:
        """Number of scores."""
        return self.models[0].models if self.models else 0

    def predict(self, codes: np.ndarray, fold: np.ndarray) -> np.ndarray:
        """(n, k) float32 scores of (n, p) codes by the models of each row's fold."""
        scores = np.empty((len(codes), self.count), np.float32)
        for k, model in enumerate(self.models):
            rows = np.flatnonzero(fold == k)
            scores[rows] = model.predict(codes[rows])
        return scores

    def arrays(self) -> dict[str, np.ndarray]:
        """The trees of each fold, and the number of scores."""
        arrays = {"count": np.array([self.count], np.int32)}
        for k, model in enumerate(self.models):
            arrays |= within(str(k), model.arrays())
        return arrays

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray], places: Sequence[np.ndarray]) -> Scores:
        """Inverse of ``arrays``. Raises ``ModelError`` for arrays that do not fit together."""
        count = int(arrays["count"][0])
        folds = range(FOLDS if count else 0)
        own = [part_of(arrays, str(k)) for k in folds]
        return cls(tuple(Ensemble.from_arrays(part, places, count) for part in own))
