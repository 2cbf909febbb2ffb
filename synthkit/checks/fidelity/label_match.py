"""Do the synthetic images show what their labels say?

Share of synthetic images whose label a classifier of real images confirms. The *reference* is its
accuracy on the holdout: the classifier errs too. The *floor* is the share if labels were dealt out
anew. More than the reference means images that are easier than real ones, less means wrong or unclear
ones.

What it cannot see: variety and copies; a generator that draws one perfect image per class scores 1.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.classes import Classes, no_classes
from synthkit.checks.extractor import classes_of_role, lack_of_features, network_of
from synthkit.checks.fidelity.class_score import lack_of_classes
from synthkit.checks.gallery import Role, gallery
from synthkit.checks.outcome import unanswered
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.stats.confidence import wilson

MIN_ROWS = 100


def chance_agreement(labels: np.ndarray, seen: np.ndarray, classes: int) -> float:
    """Share of agreement if the labels were shuffled; a label of -1 never agrees."""
    ours = np.bincount(labels[labels >= 0], minlength=classes) / len(labels)
    theirs = np.bincount(seen, minlength=classes) / len(seen)
    return float(ours @ theirs)


class LabelMatch:
    """Share of synthetic images whose label the classifier of real images confirms."""

    name: ClassVar[str] = "label_match"
    family: ClassVar[Family] = "fidelity"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """The share, with the classes' shares in the detail."""
        title = "Images that show what their label says"
        if reason := lack_of_features(evidence, MIN_ROWS):
            return [unanswered(self, self.name, title, reason, direction="higher")]
        classes = Classes.of(evidence)
        if isinstance(classes, str) or (reason := lack_of_classes(evidence)):
            why = classes if isinstance(classes, str) else str(reason)
            status = no_classes(evidence)
            return [unanswered(self, self.name, title, why, status=status, direction="higher")]
        labels, seen = _labels(evidence, classes, "synthetic")
        held_labels, held_seen = _labels(evidence, classes, "holdout")
        confirmed, n = int((labels == seen).sum()), len(labels)
        reference = float((held_labels == held_seen).mean())
        return [
            CheckResult(
                self.name,
                self.family,
                confirmed / n,
                "higher",
                ci=wilson(confirmed, n),
                reference=reference,
                floor=chance_agreement(labels, seen, len(classes)),
                n=n,
                title=title,
                summary=(
                    f"A classifier of real images agrees with the label of {confirmed / n:.1%} of "
                    f"the synthetic images, and of {reference:.1%} of real ones."
                ),
                detail={
                    "extractor": network_of(evidence).name,
                    "images_used": n,
                    "classes": [
                        {
                            "class": name,
                            "synthetic": _share(seen[labels == k] == k),
                            "holdout": _share(held_seen[held_labels == k] == k),
                        }
                        for k, name in enumerate(classes.names)
                    ],
                },
            )
        ]


def _labels(evidence: Evidence, classes: Classes, role: Role) -> tuple[np.ndarray, np.ndarray]:
    """Labels of a role's images, and what the classifier takes them for."""
    labels = classes.codes(gallery(evidence, role).frame)
    return labels, classes_of_role(evidence, role).argmax(axis=1)


def _share(hits: np.ndarray) -> float | None:
    return float(hits.mean()) if len(hits) else None
