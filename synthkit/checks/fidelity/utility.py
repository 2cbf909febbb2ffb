"""Can the synthetic rows replace the real ones for training a model?

``utility.target``: a model of the target, trained on synthetic rows and tested on the holdout
(TSTR), beside the same trained on real rows (TRTR), which is the *reference*. ``utility.global``:
every column in turn as the target of a small model; the mean over columns, so that no single
prediction task decides. The *floor* is a model that has learnt nothing: 0.5 or 0.

Scores: area under the ROC curve for categories (macro-averaged one against the rest) and for any
column with two distinct values, R^2 for other numbers. What they cannot see: anything a model does not need, such as tails or rare groups.

References: Esteban et al. (2017), arXiv:1706.02633 (TSTR); TabStruct (2025), arXiv:2509.11950
(global utility).
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.encoding import encoder_of, subsample
from synthkit.checks.fidelity.task import Task
from synthkit.checks.learner import (
    SMALL,
    YARDSTICK,
    Features,
    features_of,
    first_rows,
)
from synthkit.checks.outcome import lack_of_rows, unanswered
from synthkit.counts import counted
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.stats.confidence import Interval, around

MIN_ROWS = 100
MAX_ROWS = 50_000
MAX_GLOBAL_ROWS = 4_000
MAX_GLOBAL_COLUMNS = 50
MAX_CLASSES = 20
MAX_GLOBAL_CLASSES = 5


class Utility:
    """Train on synthetic, test on real: for the target, and for every column in turn."""

    name: ClassVar[str] = "utility"
    family: ClassVar[Family] = "fidelity"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """``utility.target`` and ``utility.global``."""
        titles = ("Models of the target", "Models of every column")
        names = ("utility.target", "utility.global")
        if reason := lack_of_rows(evidence, MIN_ROWS):
            return [
                unanswered(self, name, title, reason, direction="higher")
                for name, title in zip(names, titles, strict=True)
            ]
        assert evidence.holdout is not None
        tables = {
            "train": features_of(evidence, evidence.train, MAX_ROWS, run.rng("utility", "train")),
            "holdout": features_of(
                evidence, evidence.holdout, MAX_ROWS, run.rng("utility", "holdout")
            ),
            "synthetic": features_of(
                evidence, evidence.synthetic, MAX_ROWS, run.rng("utility", "synthetic")
            ),
        }
        return [
            self._target(names[0], titles[0], evidence, tables),
            self._global(names[1], titles[1], evidence, tables, run.rng("utility", "columns")),
        ]

    def _target(
        self, name: str, title: str, evidence: Evidence, tables: dict[str, Features]
    ) -> CheckResult:
        target, columns = evidence.schema.target, encoder_of(evidence).names
        if target is None or target not in columns or len(columns) < 2:
            reason = (
                "no target is named"
                if target is None
                else "the target is an identifier, free text or the only column"
            )
            return unanswered(
                self, name, title, reason, status="not_applicable", direction="higher"
            )
        task = Task.of(tables["train"], tables["holdout"], columns.index(target), MAX_CLASSES)
        if isinstance(task, str):
            reason = f"the target '{target}' cannot be learnt: {task}"
            return unanswered(self, name, title, reason, direction="higher")
        m = min(len(tables["train"].x), len(tables["synthetic"].x))
        _, y = task.rows(tables["holdout"])
        (value, se), (reference, reference_se) = (
            task.score(
                task.predictions(first_rows(tables[role], m), tables["holdout"], YARDSTICK), y
            )
            for role in ("synthetic", "train")
        )
        return CheckResult(
            name,
            self.family,
            value,
            "higher",
            ci=around(value, se, high=1.0),
            reference=reference,
            floor=task.floor,
            n=m,
            title=title,
            summary=(
                f"A model of '{target}' trained on synthetic rows scores {value:.3f} on real rows "
                f"({task.score_name}); trained on as many real rows it scores {reference:.3f}, "
                f"without any learning {task.floor:g}."
            ),
            detail={
                "target": target,
                "score": task.score_name,
                "rows_used": m,
                "test_rows_used": len(y),
                "reference_se": reference_se,
            },
        )

    def _global(
        self,
        name: str,
        title: str,
        evidence: Evidence,
        tables: dict[str, Features],
        rng: np.random.Generator,
    ) -> CheckResult:
        columns = encoder_of(evidence).names
        if len(columns) < 2:
            reason = "there is no other column to predict from"
            return unanswered(
                self, name, title, reason, status="not_applicable", direction="higher"
            )
        few = {role: first_rows(part, MAX_GLOBAL_ROWS) for role, part in tables.items()}
        m = min(len(few["train"].x), len(few["synthetic"].x))
        rows: list[dict[str, Any]] = []
        left_out: dict[str, str] = {}
        for column in subsample(len(columns), MAX_GLOBAL_COLUMNS, rng):
            task = Task.of(few["train"], few["holdout"], int(column), MAX_GLOBAL_CLASSES)
            if isinstance(task, str):
                left_out[columns[column]] = task
                continue
            _, y = task.rows(few["holdout"])
            scores = [
                task.score(task.predictions(first_rows(few[role], m), few["holdout"], SMALL), y)
                for role in ("synthetic", "train")
            ]
            rows.append(
                {
                    "column": columns[column],
                    "score": task.score_name,
                    "value": scores[0][0],
                    "reference": scores[1][0],
                    "floor": task.floor,
                    "se": scores[0][1],
                }
            )
        if not rows:
            reason = "no column can be learnt from these rows"
            return unanswered(self, name, title, reason, direction="higher")
        return self._global_result(name, title, rows, {"left_out": left_out, "rows_used": m})

    def _global_result(
        self, name: str, title: str, rows: list[dict[str, Any]], detail: dict[str, Any]
    ) -> CheckResult:
        value, reference, floor = (
            float(np.mean([row[key] for row in rows])) for key in ("value", "reference", "floor")
        )
        # As if the columns' errors went together: they share rows, so they are not independent.
        se = float(np.mean([row["se"] for row in rows]))
        interval: Interval = around(value, se, high=1.0)
        kinds = sorted({row["score"] for row in rows})
        each = ", ".join(f"{k} for {sum(row['score'] == k for row in rows)}" for k in kinds)
        return CheckResult(
            name,
            self.family,
            value,
            "higher",
            ci=interval,
            reference=reference,
            floor=floor,
            n=detail["rows_used"],
            title=title,
            summary=(
                f"Predicting each of {counted(len(rows), 'column')} from the others, models trained on "
                f"synthetic rows score {value:.3f} on average on real rows ({each}); trained on real rows "
                f"{reference:.3f}, without any learning {floor:.3f}."
            ),
            detail={**detail, "score": " and ".join(kinds), "columns": rows},
        )
