"""``Remembered``: an extractor that looks at every image once.

Several checks look at the same images, a large network takes most of their time, and its features
take little memory beside the images.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from synthkit.checks.base import Extractor
from synthkit.checks.shrinking import image_hashes


@dataclass(frozen=True)
class Remembered:
    """An extractor and the features that it gave so far, by a hash of the image."""

    extractor: Extractor
    _known: dict[int, np.ndarray] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The extractor's."""
        return self.extractor.name

    def features(self, images: np.ndarray) -> np.ndarray:
        """(n, k) float32."""
        keys = image_hashes(images).tolist()
        new = {key: i for i, key in enumerate(keys) if key not in self._known}
        if new or not keys:
            found = self.extractor.features(images[list(new.values())])
            self._known.update(zip(new, found, strict=True))
        return np.stack([self._known[key] for key in keys]) if keys else found
