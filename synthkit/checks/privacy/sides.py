"""``Sides``: as many training rows as holdout rows, treated alike, and the synthetic rows beside them.

    sides = sides_of(evidence, run)
    sides.members, sides.others, sides.synthetic       # frames; the first two as long as one another

What an attack achieves against ``others`` is no leak, as the generator never saw them; only what it
achieves beyond that against ``members`` is. For this to hold exactly, coordinates are learned from both:
ranks among the training rows alone would be a little finer for these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from synthkit.checks.base import Evidence
from synthkit.checks.encoding import Encoder, subsample
from synthkit.run import Run

MOST = 10_000  # rows of each
ATTACKED = 3_000  # people of either side, where an attack on each takes long


@dataclass(frozen=True)
class Sides:
    """Rows in random order.

    Args:
        members: (m, …) training rows.
        others: (m, …) holdout rows.
        synthetic: (s, …) rows under test.
        encoder: learned from members and others.
        member_rows: (m,) positions of the members among the training rows.
    """

    members: pd.DataFrame
    others: pd.DataFrame
    synthetic: pd.DataFrame
    encoder: Encoder
    member_rows: np.ndarray

    def few(self, people: int = ATTACKED) -> Sides:
        """At most so many of either side, for attacks that take long on each of them."""
        return replace(
            self,
            members=self.members[:people],
            others=self.others[:people],
            member_rows=self.member_rows[:people],
        )


def sides_of(evidence: Evidence, run: Run) -> Sides:
    """The rows of this evidence, which has a holdout; drawn once."""

    def drawn() -> Sides:
        assert evidence.holdout is not None
        rng = run.rng("sides")
        m = min(len(evidence.train), len(evidence.holdout), MOST)
        tables = ((evidence.train, m), (evidence.holdout, m), (evidence.synthetic, MOST))
        chosen = [rng.permutation(subsample(len(frame), most, rng)) for frame, most in tables]
        members, others, synthetic = (
            frame.iloc[rows].reset_index(drop=True)
            for (frame, _), rows in zip(tables, chosen, strict=True)
        )
        encoder = Encoder.fit(evidence.schema, pd.concat([members, others]))
        return Sides(members, others, synthetic, encoder, chosen[0])

    return evidence.shared("sides", drawn)
