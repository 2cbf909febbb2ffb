"""The synthetic images nearest to a training image, as pairs: for people who may see the real ones.

Nearness is that of ``near_copies.pixels``: pixels averaged to at most 16 x 16. Which training image it is
stands in no result: reports may leave, and a number is enough for whoever holds the data to look it up.

    for pair in closest_pairs(evidence): evidence.train.iloc[pair.training_row]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.coordinates import image_points
from synthkit.checks.gallery import gallery
from synthkit.stats.distances import nearest_few

MAX_TRAIN = 20_000
PAIRS = 12


@dataclass(frozen=True)
class Pair:
    """A synthetic image and the training image nearest to it.

    Args:
        synthetic_row, training_row: their positions in the tables.
        distance: between them, Euclidean, of pixels in [0, 1].
        ratio: of the distance to that of the second nearest training image, in [0, 1].
    """

    synthetic_row: int
    training_row: int
    distance: float
    ratio: float


def ratios(distance: np.ndarray) -> np.ndarray:
    """(n,) distance to the nearest over that to the second nearest, from (n, 2); 0 if both are 0."""
    return np.divide(
        distance[:, 0], distance[:, 1], out=np.zeros(len(distance)), where=distance[:, 1] > 0
    )


def nearest_by_pixels(evidence: Evidence) -> tuple[np.ndarray, np.ndarray]:
    """(n, 2) positions in the gallery of training images, and distances, of the two nearest of each
    image of the synthetic gallery; computed once."""

    def find() -> tuple[np.ndarray, np.ndarray]:
        train = gallery(evidence, "train", MAX_TRAIN).images
        return nearest_few(
            image_points(gallery(evidence, "synthetic").images), image_points(train), 2
        )

    return evidence.shared("nearest_by_pixels", find)


def closest(distance: np.ndarray) -> np.ndarray:
    """Positions of the ``PAIRS`` queries nearest to a point, the nearest first; from (n, 2) distances."""
    return np.argsort(distance[:, 0], kind="stable")[:PAIRS]


def closest_pairs(evidence: Evidence) -> list[Pair]:
    """The closest pairs, the nearest first; it takes a synthetic and two training images."""
    index, distance = nearest_by_pixels(evidence)
    synthetic, train = (
        gallery(evidence, "synthetic").rows,
        gallery(evidence, "train", MAX_TRAIN).rows,
    )
    ratio = ratios(distance)
    return [
        Pair(int(synthetic[i]), int(train[index[i, 0]]), float(distance[i, 0]), float(ratio[i]))
        for i in closest(distance)
    ]
