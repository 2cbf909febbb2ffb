"""Attacks by distance: some synthetic row is near, nearer than other people are, or many are near.

The simplest attackers. The first holds the synthetic rows only; the others set what they see in
proportion to how usual the person is, as people whom everybody resembles have near rows by chance.
"""

from __future__ import annotations

import numpy as np

from synthkit.checks.privacy.membership.ground import Ground


def closest(ground: Ground) -> np.ndarray:
    """(t,) minus the distance to the closest synthetic row."""
    return -ground.near_synthetic[:, 0]


def closer_than_others(ground: Ground) -> np.ndarray:
    """(t,) how much nearer the closest synthetic row is than the closest reference row."""
    return ground.near_reference[:, 0] - ground.near_synthetic[:, 0]


def neighbourhood(ground: Ground) -> np.ndarray:
    """(t,) how many of the rows around a target are synthetic rather than reference rows.

    Of ties in number, the nearer count more: the score is the sum over ranks of how many more
    synthetic than reference rows are as near.
    """
    synthetic, reference = ground.near_synthetic, ground.near_reference
    width = min(synthetic.shape[1], reference.shape[1])
    both = np.hstack([synthetic[:, :width], reference[:, :width]])
    is_synthetic = np.repeat([1.0, -1.0], width)
    order = np.argsort(both, axis=1, kind="stable")[:, :width]
    return np.asarray(is_synthetic[order].cumsum(axis=1).sum(axis=1))
