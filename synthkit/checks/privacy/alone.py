"""Who is alone with something, and whether it comes back: counts of members and of others.

    counts = alone(train_hashes, holdout_hashes, synthetic_hashes)

What only one of all real rows has tells that person from everybody. Had the generator not seen the
training rows, the one-of-a-kind things of these and of as many holdout rows would come back equally
often.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from synthkit.checks.base import Evidence
from synthkit.checks.gallery import images_of
from synthkit.checks.privacy.excess import Excess
from synthkit.checks.shrinking import image_hashes
from synthkit.constraints import row_hashes


def identities_of(evidence: Evidence) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n,) uint64 hashes of training, holdout and synthetic rows; equal rows have equal ones.

    Identifiers and free text do not count; of a row with an image the image alone does.
    """
    assert evidence.holdout is not None
    columns = evidence.schema.modelled

    def hashes(frame: pd.DataFrame) -> np.ndarray:
        if evidence.modality == "images":
            return image_hashes(images_of(evidence, frame))
        return row_hashes(frame, columns)

    train, holdout, synthetic = evidence.train, evidence.holdout, evidence.synthetic
    return evidence.shared(
        "identities", lambda: (hashes(train), hashes(holdout), hashes(synthetic))
    )


def one_of_a_kind(train: np.ndarray, holdout: np.ndarray) -> np.ndarray:
    """The hashes that stand once among those of all real rows, sorted."""
    values, counts = np.unique(np.concatenate([train, holdout]), return_counts=True)
    return np.asarray(values[counts == 1])


def is_alone(side: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(n,) bool: which rows of one side no other real row equals."""
    return np.isin(side, one_of_a_kind(side, other))


def alone(train: np.ndarray, holdout: np.ndarray, synthetic: np.ndarray) -> Excess:
    """Counts one-of-a-kind hashes of real rows, and those that are among the synthetic rows'.

    Args:
        train, holdout, synthetic: (…,) uint64; 64 bits make two different things of 500,000 alike with
            a chance below 1e-8.
    """
    unique = one_of_a_kind(train, holdout)
    seen = unique[np.isin(unique, synthetic)]
    members, seen_members = np.isin(unique, train).sum(), np.isin(seen, train).sum()
    return Excess(
        int(seen_members),
        int(members),
        int(len(seen) - seen_members),
        int(len(unique) - members),
    )
