"""The constraint that is named is the one that rejects the rows."""

from __future__ import annotations

import numpy as np

from synthkit.constraints.blame import culprits


def blamed(*masks: str, unique: str) -> list[tuple[int, float]]:
    """Of masks such as ``"x..x"``; ``unique`` marks the unique constraints."""
    broken = np.array([[cell == "x" for cell in mask] for mask in masks])
    return culprits(broken, np.array([cell == "u" for cell in unique]))


def test_the_rule_that_explains_most_is_named_alone() -> None:
    assert blamed("xxxx......", "xxxxxxxxxx", "xx........", unique="...") == [(1, 1.0)]


def test_rules_that_share_the_blame_are_all_named() -> None:
    assert blamed("xxxxxx....", "....xxxxxx", "x.........", unique="...") == [(0, 0.6), (1, 0.6)]


def test_copies_of_rejected_rows_are_not_blamed_on_unique() -> None:
    assert blamed(".xxxxxxxxx", "xxxxxxxx.x", unique="u.") == [(1, 0.9), (0, 0.9)]
    assert blamed(".xxxxxxxxx", "xxxxxxxxxx", unique="u.") == [(1, 1.0)]


def test_unique_is_blamed_where_little_else_is_broken() -> None:
    assert blamed("xxxxxxxxxx", "xx........", unique="u.") == [(0, 1.0)]


def test_nothing_is_blamed_where_nothing_is_rejected() -> None:
    assert blamed("....", "....", unique=".u") == []
