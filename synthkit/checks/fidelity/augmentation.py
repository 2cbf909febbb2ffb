"""What balanced synthetic rows do to a classifier: better than the skewed real rows alone?

The same small classifier is trained on the real training rows as they are (skewed), and on them with
synthetic rows added to every class until it is as large as the largest, as far as the synthetic rows
go; both are tested on the holdout. The value is the difference of *balanced accuracy*, the mean over
classes of the share of their holdout rows that is recognised (recall); above 0 the synthetic rows
help. It is 0 without them, which is the *reference*. Each class's recall stands in the detail, with its
difference; and, as a control, ``repeated``: what the classifier gains if real rows are repeated in place
of the synthetic ones, which costs nothing. Synthetic rows are worth having if they beat that.

The 95 % interval is a paired bootstrap: holdout rows are drawn anew within their class, both classifiers
answering the same ones, and the trainings of the networks (two, from other weights) are drawn with
them. It does not cover another sample of training rows or another seed of the generator.

What it cannot see: other learners, and classes with fewer than twenty holdout rows, which are left out.
It asks its question only where the training rows are skewed and the synthetic rows were balanced.

References: He & Garcia (2009), doi:10.1109/TKDE.2008.239 (learning from skewed classes); Brodersen et
al. (2010), doi:10.1109/ICPR.2010.764 (balanced accuracy).
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.classes import KINDS, Classes
from synthkit.checks.encoding import encoder_of
from synthkit.checks.extractor import lack_of_features
from synthkit.checks.fidelity.lessons import Lessons, answers, lessons_of
from synthkit.checks.outcome import unanswered
from synthkit.results import CheckResult, Family, Status
from synthkit.run import Run
from synthkit.stats.bootstrap import paired_differences, percentiles

MIN_ROWS = 100
MAX_ROWS = 20_000
MIN_TESTS = 20  # holdout rows of a class: fewer say next to nothing of its recall
MAX_CLASSES = 20  # of a table, where every class takes a model of its own
SKEW = 1.5  # chosen, not derived
TRAININGS = 2  # of networks, each as costly as the classifiers of utility.target
TITLE = "Balancing, for a classifier of the target"


def added(counts: np.ndarray, lessons: Lessons) -> np.ndarray:
    """Positions of the rows that fill every class up to the largest, as far as there are any.

    Args:
        counts: (classes,) rows of each class that are there already.
        lessons: rows to add, the first of each class first.
    """
    wanted = counts.max() - counts
    places = [np.flatnonzero(lessons.y == k)[: wanted[k]] for k in range(len(counts))]
    return np.sort(np.concatenate(places))


def repeated(counts: np.ndarray, lessons: Lessons) -> np.ndarray:
    """Positions of the rows that fill every class up to the largest by repeating its own in turn."""
    wanted = counts.max() - counts
    return np.concatenate(
        [np.resize(np.flatnonzero(lessons.y == k), wanted[k]) for k in range(len(counts))]
    )


def nothing_to_measure(classes: Classes, evidence: Evidence) -> str | None:
    """Why balancing is no matter here; None if training rows are skewed and synthetic ones less so."""
    real, synthetic = (classes.counts(frame) for frame in (evidence.train, evidence.synthetic))
    if real.max() < SKEW * real.min():
        return f"the classes of '{classes.column}' are about equally frequent as they are"
    rarest = int(real.argmin())
    if synthetic[rarest] * real.sum() < SKEW * real[rarest] * synthetic.sum():
        return (
            f"the rarest class of '{classes.column}' is hardly more frequent among the synthetic "
            f"{evidence.unit}s than it was (output.balance makes it so)"
        )
    return None


class Augmentation:
    """Difference that balanced synthetic rows make to a classifier's balanced accuracy."""

    name: ClassVar[str] = "augmentation"
    family: ClassVar[Family] = "fidelity"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """The difference; every class's recalls in the detail."""
        classes = Classes.of(evidence)
        if isinstance(classes, str):
            target = evidence.schema.target
            asked = target is not None and evidence.schema[target].kind in KINDS
            return [self._without(classes, "not_assessed" if asked else "not_applicable")]
        if reason := nothing_to_measure(classes, evidence):
            return [self._without(reason, "not_applicable")]
        if reason := lack_of_features(evidence, MIN_ROWS):
            return [self._without(reason)]
        if evidence.modality == "table":
            if len(encoder_of(evidence).names) < 2:
                return [self._without("there is no other column to learn from", "not_applicable")]
            if len(classes) > MAX_CLASSES:
                return [self._without(f"'{classes.column}' has more than {MAX_CLASSES} classes")]
        train, synthetic, tests = (
            lessons_of(evidence, role, classes, MAX_ROWS, run.rng(self.name, role))
            for role in ("train", "synthetic", "holdout")
        )
        judged = np.flatnonzero(np.bincount(tests.y, minlength=len(classes)) >= MIN_TESTS)
        counts = np.bincount(train.y, minlength=len(classes))
        if len(judged) < 2 or counts[judged].max() < SKEW * counts[judged].min():
            reason = f"fewer than {MIN_TESTS} holdout {evidence.unit}s are of a rare class"
            return [self._without(reason)]
        tests = tests.rows(np.isin(tests.y, judged))
        return [self._measured(evidence, run, classes, judged, (train, synthetic, tests))]

    def _without(self, reason: str, status: Status = "not_assessed") -> CheckResult:
        return unanswered(self, self.name, TITLE, reason, status=status, direction="higher")

    def _measured(
        self,
        evidence: Evidence,
        run: Run,
        classes: Classes,
        judged: np.ndarray,
        lessons: tuple[Lessons, Lessons, Lessons],
    ) -> CheckResult:
        train, synthetic, tests = lessons
        counts = np.bincount(train.y, minlength=len(classes))
        extra = synthetic.rows(added(counts, synthetic))
        again = train.rows(repeated(counts, train))
        trainings = TRAININGS if evidence.modality == "images" else 1
        alone, filled, twice = (
            np.stack(
                [
                    answers(evidence, part, tests, classes, seed) == tests.y
                    for seed in range(trainings)
                ]
            )
            for part in (train, train.and_(extra), train.and_(again))
        )
        strata = np.searchsorted(judged, tests.y)
        draws = paired_differences(alone, filled, strata, run.rng(self.name, "bootstrap"))
        others = paired_differences(alone, twice, strata, run.rng(self.name, "repeated"))
        recalls = [_recalls(hits, strata) for hits in (alone, filled, twice)]
        before, after, by_repeating = (float(recall.mean()) for recall in recalls)
        unit = evidence.unit
        return CheckResult(
            self.name,
            self.family,
            after - before,
            "higher",
            ci=percentiles(draws.mean(axis=1)),
            reference=0.0,
            n=len(extra.y),
            title=TITLE,
            summary=(
                f"A classifier of '{classes.column}' recognises {before:.1%} of each class of real "
                f"{unit}s on average; with {len(extra.y):,} synthetic {unit}s added to the rarer "
                f"classes {after:.1%}, with real {unit}s repeated in their place {by_repeating:.1%}."
            ),
            detail={
                "target": classes.column,
                "balanced_accuracy_real": before,
                "balanced_accuracy_filled": after,
                "repeated": by_repeating - before,
                "repeated_ci": list(percentiles(others.mean(axis=1))),
                "real_rows_used": len(train.y),
                "added_rows": len(extra.y),
                "test_rows_used": len(tests.y),
                "trainings": trainings,
                "interval_covers": (
                    f"drawing of holdout {unit}s"
                    + (" and the classifier's random numbers" if trainings > 1 else "")
                ),
                "classes_left_out": len(classes) - len(judged),
                "classes": _by_class(classes, judged, counts, extra, strata, recalls, draws),
            },
        )


def _recalls(hits: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """(k,) share of each stratum that is right, over all trainings."""
    return np.bincount(strata, hits.mean(axis=0)) / np.bincount(strata)


def _by_class(
    classes: Classes,
    judged: np.ndarray,
    counts: np.ndarray,
    extra: Lessons,
    strata: np.ndarray,
    recalls: list[np.ndarray],
    draws: np.ndarray,
) -> list[dict[str, Any]]:
    """What becomes of every class."""
    alone, filled, _ = recalls
    filling, tested = np.bincount(extra.y, minlength=len(classes)), np.bincount(strata)
    return [
        {
            "class": classes.names[k],
            "real": int(counts[k]),
            "added": int(filling[k]),
            "recall_real": float(alone[i]),
            "recall_filled": float(filled[i]),
            "difference": float(filled[i] - alone[i]),
            "difference_ci": list(percentiles(draws[:, i])),
            "n": int(tested[i]),
        }
        for i, k in enumerate(judged)
    ]
