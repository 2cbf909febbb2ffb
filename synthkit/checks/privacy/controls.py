"""The audit audited: does it stay silent where nothing leaks, and speak where something does?

Before anybody trusts a verdict, the same checks under the same limits judge releases whose answer is
known, made from this run's own real rows:

* *false alarms*: rows of the holdout in the place of synthetic ones, beside other holdout rows and training
  rows. Nothing can leak, so what is stopped is a false alarm. Many of them mean that holdout and training
  rows are not of one population, or rows of one person lie on both sides.
* *power*: training rows in the place of synthetic ones (``copy``); training rows whose numbers are moved by
  a hundredth of their spread (``noise``); and holdout rows among which there are copies of as many one-of-a-kind
  training rows as one in a hundred of the release under audit (``one_percent``).

They take at most five hundred rows of each table, so that they are quick: the audit of more rows sees more.
An audit that alarms too often to be trusted, or would let a copy of the training rows pass, or half of the
releases with a few of them, has no answer (``not_assessed``), which a policy that requires ``controls`` does not
pass.
How the releases are made stands in ``known_releases.py``.
``benchmarks/audit_calibration.py`` measures the same over hundreds of simulated releases.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from synthkit.checks import check_class, checks_of
from synthkit.checks.base import Evidence
from synthkit.checks.outcome import unanswered
from synthkit.checks.privacy.alone import identities_of, is_alone
from synthkit.checks.privacy.holdout import lack_of_control, taken_as_alike
from synthkit.checks.privacy.known_releases import CONTROLS, Control, Tried, drawn
from synthkit.checks.privacy.rows import MIN_ROWS
from synthkit.counts import counted
from synthkit.limits import bounds_of, breaks
from synthkit.results import CheckResult, Family
from synthkit.run import Run

ROWS = 500  # of each table
FEW = 0.01  # of the rows of the release under audit
SLOW = ("near_copies",)  # trains a network, which cannot be done for every control


class Controls:
    """Releases whose answer is known, judged by the same checks and limits."""

    name: ClassVar[str] = "controls"
    family: ClassVar[Family] = "privacy"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """See the module; ``evidence.controls`` releases without a leak, half as many with few copies."""
        names, unit = judging(evidence), evidence.unit
        if lack := lack_of_control(evidence, run) or lack_of_halves(evidence):
            return [self._unanswered(control, lack, unit) for control in CONTROLS]
        if not names or not evidence.controls:
            reason = "no controls are asked for" if names else "no limit of privacy is set"
            return [self._unanswered(control, reason, unit, applies=False) for control in CONTROLS]
        assert evidence.holdout is not None
        rows = min(len(evidence.train), len(evidence.holdout) // 2, ROWS)
        lonely = np.flatnonzero(is_alone(*identities_of(evidence)[:2]))
        few = min(round(FEW * len(evidence.train)), rows)
        results = []
        for control in CONTROLS:
            if control.has_copies and len(lonely) < few:
                reason = (
                    f"of {len(lonely):,} one-of-a-kind training {unit}s, {few:,} cannot be copied"
                )
                results.append(self._unanswered(control, reason, unit, applies=False))
                continue
            limits = []
            for i in range(control.times(evidence.controls)):
                rng, seed = run.rng(control.name, i), run.seed + i
                copied = rng.permutation(lonely)[: few if control.has_copies else 0]
                parts = drawn(evidence, rows, rng, copied)
                release = Evidence(
                    parts.train,
                    parts.holdout,
                    control.made(parts, evidence, seed),
                    evidence.schema,
                    extractor=evidence.extractor,
                    limits=evidence.limits,
                    quasi_identifiers=evidence.quasi_identifiers,
                )
                limits.append(broken(taken_as_alike(release), names, Run(seed)))
            results.append(self._result(control, Tried(limits, rows, few, unit)))
        return results

    def _result(self, control: Control, tried: Tried) -> CheckResult:
        if blind := control.blindness(tried):
            return self._unanswered(control, blind, tried.unit)
        low, high = tried.interval
        among = f" with copies of {tried.copies:,}" if control.has_copies else ""
        likely = f"; with 95% confidence that is between {low:.0%} and {high:.0%} of all"
        return CheckResult(
            control.name,
            self.family,
            tried.stopped / tried.releases,
            control.direction,
            ci=(low, high),
            n=tried.rows,
            title=control.title.format(unit=tried.unit),
            summary=(
                f"Of {counted(tried.releases, 'such release')} of {tried.rows:,} {tried.unit}s{among} the audit "
                f"stops {tried.stopped}{likely if tried.releases > 1 else ''}."
            ),
            detail={
                "releases": tried.releases,
                "stopped": tried.stopped,
                "rows": tried.rows,
                "limits": tried.limits,
            },
        )

    def _unanswered(
        self, control: Control, reason: str, unit: str, applies: bool = True
    ) -> CheckResult:
        return unanswered(
            self,
            control.name,
            control.title.format(unit=unit),
            reason,
            status="not_assessed" if applies else "not_applicable",
            direction=control.direction,
        )


def lack_of_halves(evidence: Evidence) -> str | None:
    """Why the holdout is too small to be cut in two; or None."""
    held = 0 if evidence.holdout is None else len(evidence.holdout)
    if held >= 2 * MIN_ROWS:
        return None
    return (
        f"there are {held:,} holdout {evidence.unit}s and {2 * MIN_ROWS} are needed, of which one half "
        "stands for synthetic ones"
    )


def judging(evidence: Evidence) -> list[str]:
    """The names of the privacy checks that have a limit."""
    limited = {name.partition(".")[0] for name in evidence.limits} - {*SLOW, Controls.name}
    classes = {name: check_class(name) for name in checks_of(evidence.modality).names()}
    return [n for n, check in classes.items() if n in limited and check.family == "privacy"]


def broken(release: Evidence, names: list[str], run: Run) -> list[str]:
    """The limits that a release breaks."""
    registry = checks_of(release.modality)
    results = [result for name in names for result in registry.get(name)().run(release, run)]
    return [
        result.name
        for result in results
        if result.name in release.limits
        for bound, limit in bounds_of(release.limits[result.name]).items()
        if breaks(result, bound, limit)
    ]
