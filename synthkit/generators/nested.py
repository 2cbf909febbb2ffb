"""Arrays of a part within those of the whole: names ``part/name``, as a state stores them."""

from __future__ import annotations

import numpy as np


def within(part: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays of a part, by their names in the whole."""
    return {f"{part}/{name}": array for name, array in arrays.items()}


def part_of(arrays: dict[str, np.ndarray], part: str) -> dict[str, np.ndarray]:
    """Inverse of ``within``; empty if the whole has no such part."""
    own = f"{part}/"
    return {k.removeprefix(own): v for k, v in arrays.items() if k.startswith(own)}
