"""Results of checks that have no number: why, and that it is no pass.

too_few = lack_of_rows(evidence, minimum=100)
if too_few:
    return [unanswered(self, "c2st", "Tell real from synthetic", too_few)]
"""

from __future__ import annotations

from synthkit.checks.base import Check, Evidence
from synthkit.counts import counted
from synthkit.results import CheckResult, Direction, Status


def unanswered(
    check: Check,
    name: str,
    title: str,
    reason: str,
    *,
    status: Status = "not_assessed",
    direction: Direction = "lower",
) -> CheckResult:
    """A result without a value.

    Args:
        check: the check that could not answer.
        name: of the result.
        title: its headline.
        reason: a sentence without the full stop.
        status: ``not_assessed`` (the data cannot answer) or ``not_applicable`` (no such question).
        direction: which way would have been better.
    """
    lead = "Not assessed" if status == "not_assessed" else "Does not apply"
    return CheckResult(
        name,
        check.family,
        None,
        direction,
        status=status,
        title=title,
        summary=f"{lead}: {reason}.",
        detail={"reason": reason},
    )


def lack_of_rows(
    evidence: Evidence,
    minimum: int,
    *,
    holdout: bool = True,
    modelled: bool = True,
    people: bool = False,
) -> str | None:
    """Why these tables are too small for a check that needs ``minimum`` rows of each; or None.

    Args:
        holdout: whether a holdout of that size is needed too.
        modelled: whether it takes a column that is neither identifier nor free text.
        people: whether of the real rows only one of each person is here.
    """
    if modelled and not evidence.schema.is_comparable:
        return "every column is an identifier or free text, so there is nothing to compare"
    sizes = {"training": len(evidence.train), "synthetic": len(evidence.synthetic)}
    if holdout:
        if evidence.holdout is None or not len(evidence.holdout):
            return f"there is no holdout, real {evidence.unit}s that the generator did not see"
        sizes["holdout"] = len(evidence.holdout)
    for role, n in sizes.items():
        if n < minimum:
            rows, verb = counted(n, f"{role} {evidence.unit}"), "is" if n == 1 else "are"
            whose = " of different people" if people and role != "synthetic" else ""
            return f"there {verb} {rows}{whose} and at least {minimum:,} are needed"
    return None
