"""When a rule counts as found: few exceptions, and enough rows in which it could have failed.

    holds(rows=20_000, broken=3, showing=900, broken_showing=3)     # True

Shared by the searches for sums, orders and dependencies.
"""

from __future__ import annotations

MIN_EVIDENCE = 20  # rows that show a rule, beyond those in which it holds trivially
MAX_BROKEN = 0.001  # share of rows that may break a rule
MAX_BROKEN_SHOWING = 0.01  # and of the rows that could show it


def holds(rows: int, broken: int, showing: int, broken_showing: int) -> bool:
    """Whether a rule counts as found.

    Args:
        rows: rows that could break it.
        broken: rows among them that do.
        showing: rows in which it would not hold trivially or by chance.
        broken_showing: rows among those that break it.
    """
    return (
        broken <= MAX_BROKEN * rows
        and broken_showing <= MAX_BROKEN_SHOWING * showing
        and showing - broken_showing >= MIN_EVIDENCE
    )
