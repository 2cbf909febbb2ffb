"""Are the synthetic images among the real ones, and are all real ones reached?

Around every real image lies a ball that reaches its fifth nearest real image, in the features of
``checks.extractor``.

* ``manifold.precision``: share of synthetic images inside a real ball (they look real).
* ``manifold.recall``: share of real images inside a ball of the synthetic ones (nothing is left out).
* ``manifold.density``: real balls around a synthetic image, over five; robust to a real outlier's
  huge ball; 1 for real images on average.
* ``manifold.coverage``: share of real balls with a synthetic image inside; robust to synthetic
  outliers, unlike recall.

The real side is the holdout; the *reference* puts real images that the extractor never saw in the
place of the synthetic ones. All sets have one size, on which the numbers depend.

What they cannot see: copies, which are perfectly real; how often something occurs.

References: Kynkäänniemi et al. (2019), arXiv:1904.06991; Naeem et al. (2020), arXiv:2002.09797.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.extractor import extractor_of, features_of_role, lack_of_features
from synthkit.checks.outcome import unanswered
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.stats.confidence import Interval, around, wilson

MIN_ROWS = 100
MAX_ROWS = 2_000
NEIGHBOURS = 5
PARTS = {
    "precision": ("Synthetic images that look real", "of the synthetic images look like real ones"),
    "recall": ("Real images within reach", "of the real images lie among the synthetic ones"),
    "density": ("Density of real images", "real images lie around a synthetic one, over five"),
    "coverage": ("Real images covered", "of the real images have a synthetic one nearby"),
}


@dataclass(frozen=True)
class Overlap:
    """What each image contributes to the four numbers; the numbers are the means.

    Args:
        precision, density: (n,) per synthetic image.
        recall, coverage: (m,) per real image.
    """

    precision: np.ndarray
    recall: np.ndarray
    density: np.ndarray
    coverage: np.ndarray


def squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(n, m) squared Euclidean distances of (n, k) and (m, k) float64 rows."""
    squared = np.square(a).sum(axis=1)[:, None] + np.square(b).sum(axis=1) - 2.0 * (a @ b.T)
    return np.maximum(squared, 0.0)


def overlap(real: np.ndarray, synthetic: np.ndarray, k: int = NEIGHBOURS) -> Overlap:
    """The four numbers, from (m, d) and (n, d) float64 features with m, n > k."""
    radius, synthetic_radius = (
        np.partition(squared_distances(x, x), k, axis=1)[:, k] for x in (real, synthetic)
    )
    across = squared_distances(real, synthetic)
    inside = across <= radius[:, None]
    return Overlap(
        precision=np.asarray(inside.any(axis=0)),
        recall=np.asarray((across <= synthetic_radius).any(axis=1)),
        density=inside.sum(axis=0) / k,
        coverage=np.asarray(inside.any(axis=1)),
    )


class Manifold:
    """Precision, recall, density and coverage of the synthetic images."""

    name: ClassVar[str] = "manifold"
    family: ClassVar[Family] = "fidelity"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """Four results, ``manifold.precision`` and so on."""
        if reason := lack_of_features(evidence, MIN_ROWS):
            return [
                unanswered(self, f"{self.name}.{part}", title, reason, direction="higher")
                for part, (title, _) in PARTS.items()
            ]
        sets = [
            features_of_role(evidence, role).astype(np.float64)
            for role in ("synthetic", "holdout", "unseen")
        ]
        m = min(MAX_ROWS, *map(len, sets))
        synthetic, holdout, unseen = (features[:m] for features in sets)
        found, expected = overlap(holdout, synthetic), overlap(holdout, unseen)
        detail = {
            "extractor": extractor_of(evidence).name,
            "images_used": m,
            "neighbours": NEIGHBOURS,
        }
        return [self._result(part, found, expected, detail) for part in PARTS]

    def _result(
        self, part: str, found: Overlap, expected: Overlap, detail: dict[str, object]
    ) -> CheckResult:
        title, said = PARTS[part]
        each = getattr(found, part)
        value, reference = float(each.mean()), float(getattr(expected, part).mean())
        is_share = part != "density"
        interval: Interval = (
            wilson(int(each.sum()), len(each))
            if is_share
            else around(value, float(each.std(ddof=1) / np.sqrt(len(each))), 0.0)
        )
        shown, beside = (f"{x:.1%}" if is_share else f"{x:.2f}" for x in (value, reference))
        return CheckResult(
            f"{self.name}.{part}",
            self.family,
            value,
            "higher",
            ci=interval,
            reference=reference,
            n=len(found.precision),
            title=title,
            summary=f"{shown} {said}; with real images in their place it is {beside}.",
            detail=detail,
        )
