"""Whether a result is within a limit: what a bound is about, and how a broken one is said.

bounds = bounds_of(Threshold(max_ci_low=0.55))           # {"max_ci_low": 0.55}
[sentence(result, *bound) for bound in bounds.items() if breaks(result, *bound)]
"""

from __future__ import annotations

from dataclasses import replace

from synthkit.recipe import Threshold
from synthkit.results import CheckResult

BOUNDS = tuple(Threshold.model_fields)
NEEDS = {
    "min": "value",
    "max": "value",
    "max_ci_low": "interval",
    "max_over_reference": "holdout reference",
    "min_of_reference": "holdout reference",
}


def bounds_of(threshold: Threshold) -> dict[str, float]:
    """The bounds that a threshold sets."""
    given = {bound: getattr(threshold, bound) for bound in BOUNDS}
    return {bound: limit for bound, limit in given.items() if limit is not None}


def measure(result: CheckResult, bound: str) -> tuple[float, float] | None:
    """The number that a bound is about and what its limit is added to or multiplied with."""
    if result.value is None:
        return None
    if bound in ("min", "max"):
        return result.value, 0.0
    if bound == "max_ci_low":
        return None if result.ci is None else (result.ci[0], 0.0)
    return None if result.reference is None else (result.value, result.reference)


def breaks(result: CheckResult, bound: str, limit: float) -> bool:
    """Whether a result has the number that a bound is about, and it is beyond the limit."""
    measured = measure(result, bound)
    if measured is None:
        return False
    number, allowed = measured[0], _allowed(result, bound, limit)
    return not (number >= allowed if bound.startswith("min") else number <= allowed)


def sentence(result: CheckResult, bound: str, limit: float) -> str:
    """How far a result is beyond a limit, with three digits as in a report for others.

    More of them only where the number and its limit would look the same.
    """
    measured = measure(result, bound)
    assert measured is not None
    allowed = _allowed(result, bound, limit)
    digits = next((d for d in range(3, 17) if f"{measured[0]:.{d}g}" != f"{allowed:.{d}g}"), 17)

    def said(number: float | None) -> str:
        return f"{number:.{digits}g}"

    column = result.detail.get("column")
    name = f"{result.name} (column '{column}')" if isinstance(column, str) else result.name
    if bound == "max_ci_low" and result.ci is not None:
        low, high = result.ci
        return (
            f"{name} is {said(result.value)} and, with 95 % confidence, between {said(low)} and "
            f"{said(high)}: all of that is above {said(allowed)}, the limit."
        )
    word = "at least" if bound.startswith("min") else "at most"
    need = "is required" if bound.startswith("min") else "is allowed"
    beside = f" (holdout: {said(result.reference)})" if bound.endswith("reference") else ""
    vain = _reference_breaks(result, bound, limit)
    also = f", and real rows held out have {said(result.reference)} themselves" if vain else ""
    return f"{name} is {said(result.value)}{beside}; {word} {said(allowed)} {need}{also}."


def _reference_breaks(result: CheckResult, bound: str, limit: float) -> bool:
    """Whether the holdout in place of the synthetic rows would not meet a bound of the value either."""
    if bound not in ("min", "max"):
        return False
    return breaks(replace(result, value=result.reference), bound, limit)


def _allowed(result: CheckResult, bound: str, limit: float) -> float:
    if bound == "max_over_reference":
        return (result.reference or 0.0) + limit
    if bound == "min_of_reference":
        return (result.reference or 0.0) * limit
    return limit
