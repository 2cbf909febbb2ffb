"""An even random sample of a stream of unknown length, in bounded memory and stored order.

    sample = RowSample(limit=2_000_000, rng=rng)
    for piece in pieces: sample.add(piece)
    rows = sample.pieces                     # all rows if there were at most limit

Every row draws a uniform key; the rows with the ``limit`` smallest keys are the sample. Every
subset of that size is equally likely (ties of 53-bit keys aside), and a row whose key exceeds the
largest key of a full sample can be dropped at once.
"""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa


class RowSample:
    """Keeps at most ``limit`` rows of the pieces added; holds at most 1.25 x limit + one piece.

    Args:
        limit: rows to keep, at least 1.
        rng: decides which rows.
        unit: what a row is called in the notice.

    Attributes:
        total: rows added so far.
    """

    def __init__(self, limit: int, rng: np.random.Generator, unit: str = "row") -> None:
        self.limit = limit
        self._unit = unit
        self.total = 0
        self._rng = rng
        self._held = 0
        self._bar = math.inf
        self._kept: list[tuple[np.ndarray, pa.Table]] = []

    def add(self, piece: pa.Table) -> None:
        """Offers the next rows of the stream."""
        keys = self._rng.random(piece.num_rows)
        self.total += piece.num_rows
        self._keep(keys, piece)
        if self._held > self.limit + max(self.limit // 4, piece.num_rows):
            self._shrink()

    @property
    def pieces(self) -> list[pa.Table]:
        """The sample: tables whose rows, one after the other, are in the order of the stream."""
        if self._held > self.limit:
            self._shrink()
        return [piece for _, piece in self._kept]

    @property
    def notices(self) -> list[str]:
        """What a user should know: nothing if every row was kept."""
        if self.total <= self.limit:
            return []
        return [
            f"the source has {self.total:,} {self._unit}s; an even random sample of {self.limit:,} "
            "was read (source.max_rows)"
        ]

    def _keep(self, keys: np.ndarray, piece: pa.Table) -> None:
        below = keys < self._bar
        if not below.all():
            keys, piece = keys[below], piece.filter(pa.array(below))
        if len(keys):
            self._kept.append((keys, piece))
            self._held += len(keys)

    def _shrink(self) -> None:
        keys = np.concatenate([keys for keys, _ in self._kept])
        self._bar = float(np.partition(keys, self.limit)[self.limit])
        before, self._kept, self._held = self._kept, [], 0
        for piece_keys, piece in before:
            self._keep(piece_keys, piece)
