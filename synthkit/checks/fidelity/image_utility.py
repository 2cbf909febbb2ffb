"""Can the synthetic images replace the real ones for training a classifier?

``utility.target``: the accuracy on the holdout of a small network trained on synthetic images and
their labels (TSTR; the classification accuracy score), beside the same network trained on as many
real training images, which is the *reference*. The *floor* always answers the most frequent class.
Accuracy is over holdout rows whose label is a class; the detail has it per class, where a loss that
the mean hides is seen, and per group of the sensitive columns.

What it cannot see: anything that these labels do not need. A Fréchet distance does not rank this
number: sharp images of the frequent modes can be bad teachers.

References: Ravuri & Vinyals (2019), Classification Accuracy Score, arXiv:1905.10887.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.bias.groups import Groups
from synthkit.checks.classes import MIN_CLASS_ROWS, Classes, no_classes
from synthkit.checks.extractor import lack_of_features
from synthkit.checks.fidelity.lessons import answers, lessons_of
from synthkit.checks.gallery import MAX_IMAGES, Gallery, gallery
from synthkit.checks.outcome import unanswered
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.stats.confidence import newcombe, wilson

MIN_ROWS = 100
MAX_ROWS = 20_000


class ImageUtility:
    """Train on synthetic images, test on real ones."""

    name: ClassVar[str] = "utility"
    family: ClassVar[Family] = "fidelity"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """``utility.target``."""
        name, title = f"{self.name}.target", "Classifiers of the target"
        if reason := lack_of_features(evidence, MIN_ROWS):
            return [unanswered(self, name, title, reason, direction="higher")]
        classes = Classes.of(evidence)
        if isinstance(classes, str):
            status = no_classes(evidence)
            return [unanswered(self, name, title, classes, status=status, direction="higher")]
        tests = gallery(evidence, "holdout")
        y = classes.codes(tests.frame)
        rng = run.rng(self.name)
        lessons = lessons_of(evidence, "synthetic", classes, MAX_ROWS, rng)
        real = lessons_of(evidence, "train", classes, MAX_ROWS, rng)
        truth = lessons_of(evidence, "holdout", classes, MAX_IMAGES, rng)
        if len(lessons.y) < 2 * MIN_CLASS_ROWS or (y >= 0).sum() < MIN_ROWS:
            reason = "too few synthetic or holdout images are labelled with a class"
            return [unanswered(self, name, title, reason, direction="higher")]
        m = min(len(lessons.y), len(real.y))
        hits, real_hits = (
            answers(evidence, part.rows(slice(m)), truth, classes) == truth.y
            for part in (lessons, real)
        )
        n, right, real_right = len(hits), int(hits.sum()), int(real_hits.sum())
        value, reference = right / n, real_right / n
        floor = float(np.bincount(y[y >= 0]).max() / n)
        return [
            CheckResult(
                name,
                self.family,
                value,
                "higher",
                ci=wilson(right, n),
                reference=reference,
                floor=floor,
                n=m,
                title=title,
                summary=(
                    f"A classifier of '{classes.column}' trained on synthetic images is right for "
                    f"{value:.1%} of the real ones; trained on as many real images for "
                    f"{reference:.1%}, without any learning {floor:.1%}."
                ),
                detail={
                    "target": classes.column,
                    "score": "accuracy",
                    "learner": "small CNN, trained anew on either side",
                    "images_used": m,
                    "test_images_used": n,
                    "loss": reference - value,
                    "loss_ci": list(newcombe(real_right, n, right, n)),
                    "classes": _by_class(classes, y[y >= 0], hits, real_hits),
                    "groups": _by_group(evidence, tests, y >= 0, hits, real_hits),
                },
            )
        ]


def _by_class(
    classes: Classes, y: np.ndarray, hits: np.ndarray, real_hits: np.ndarray
) -> list[dict[str, Any]]:
    """Recall of every class in the holdout."""
    return [
        {
            "class": name,
            "synthetic": float(hits[y == k].mean()),
            "real": float(real_hits[y == k].mean()),
            "n": int((y == k).sum()),
        }
        for k, name in enumerate(classes.names)
        if (y == k).any()
    ]


def _by_group(
    evidence: Evidence, tests: Gallery, used: np.ndarray, hits: np.ndarray, real_hits: np.ndarray
) -> list[dict[str, Any]]:
    """Accuracy for every group of the sensitive columns in the holdout."""
    rows: list[dict[str, Any]] = []
    for name in evidence.schema.sensitive:
        groups = Groups.of(evidence.schema[name], evidence.train, evidence.synthetic)
        codes = groups.codes(tests.frame)[used]
        rows += [
            {
                "column": name,
                "group": group,
                "synthetic": float(hits[codes == k].mean()),
                "real": float(real_hits[codes == k].mean()),
                "n": int((codes == k).sum()),
            }
            for k, group in enumerate(groups.names)
            if (codes == k).any()
        ]
    return rows
