"""``Rows`` in the making: codes and features of the fields in visit order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Rows:
    """Rows in the making.

    Args:
        codes: (n, d) int32 in visit order.
        features: (n, d) float32 in visit order.
    """

    codes: np.ndarray
    features: np.ndarray

    @classmethod
    def empty(cls, n: int, d: int) -> Rows:
        """n rows of d fields, all to be filled in."""
        return cls(np.zeros((n, d), np.int32), np.zeros((n, d), np.float32))

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: np.ndarray) -> Rows:
        """A copy of the given rows."""
        return Rows(self.codes[rows], self.features[rows])
