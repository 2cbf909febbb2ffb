"""Are the synthetic images clearly of a class, and of all classes?

The exponential of the mean divergence between an image's class probabilities and their average (the
Inception score, with a classifier of this data's own classes): 1 if every image looks alike to the
classifier, the number of classes if every image is clear and all classes are equally frequent. The
*reference* is the holdout's score, which is the aim: more than that is a caricature.

What it cannot see: variety within a class, copies, wrong labels.

References: Salimans et al. (2016), arXiv:1606.03498; its limits: Barratt & Sharma (2018),
arXiv:1801.01973.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.classes import Classes, no_classes
from synthkit.checks.extractor import (
    MIN_LABELLED,
    classes_of_role,
    is_labelled,
    lack_of_features,
    network_of,
)
from synthkit.checks.outcome import unanswered
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.stats.confidence import around

MIN_ROWS = 100


def class_score(probabilities: np.ndarray) -> tuple[float, float]:
    """The score of (n, classes) probabilities and its standard error by the delta method."""
    p = np.clip(probabilities, 1e-12, None)
    divergence = (p * (np.log(p) - np.log(p.mean(axis=0)))).sum(axis=1)
    score = float(np.exp(divergence.mean()))
    # Probabilities that were clipped may fall short of one by rounding.
    return max(score, 1.0), score * float(divergence.std(ddof=1) / np.sqrt(len(p)))


def lack_of_classes(evidence: Evidence) -> str | None:
    """Why no classifier can be trained on these training images; None if it can."""
    classes = Classes.of(evidence)
    if isinstance(classes, str):
        return classes
    if not is_labelled(evidence):
        return f"at least {MIN_LABELLED} training images with classes are needed"
    return None


class ClassScore:
    """Clarity and variety of the classes among synthetic images."""

    name: ClassVar[str] = "class_score"
    family: ClassVar[Family] = "fidelity"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """The score beside the holdout's."""
        title = "Clear and varied classes"
        if reason := lack_of_features(evidence, MIN_ROWS):
            return [unanswered(self, self.name, title, reason, direction="near_reference")]
        if reason := lack_of_classes(evidence):
            return [
                unanswered(
                    self,
                    self.name,
                    title,
                    reason,
                    status=no_classes(evidence),
                    direction="near_reference",
                )
            ]
        found = classes_of_role(evidence, "synthetic")
        value, se = class_score(found)
        reference, reference_se = class_score(classes_of_role(evidence, "holdout"))
        classes = found.shape[1]
        return [
            CheckResult(
                self.name,
                self.family,
                value,
                "near_reference",
                ci=around(value, se, 1.0),
                reference=reference,
                floor=1.0,
                n=len(found),
                title=title,
                summary=(
                    f"The classes of synthetic images are as clear and varied as {value:.2f} of "
                    f"{classes} equally frequent ones; those of real images as {reference:.2f}."
                ),
                detail={
                    "extractor": network_of(evidence).name,
                    "images_used": len(found),
                    "classes": classes,
                    "reference_se": reference_se,
                },
            )
        ]
