"""``Coordinates``: the two views of a row that checks compare, whatever a row is.

* ``features``: what a tree learner takes. Of an image: the main axes of the extractor's
  features, then the label and the other columns beside it.
* ``points``: coordinates whose Euclidean distance compares rows. Of an image: its pixels in [0, 1],
  averaged to at most 16 x 16. Nothing is learned for them, so training images are at no advantage;
  what differs only in finer detail counts as near.

    coordinates_of(evidence).points(evidence.synthetic)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from synthkit.checks.base import Evidence
from synthkit.checks.encoding import Encoder, encoder_of
from synthkit.checks.extractor import extractor_of, features_of_role, main_axes
from synthkit.checks.gallery import images_of, rows_of
from synthkit.checks.shrinking import shrunk

MAX_SIDE = 16
# Of 128 features trees find less: on digits, an AUC of .69 for images a little too dark, of .82 here.
AXES = 32


class Coordinates(Protocol):
    """Rows as numbers. See ``checks.encoding.Encoder`` for those of a table."""

    @property
    def names(self) -> list[str]:
        """What each feature is called."""

    @property
    def categorical(self) -> list[int]:
        """Positions of the features that hold categories."""

    @property
    def dimensions(self) -> int:
        """Number of coordinates of a point."""

    def features(self, frame: pd.DataFrame) -> np.ndarray:
        """(n, d) float64, NaN for missing."""

    def points(self, frame: pd.DataFrame) -> np.ndarray:
        """(n, k) float32."""


@dataclass(frozen=True)
class ImageCoordinates:
    """The coordinates of rows with an image."""

    evidence: Evidence
    beside: Encoder

    @property
    def names(self) -> list[str]:
        """Numbered axes, then the columns beside the image."""
        n = self._axes[1].shape[1]
        axes = [f"feature {i} of {n} of the images" for i in range(1, n + 1)]
        return axes + self.beside.names

    @property
    def categorical(self) -> list[int]:
        """Those of the columns beside the image."""
        return [self._axes[1].shape[1] + i for i in self.beside.categorical]

    @property
    def dimensions(self) -> int:
        """Number of pixels of a point."""
        height, width, channels = self._shape
        return min(height, MAX_SIDE) * min(width, MAX_SIDE) * channels

    def features(self, frame: pd.DataFrame) -> np.ndarray:
        """(n, d) float64."""
        found = extractor_of(self.evidence).features(images_of(self.evidence, frame))
        beside = [self.beside.features(frame)] if self.beside.parts else []
        centre, axes = self._axes
        return np.hstack([((found - centre) @ axes).astype(np.float64), *beside])

    def points(self, frame: pd.DataFrame) -> np.ndarray:
        """(n, k) float32."""
        return image_points(images_of(self.evidence, frame))

    @property
    def _shape(self) -> tuple[int, int, int]:
        column = self.evidence.schema.image
        assert column is not None
        assert column.shape is not None
        return column.shape

    @property
    def _axes(self) -> tuple[np.ndarray, np.ndarray]:
        """Centre and main axes of the features of the images that the network learned from."""
        learned = features_of_role(self.evidence, "learned")
        return self.evidence.shared("axes", lambda: main_axes(learned, AXES))


def image_points(images: np.ndarray) -> np.ndarray:
    """(n, k) float32 points of uint8 images."""
    height, width = (min(size, MAX_SIDE) for size in images.shape[1:3])
    return shrunk(images, height, width).reshape(len(images), -1)


def coordinates_of(evidence: Evidence) -> Coordinates:
    """The coordinates of this evidence, fitted at the first call."""
    encoder = encoder_of(evidence)
    return encoder if evidence.modality == "table" else ImageCoordinates(evidence, encoder)


def real_rows(evidence: Evidence) -> pd.DataFrame:
    """Real rows to put in the place of the synthetic ones where these are compared with the holdout.

    The training rows; of images, those that the extractor did not learn from.
    """
    if evidence.modality == "table":
        return evidence.train
    return evidence.train.iloc[rows_of(evidence, "unseen")]
