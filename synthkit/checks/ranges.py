"""Between which numbers the value of a result lies, so that a threshold beyond them is told as a slip.

    allowed("c2st", "max")       # (0.0, 1.0)

A result that is not listed, such as a plugin's, has no known range. Kept beside the checks rather than in
them, since recipes and policies are judged without loading any.
"""

from __future__ import annotations

from math import inf

SHARE = (0.0, 1.0)  # of rows or cells, an area under a curve, a total variation
RANGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys(
        (
            "label_match",
            "diversity.modes",
            "shapes",
            "pairs",
            "triples",
            "c2st",
            "dependencies",
            "representation",
        ),
        SHARE,
    ),
    **dict.fromkeys(("exact_copies", "dcr_share", "membership_nearest", "disclosure"), SHARE),
    **dict.fromkeys(("membership", "membership.unusual", "membership.groups"), SHARE),
    "membership.epsilon": (0.0, inf),
    **dict.fromkeys(
        (f"controls.{part}" for part in ("false_alarms", "copy", "noise", "one_percent")),
        SHARE,
    ),
    **dict.fromkeys(  # differences of two shares
        (
            "exact_copies.unique",
            "replay.personal",
            "replay.digits",
            "disclosure.combinations",
            "attribute_inference",
            "linkability",
            "singling_out",
        ),
        (-1.0, 1.0),
    ),
    "augmentation": (-1.0, 1.0),
    "utility.target": (-inf, 1.0),  # an R2 has no lower end
    "utility.global": (-inf, 1.0),
    **dict.fromkeys(
        ("near_copies.pixels", "near_copies.features", "near_copies.hash"), (-1.0, 1.0)
    ),
    **dict.fromkeys(("manifold.precision", "manifold.recall", "manifold.coverage"), SHARE),
    **dict.fromkeys(("frechet", "manifold.density", "diversity"), (0.0, inf)),
    "class_score": (1.0, inf),
    "outcome_gap": (0.0, inf),  # in standard deviations, if the target is a number
    **dict.fromkeys(
        (
            f"validity.{part}"
            for part in ("cells", "ranges", "categories", "nulls", "constraints", "keys")
        ),
        SHARE,
    ),
}


def allowed(name: str, bound: str) -> tuple[float, float]:
    """The least and largest number that a bound of a result may be; infinite where not known."""
    low, high = RANGES.get(name, (-inf, inf))
    if bound == "max_over_reference":  # added to another value of the same range
        return low - high, high - low
    if bound == "min_of_reference":  # multiplies one
        return -inf, inf
    return low, high


def slip(name: str, bound: str, limit: float) -> tuple[str, str] | None:
    """What is wrong with a limit beyond the range, and what was expected; None if it is within."""
    low, high = allowed(name, bound)
    if low <= limit <= high:
        return None
    subject = "its distance to the reference" if bound == "max_over_reference" else name
    expected = f"a number from {low:g} to {high:g}"
    if low == -inf or high == inf:
        expected = f"a number at least {low:g}" if high == inf else f"a number at most {high:g}"
    return f"is {limit:g}, where {subject} never is", expected
