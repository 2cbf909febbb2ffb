"""Are there synthetic images that are a training image with a little noise?

Attacker: anyone with the synthetic images. Success: one of them shows a training image, not pixel by
pixel (``exact_copies``) but unmistakably. Baseline: some images are near another one by chance, such
as two strokes of a pen; so the same share is counted for holdout images, which cannot have been
copied. The value is the *excess* over that share, 0 for a generator that learnt the population.

* ``near_copies.pixels``: the nearest training image is three times nearer than the second nearest,
  in pixels averaged to at most 16 x 16.
* ``near_copies.features``: the same in the features of ``checks.extractor``, which forgive a shift.
* ``near_copies.hash``: a difference hash (64 bits) within 2 bits of a training image's, which
  forgives brightness, contrast and compression.

What they cannot see: copies of a training image that is itself in the data twice (the second nearest
is as near; ``exact_copies`` and the hash see these), parts of an image pasted into another, and what
a mirror or a turn hides. A few copies among very many images stay below what chance can explain. A
pass is no proof of privacy.

References: Favero et al. (2025), arXiv:2505.16959 (ratio of a third); Carlini et al. (2023),
arXiv:2301.13188 (extraction of training images).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.coordinates import image_points
from synthkit.checks.extractor import extractor_of, features_of_role, lack_of_torch
from synthkit.checks.gallery import gallery
from synthkit.checks.outcome import unanswered
from synthkit.checks.privacy.closest_pairs import (
    MAX_TRAIN,
    closest,
    nearest_by_pixels,
    ratios,
)
from synthkit.checks.privacy.excess import Excess, excess_result
from synthkit.checks.privacy.holdout import lack_of_control
from synthkit.checks.shrinking import difference_hash, hamming_nearest
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.stats.distances import nearest_few

RATIO = 1 / 3
BITS = 2
TITLES = {
    "near_copies.pixels": "Near copies of training images, by pixels",
    "near_copies.features": "Near copies of training images, by features",
    "near_copies.hash": "Near copies of training images, by a hash",
}


class NearCopies:
    """Share of synthetic images that are nearly one training image, beyond that of the holdout."""

    name: ClassVar[str] = "near_copies"
    family: ClassVar[Family] = "privacy"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """Three results; how near the nearest pairs are in the listing of the first two."""
        if reason := lack_of_control(evidence, run):
            return [unanswered(self, name, title, reason) for name, title in TITLES.items()]
        return [self._pixels(evidence), self._features(evidence), self._hash(evidence)]

    def _pixels(self, evidence: Evidence) -> CheckResult:
        _, holdout, train = self._images(evidence)
        by_chance = nearest_few(image_points(holdout), image_points(train), 2)[1]
        distance = nearest_by_pixels(evidence)[1]
        return self._by_ratio("near_copies.pixels", evidence, distance, by_chance, len(train), {})

    def _features(self, evidence: Evidence) -> CheckResult:
        name = "near_copies.features"
        if reason := lack_of_torch():
            return unanswered(self, name, TITLES[name], reason)
        synthetic, holdout = (features_of_role(evidence, role) for role in ("synthetic", "holdout"))
        train = features_of_role(evidence, "train", MAX_TRAIN)
        detail = {"extractor": extractor_of(evidence).name}
        distance, by_chance = (nearest_few(x, train, 2)[1] for x in (synthetic, holdout))
        return self._by_ratio(name, evidence, distance, by_chance, len(train), detail)

    def _by_ratio(
        self,
        name: str,
        evidence: Evidence,
        distance: np.ndarray,
        by_chance: np.ndarray,
        n_train: int,
        detail: dict[str, Any],
    ) -> CheckResult:
        ratio, rows = ratios(distance), gallery(evidence, "synthetic").rows
        pairs = tuple(
            {
                "synthetic_row": int(rows[i]),
                "distance": float(distance[i, 0]),
                "ratio": float(ratio[i]),
            }
            for i in closest(distance)
        )
        said = "lie three times nearer to one training image than to any other"
        detail = {**detail, "training_images_used": n_train}
        near, others = ratio < RATIO, ratios(by_chance) < RATIO
        return replace(self._result(name, said, near, others, detail), listing=pairs)

    def _hash(self, evidence: Evidence) -> CheckResult:
        synthetic, holdout, train = map(difference_hash, self._images(evidence))
        alike, by_chance = (hamming_nearest(x, train) <= BITS for x in (synthetic, holdout))
        said = f"differ from a training image in at most {BITS} of 64 bits of a difference hash"
        detail = {"training_images_used": len(train)}
        return self._result("near_copies.hash", said, alike, by_chance, detail)

    def _images(self, evidence: Evidence) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Synthetic, holdout and training images."""
        return (
            gallery(evidence, "synthetic").images,
            gallery(evidence, "holdout").images,
            gallery(evidence, "train", MAX_TRAIN).images,
        )

    def _result(
        self, name: str, said: str, near: np.ndarray, by_chance: np.ndarray, detail: dict[str, Any]
    ) -> CheckResult:
        found, n = int(near.sum()), len(near)
        others, m = int(by_chance.sum()), len(by_chance)
        counts = Excess(found, n, others, m)
        return excess_result(
            self,
            name,
            TITLES[name],
            counts,
            n=n,
            summary=(
                f"{found:,} of {n:,} synthetic images ({found / n:.2%}) {said}, as do {others:,} "
                f"of {m:,} real images the generator never saw ({others / m:.2%})."
            ),
            detail={
                "near_synthetic": found,
                "near_holdout": others,
                "share_synthetic": found / n,
                "share_holdout": others / m,
                "images_used": n,
                "holdout_images_used": m,
                **detail,
            },
        )
