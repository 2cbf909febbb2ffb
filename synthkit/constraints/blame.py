"""Which constraints it is that hardly any drawn row meets.

raise too_few(rules.reasons, 200, (0, 5000), rules.each_broken(rows))
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from synthkit.constraints.reasons import Reason
from synthkit.counts import counted
from synthkit.errors import ConstraintError, together

NEARLY_ALL = 0.95  # share of the rejected rows that the culprits answer for


def too_few(
    reasons: Sequence[Reason],
    wanted: int,
    met: tuple[int, int],
    broken: np.ndarray,
    given: Iterable[str] = (),
) -> ConstraintError:
    """The error for constraints that too few rows meet, with the place of each that is to blame.

    Args:
        reasons: why rows are rejected.
        wanted: number of rows.
        met: rows that meet the constraints, of so many drawn ones.
        broken: (reasons, n) bool, which of the last drawn rows are rejected for which of them.
        given: columns whose value was given.
    """
    unique = np.array([reason.is_unique for reason in reasons], bool)
    names = " and ".join(f"'{name}'" for name in given)
    remedy = "loosen the constraint, or check that the training rows meet it"
    remedy = "give values that can go together" if names else remedy
    return together(
        [
            ConstraintError(
                f"only {met[0]:,} of {met[1]:,} drawn rows meet the constraints; "
                f"{share:.0%} {reasons[i].said}",
                where=reasons[i].label,
                expected=counted(wanted, "row") + (f" with the given {names}" if names else ""),
                remedy=reasons[i].remedy or remedy,
                at=reasons[i].at,
            )
            for i, share in culprits(broken, unique)
        ]
    )


def culprits(broken: np.ndarray, unique: np.ndarray) -> list[tuple[int, float]]:
    """The fewest rules, taken greedily, one of which nearly every rejected row breaks.

    Args:
        broken: (rules, n) bool, which rows break which rule.
        unique: (rules,) bool, the unique constraints. A copy of a rejected row breaks them too, so
            they answer first for the rows that break nothing else.

    Returns:
        Rules in the order of the rows that they explain, each with the share of all rows that
        break it; none if no row is rejected.
    """
    explained = broken.copy()
    explained[unique] &= ~broken[~unique].any(axis=0)
    left = broken.any(axis=0)
    enough = (1.0 - NEARLY_ALL) * left.sum()
    found: list[tuple[int, float]] = []
    while left.sum() > enough:
        worst = int((explained & left).sum(axis=1).argmax())
        found.append((worst, float(broken[worst].mean())))
        left &= ~broken[worst]
    return found
