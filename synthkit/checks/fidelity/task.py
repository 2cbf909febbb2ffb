"""``Task``: one column as the target of a model that is trained on one table, tested on another.

    task = Task.of(train, holdout, column, most_classes)      # or the reason why there is none
    _, y = task.rows(holdout)
    score, error = task.score(task.predictions(synthetic, holdout, YARDSTICK), y)

Categories are scored by the area under the ROC curve (macro-averaged one against the rest), numbers
by R^2. A number with two distinct values among the real rows, such as 0 and 1, has two classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit.checks.learner import Features, Setting, fit, predict
from synthkit.stats.confidence import delong

MIN_CLASS_ROWS = 10


@dataclass(frozen=True)
class Task:
    """One prediction task on the three tables.

    Args:
        column: position of the target among the encoded columns.
        classes: values of the feature that count as classes, the most frequent first; None to
            predict a number. Rows of other classes are left out.
    """

    column: int
    classes: np.ndarray | None

    @classmethod
    def of(cls, train: Features, test: Features, column: int, most: int) -> Task | str:
        """The task, or the reason why there is none."""
        ours, theirs = (x[~np.isnan(x)] for x in (train.x[:, column], test.x[:, column]))
        if min(len(ours), len(theirs)) < 2 * MIN_CLASS_ROWS:
            return "it is missing in nearly every row"
        if column not in train.categorical:
            if np.ptp(ours) == 0 or np.ptp(theirs) == 0:
                return "it is constant"
            if len(np.unique(np.concatenate([ours, theirs]))) > 2:
                return cls(column, None)
        values, counts = np.unique(ours, return_counts=True)
        frequent = values[np.argsort(-counts, kind="stable")][:most]
        enough = [
            v for v in frequent if min((ours == v).sum(), (theirs == v).sum()) >= MIN_CLASS_ROWS
        ]
        if len(enough) < 2:
            return f"fewer than two of its classes have {MIN_CLASS_ROWS} rows on both sides"
        return cls(column, np.array(enough))

    @property
    def floor(self) -> float:
        """The score of a model that has learnt nothing."""
        return 0.0 if self.classes is None else 0.5

    @property
    def score_name(self) -> str:
        """What the score is called."""
        return "R2" if self.classes is None else "AUC"

    def rows(self, features: Features) -> tuple[Features, np.ndarray]:
        """The rows that the task is about: features without the target, and the target."""
        y = features.x[:, self.column]
        keep = ~np.isnan(y) if self.classes is None else np.isin(y, self.classes)
        y = y[keep]
        if self.classes is not None:
            order = np.argsort(self.classes)
            y = order[np.searchsorted(self.classes, y, sorter=order)].astype(float)
        return features.rows(keep).without(self.column), y

    def predictions(self, train: Features, test: Features, setting: Setting) -> np.ndarray | None:
        """(n, classes) or (n,) predictions for the test rows; None if nothing can be learnt."""
        x, y = self.rows(train)
        if len(y) < 2 * MIN_CLASS_ROWS or np.ptp(y) == 0:
            return None
        classes = None if self.classes is None else len(self.classes)
        scale = 1.0 if classes else float(y.std())
        centre = 0.0 if classes else float(y.mean())
        model = fit(x, (y - centre) / scale, setting, classes)
        return predict(model, self.rows(test)[0].x) * scale + centre

    def score(self, predictions: np.ndarray | None, y: np.ndarray) -> tuple[float, float]:
        """The score on test rows and its standard error (0 if nothing could be learnt)."""
        if predictions is None:
            return self.floor, 0.0
        if self.classes is None:
            score, error = r_squared(predictions, y)
            # A model worse than the mean is worth no more than none; and far below 0 the score
            # would tell the size of a single extreme value.
            return (score, error) if score > self.floor else (self.floor, min(error, 1.0))
        return macro_auc(predictions, y, len(self.classes))


def r_squared(predictions: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """1 - residual / total sum of squares, and its standard error by the delta method."""
    residual, total = np.square(y - predictions), np.square(y - y.mean())
    ratio = residual.mean() / total.mean()
    influence = (residual - ratio * total) / total.mean()
    return float(1.0 - ratio), float(influence.std() / np.sqrt(len(y)))


def macro_auc(predictions: np.ndarray, y: np.ndarray, classes: int) -> tuple[float, float]:
    """Mean over classes of the AUC of one class against the rest, and its standard error.

    The error adds up those of the classes as if they were fully dependent: an upper bound.

    Args:
        predictions: (n, classes) probabilities, or (n,) of class 1 if there are two classes.
        y: (n,) class numbers, each present.
    """
    if classes == 2:
        return delong(predictions[y == 1], predictions[y == 0])
    found = [delong(predictions[y == k, k], predictions[y != k, k]) for k in range(classes)]
    return float(np.mean([auc for auc, _ in found])), float(np.mean([se for _, se in found]))
