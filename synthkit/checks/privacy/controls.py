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
``benchmarks/audit_calibration.py`` measures the same over hundreds of simulated releases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from synthkit.checks import check_class, checks_of
from synthkit.checks.base import Evidence
from synthkit.checks.gallery import images_of
from synthkit.checks.outcome import unanswered
from synthkit.checks.privacy.alone import identities_of, is_alone
from synthkit.checks.privacy.holdout import lack_of_control, taken_as_alike
from synthkit.checks.privacy.rows import MIN_ROWS
from synthkit.counts import counted
from synthkit.limits import bounds_of, breaks
from synthkit.pictures import cells
from synthkit.results import CheckResult, Direction, Family
from synthkit.run import Run
from synthkit.stats.confidence import clopper_pearson
from synthkit.typed import to_finite

ROWS = 500  # of each table
NOISE = 0.01  # of a column's standard deviation
FEW = 0.01  # of the rows of the release under audit
TOO_MANY = 0.05  # of releases without a leak that are stopped, beyond which no alarm can be trusted
FALSE_ALARMS = "controls.false_alarms"
ONE_PERCENT = "controls.one_percent"
TITLES = {  # for rows or images
    FALSE_ALARMS: "Releases without a leak that the audit stops",
    "controls.copy": "Releases of the training {unit}s themselves that it stops",
    "controls.noise": "Releases of training {unit}s with a little noise that it stops",
    ONE_PERCENT: "Releases with one training {unit} in a hundred that it stops",
}
SLOW = ("near_copies",)  # trains a network, which cannot be done for every control


@dataclass(frozen=True)
class Parts:
    """Rows of equal number: some that a generator might have learned, and two lots that it did not see."""

    train: pd.DataFrame
    holdout: pd.DataFrame
    unseen: pd.DataFrame


class Controls:
    """Releases whose answer is known, judged by the same checks and limits."""

    name: ClassVar[str] = "controls"
    family: ClassVar[Family] = "privacy"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """See the module; ``evidence.controls`` releases without a leak, half as many with few copies."""
        names, releases = judging(evidence), evidence.controls
        if lack := lack_of_control(evidence, run) or lack_of_halves(evidence):
            return [self._unanswered(name, lack, evidence.unit) for name in TITLES]
        if not names or not releases:
            reason = "no controls are asked for" if names else "no limit of privacy is set"
            return [self._unanswered(name, reason, evidence.unit, applies=False) for name in TITLES]
        assert evidence.holdout is not None
        rows = min(len(evidence.train), len(evidence.holdout) // 2, ROWS)
        lonely = np.flatnonzero(is_alone(*identities_of(evidence)[:2]))
        few = min(round(FEW * len(evidence.train)), rows)
        planned: dict[str, tuple[Callable[[Parts, Evidence, int], pd.DataFrame], int]] = {
            FALSE_ALARMS: (lambda parts, evidence, seed: parts.unseen, releases),
            "controls.copy": (lambda parts, evidence, seed: parts.train, 1),
            "controls.noise": (noisy, 1),
            ONE_PERCENT: (lambda parts, evidence, seed: with_copies(parts, few), -(-releases // 2)),
        }
        results = []
        for name, (made, times) in planned.items():
            if name == ONE_PERCENT and len(lonely) < few:
                unit = evidence.unit
                reason = (
                    f"of {len(lonely):,} one-of-a-kind training {unit}s, {few:,} cannot be copied"
                )
                results.append(self._unanswered(name, reason, unit, applies=False))
                continue
            stopped: list[list[str]] = []
            for i in range(times):
                rng = run.rng(name, i)
                copied = rng.permutation(lonely)[: few if name == ONE_PERCENT else 0]
                parts = drawn(evidence, rows, rng, copied)
                release = Evidence(
                    parts.train,
                    parts.holdout,
                    made(parts, evidence, run.seed + i),
                    evidence.schema,
                    extractor=evidence.extractor,
                    limits=evidence.limits,
                    quasi_identifiers=evidence.quasi_identifiers,
                )
                stopped.append(broken(taken_as_alike(release), names, Run(run.seed + i)))
            results.append(self._result(name, stopped, rows, few, evidence.unit))
        return results

    def _result(
        self, name: str, stopped: list[list[str]], rows: int, few: int, unit: str
    ) -> CheckResult:
        times, alarms = len(stopped), sum(map(bool, stopped))
        limits = dict(Counter(limit for each in stopped for limit in each))
        ci = clopper_pearson(alarms, times)
        if name == FALSE_ALARMS and ci[0] > TOO_MANY:
            reason = (
                f"of {times} releases without a leak the audit stops {alarms} ({', '.join(limits)}): "
                f"holdout and training {unit}s are not of one population, or share people"
            )
            return self._unanswered(name, reason, unit)
        if name == "controls.copy" and not alarms:
            reason = (
                f"a release of {rows:,} training {unit}s as they are would pass: they are too few or "
                "too alike for the audit to see anything"
            )
            return self._unanswered(name, reason, unit)
        if name == ONE_PERCENT and 2 * alarms <= times:
            reason = (
                f"of {times} releases with copies of {few:,} one-of-a-kind training {unit}s the audit stops "
                f"{alarms}: the {unit}s are too few, or too alike, for it to see them"
            )
            return self._unanswered(name, reason, unit)
        among = f" with copies of {few:,}" if name == ONE_PERCENT else ""
        likely = f"; with 95% confidence that is between {ci[0]:.0%} and {ci[1]:.0%} of all"
        return CheckResult(
            name,
            self.family,
            alarms / times,
            _direction(name),
            ci=ci,
            n=rows,
            title=TITLES[name].format(unit=unit),
            summary=(
                f"Of {counted(times, 'such release')} of {rows:,} {unit}s{among} the audit stops "
                f"{alarms}{likely if times > 1 else ''}."
            ),
            detail={"releases": times, "stopped": alarms, "rows": rows, "limits": limits},
        )

    def _unanswered(self, name: str, reason: str, unit: str, applies: bool = True) -> CheckResult:
        return unanswered(
            self,
            name,
            TITLES[name].format(unit=unit),
            reason,
            status="not_assessed" if applies else "not_applicable",
            direction=_direction(name),
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


def drawn(evidence: Evidence, m: int, rng: np.random.Generator, first: np.ndarray) -> Parts:
    """m rows each, no holdout row twice.

    Args:
        first: positions of training rows, with which the training part begins.
    """
    assert evidence.holdout is not None
    order = rng.permutation(len(evidence.holdout))
    others = rng.permutation(np.setdiff1d(np.arange(len(evidence.train)), first))
    chosen = (
        evidence.train.iloc[np.concatenate([first, others])[:m]],
        evidence.holdout.iloc[order[:m]],
        evidence.holdout.iloc[order[m : 2 * m]],
    )
    return Parts(*(frame.reset_index(drop=True) for frame in chosen))


def noisy(parts: Parts, evidence: Evidence, seed: int) -> pd.DataFrame:
    """Training rows, every number and time moved by about a hundredth of its spread, pixels of the range."""
    rng = np.random.default_rng(seed)
    rows = parts.train.copy()
    for column in evidence.schema.columns:
        if column.is_numeric:
            rows[column.name] = moved(rows[column.name], rng)
        elif column.kind == "image":
            pixels = images_of(evidence, rows).astype(float)
            pixels += 255 * NOISE * rng.normal(size=pixels.shape)
            rows[column.name] = cells(np.clip(np.round(pixels), 0, 255).astype(np.uint8))
    return rows


def moved(values: pd.Series, rng: np.random.Generator) -> pd.Series:
    """The same dtype, whole numbers staying whole."""
    draws = rng.normal(size=len(values))
    if values.dtype.kind in "mM":
        spread = values.std()
        if pd.isna(spread):
            return values
        shift = pd.Series(pd.to_timedelta(NOISE * draws * spread), index=values.index)
        return (values + shift).astype(values.dtype)
    numbers = to_finite(values)
    if np.isnan(numbers).all():
        return values
    shifts = NOISE * float(np.nanstd(numbers)) * draws
    whole = pd.api.types.is_integer_dtype(values.dtype)
    return values + (np.round(shifts).astype(np.int64) if whole else shifts)


def with_copies(parts: Parts, few: int) -> pd.DataFrame:
    """Rows that nobody learned, the first of them replaced by the first training rows."""
    return pd.concat([parts.train.iloc[:few], parts.unseen.iloc[few:]], ignore_index=True)


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


def _direction(name: str) -> Direction:
    return "lower" if name == FALSE_ALARMS else "higher"
