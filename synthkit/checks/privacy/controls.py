"""The audit audited: does it stay silent where nothing leaks, and speak where something does?

Before anybody trusts a verdict, the same checks under the same limits judge releases whose answer is
known, made from this run's own real rows:

* *false alarms*: rows of the holdout in the place of synthetic ones, beside other holdout rows and training
  rows. Nothing can leak, so what is stopped is a false alarm. Many of them mean that holdout and training
  rows are not of one population, or rows of one person lie on both sides.
* *power*: training rows in the place of synthetic ones (``copy``); training rows whose numbers are moved by
  a hundredth of their spread (``noise``); and holdout rows of which one in a hundred is a training row
  (``one_percent``).

They take at most five hundred rows of each table, so that they are quick: the audit of more rows sees more.
An audit that alarms too often to be trusted, or would let a copy of the training rows pass, has no answer
(``not_assessed``), which a policy that requires ``controls`` does not pass.
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
from synthkit.checks.outcome import lack_of_rows, unanswered
from synthkit.checks.privacy.rows import MIN_ROWS
from synthkit.limits import bounds_of, breaks
from synthkit.pictures import cells
from synthkit.results import CheckResult, Direction, Family
from synthkit.run import Run
from synthkit.stats.confidence import clopper_pearson
from synthkit.typed import to_finite

ROWS = 500  # of each table
NOISE = 0.01  # of a column's standard deviation
FEW = 0.01  # of the rows
TOO_MANY = 0.05  # of releases without a leak that are stopped, beyond which no alarm can be trusted
FALSE_ALARMS = "controls.false_alarms"
TITLES = {  # for rows or images
    FALSE_ALARMS: "Releases without a leak that the audit stops",
    "controls.copy": "Releases of the training {unit}s themselves that it stops",
    "controls.noise": "Releases of training {unit}s with a little noise that it stops",
    "controls.one_percent": "Releases with one training {unit} in a hundred that it stops",
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
        if lack := lack_of_rows(evidence, MIN_ROWS) or lack_of_halves(evidence):
            return [self._unanswered(name, lack, evidence.unit) for name in TITLES]
        if not names or not releases:
            reason = "no controls are asked for" if names else "no limit of privacy is set"
            return [self._unanswered(name, reason, evidence.unit, applies=False) for name in TITLES]
        assert evidence.holdout is not None
        rows = min(len(evidence.train), len(evidence.holdout) // 2, ROWS)
        planned: dict[str, tuple[Callable[[Parts, Evidence, int], pd.DataFrame], int]] = {
            FALSE_ALARMS: (lambda parts, evidence, seed: parts.unseen, releases),
            "controls.copy": (lambda parts, evidence, seed: parts.train, 1),
            "controls.noise": (noisy, 1),
            "controls.one_percent": (one_percent, -(-releases // 2)),
        }
        results = []
        for name, (made, times) in planned.items():
            stopped: list[list[str]] = []
            for i in range(times):
                parts = drawn(evidence, rows, run.rng(name, i))
                release = Evidence(
                    parts.train,
                    parts.holdout,
                    made(parts, evidence, run.seed + i),
                    evidence.schema,
                    extractor=evidence.extractor,
                    limits=evidence.limits,
                    quasi_identifiers=evidence.quasi_identifiers,
                )
                stopped.append(broken(release, names, Run(run.seed + i)))
            results.append(self._result(name, stopped, rows, evidence.unit))
        return results

    def _result(self, name: str, stopped: list[list[str]], rows: int, unit: str) -> CheckResult:
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
        return CheckResult(
            name,
            self.family,
            alarms / times,
            _direction(name),
            ci=ci,
            n=rows,
            title=TITLES[name].format(unit=unit),
            summary=(
                f"Of {times} such releases of {rows:,} {unit}s the audit stops {alarms}; with 95% "
                f"confidence that is between {ci[0]:.0%} and {ci[1]:.0%} of all."
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


def drawn(evidence: Evidence, m: int, rng: np.random.Generator) -> Parts:
    """m rows each, no holdout row twice."""
    assert evidence.holdout is not None
    order = rng.permutation(len(evidence.holdout))
    chosen = (
        evidence.train.iloc[rng.permutation(len(evidence.train))[:m]],
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


def one_percent(parts: Parts, evidence: Evidence, seed: int) -> pd.DataFrame:
    """Rows that nobody learned, one in a hundred of them replaced by a training row."""
    few = round(FEW * len(parts.train))
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
