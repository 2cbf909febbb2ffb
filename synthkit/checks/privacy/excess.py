"""``Excess``: how much more often something succeeds at training rows than at holdout rows.

counts = Excess(30, 1000, 10, 1000)
counts.excess, counts.interval(of=12), counts.adjusted(of=12)     # the worst of twelve
excess_result(check, "linkability", TITLE, counts, of=12, n=1000, summary="…", detail={})
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import Any

from scipy import stats

from synthkit.checks.base import Check
from synthkit.results import CheckResult
from synthkit.stats.confidence import Interval, newcombe

MIN_ALONE = 20  # of either side, below which a share says nothing


@dataclass(frozen=True)
class Excess:
    """Counts.

    Args:
        seen, members: training rows at which it succeeds, and all that it was tried on.
        other_seen, others: the same of holdout rows.
    """

    seen: int
    members: int
    other_seen: int
    others: int

    @property
    def is_telling(self) -> bool:
        """Whether it was tried on enough people."""
        return min(self.members, self.others) >= MIN_ALONE

    @property
    def rate(self) -> float:
        """Share of the members at which it succeeds."""
        return self.seen / self.members

    @property
    def other_rate(self) -> float:
        """Share of the others."""
        return self.other_seen / self.others

    @property
    def excess(self) -> float:
        """Rate of the members less that of the others."""
        return self.rate - self.other_rate

    @property
    def p_value(self) -> float:
        """One-sided, exact given all successes (Fisher)."""
        both = self.members + self.others
        return float(
            stats.hypergeom.sf(self.seen - 1, both, self.members, self.seen + self.other_seen)
        )

    @property
    def order(self) -> tuple[float, float]:
        """Smaller for a clearer excess."""
        return self.p_value, -self.excess

    def adjusted(self, of: int) -> float:
        """P-value of the smallest of so many (Bonferroni)."""
        return min(1.0, self.p_value * of)

    def interval(self, of: int = 1) -> Interval:
        """Of the excess, with 95 % confidence for so many at once (Bonferroni)."""
        return newcombe(self.seen, self.members, self.other_seen, self.others, 1.0 - 0.05 / of)

    @property
    def shown_from(self) -> int | None:
        """How many of the members would have to be seen for the interval to lie above 0; None if all are too few."""
        enough = bisect_left(
            range(self.members + 1),
            True,
            key=lambda seen: replace(self, seen=seen).interval()[0] > 0.0,
        )
        return enough if enough <= self.members else None

    @property
    def facts(self) -> dict[str, Any]:
        """For the detail of a result."""
        return {
            "seen_training": self.seen,
            "alone_training": self.members,
            "seen_holdout": self.other_seen,
            "alone_holdout": self.others,
            "excess": self.excess,
        }


def excess_result(
    check: Check,
    name: str,
    title: str,
    counts: Excess,
    *,
    n: int,
    summary: str,
    detail: dict[str, Any],
    of: int = 1,
    listing: tuple[dict[str, Any], ...] = (),
) -> CheckResult:
    """The excess as a result, with an interval and a p-value that pay for a choice.

    Args:
        check: that counted.
        name: of the result.
        title: its headline.
        counts: the clearest of all excesses that were tried.
        n: number of synthetic rows.
        summary: a sentence.
        detail: for the report, beside the p-value.
        of: how many excesses were tried.
        listing: places of single training rows.
    """
    return CheckResult(
        name,
        check.family,
        counts.excess,
        "lower",
        ci=counts.interval(of),
        reference=0.0,
        n=n,
        title=title,
        summary=summary,
        detail={**detail, "p_value": counts.adjusted(of)},
        listing=listing,
    )
