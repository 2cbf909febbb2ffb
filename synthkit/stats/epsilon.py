"""How much privacy loss an attack proves: a lower bound of the epsilon of differential privacy.

Had the generator been epsilon-differentially private, no attack could find members at a rate of more
than exp(epsilon) times that of false alarms, nor clear others at more than exp(epsilon) times the rate
at which it overlooks members (Kairouz et al. 2015, "The composition theorem for differential privacy").
So rates that are seen prove an epsilon (Jagielski et al. 2020, "Auditing differentially private machine
learning").

    bound = epsilon_bound(scores, is_member, rng)     # with 95 % confidence

NOTE[DIFF]: delta is taken as 0, and one release stands for the mechanism: the bound is of what this
release gives away of the people in it on the whole, and not of a guarantee.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from synthkit.stats.confidence import clopper_pearson

SHARES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.97, 0.99)
# of others beyond a threshold that is tried


@dataclass(frozen=True)
class EpsilonBound:
    """What is proven.

    Args:
        epsilon: at least so much, with 95 % confidence; 0 if nothing is proven.
        index: the score that proves it.
        rates: (true positive rate, false positive rate) that were seen with it.
    """

    epsilon: float
    index: int
    rates: tuple[float, float]


def proven(hits: int, members: int, alarms: int, others: int) -> float:
    """Epsilon that the counts prove: hits of the members and alarms of the others; at least 0."""
    low, high = clopper_pearson(hits, members)[0], clopper_pearson(alarms, others)[1]
    cleared = 1.0 - high
    overlooked = 1.0 - low
    ratios = [low / high, cleared / max(overlooked, 1e-12)]
    return max(0.0, math.log(max(*ratios, 1e-12)))


def epsilon_bound(
    scores: np.ndarray, is_member: np.ndarray, rng: np.random.Generator
) -> EpsilonBound:
    """Chooses score and threshold on half of the people, and counts on the other half.

    As one choice is counted, its rates need no correction: each lies in its exact interval with
    97.5 % on the side that matters.

    Args:
        scores: (n, a), comparable over all people.
        is_member: (n,) bool.
        rng: draws the halves.
    """
    half = np.zeros(len(scores), bool)
    for side in (is_member, ~is_member):
        rows = np.flatnonzero(side)
        half[rng.permutation(rows)[: len(rows) // 2]] = True
    best, chosen = -1.0, (0, 0.0)
    for index in range(scores.shape[1]):
        for share in SHARES:
            threshold = float(np.quantile(scores[half & ~is_member, index], 1.0 - share))
            found = proven(*_counts(scores[half, index] > threshold, is_member[half]))
            if found > best:
                best, chosen = found, (index, threshold)
    index, threshold = chosen
    hits, members, alarms, others = _counts(scores[~half, index] > threshold, is_member[~half])
    return EpsilonBound(
        proven(hits, members, alarms, others), index, (hits / members, alarms / others)
    )


def _counts(beyond: np.ndarray, is_member: np.ndarray) -> tuple[int, int, int, int]:
    return (
        int(beyond[is_member].sum()),
        int(is_member.sum()),
        int(beyond[~is_member].sum()),
        int((~is_member).sum()),
    )
