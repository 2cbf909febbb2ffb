"""The encoder of an evidence, fitted once; see ``synthkit.encoding`` for what it gives.

encoder = encoder_of(evidence)
encoder.codes(evidence.synthetic)

It learns from all real rows alike. Had the training rows alone chosen which categories are frequent enough
for a level of their own, these would be more frequent among them than among holdout rows, and two sets of
real rows would seem to differ.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from synthkit.checks.base import Evidence
from synthkit.encoding import CategoryCode, Encoder, NumericCode

__all__ = ["CategoryCode", "Encoder", "NumericCode", "encoder_of", "subsample"]


def encoder_of(evidence: Evidence) -> Encoder:
    """The encoder of this evidence, fitted at the first call."""

    def fitted() -> Encoder:
        real = [part for part in (evidence.train, evidence.holdout) if part is not None]
        return Encoder.fit(evidence.schema, real[0] if len(real) == 1 else pd.concat(real))

    return evidence.shared("encoder", fitted)


def subsample(n: int, cap: int, rng: np.random.Generator) -> np.ndarray:
    """Positions of at most ``cap`` of n rows, ascending; all of them if they fit."""
    return np.arange(n) if n <= cap else np.sort(rng.choice(n, cap, replace=False))
