"""Two smoke tests for memorisation by distance. A pass is no proof of privacy.

Distances catch a generator that repeats its training rows or stays near them. They do not see
leaks that leave distances alone, and published attacks succeed on data that such tests call
private (Yao et al. 2025, arXiv:2505.01524). They are here because a failure is certain evidence.

Distance: a number counts by its rank among the real rows, two different categories count one
(``checks.encoding``), Euclidean over columns; of an image, pixels averaged to at most 16 x 16
(``checks.coordinates``).
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.stats import norm

from synthkit.checks.base import Evidence
from synthkit.checks.outcome import unanswered
from synthkit.checks.privacy.holdout import lack_of_control
from synthkit.checks.privacy.rows import Neighbours, neighbours_of
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.stats.confidence import Interval, around, clopper_pearson, delong, normal_quantile
from synthkit.stats.permutation import effective_rows, label_share

TIE = 1e-6
MIN_EFFECTIVE_ROWS = 100
FALSE_POSITIVE_RATE = 0.01
MIN_NON_MEMBERS = 1000


def nearer_weights(found: Neighbours) -> np.ndarray:
    """(2 m,) how many synthetic rows have each training row, then each holdout row, as nearest.

    A synthetic row as near to its nearest training row as to its nearest holdout row counts half
    for each. The weights of the training rows sum to the DCR share times the synthetic rows.
    """
    gap = found.train.distance - found.holdout.distance
    to_train = np.where(np.abs(gap) <= TIE, 0.5, (gap < 0).astype(float))
    m = found.real_rows
    return np.concatenate(
        [
            np.bincount(found.train.index, to_train, m),
            np.bincount(found.holdout.index, 1.0 - to_train, m),
        ]
    )


class DcrShare:
    """Share of synthetic rows nearer to a training row than to a holdout row.

    Attacker: anyone with the synthetic rows. Success: a synthetic row that stands for one person.
    Baseline: a generator that learnt the population is as near to holdout rows as to training
    rows, 0.5. Control: permutations of the labels "training" and "holdout", which respect that
    many synthetic rows may share one nearest row.
    """

    name: ClassVar[str] = "dcr_share"
    family: ClassVar[Family] = "privacy"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """The share; its interval is wide where few real rows attract most synthetic ones."""
        unit = evidence.unit
        title = f"Nearer to training {unit}s than to other real {unit}s"
        if reason := lack_of_control(evidence, run):
            return [unanswered(self, self.name, title, reason)]
        found = neighbours_of(evidence, run)
        weights = nearer_weights(found)
        effective = effective_rows(weights)
        if effective < MIN_EFFECTIVE_ROWS:
            reason = (
                f"the synthetic {unit}s lie near so few different real {unit}s (as if {effective:.0f} "
                f"were independent, {MIN_EFFECTIVE_ROWS} are needed) that chance alone could "
                "explain any share"
            )
            return [unanswered(self, self.name, title, reason)]
        is_train = np.arange(len(weights)) < found.real_rows
        test = label_share(weights, is_train, run.rng(self.name))
        return [
            CheckResult(
                self.name,
                self.family,
                test.share,
                "lower",
                ci=around(test.share, test.se, 0.0, 1.0),
                reference=0.5,
                n=found.rows,
                title=title,
                summary=(
                    f"{test.share:.1%} of the synthetic {unit}s are nearer to a training {unit} than to "
                    f"a real {unit} the generator never saw; 50% means no preference."
                ),
                detail={
                    "rows_used": found.rows,
                    "real_rows_used": found.real_rows,
                    "p_value": test.p_value,
                    "effective_rows": effective,
                    "median_distance_train": float(np.median(found.train.distance)),
                    "median_distance_holdout": float(np.median(found.holdout.distance)),
                },
            )
        ]


def true_positive_rate(
    members: np.ndarray, others: np.ndarray, rate: float
) -> tuple[float, Interval]:
    """Share of members scoring above the threshold that at most ``rate`` of the others exceed.

    Returns:
        The share and its exact interval (that of the threshold is left out: chosen, not derived).
    """
    allowed = int(np.floor(rate * len(others)))
    threshold = np.sort(others)[::-1][allowed]
    hits = int((members > threshold).sum())
    return hits / len(members), clopper_pearson(hits, len(members))


class MembershipNearest:
    """Membership inference from the distance to the closest synthetic row.

    Attacker: holds the synthetic rows and one person's full record, and guesses "was in the
    training data" if some synthetic row is close. Success: being right more often than by
    guessing. Baseline: AUC 0.5. Control: the same attack on holdout rows.
    """

    name: ClassVar[str] = "membership_nearest"
    family: ClassVar[Family] = "privacy"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """AUC of "nearer to its closest synthetic row", and the hit rate at 1 % false alarms."""
        title = "Was this person in the training data?"
        if reason := lack_of_control(evidence, run):
            return [unanswered(self, self.name, title, reason)]
        found = neighbours_of(evidence, run)
        members, others = -found.train.back_distance, -found.holdout.back_distance
        auc, se = delong(np.round(members, 6), np.round(others, 6))
        detail = {
            "rows_used": found.rows,
            "real_rows_used": found.real_rows,
            "p_value": float(norm.sf((auc - 0.5) / se)),
            "detectable": min(1.0, 0.5 + (normal_quantile() + normal_quantile(0.9)) * se),
            "tpr_at_1pct_fpr": f"not resolvable: it takes 1,000 holdout {evidence.unit}s",
        }
        if found.real_rows >= MIN_NON_MEMBERS:
            rate, interval = true_positive_rate(members, others, FALSE_POSITIVE_RATE)
            detail |= {"tpr_at_1pct_fpr": rate, "tpr_at_1pct_fpr_ci": list(interval)}
        return [
            CheckResult(
                self.name,
                self.family,
                auc,
                "lower",
                ci=around(auc, se, 0.0, 1.0),
                reference=0.5,
                n=found.rows,
                title=title,
                summary=(
                    f"Shown one person from the training data and one who was not, an attacker "
                    f"who looks for the closest synthetic {evidence.unit} is right {auc:.1%} of the time; "
                    f"guessing gives 50%."
                ),
                detail=detail,
            )
        ]
