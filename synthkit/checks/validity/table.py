"""Is the synthetic table formally right: columns, types, ranges, categories, gaps, rules, keys?

What it cannot see: whether the values are plausible together (``pairs``, ``c2st``) and whether they
are true of anybody (the privacy checks). A new category or a value beyond the training range is no
fault in itself: rare values may be protected on purpose; it is counted so that nobody is surprised.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from synthkit.checks.base import Evidence
from synthkit.checks.outcome import unanswered
from synthkit.checks.validity.cells import null_gap, out_of_range, unseen
from synthkit.constraints import Rules
from synthkit.counts import counted
from synthkit.errors import CheckError
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.schema import Column
from synthkit.stats.confidence import absolute, wilson

Counts = dict[str, int]

TITLES = {
    "validity.cells": "Cells of the declared kind",
    "validity.ranges": "Numbers within the real range",
    "validity.categories": "Known categories",
    "validity.nulls": "Missing cells as often as in the real data",
    "validity.constraints": "Declared rules",
    "validity.keys": "Identifiers are unique",
}


@dataclass(frozen=True)
class Fault:
    """A kind of faulty cell.

    Args:
        name: of the result.
        concerns: whether a column can have it.
        count: faulty cells of ``(values, training values)``.
        said: how a sentence goes on after "n synthetic cells".
        otherwise: the reason if no column can have it.
    """

    name: str
    concerns: Callable[[Column], bool]
    count: Callable[[pd.Series, pd.Series], int]
    said: str
    otherwise: str


RANGES = Fault(
    "validity.ranges",
    lambda column: column.is_numeric,
    out_of_range,
    "lie outside the range of the training data",
    "there is no numeric column",
)
CATEGORIES = Fault(
    "validity.categories",
    lambda column: column.is_modelled and not column.is_numeric,
    unseen,
    "hold a category that the training data lacks",
    "there is no column of categories",
)


class Validity:
    """Six shares of faulty cells or rows, 0 is best; per-column counts in the detail."""

    name: ClassVar[str] = "validity"
    family: ClassVar[Family] = "validity"
    needs_holdout: ClassVar[bool] = False

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """The results, in the order of ``TITLES``; those without a subject do not apply.

        Raises:
            CheckError: a column of the schema is missing in a table, or its dtype differs.
        """
        require_columns(evidence)
        if not len(evidence.synthetic) or not len(evidence.train):
            reason = f"there are no {evidence.unit}s to look at"
            return [unanswered(self, name, title, reason) for name, title in TITLES.items()]
        return [
            self._cells(evidence),
            self._faults(evidence, RANGES),
            self._faults(evidence, CATEGORIES),
            self._nulls(evidence),
            self._constraints(evidence),
            self._keys(evidence),
        ]

    def _cells(self, evidence: Evidence) -> CheckResult:
        cells = evidence.synthetic.size
        bad = sum(evidence.invalid.values())
        found = {name: count for name, count in evidence.invalid.items() if count}
        said = f"{bad:,} of {counted(cells, 'synthetic cell')} could not be read as their column's kind."
        return self._share("validity.cells", evidence, bad, cells, said, {"columns": found})

    def _faults(self, evidence: Evidence, fault: Fault) -> CheckResult:
        name, train = fault.name, evidence.train
        columns = [column.name for column in evidence.schema.columns if fault.concerns(column)]
        if not columns:
            return unanswered(self, name, TITLES[name], fault.otherwise, status="not_applicable")

        def faults(frame: pd.DataFrame) -> tuple[Counts, int]:
            cells = int(frame[columns].notna().to_numpy().sum())
            return {column: fault.count(frame[column], train[column]) for column in columns}, cells

        found, present = faults(evidence.synthetic)
        bad = sum(found.values())
        said = f"{bad:,} of {counted(present, 'synthetic cell')} {fault.said} ({bad / max(present, 1):.2%})"
        reference = None
        if evidence.holdout is not None and len(evidence.holdout):
            counts, cells = faults(evidence.holdout)
            reference = sum(counts.values()) / max(cells, 1)
            said += f"; {reference:.2%} of the real holdout's do"
        detail = {"columns": {column: number for column, number in found.items() if number}}
        return self._share(name, evidence, bad, present, f"{said}.", detail, reference)

    def _share(
        self,
        name: str,
        evidence: Evidence,
        bad: int,
        of: int,
        summary: str,
        detail: dict[str, Any],
        reference: float | None = None,
    ) -> CheckResult:
        return CheckResult(
            name,
            self.family,
            bad / of if of else 0.0,
            "lower",
            ci=wilson(bad, of),
            reference=reference,
            n=len(evidence.synthetic),
            title=TITLES[name],
            summary=summary,
            detail=detail,
        )

    def _nulls(self, evidence: Evidence) -> CheckResult:
        names = list(evidence.schema.names)
        gaps = {c: null_gap(evidence.synthetic[c], evidence.train[c]) for c in names}
        worst = max(names, key=lambda c: abs(gaps[c][0]))
        gap, interval = gaps[worst]
        reference = None
        if evidence.holdout is not None and len(evidence.holdout):
            reference = max(abs(null_gap(evidence.holdout[c], evidence.train[c])[0]) for c in names)
        beside = "" if reference is None else f" (real holdout: {reference:.2%})"
        said = (
            f"The share of missing cells differs from the training {evidence.unit}s by at most {abs(gap):.2%}, "
            f"in column '{worst}'{beside}."
            if gap
            else f"In every column the share of missing cells is that of the training {evidence.unit}s{beside}."
        )
        return CheckResult(
            "validity.nulls",
            self.family,
            abs(gap),
            "lower",
            ci=absolute(interval),
            reference=reference,
            n=len(evidence.synthetic),
            title=TITLES["validity.nulls"],
            summary=said,
            detail={"columns": {c: gap for c, (gap, _) in gaps.items() if gap}},
        )

    def _constraints(self, evidence: Evidence) -> CheckResult:
        name = "validity.constraints"
        if not evidence.schema.constraints:
            reason = "the schema declares no constraint"
            return unanswered(self, name, TITLES[name], reason, status="not_applicable")
        broken = Rules.fit(evidence.schema, evidence.train).broken(evidence.synthetic)
        rows = int(np.logical_or.reduce(list(broken.values())).sum())
        n, declared = len(evidence.synthetic), len(evidence.schema.constraints)
        rules = "the declared rule" if declared == 1 else f"one of {declared} declared rules"
        said = f"{rows:,} of {counted(n, f'synthetic {evidence.unit}')} break {rules}."
        detail = {"rules": {label: int(mask.sum()) for label, mask in broken.items()}}
        return self._share(name, evidence, rows, n, said, detail)

    def _keys(self, evidence: Evidence) -> CheckResult:
        name = "validity.keys"
        keys = [c for c in evidence.schema.columns if c.kind == "identifier" and c.unique]
        if not keys:
            reason = "no column is a unique identifier"
            return unanswered(self, name, TITLES[name], reason, status="not_applicable")
        found = {key.name: _repeats(evidence.synthetic, key) for key in keys}
        bad, of = sum(found.values()), len(keys) * len(evidence.synthetic)
        said = f"{bad:,} of {of:,} synthetic identifiers repeat an earlier one."
        return self._share(name, evidence, bad, of, said, {"columns": found})


def require_columns(evidence: Evidence) -> None:
    """Every table has every column of the schema, with the training table's dtype."""
    for role, frame in (("holdout", evidence.holdout), ("synthetic", evidence.synthetic)):
        if frame is None:
            continue
        missing = [name for name in evidence.schema.names if name not in frame]
        if missing:
            raise CheckError(f"the {role} table lacks the columns {missing}")
        for name in evidence.schema.names:
            found, expected = frame[name].dtype, evidence.train[name].dtype
            if found != expected:
                raise CheckError(
                    f"column '{name}' of the {role} table has dtype {found}",
                    expected=str(expected),
                )


def _repeats(frame: pd.DataFrame, key: Column) -> int:
    return int(frame[key.name].dropna().duplicated().sum())
