"""``NearCopies``: drawn rows that lie near one training row which is itself unlike the others.

    near = NearCopies.fit(schema, train, factor=0.33)
    sieve = Sieve(near, most=1000)
    model.sifted_by(sieve).sample(1000, rng)         # rejected and drawn again; see ``synthkit.model``
    sieve.unfiltered                                 # the first 1000 rows as they would be without it

A row is a near copy if its distance to the nearest training row is below ``factor`` times that row's own
distance to its nearest other training row, or if it equals a training row that is one of a kind. So
rows that several people share are never refused: their distance to each other is 0. Distances are those
of the checks (``encoding.Encoder.points``). With a factor of at most 0.5 no other training row can be as
near, so the nearest alone needs to be looked at.

This hides a symptom and does not cure the generator: who holds the model can draw what is refused here,
and who knows the factor may look for the gaps around training rows. That is why the rows are judged
without it, too. It needs the training rows, which a stored model does not have.

The same ratio for images: Carlini et al. 2023, Extracting training data from diffusion models,
arXiv:2301.13188, and the check ``near_copies``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd

from synthkit.constraints import row_hashes
from synthkit.constraints.reasons import Reason
from synthkit.encoding import Encoder
from synthkit.errors import NotSupported
from synthkit.schema import Schema
from synthkit.stats.distances import nearest, to_nearest_other

AT = ("protect", "near_copies")
NOT_APPLIED = (
    "near-copy rejection (protect.near_copies) needs the training rows, which a stored model does not "
    "hold: it is not applied to these rows"
)


@dataclass(frozen=True)
class NearCopies:
    """The training rows as points.

    Args:
        factor: in (0, 0.5].
        encoder: fitted on them.
        points: (m, k) float32.
        reach: (m,) distance of each, times the factor, below which a row is a near copy of it.
        singles: sorted hashes of the rows that are one of a kind.
    """

    factor: float
    encoder: Encoder
    points: np.ndarray
    reach: np.ndarray
    singles: np.ndarray

    reason: ClassVar[Reason] = Reason(
        "near copies of training rows",
        AT,
        said="are near copies of training rows",
        remedy="choose a generator that copies less (larger leaves, fewer epochs, another backend), or "
        "lower protect.near_copies",
    )

    @classmethod
    def fit(cls, schema: Schema, train: pd.DataFrame, factor: float) -> NearCopies:
        """Measures the distances between typed training rows; O(m^2 k) time, O(m k) memory.

        Raises:
            NotSupported: images, or no column that is learned.
        """
        encoder = Encoder.fit(schema, train)
        if schema.modality != "table" or not encoder.parts:
            raise NotSupported(
                "there is nothing to measure distances by"
                if schema.modality == "table"
                else "near copies are rejected in tables only, and these are images",
                where=".".join(AT),
                remedy="leave it out"
                + (", and see the check near_copies" if schema.modality == "images" else ""),
                at=AT,
            )
        points = encoder.points(train)
        hashes, counts = np.unique(row_hashes(train, encoder.names), return_counts=True)
        return cls(factor, encoder, points, factor * to_nearest_other(points), hashes[counts == 1])

    def broken(self, rows: pd.DataFrame) -> np.ndarray:
        """(n,) bool, the typed rows that are near copies."""
        if not len(rows):
            return np.zeros(0, bool)
        found = nearest(self.encoder.points(rows), self.points)
        is_copy = np.isin(row_hashes(rows, self.encoder.names), self.singles)
        return (found.distance < self.reach[found.index]) | is_copy


@dataclass
class Sieve:
    """Near copies, for one sampling, and the rows as they were before it.

    Args:
        near: what is refused.
        most: rows to keep.
    """

    near: NearCopies
    most: int = 0
    _kept: list[pd.DataFrame] = field(default_factory=list)

    def show(self, rows: pd.DataFrame) -> None:
        """Keeps drawn rows that nothing else refuses, near copies or not, as far as there is room."""
        left = self.most - sum(map(len, self._kept))
        if left > 0 and len(rows):
            self._kept.append(rows.iloc[:left])

    @property
    def unfiltered(self) -> pd.DataFrame:
        """The rows that were kept, in the order in which they were drawn; at least one was shown."""
        return pd.concat(self._kept, ignore_index=True)
