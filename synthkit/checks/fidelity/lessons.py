"""What a classifier of the target learns from, and what it answers: of tables and of images.

    lessons = lessons_of(evidence, "train", classes, 20_000, run.rng("utility"))
    tests = lessons_of(evidence, "holdout", classes, 20_000, run.rng("utility"))
    answers(evidence, lessons, tests, classes)     # (n,) class numbers

The learner of images is the small network of ``nn.classifier``, that of tables the gradient-boosted
trees of ``checks.learner``. The trees draw no random numbers: another training of them is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.classes import Classes
from synthkit.checks.encoding import encoder_of, subsample
from synthkit.checks.extractor import classifier_of, probabilities
from synthkit.checks.gallery import gallery, table_of

Role = Literal["train", "holdout", "synthetic"]


@dataclass(frozen=True)
class Lessons:
    """Rows of known class, in random order.

    Args:
        x: (n, height, width, channels) uint8 images, or (n, columns) float64 of a table.
        y: (n,) class numbers.
    """

    x: np.ndarray
    y: np.ndarray

    def rows(self, rows: np.ndarray | slice) -> Lessons:
        """These rows."""
        return Lessons(self.x[rows], self.y[rows])

    def and_(self, other: Lessons) -> Lessons:
        """These rows and others."""
        return Lessons(np.concatenate([self.x, other.x]), np.concatenate([self.y, other.y]))


def lessons_of(
    evidence: Evidence, role: Role, classes: Classes, cap: int, rng: np.random.Generator
) -> Lessons:
    """At most ``cap`` rows of a table, those without a class left out; ``rng`` chooses rows of a table."""
    if evidence.modality == "images":
        shown = gallery(evidence, role, cap)
        x, frame = shown.images, shown.frame
    else:
        whole = table_of(evidence, role)
        frame = whole.iloc[rng.permutation(subsample(len(whole), cap, rng))]
        target = encoder_of(evidence).names.index(classes.column)
        x = np.delete(encoder_of(evidence).features(frame), target, axis=1)
    y = classes.codes(frame)
    return Lessons(x[y >= 0], y[y >= 0])


def answers(
    evidence: Evidence, lessons: Lessons, tests: Lessons, classes: Classes, seed: int = 0
) -> np.ndarray:
    """(n,) what a classifier that learned from the lessons takes each test for.

    Args:
        seed: of the network's weights and the order of images; trees have none.
    """
    if evidence.modality == "images":
        network = classifier_of(lessons.x, lessons.y, len(classes), seed)
        return np.asarray(probabilities(network, tests.x).argmax(axis=1))
    from synthkit.checks.learner import YARDSTICK, Features, fit, predict

    encoder = encoder_of(evidence)
    target = encoder.names.index(classes.column)
    categorical = [i - (i > target) for i in encoder.categorical if i != target]
    model = fit(Features(lessons.x, categorical), lessons.y, YARDSTICK, len(classes))
    found = predict(model, tests.x)
    return np.asarray(found.argmax(axis=1) if found.ndim == 2 else found > 0.5, np.int64)
