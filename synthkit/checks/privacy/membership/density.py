"""Attacks by density: the generator puts too many rows where the person is.

Both compare kernel estimates of the densities of synthetic and of other people's rows, in the main axes
of the coordinates.

* ``density_ratio``: is the synthetic density high for how usual the person is? (van Breugel et al. 2023,
  "Membership inference attacks against synthetic data through overfitting detection", DOMIAS)
* ``likelihood_ratio``: do the synthetic rows around the person become more likely once that person joins
  the other people? (Ward et al. 2025, Gen-LRA)

NOTE[DIFF]: DOMIAS takes a kernel whose shape is the covariance of all axes; few axes of equal spread are
taken here, as a density in a hundred coordinates cannot be estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from synthkit.checks.privacy.membership.ground import Ground
from synthkit.stats.distances import nearest_few

AXES = 8
LEARNED_ROWS = 5000  # from which the axes are learned
BLOCK = 512  # targets at a time
AROUND = 10  # synthetic rows whose likelihood is looked at


@dataclass(frozen=True)
class Space:
    """Coordinates in a few axes of spread 1, and the width of a kernel there.

    Args:
        synthetic, reference, targets: (n, d) float32.
        width: standard deviation of the kernel.
    """

    synthetic: np.ndarray
    reference: np.ndarray
    targets: np.ndarray
    width: float

    @classmethod
    @lru_cache(maxsize=1)  # for the two attacks on the same ground
    def of(cls, ground: Ground) -> Space:
        """The main axes of synthetic and reference rows; targets have no say in them."""
        synthetic, reference, targets = ground.points
        n = min(len(synthetic), len(reference), LEARNED_ROWS)
        rows = np.vstack([synthetic[:n], reference[:n]]).astype(np.float64)
        centre = rows.mean(axis=0)
        # of wide tables, too, this takes no matrix of columns by columns
        _, lengths, axes = np.linalg.svd(rows - centre, full_matrices=False)
        spread = np.square(lengths) / len(rows)
        kept = spread[:AXES] > 1e-6
        turn = axes[:AXES][kept].T / np.sqrt(spread[:AXES][kept])
        # Scott 1992, with as many rows on both sides
        width = float(min(len(synthetic), len(reference)) ** (-1.0 / (kept.sum() + 4)))
        moved = [
            ((part - centre) @ turn).astype(np.float32) for part in (synthetic, reference, targets)
        ]
        return cls(moved[0], moved[1], moved[2], width)


def log_sums(at: np.ndarray, points: np.ndarray, width: float) -> np.ndarray:
    """(n,) log of the sum of kernels around (m, d) points at (n, d) places, in bounded memory."""
    norms = np.square(points).sum(axis=1)
    found = np.empty(len(at))
    for i in range(0, len(at), BLOCK):
        part = at[i : i + BLOCK]
        squared = norms - 2.0 * (part @ points.T) + np.square(part).sum(axis=1)[:, None]
        exponents = squared * (-0.5 / width**2)
        highest = exponents.max(axis=1)
        found[i : i + BLOCK] = highest + np.log(np.exp(exponents - highest[:, None]).sum(axis=1))
    return found


def density_ratio(ground: Ground) -> np.ndarray:
    """(t,) log of the synthetic density over that of the reference, up to a constant."""
    space = Space.of(ground)
    synthetic = log_sums(space.targets, space.synthetic, space.width)
    return np.asarray(synthetic - log_sums(space.targets, space.reference, space.width))


def likelihood_ratio(ground: Ground) -> np.ndarray:
    """(t,) log of what the synthetic rows around a target gain in likelihood by its joining the reference.

    With sums of kernels, a row s of density p(s) under n reference rows has ``(n p(s) + K(s, x)) / (n + 1)``
    with the target x among them.
    """
    space = Space.of(ground)
    near, distance = nearest_few(space.targets, space.synthetic, min(AROUND, len(space.synthetic)))
    before = log_sums(space.synthetic, space.reference, space.width)[near]
    joining = -0.5 * np.square(distance / space.width)
    return np.asarray(np.logaddexp(0.0, joining - before).sum(axis=1))
