"""How far apart are synthetic and real images, as clouds of features?

The Fréchet distance between the normal distributions with the means and covariances of the two
sets of features (as in FID, with the extractor of ``checks.extractor`` in the place of Inception):
0 if these agree. The *reference* is the distance between as many real images that the extractor
never saw and the holdout; it is above 0 as the distance is biased upwards, more so with few images,
which is why all three sets are cut to one size. Values are comparable only for one data set, one
size and one extractor.

What it cannot see: anything beyond two moments; copies of training images, which are as good as
real ones; differences that the extractor ignores.

References: Heusel et al. (2017), arXiv:1706.08500; on its bias Chong & Forsyth (2020),
arXiv:1911.07023.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.extractor import compared_features, extractor_of, lack_of_features
from synthkit.checks.outcome import unanswered
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.stats.confidence import around, grouped_jackknife_se

MIN_ROWS = 100
GROUPS = 10


def frechet_distance(features: np.ndarray, other: np.ndarray) -> float:
    """Squared Fréchet distance of the normal fits of (n, k) and (m, k) features."""
    mean = features.mean(axis=0) - other.mean(axis=0)
    a, b = (np.cov(x, rowvar=False, dtype=np.float64) for x in (features, other))
    values, vectors = np.linalg.eigh(np.atleast_2d(a))
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    # The trace of (a b)^1/2, as a symmetric product has the same eigenvalues.
    mixed = np.linalg.eigvalsh(root @ b @ root)
    trace = np.trace(np.atleast_2d(a)) + np.trace(np.atleast_2d(b))
    return max(float(mean @ mean + trace - 2.0 * np.sqrt(np.clip(mixed, 0, None)).sum()), 0.0)


def frechet_se(features: np.ndarray, other: np.ndarray) -> float:
    """Its standard error: jackknife over groups of rows, which are in random order."""
    groups = [np.arange(len(x)) % GROUPS for x in (features, other)]
    without = [
        frechet_distance(features[groups[0] != g], other[groups[1] != g]) for g in range(GROUPS)
    ]
    return grouped_jackknife_se(np.array(without))


class Frechet:
    """Fréchet distance of the features of synthetic and holdout images."""

    name: ClassVar[str] = "frechet"
    family: ClassVar[Family] = "fidelity"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """The distance, and how many times that of real images it is."""
        title = "Distance of features"
        if reason := lack_of_features(evidence, MIN_ROWS):
            return [unanswered(self, self.name, title, reason)]
        synthetic, holdout, unseen = compared_features(evidence)
        m = min(len(synthetic), len(holdout), len(unseen))
        synthetic, holdout, unseen = synthetic[:m], holdout[:m], unseen[:m]
        value, reference = frechet_distance(synthetic, holdout), frechet_distance(unseen, holdout)
        return [
            CheckResult(
                self.name,
                self.family,
                value,
                "lower",
                ci=around(value, frechet_se(synthetic, holdout), 0.0),
                reference=reference,
                n=m,
                title=title,
                summary=(
                    f"The features of synthetic images are {value:.3g} away from those of real "
                    f"ones; two sets of real images are {reference:.3g} apart."
                ),
                detail={
                    "extractor": extractor_of(evidence).name,
                    "images_used": m,
                    "times_reference": value / max(reference, 1e-12),
                },
            )
        ]
