"""Gradient-boosted trees as a measuring instrument: one setting of LightGBM for every check.

Fixed settings, one seed and deterministic histograms: the same rows give the same number. They are
the yardstick's settings (300 trees, rate 0.05, 31 leaves); ``SMALL`` is for checks that fit a
model per column. Wide tables are held in bounds by fewer rows (``MAX_CELLS``) and by trees that
each look at ``MAX_TREE_COLUMNS`` random columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm
import numpy as np
import pandas as pd

from synthkit.checks.base import Evidence
from synthkit.checks.coordinates import coordinates_of
from synthkit.checks.encoding import subsample
from synthkit.stats.confidence import delong


@dataclass(frozen=True)
class Setting:
    """Number of trees, learning rate and leaves of a model."""

    trees: int
    rate: float
    leaves: int


YARDSTICK = Setting(trees=300, rate=0.05, leaves=31)
SMALL = Setting(trees=30, rate=0.2, leaves=15)
MAX_CELLS = 2_000_000
MAX_TREE_COLUMNS = 100


@dataclass(frozen=True)
class Features:
    """A feature matrix and which of its columns hold category codes.

    Args:
        x: (n, d) float64, NaN for missing.
        categorical: positions of category columns.
    """

    x: np.ndarray
    categorical: list[int]

    def without(self, column: int) -> Features:
        """All columns but one."""
        keep = [i for i in range(self.x.shape[1]) if i != column]
        return self.only(keep)

    def only(self, columns: list[int]) -> Features:
        """These columns, in this order."""
        return Features(
            self.x[:, columns], [i for i, c in enumerate(columns) if c in self.categorical]
        )

    def rows(self, rows: np.ndarray) -> Features:
        """These rows."""
        return Features(self.x[rows], self.categorical)


def features_of(
    evidence: Evidence, frame: pd.DataFrame, cap: int, rng: np.random.Generator
) -> Features:
    """At most ``cap`` random rows of a table (``MAX_CELLS`` cells), in random order."""
    encoder = coordinates_of(evidence)
    cap = min(cap, max(MAX_CELLS // len(encoder.names), 1))
    rows = rng.permutation(subsample(len(frame), cap, rng))
    return Features(encoder.features(frame.iloc[rows]), encoder.categorical)


def first_rows(features: Features, cap: int) -> Features:
    """The first rows of features that are in random order."""
    return features.rows(np.arange(min(cap, len(features.x))))


def fit(
    features: Features, y: np.ndarray, setting: Setting, classes: int | None
) -> lightgbm.Booster:
    """A model of y.

    Args:
        y: (n,) class numbers, or numbers to regress.
        classes: number of classes; None for regression.
    """
    task = {None: {"objective": "regression"}, 2: {"objective": "binary"}}.get(
        classes, {"objective": "multiclass", "num_class": classes}
    )
    parameters = {
        **task,
        "learning_rate": setting.rate,
        "num_leaves": setting.leaves,
        "feature_fraction": min(1.0, MAX_TREE_COLUMNS / features.x.shape[1]),
        "seed": 0,
        "deterministic": True,
        "force_row_wise": True,
        # One thread: tables this small gain nothing from more, and lose much on a busy machine.
        "num_threads": 1,
        "verbosity": -1,
    }
    data = lightgbm.Dataset(
        features.x, y, categorical_feature=features.categorical, params={"verbosity": -1}
    )
    return lightgbm.train(parameters, data, setting.trees)


def predict(model: lightgbm.Booster, x: np.ndarray) -> np.ndarray:
    """(n,) numbers or probabilities of class 1, or (n, classes) probabilities."""
    return np.asarray(model.predict(x, num_threads=1))


def held_out_auc(
    positive: Features, negative: Features, setting: Setting, folds: int, rng: np.random.Generator
) -> tuple[float, float, np.ndarray]:
    """How well a model tells two sets of rows apart, on rows it did not see.

    Args:
        positive, negative: at least ``2 * 3`` rows each.
        folds: of the three folds of a cross-validation, how many are carried out (1 to 3).

    Returns:
        Mean area under the ROC curve over the folds, its standard error, and each column's share
        of the models' gain, (d,). The error adds up the folds' as if they went together: their
        models share rows, and errors added up as independent were 1.6 times too small on tables
        without any difference.
    """
    x = Features(np.vstack([positive.x, negative.x]), positive.categorical)
    y = np.repeat([1.0, 0.0], [len(positive.x), len(negative.x)])
    fold = np.concatenate([rng.permutation(len(part.x)) % 3 for part in (positive, negative)])
    aucs, errors, gain = [], [], np.zeros(x.x.shape[1])
    for k in range(folds):
        model = fit(x.rows(fold != k), y[fold != k], setting, 2)
        scores, truth = predict(model, x.x[fold == k]), y[fold == k]
        auc, se = delong(scores[truth == 1], scores[truth == 0])
        aucs.append(auc)
        errors.append(se)
        gain += model.feature_importance("gain")
    return (
        float(np.mean(aucs)),
        float(np.mean(errors)),
        gain / max(gain.sum(), 1e-12),
    )
