"""``Ground``: what one round of attacks is played on.

There are two rounds. In the first, one half of the holdout is the sample of other people that the
attacker holds, and the other half are people to attack, beside as many training rows. In the second
the halves change places, and other training rows are attacked. So every real row is attacked at most
once, and never by someone who holds it.

Members and others are treated alike in everything (see ``sides``). Where the synthetic rows know nothing
of the training rows, the labels "member" and "other" could be exchanged, which is what the tests rest on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from synthkit.checks.encoding import Encoder
from synthkit.checks.learner import Features
from synthkit.checks.privacy.sides import Sides
from synthkit.stats.distances import nearest_few

NEIGHBOURS = 20  # of each target, among synthetic and among reference rows


@dataclass(frozen=True, eq=False)
class Ground:
    """One round.

    Args:
        synthetic: (s, …) the synthetic rows.
        reference: (r, …) other people's rows, which the attacker holds.
        targets: (t, …) rows of those who are attacked.
        is_member: (t,) bool, which of them are training rows.
        encoder: of all these rows.
        training_rows: (t,) positions of the members among the training rows; -1 of others.
    """

    synthetic: pd.DataFrame
    reference: pd.DataFrame
    targets: pd.DataFrame
    is_member: np.ndarray
    encoder: Encoder
    training_rows: np.ndarray

    @cached_property
    def points(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(s, k), (r, k) and (t, k) float32 of synthetic, reference and target rows."""
        first, second, third = (
            self.encoder.points(rows) for rows in (self.synthetic, self.reference, self.targets)
        )
        return first, second, third

    @cached_property
    def near_synthetic(self) -> np.ndarray:
        """(t, NEIGHBOURS) distances of each target to its nearest synthetic rows, ascending."""
        synthetic, _, targets = self.points
        return nearest_few(targets, synthetic, min(NEIGHBOURS, len(synthetic)))[1]

    @cached_property
    def near_reference(self) -> np.ndarray:
        """(t, NEIGHBOURS) the same to reference rows."""
        _, reference, targets = self.points
        return nearest_few(targets, reference, min(NEIGHBOURS, len(reference)))[1]

    def features(self, rows: pd.DataFrame) -> Features:
        """What a tree learner takes."""
        return Features(self.encoder.features(rows), self.encoder.categorical)


def rounds(sides: Sides) -> list[Ground]:
    """Both rounds; of an odd number of rows, one on either side is left out."""
    half = len(sides.members) // 2
    halves = [slice(0, half), slice(half, 2 * half)]
    return [
        Ground(
            sides.synthetic,
            sides.others.iloc[held],
            pd.concat([sides.members.iloc[attacked], sides.others.iloc[attacked]]),
            np.repeat([True, False], half),
            sides.encoder,
            np.concatenate([sides.member_rows[attacked], np.full(half, -1)]),
        )
        for attacked, held in (halves, halves[::-1])
    ]
