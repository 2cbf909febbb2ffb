"""``finding``: what the privacy checks together have found, in one of three forms.

    leak_detected(epsilon >= 0.31, an attack has AUC 0.561)
    none_detected(an attack with AUC 0.527 would have been seen)
    not_assessed(there is no holdout, real rows that the generator did not see)

This is evidence and no permission: a policy may tolerate a small leak that was detected, and may ask for
more than that none was. There is no score from 0 to 100, as no scale of one has a meaning.

A leak is detected if a check's p-value, times the number of checks that share its part of the level
(Bonferroni), is at most that part; so of releases without a leak at most 5 % are said to have one. What comes
back cell by cell, the plainest leak and the one that takes no skill, has half of the level, all else the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from synthkit.results import CheckResult, Finding

LEVEL = 0.05
STRONGEST = ("membership", "membership_nearest")  # of tables, of images
VERBATIM = ("exact_copies", "replay")


def finding(results: Sequence[CheckResult]) -> Finding:
    """Sums up the results of the privacy checks."""
    private = {result.name: result for result in results if result.family == "privacy"}
    p_values = {
        name: float(result.detail["p_value"])
        for name, result in private.items()
        if result.value is not None and "p_value" in result.detail
    }
    attack = next((private[name] for name in STRONGEST if name in private), None)
    halves = Counter(map(_is_verbatim, p_values))
    leaks = tuple(
        name
        for name, p in p_values.items()
        if p * halves[_is_verbatim(name)] <= LEVEL / len(halves)
    )
    if leaks:
        epsilon = private.get("membership.epsilon")
        by_attack = any(name.partition(".")[0] in STRONGEST for name in leaks)
        return Finding(
            "leak_detected",
            epsilon=epsilon.value if epsilon else None,
            auc=attack.value if attack and by_attack else None,
            leaks=leaks,
        )
    if attack is None or attack.value is None:
        reason = "no attack was run" if attack is None else str(attack.detail.get("reason", ""))
        return Finding("not_assessed", reason=reason or "the attack could not be finished")
    return Finding("none_detected", detectable=attack.detail.get("detectable"))


def _is_verbatim(name: str) -> bool:
    return name.partition(".")[0] in VERBATIM
