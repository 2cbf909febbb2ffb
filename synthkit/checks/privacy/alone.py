"""Who is alone with something, and whether it comes back: counts of members and of others.

    counts = alone(train_hashes, holdout_hashes, synthetic_hashes)
    counts.excess, counts.interval(of=12), counts.adjusted(of=12)     # the worst of twelve

What only one of all real rows has tells that person from everybody. Had the generator not seen the
training rows, the one-of-a-kind things of these and of as many holdout rows would come back equally
often.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from synthkit.stats.confidence import Interval, newcombe

MIN_ALONE = 20  # of either side, below which a share says nothing


@dataclass(frozen=True)
class Replayed:
    """Counts.

    Args:
        seen, members: training rows that are alone with something and come back, and all that are alone.
        other_seen, others: the same of holdout rows.
    """

    seen: int
    members: int
    other_seen: int
    others: int

    @property
    def is_telling(self) -> bool:
        """Whether enough people are alone."""
        return min(self.members, self.others) >= MIN_ALONE

    @property
    def rate(self) -> float:
        """Share of the members that come back."""
        return self.seen / self.members

    @property
    def other_rate(self) -> float:
        """Share of the others."""
        return self.other_seen / self.others

    @property
    def excess(self) -> float:
        """Rate of the members less that of the others."""
        return self.rate - self.other_rate

    @property
    def p_value(self) -> float:
        """One-sided, exact given all that come back (Fisher)."""
        both = self.members + self.others
        return float(
            stats.hypergeom.sf(self.seen - 1, both, self.members, self.seen + self.other_seen)
        )

    @property
    def order(self) -> tuple[float, float]:
        """Smaller for a clearer excess."""
        return self.p_value, -self.excess

    def adjusted(self, of: int) -> float:
        """P-value of the smallest of so many (Bonferroni)."""
        return min(1.0, self.p_value * of)

    def interval(self, of: int = 1) -> Interval:
        """Of the excess, with 95 % confidence for so many at once (Bonferroni)."""
        return newcombe(self.seen, self.members, self.other_seen, self.others, 1.0 - 0.05 / of)

    @property
    def facts(self) -> dict[str, Any]:
        """For the detail of a result."""
        return {
            "seen_training": self.seen,
            "alone_training": self.members,
            "seen_holdout": self.other_seen,
            "alone_holdout": self.others,
            "excess": self.excess,
        }


def alone(train: np.ndarray, holdout: np.ndarray, synthetic: np.ndarray) -> Replayed:
    """Counts one-of-a-kind hashes of real rows, and those that are among the synthetic rows'.

    Args:
        train, holdout, synthetic: (…,) uint64; 64 bits make two different things of 500,000 alike with
            a chance below 1e-8.
    """
    values, counts = np.unique(np.concatenate([train, holdout]), return_counts=True)
    unique = values[counts == 1]
    seen = unique[np.isin(unique, synthetic)]
    members, seen_members = np.isin(unique, train).sum(), np.isin(seen, train).sum()
    return Replayed(
        int(seen_members),
        int(members),
        int(len(seen) - seen_members),
        int(len(unique) - members),
    )
