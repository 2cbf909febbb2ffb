"""Whether things are equal more often than chance makes them.

beyond_chance(found=40, expected=2.5)       # True
"""

from __future__ import annotations

FACTOR = 3.0  # chosen, not derived: an expectation that is off by less accuses nobody
FEW = 3  # chosen, not derived: so few beyond it are no evidence, whatever was expected


def beyond_chance(found: float, expected: float) -> bool:
    """Whether so many coincidences are more than ``FACTOR`` times those expected, and ``FEW`` more."""
    return found > FACTOR * expected + FEW
