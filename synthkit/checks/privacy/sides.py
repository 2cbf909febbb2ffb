"""``Sides``: as many training rows as holdout rows, treated alike, and the synthetic rows beside them.

    sides = sides_of(evidence, run)                    # few_sides_of: fewer people to attack
    sides.members, sides.others, sides.synthetic       # frames; the first two as long as one another

What an attack achieves against ``others`` is no leak, as the generator never saw them; only what it
achieves beyond that against ``members`` is. For this to hold exactly, coordinates are learned from both:
ranks among the training rows alone would be a little finer for these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from synthkit.checks.base import Evidence
from synthkit.checks.encoding import Encoder, subsample
from synthkit.run import Run

MOST = 10_000  # rows of each
ATTACKED = 3_000  # people of either side, where an attack on each takes long


@dataclass(frozen=True)
class Encoded:
    """Rows as numbers, with which columns can be left out.

    Args:
        features: (n, d) float32 of a tree learner, NaN for missing.
        cells: (n, d) ranks in [0, 1] of numbers and codes of categories, NaN for missing.
        points: (n, k) float32 coordinates.
        column_of: (k,) position of the column of each coordinate.
    """

    features: np.ndarray
    cells: np.ndarray
    points: np.ndarray
    column_of: np.ndarray

    @classmethod
    def of(cls, encoder: Encoder, frame: pd.DataFrame) -> Encoded:
        """All encoded columns of a frame."""
        cells = [part.cells(frame[part.column.name]) for part in encoder.parts]
        # single precision, as forests take no infinities beyond it
        features = encoder.features(frame).astype(np.float32)
        return cls(features, np.column_stack(cells), encoder.points(frame), encoder.column_of)

    def points_in(self, columns: Sequence[int] | np.ndarray) -> np.ndarray:
        """(n, …) the coordinates of these columns, by position."""
        return self.points[:, np.isin(self.column_of, columns)]


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

    @cached_property
    def encoded(self) -> tuple[Encoded, Encoded]:
        """The synthetic rows, and the real ones: the members, then the others."""
        real = pd.concat([self.members, self.others], ignore_index=True)
        return Encoded.of(self.encoder, self.synthetic), Encoded.of(self.encoder, real)


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


def few_sides_of(evidence: Evidence, run: Run) -> Sides:
    """The same with at most ``ATTACKED`` of either side, for attacks that take long on each of them."""

    def cut() -> Sides:
        sides = sides_of(evidence, run)
        return replace(
            sides,
            members=sides.members[:ATTACKED],
            others=sides.others[:ATTACKED],
            member_rows=sides.member_rows[:ATTACKED],
        )

    return evidence.shared("few sides", cut)
