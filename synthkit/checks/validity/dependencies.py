"""Do rules between columns that hold in the real rows hold in the synthetic ones?

A total that is the sum of its parts, a start before its end, a district that lies in one city: such
rules are searched in the training rows (``synthkit.constraints.discovery``), nobody needs to declare
them. One row that breaks one is enough for a reader to see that the table is made up, and enough to
break a program that relies on it.

What it cannot see: rules between values nobody repeats, products, sums with weights, rules that
hold in one group only, and rules that fewer than some twenty rows show. A rule found may be a
regularity of this table rather than a law; the holdout's share beside it tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pandas as pd

from synthkit.checks.base import Evidence
from synthkit.checks.outcome import lack_of_rows, unanswered
from synthkit.checks.validity.table import require_columns
from synthkit.constraints import Rules
from synthkit.constraints.discovery import discover
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.schema import Constraint
from synthkit.stats.confidence import wilson

MIN_ROWS = 100
TITLE = "Rules between columns"


class Dependencies:
    """Share of synthetic rows that keep every rule found in the training rows; 1 is best."""

    name: ClassVar[str] = "dependencies"
    family: ClassVar[Family] = "validity"
    needs_holdout: ClassVar[bool] = False

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """One result; each rule's own share of rows in the detail.

        Raises:
            CheckError: a column of the schema is missing in a table, or its dtype differs.
        """
        require_columns(evidence)
        if reason := lack_of_rows(evidence, MIN_ROWS, holdout=False):
            return [unanswered(self, self.name, TITLE, reason, direction="higher")]
        schema, train, synthetic = evidence.schema, evidence.train, evidence.synthetic
        rng = run.rng(self.name)
        found = discover(schema, train, rng)
        if not found:
            reason = "no dependency, order or sum of columns was found in the training rows"
            return [
                unanswered(
                    self, self.name, TITLE, reason, status="not_applicable", direction="higher"
                )
            ]
        rules = Rules.fit(schema, train, found)
        tables = {"train": train, "synthetic": synthetic}
        if evidence.holdout is not None and len(evidence.holdout):
            tables["holdout"] = evidence.holdout
        broken = {role: rules.broken(frame) for role, frame in tables.items()}
        kept = {role: keeping_all(masks) for role, masks in broken.items()}
        value = float(kept["synthetic"].mean())
        reference = float(kept["holdout"].mean()) if "holdout" in kept else None
        shares = {
            rule: {role: float(1 - masks[rule].mean()) for role, masks in broken.items()}
            for rule in broken["train"]
        }
        told = sorted(shares, key=lambda rule: shares[rule]["synthetic"])
        return [
            CheckResult(
                self.name,
                self.family,
                value,
                "higher",
                ci=wilson(int(kept["synthetic"].sum()), len(synthetic)),
                reference=reference,
                floor=float(keeping_all(rules.broken(shuffled(train, found, rng))).mean()),
                n=len(synthetic),
                title=TITLE,
                summary=_summary(
                    len(told), told[0], shares[told[0]]["synthetic"], value, reference
                ),
                detail={"rules": [{"rule": rule, **shares[rule]} for rule in told]},
            )
        ]


def keeping_all(broken: dict[str, np.ndarray]) -> np.ndarray:
    """(n,) bool: the row breaks no rule."""
    return ~np.logical_or.reduce(list(broken.values()))


def shuffled(
    train: pd.DataFrame, rules: Sequence[Constraint], rng: np.random.Generator
) -> pd.DataFrame:
    """The columns that the rules name, each with its cells in an order of its own."""
    names = sorted({name for rule in rules for name in rule.columns})
    return pd.DataFrame(
        {name: train[name].array.take(rng.permutation(len(train))) for name in names}
    )


def _summary(n: int, worst: str, least: float, value: float, reference: float | None) -> str:
    beside = "" if reference is None else f" (real holdout: {reference:.2%})"
    if n == 1:
        return (
            f"One rule between columns was found in the training rows, '{worst}'; "
            f"{value:.2%} of the synthetic rows keep it{beside}."
        )
    weakest = f" The one kept least is '{worst}', by {least:.2%}." if least < 1 else ""
    return (
        f"{n} rules between columns were found in the training rows; {value:.2%} of the "
        f"synthetic rows keep all of them{beside}.{weakest}"
    )
