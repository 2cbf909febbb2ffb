"""What every privacy check compares: equally many training and holdout rows, and the synthetic.

A statement such as "nearer to the training rows" means nothing unless both sides had the same
chance, so the larger real side is cut at random to the size of the smaller one. ``MIN_ROWS`` is
what the numbers need to carry a verdict: with 250 rows a side the standard error of a membership
AUC is .026, and an attack with AUC .59 is found 95 times in 100; with fewer rows a pass would say
nothing, and the checks return ``not_assessed``. At most ``MAX_ROWS`` rows of each table are used,
and fewer in wide tables, where the work is held at ``MAX_WORK`` products.
"""

from __future__ import annotations

from dataclasses import dataclass

from synthkit.checks.base import Evidence
from synthkit.checks.coordinates import coordinates_of
from synthkit.checks.encoding import subsample
from synthkit.run import Run
from synthkit.stats.distances import Nearest, nearest

MIN_ROWS = 250
MAX_ROWS = 25_000
MAX_WORK = 1e11


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
    """Neighbours among equally many real rows, computed once."""

    def make() -> Neighbours:
        assert evidence.holdout is not None
        rng = run.rng("neighbours")
        encoder = coordinates_of(evidence)
        most = min(MAX_ROWS, int((MAX_WORK / encoder.dimensions) ** 0.5))
        m = min(len(evidence.train), len(evidence.holdout), most)
        synthetic, train, holdout = (
            encoder.points(frame.iloc[subsample(len(frame), cap, rng)])
            for frame, cap in (
                (evidence.synthetic, most),
                (evidence.train, m),
                (evidence.holdout, m),
            )
        )
        used = synthetic.any(axis=0) | train.any(axis=0) | holdout.any(axis=0)
        synthetic, train, holdout = synthetic[:, used], train[:, used], holdout[:, used]
        return Neighbours(nearest(synthetic, train), nearest(synthetic, holdout))

    return evidence.shared("neighbours", make)
