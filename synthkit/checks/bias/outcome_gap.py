"""Is the gap between groups in the outcome among the synthetic rows what it is in reality?

Harm: a generator that sharpens the difference between groups hands a stronger prejudice to every
model trained on its rows; one that blurs or reverses it hides a real injustice. Metric: for each
sensitive column, the two groups whose outcome differs most in the training rows, and the absolute
change of their difference in the synthetic rows. The difference keeps its sign, so that a gap of
0.2 that is 0.2 the other way round has changed by 0.4. Outcome: the share of each class of the
target (or of each of its values, where a number has two), or the mean of a numeric target in
standard deviations of the training rows. The same change
in the holdout is the *reference*: choosing the widest pair on the training rows makes it look
smaller anywhere else. What it cannot see: whether the real gap is just, and what becomes of groups
that lie between the two.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from synthkit.checks.base import Evidence
from synthkit.checks.bias.groups import MIN_GROUP_ROWS, Groups
from synthkit.checks.outcome import lack_of_rows, unanswered
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.stats.confidence import absolute, around
from synthkit.typed import to_finite

MIN_ROWS = 100
MAX_OUTCOMES = 20


@dataclass(frozen=True)
class Cells:
    """Mean outcome of each group, its variance and the number of rows: (groups, outcomes)."""

    mean: np.ndarray
    variance: np.ndarray
    n: np.ndarray

    @classmethod
    def of(cls, groups: np.ndarray, outcomes: np.ndarray, count: int) -> Cells:
        """Moments of outcomes (rows, outcomes; NaN rows left out) within ``count`` groups."""
        present = ~np.isnan(outcomes[:, 0])
        groups, outcomes = groups[present], outcomes[present]
        n = np.bincount(groups, minlength=count)[:, None]
        sums, squares = (
            np.stack([np.bincount(groups, column, count) for column in values.T], axis=1)
            for values in (outcomes, outcomes**2)
        )
        mean = sums / np.maximum(n, 1)
        return cls(mean, np.maximum(squares / np.maximum(n, 1) - mean**2, 0.0), n[:, 0])

    def gap(self, high: int, low: int, outcome: int) -> tuple[float, float]:
        """Difference of two groups' means, and its standard error."""
        mean, variance = self.mean[:, outcome], self.variance[:, outcome] / np.maximum(self.n, 1)
        return float(mean[high] - mean[low]), math.sqrt(variance[high] + variance[low])


class OutcomeGap:
    """Change of the widest gap between sensitive groups in the target, either way."""

    name: ClassVar[str] = "outcome_gap"
    family: ClassVar[Family] = "bias"
    needs_holdout: ClassVar[bool] = False

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """The largest change over sensitive columns; each one, signed, in the detail."""
        title = "Gaps between groups as in the real data"
        schema = evidence.schema
        sensitive = [name for name in schema.sensitive if name != schema.target]
        if not sensitive or schema.target is None or not schema[schema.target].is_modelled:
            question = "it takes a sensitive column and a target"
            return [
                unanswered(
                    self,
                    self.name,
                    title,
                    question,
                    status="not_applicable",
                )
            ]
        reason = lack_of_rows(evidence, MIN_ROWS, holdout=False)
        gaps = [] if reason else [gap for name in sensitive if (gap := _change(evidence, name))]
        if not gaps:
            reason = reason or "no two sensitive groups are large enough to compare"
            return [unanswered(self, self.name, title, reason)]
        worst = max(gaps, key=lambda gap: abs(gap["change"]))
        numeric = _is_measured(evidence, schema.target)
        unit, scale = ("standard deviations", 1) if numeric else ("percentage points", 100)
        real, synthetic = worst["real"] * scale, worst["synthetic"] * scale
        reversed_ = " the other way round" if real > 0 > synthetic else ""
        return [
            CheckResult(
                self.name,
                self.family,
                abs(worst["change"]),
                "lower",
                ci=absolute(around(worst["change"], worst["se"])),
                reference=abs(worst["holdout"] - worst["real"]) if "holdout" in worst else None,
                n=len(evidence.synthetic),
                title=title,
                summary=(
                    f"Between the groups '{worst['high']}' and '{worst['low']}' of "
                    f"'{worst['column']}', '{schema.target}' differs by {real:.3g} {unit} in the "
                    f"training {evidence.unit}s and by {abs(synthetic):.3g} {unit}{reversed_} in the "
                    f"synthetic {evidence.unit}s."
                ),
                detail={"columns": gaps},
            )
        ]


def outcomes(column: str, numeric: bool, train: pd.Series, frame: pd.DataFrame) -> np.ndarray:
    """(n, outcomes): the standardised number, or one indicator per class; NaN where missing."""
    values = frame[column]
    if numeric:
        reference = to_finite(train)
        spread = np.nanstd(reference) if not np.isnan(reference).all() else 0.0
        numbers = to_finite(values) - (np.nanmean(reference) if spread else 0.0)
        return (numbers / (spread or 1.0))[:, None]
    classes = train.astype(object).value_counts().index[:MAX_OUTCOMES]
    codes = pd.Index(classes, dtype=object).get_indexer(values.astype(object))
    indicators = (codes[:, None] == np.arange(len(classes))).astype(float)
    indicators[values.isna().to_numpy()] = np.nan
    return indicators


def _is_measured(evidence: Evidence, target: str) -> bool:
    """Whether the target is a number with a mean; one with two values (0, 1) has shares instead."""
    return evidence.schema[target].is_numeric and evidence.train[target].nunique() > 2


def _change(evidence: Evidence, name: str) -> dict[str, Any] | None:
    """The widest gap of one column in the training rows and what becomes of it; or None."""
    target = evidence.schema.target
    assert target is not None
    groups = Groups.of(evidence.schema[name], evidence.train, evidence.synthetic)
    tables = {"real": evidence.train, "synthetic": evidence.synthetic}
    if evidence.holdout is not None and len(evidence.holdout):
        tables["holdout"] = evidence.holdout
    numeric = _is_measured(evidence, target)
    cells = {}
    for role, frame in tables.items():
        y = outcomes(target, numeric, evidence.train[target], frame)
        if not y.shape[1]:
            return None
        cells[role] = Cells.of(groups.codes(frame), y, len(groups.names))
    enough = np.flatnonzero(
        (cells["real"].n >= MIN_GROUP_ROWS) & (cells["synthetic"].n >= MIN_GROUP_ROWS)
    )
    if len(enough) < 2:
        return None
    means = cells["real"].mean[enough]
    outcome = int(np.argmax(np.ptp(means, axis=0)))
    high, low = enough[means[:, outcome].argmax()], enough[means[:, outcome].argmin()]
    real, real_se = cells["real"].gap(high, low, outcome)
    synthetic, synthetic_se = cells["synthetic"].gap(high, low, outcome)
    row = {
        "column": name,
        "high": groups.names[high],
        "low": groups.names[low],
        "real": real,
        "synthetic": synthetic,
        "change": synthetic - real,
        "se": math.hypot(real_se, synthetic_se),
    }
    if "holdout" in cells and min(cells["holdout"].n[[high, low]]) >= MIN_GROUP_ROWS:
        row["holdout"] = cells["holdout"].gap(high, low, outcome)[0]
    return row
