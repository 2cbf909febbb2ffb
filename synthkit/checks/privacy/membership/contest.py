"""``Contest``: all attacks on the same people, in both rounds.

    contest = contest_of(evidence, run)
    contest.strongest(run.rng("membership"))                        # of all people
    contest.strongest(rng, contest.is_unusual)                      # of those unlike all others
    contest.hits_at(0.01)                                           # members found at 1 % false alarms

Scores of a round are compared within it, as its attacker holds other people's rows than that of the
other round.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from synthkit.checks.base import Evidence
from synthkit.checks.privacy.membership.attacks import ATTACKS
from synthkit.checks.privacy.membership.ground import Ground, rounds
from synthkit.checks.privacy.nearest import true_positive_rate
from synthkit.checks.privacy.sides import sides_of
from synthkit.run import Run
from synthkit.stats.epsilon import EpsilonBound, epsilon_bound
from synthkit.stats.strongest import Strongest, mid_ranks, strongest

UNUSUAL = 0.05  # of the people, those farthest from their fifth neighbour in the reference
LEAST_UNUSUAL = 200  # people, whose share is larger where few are attacked
FIFTH = 4


@dataclass(frozen=True)
class Contest:
    """The outcome.

    Args:
        names: (a,) of the attacks.
        scores: (n, a) of everybody who was attacked.
        is_member: (n,) bool.
        round: (n,) int.
        is_unusual: (n,) bool, those unlike all others, whom generators learn by heart first and
            attackers choose.
        people: their rows.
        training_rows: (n,) positions among the training rows; -1 of others.
        synthetic_rows: how many the attackers held.
    """

    names: tuple[str, ...]
    scores: np.ndarray
    is_member: np.ndarray
    round: np.ndarray
    is_unusual: np.ndarray
    people: pd.DataFrame
    training_rows: np.ndarray
    synthetic_rows: int

    @cached_property
    def ranks(self) -> np.ndarray:
        """(n, a) places of the scores within their round, in (0, 1)."""
        return mid_ranks(self.scores, self.round)

    def strongest(self, rng: np.random.Generator, people: np.ndarray | None = None) -> Strongest:
        """The best attack on some people, a (n,) mask; on all if None."""
        chosen = np.ones(len(self.scores), bool) if people is None else people
        return strongest(self.scores[chosen], self.is_member[chosen], self.round[chosen], rng)

    def hits_at(self, rate: float) -> np.ndarray:
        """(a,) share of members with a score that at most so large a share of others exceeds."""
        members, others = self.ranks[self.is_member].T, self.ranks[~self.is_member].T
        found = zip(members, others, strict=True)
        return np.array([true_positive_rate(ours, theirs, rate)[0] for ours, theirs in found])

    def epsilon(self, rng: np.random.Generator) -> EpsilonBound:
        """What the attacks prove; see ``stats.epsilon``."""
        return epsilon_bound(self.ranks, self.is_member, rng)


def contest_of(evidence: Evidence, run: Run) -> Contest:
    """Plays all attacks, once for this evidence."""
    return evidence.shared(
        "membership contest",
        lambda: _played(rounds(sides_of(evidence, run)), run.rng("unusual people")),
    )


def _played(grounds: list[Ground], rng: np.random.Generator) -> Contest:
    scores = [np.column_stack([attack(g) for attack in ATTACKS.values()]) for g in grounds]
    sizes = [len(part) for part in scores]
    return Contest(
        tuple(ATTACKS),
        np.round(np.concatenate(scores), 9),
        np.concatenate([ground.is_member for ground in grounds]),
        np.repeat(np.arange(len(grounds)), sizes),
        np.concatenate([_unusual(ground, sum(sizes), rng) for ground in grounds]),
        pd.concat([ground.targets for ground in grounds], ignore_index=True),
        np.concatenate([ground.training_rows for ground in grounds]),
        len(grounds[0].synthetic),
    )


def _unusual(ground: Ground, people: int, rng: np.random.Generator) -> np.ndarray:
    """(t,) bool, the targets farthest from their fifth nearest reference row; chance decides ties."""
    near = ground.near_reference
    distance = np.round(near[:, min(FIFTH, near.shape[1] - 1)], 6)
    chosen = np.lexsort((rng.random(len(distance)), -distance))
    share = max(UNUSUAL, LEAST_UNUSUAL / people)
    found = np.zeros(len(distance), bool)
    found[chosen[: round(min(share, 1.0) * len(distance))]] = True
    return found
