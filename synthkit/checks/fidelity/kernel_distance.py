"""How far apart are synthetic and real images, without assuming normal features?

The squared maximum mean discrepancy with a cubic polynomial kernel (as in KID): 0 on average for two
samples of one population, whatever their size, as the estimate is unbiased and may be negative. It is
the mean over blocks of images, and the spread of the blocks gives its standard error. The *reference*
compares as many real images that the extractor never saw with the holdout.

What it cannot see: differences beyond three moments, and those that the extractor ignores.

References: Bińkowski et al. (2018), Demystifying MMD GANs, arXiv:1801.01401.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.extractor import compared_features, extractor_of, lack_of_features
from synthkit.checks.outcome import unanswered
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.stats.confidence import around

MIN_ROWS = 100
BLOCKS = 10
MAX_BLOCK_ROWS = 500


def kernel_distance(features: np.ndarray, other: np.ndarray) -> float:
    """Unbiased squared MMD of (n, k) and (n, k) features with the kernel ``(x.y / k + 1)^3``."""
    n, k = features.shape
    own, others, across = (
        (a @ b.T / k + 1.0) ** 3
        for a, b in ((features, features), (other, other), (features, other))
    )
    within = sum(float(x.sum() - np.trace(x)) for x in (own, others)) / (n * (n - 1))
    return within - 2.0 * float(across.mean())


def blockwise(features: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Mean of ``kernel_distance`` over disjoint blocks of rows, and its standard error."""
    size = min(min(len(features), len(other)) // BLOCKS, MAX_BLOCK_ROWS)
    found = [
        kernel_distance(features[i : i + size], other[i : i + size])
        for i in range(0, BLOCKS * size, size)
    ]
    return float(np.mean(found)), float(np.std(found, ddof=1) / np.sqrt(BLOCKS))


class KernelDistance:
    """Kernel distance of the features of synthetic and holdout images."""

    name: ClassVar[str] = "kernel_distance"
    family: ClassVar[Family] = "fidelity"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """The distance with its interval."""
        title = "Kernel distance of features"
        if reason := lack_of_features(evidence, MIN_ROWS):
            return [unanswered(self, self.name, title, reason)]
        synthetic, holdout, unseen = compared_features(evidence)
        value, se = blockwise(synthetic, holdout)
        reference, reference_se = blockwise(unseen, holdout)
        return [
            CheckResult(
                self.name,
                self.family,
                value,
                "lower",
                ci=around(value, se),
                reference=reference,
                n=min(len(synthetic), len(holdout)),
                title=title,
                summary=(
                    f"The kernel distance of synthetic and real images is {value:.3g} with a "
                    f"standard error of {se:.2g}; of two sets of real images it is {reference:.3g}."
                ),
                detail={
                    "extractor": extractor_of(evidence).name,
                    "images_used": min(len(synthetic), len(holdout)),
                    "se": se,
                    "reference_se": reference_se,
                },
            )
        ]
