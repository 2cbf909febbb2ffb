"""More often than chance: both the factor and the few have to be exceeded."""

from __future__ import annotations

import pytest

from synthkit.stats.coincidence import beyond_chance


@pytest.mark.parametrize(
    ("found", "expected", "beyond"),
    [(3, 0.0, False), (4, 0.0, True), (33, 10.0, False), (34, 10.0, True)],
)
def test_what_is_beyond_chance(found: float, expected: float, beyond: bool) -> None:
    assert beyond_chance(found, expected) == beyond
