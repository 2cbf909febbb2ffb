"""Counts of things in words: one row, and several rows.

counted(1, "row")            # "1 row"
counted(2799, "row")         # "2,799 rows"
counted_are(1, "cell")       # "1 cell is"
"""

from __future__ import annotations


def counted(count: int, thing: str) -> str:
    """A number and what there are so many of, whose plural ends in s."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def counted_are(count: int, thing: str) -> str:
    """``counted`` with the verb that goes with it."""
    return f"{counted(count, thing)} {'is' if count == 1 else 'are'}"
