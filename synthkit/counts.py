"""Counts of things in words: one row, and several rows.

counted(1, "row")            # "1 row"
counted(2799, "row")         # "2,799 rows"
counted_are(1, "cell")       # "1 cell is"
few(["a", "b", "c", "d"])    # "a, b, c and 1 more"
"""

from __future__ import annotations

from collections.abc import Sequence


def counted(count: int, thing: str) -> str:
    """A number and what there are so many of, whose plural ends in s."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def counted_are(count: int, thing: str) -> str:
    """``counted`` with the verb that goes with it."""
    return f"{counted(count, thing)} {'is' if count == 1 else 'are'}"


def few(names: Sequence[str]) -> str:
    """The first three names, and how many more there are."""
    more = len(names) - 3
    return ", ".join(names[:3]) + (f" and {more:,} more" if more > 0 else "")
