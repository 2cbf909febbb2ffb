"""What every privacy check compares: equally many training and holdout rows, and the synthetic.

A statement such as "nearer to the training rows" means nothing unless both sides had the same
chance, so the larger real side is cut at random to the size of the smaller one. ``MIN_ROWS`` is
what the numbers need to carry a verdict: with 250 rows a side the standard error of a membership
AUC is .026, and an attack with AUC .59 is found 95 times in 100; with fewer rows a pass would say
nothing, and the checks return ``not_assessed``.
"""

from __future__ import annotations

from dataclasses import dataclass

from synthkit.checks.base import Evidence
from synthkit.checks.encoding import encoder_of, subsample
from synthkit.run import Run
from synthkit.stats.distances import Nearest, nearest

MIN_ROWS = 250
MAX_ROWS = 25_000


@dataclass(frozen=True)
class Neighbours:
    """Nearest neighbours of the synthetic rows among training rows and among holdout rows.

    Args:
        train, holdout: ``nearest(synthetic, train)`` and ``nearest(synthetic, holdout)``.
    """

    train: Nearest
    holdout: Nearest

    @property
    def real_rows(self) -> int:
        """Number of training rows used, which is the number of holdout rows."""
        return len(self.train.back_distance)

    @property
    def rows(self) -> int:
        """Number of synthetic rows used."""
        return len(self.train.distance)


def neighbours_of(evidence: Evidence, run: Run) -> Neighbours:
    """Neighbours among equally many real rows, at most ``MAX_ROWS`` of each; computed once."""

    def make() -> Neighbours:
        assert evidence.holdout is not None
        rng = run.rng("neighbours")
        encoder = encoder_of(evidence)
        m = min(len(evidence.train), len(evidence.holdout), MAX_ROWS)
        synthetic, train, holdout = (
            encoder.points(frame.iloc[subsample(len(frame), cap, rng)])
            for frame, cap in (
                (evidence.synthetic, MAX_ROWS),
                (evidence.train, m),
                (evidence.holdout, m),
            )
        )
        return Neighbours(nearest(synthetic, train), nearest(synthetic, holdout))

    return evidence.shared("neighbours", make)
