"""Where the codes of a field lie for the noise: near codes are confused first, far ones last.

A number's codes lie on a line by their normal score. Repeated values and missing cells, which have no
neighbours, have an axis each beside it, and so have all values between them ("inflated values").
"""

from __future__ import annotations

import numpy as np

from synthkit.generators.coding import Coding
from synthkit.transforms.layout import Numeric, with_wide_spikes

SPAN = 2.0  # of a normal score, in units of the distance between two inflated values
FEWEST = 5  # codes; fewer are either seen or not, as categories are


def places(coding: Coding) -> np.ndarray | None:
    """(size, dimensions) float32, or None for a field of categories, which noise hides wholly."""
    if coding.nominal or coding.size < FEWEST:
        return None
    on_line = np.arange(coding.size) != coding.place_of_missing
    alone = ~on_line | _is_spike(coding)
    axes = [np.where(on_line, SPAN * _normal_scores(coding, on_line), 0.0)]
    if alone.any():
        axes += [~alone, *np.eye(coding.size)[alone]]
    return np.stack(axes, axis=1).astype(np.float32)


def _normal_scores(coding: Coding, on_line: np.ndarray) -> np.ndarray:
    """(size,) of each code that is on the line, by the middle of its bin or by its rank."""
    from scipy.special import ndtri

    rank = (np.cumsum(on_line) - 0.5) / on_line.sum()
    middle = coding.feature if isinstance(coding.field, Numeric) else rank
    return np.asarray(ndtri(np.clip(middle, 1e-4, 1 - 1e-4)))


def _is_spike(coding: Coding) -> np.ndarray:
    """(size,) bool, the codes of repeated values that the layout names."""
    if not isinstance(coding.field, Numeric):
        return np.zeros(coding.size, bool)
    starts = {low for low, _ in with_wide_spikes(coding.field).spikes}
    return np.array([*(cut in starts for cut in coding.cuts[:-1].tolist()), False])
