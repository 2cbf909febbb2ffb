"""Can a strong classifier tell synthetic rows from real rows it has never seen?

A gradient-boosted classifier learns to tell holdout rows from synthetic ones (three folds); its
area under the ROC curve is 0.5 if it can only guess and 1 if every row gives itself away. It sees
all columns at once, so it finds what margins miss. The real side is the holdout: a copy of the
training rows scores what the training rows score, which is the *reference*. The *floor* shuffles
every synthetic column on its own. Of images it sees the main axes of the features of
``checks.extractor`` and the columns beside them, and the reference are training images that the extractor did
not learn from. Real rows that repeat a record count once: in two folds they would tell each other.

What it cannot see: how *much* is wrong. One tell-tale column (a rounding, an impossible value) is
enough for 1.0; the detail names the columns that give it away.

References: Lopez-Paz & Oquab (2017), Revisiting Classifier Two-Sample Tests, arXiv:1610.06545.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.coordinates import coordinates_of, real_rows
from synthkit.checks.extractor import extractor_of, lack_of_features
from synthkit.checks.learner import (
    SMALL,
    YARDSTICK,
    Features,
    features_of,
    first_rows,
    held_out_auc,
)
from synthkit.checks.outcome import unanswered
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.schema import PARTS
from synthkit.stats.confidence import around

MIN_ROWS = 100
MAX_ROWS = 20_000
MAX_REFERENCE_ROWS = 10_000
TELLING = 5


class ClassifierTest:
    """Classifier two-sample test of synthetic rows against the holdout."""

    name: ClassVar[str] = "c2st"
    family: ClassVar[Family] = "fidelity"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """The area under the curve, with reference and floor."""
        title = "Telling synthetic from real"
        evidence = evidence.of_people()
        if reason := lack_of_features(evidence, MIN_ROWS):
            return [unanswered(self, self.name, title, reason)]
        assert evidence.holdout is not None
        holdout, synthetic, train = (
            features_of(evidence, frame, MAX_ROWS, run.rng(self.name, role))
            for role, frame in (
                ("holdout", evidence.holdout),
                ("synthetic", evidence.synthetic),
                ("train", real_rows(evidence)),
            )
        )
        rng = run.rng(self.name, "folds")
        auc, se, gain = held_out_auc(synthetic, holdout, YARDSTICK, 3, rng)
        few = [first_rows(part, MAX_REFERENCE_ROWS) for part in (train, holdout, synthetic)]
        reference, reference_se, _ = held_out_auc(few[0], few[1], YARDSTICK, 3, rng)
        shuffled = Features(rng.permuted(few[2].x, axis=0), synthetic.categorical)
        floor, _, _ = held_out_auc(shuffled, few[1], YARDSTICK, 1, rng)
        telling = telling_columns(evidence, synthetic, holdout, gain, rng)
        of_images = evidence.modality == "images"
        seen = {"extractor": extractor_of(evidence).name} if of_images else {}
        return [
            CheckResult(
                self.name,
                self.family,
                auc,
                "lower",
                ci=around(auc, se, 0.0, 1.0),
                reference=reference,
                floor=floor,
                n=len(synthetic.x),
                title=title,
                summary=_summary(evidence, auc, reference, floor),
                detail={
                    "rows_used": len(synthetic.x),
                    "holdout_rows_used": len(holdout.x),
                    "reference_rows_used": len(few[0].x),
                    "reference_se": reference_se,
                    "columns": telling,
                    **seen,
                },
            )
        ]


def telling_columns(
    evidence: Evidence,
    synthetic: Features,
    holdout: Features,
    gain: np.ndarray,
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """The columns that carried most of the classifier, each with what it tells on its own."""
    names = coordinates_of(evidence).names
    few = [first_rows(part, MAX_REFERENCE_ROWS) for part in (synthetic, holdout)]
    rows = []
    for i in np.argsort(-gain, kind="stable")[:TELLING]:
        alone, _, _ = held_out_auc(few[0].only([i]), few[1].only([i]), SMALL, 1, rng)
        rows.append({"column": names[i], "gain": float(gain[i]), "alone": alone})
    return rows


def _summary(evidence: Evidence, auc: float, reference: float, floor: float) -> str:
    unit, part = evidence.unit, PARTS[evidence.modality]
    return (
        f"Shown one real and one synthetic {unit}, a trained classifier picks the synthetic one "
        f"{auc:.1%} of the time (guessing: 50%); with two sets of real {unit}s it manages "
        f"{reference:.1%}, with unrelated {part}s {floor:.1%}."
    )
