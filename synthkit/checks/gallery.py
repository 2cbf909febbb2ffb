"""Which images a check looks at, in which order.

Images are taken in the order of a hash of their pixels, which has nothing to do with what they
show: the first m of them are a random sample, and it is the same whatever the order of the rows.
The hash is salted by the role, so that equal images of two tables do not go together.

A third of the training images, ``unseen``, is kept from the feature extractor. They are what an
honest generator could have made, and stand in its place for the *reference*: images the extractor
learned from would look further from the holdout than any others.

    gallery(evidence, "unseen", 2000).images
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from synthkit.checks.base import Evidence
from synthkit.checks.shrinking import image_hashes
from synthkit.pictures import pixels

Role = Literal["train", "holdout", "synthetic", "unseen", "learned"]
MAX_UNSEEN = 5_000
MAX_IMAGES = 10_000


@dataclass(frozen=True)
class Gallery:
    """Some images of one table.

    Args:
        rows: their positions in the table.
        frame: their rows.
        images: (n, height, width, channels) uint8.
    """

    rows: np.ndarray
    frame: pd.DataFrame
    images: np.ndarray


def images_of(evidence: Evidence, frame: pd.DataFrame) -> np.ndarray:
    """(n, height, width, channels) uint8 images of a table, which may have no row."""
    column = evidence.schema.image
    assert column is not None
    assert column.shape is not None
    if not len(frame):
        return np.empty((0, *column.shape), np.uint8)
    return pixels(frame[column.name])


def table_of(evidence: Evidence, role: Role) -> pd.DataFrame:
    """The table that a role's rows are from."""
    if role == "synthetic":
        return evidence.synthetic
    if role == "holdout":
        assert evidence.holdout is not None
        return evidence.holdout
    return evidence.train


def rows_of(evidence: Evidence, role: Role) -> np.ndarray:
    """Positions of all rows of a role in their table, in the order of the hash."""
    frame = table_of(evidence, role)
    table = role if role in ("synthetic", "holdout") else "train"

    def order() -> np.ndarray:
        return np.argsort(image_hashes(images_of(evidence, frame), table), kind="stable")

    rows = evidence.shared(f"order/{table}", order)
    kept = min(len(frame) // 3, MAX_UNSEEN)
    return {"unseen": rows[:kept], "learned": rows[kept:]}.get(role, rows)


def gallery(evidence: Evidence, role: Role, cap: int = MAX_IMAGES) -> Gallery:
    """At most ``cap`` images of a role."""
    rows = rows_of(evidence, role)[:cap]
    frame = table_of(evidence, role).iloc[rows]
    return Gallery(rows, frame, images_of(evidence, frame))
