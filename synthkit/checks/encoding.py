"""The encoder of an evidence, fitted once; see ``synthkit.encoding`` for what it gives.

encoder = encoder_of(evidence)
encoder.codes(evidence.synthetic)
"""

from __future__ import annotations

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.encoding import CategoryCode, Encoder, NumericCode

__all__ = ["CategoryCode", "Encoder", "NumericCode", "encoder_of", "subsample"]


def encoder_of(evidence: Evidence) -> Encoder:
    """The encoder of this evidence, fitted at the first call."""
    return evidence.shared("encoder", lambda: Encoder.fit(evidence.schema, evidence.train))


def subsample(n: int, cap: int, rng: np.random.Generator) -> np.ndarray:
    """Positions of at most ``cap`` of n rows, ascending; all of them if they fit."""
    return np.arange(n) if n <= cap else np.sort(rng.choice(n, cap, replace=False))
