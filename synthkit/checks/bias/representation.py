"""Is every group as large among the synthetic rows as among the real ones?

Harm: a group that shrinks or vanishes is served worse by everything built on the synthetic rows.
Metric: the largest difference of a group's share, over all groups of all sensitive columns. What it
cannot see: groups formed by two sensitive columns together, and whether the rows of a group are
any good.

Of images, the classes are the groups where no sensitive column is named: a class that a generator
leaves out is the commonest loss. Where their shares were chosen, there is nothing to ask.
"""

from __future__ import annotations

from typing import Any, ClassVar

from synthkit.checks.base import Evidence
from synthkit.checks.bias.groups import Groups
from synthkit.checks.classes import Classes
from synthkit.checks.outcome import lack_of_rows, unanswered
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.schema import Column
from synthkit.stats.confidence import absolute, newcombe

MIN_ROWS = 100


class Representation:
    """Largest difference of a sensitive group's share, synthetic against training rows."""

    name: ClassVar[str] = "representation"
    family: ClassVar[Family] = "bias"
    needs_holdout: ClassVar[bool] = False

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """The largest difference; every group's shares in the detail."""
        title = "Groups as large as in the real data"
        columns = grouping_columns(evidence)
        if not columns:
            none = "no sensitive column is named"
            if evidence.modality == "images" and evidence.balanced:
                none += f", and the shares of '{evidence.balanced}' were chosen"
            return [unanswered(self, self.name, title, none, status="not_applicable")]
        if reason := lack_of_rows(evidence, MIN_ROWS, holdout=False):
            return [unanswered(self, self.name, title, reason)]
        groups = [row for column in columns for row in _shares(evidence, column)]
        worst = max(groups, key=lambda row: abs(row["difference"]))
        references = [abs(row["holdout"] - row["real"]) for row in groups if "holdout" in row]
        beside = (
            f"; between two sets of real {evidence.unit}s the largest difference is {max(references):.1%}"
            if references
            else ""
        )
        return [
            CheckResult(
                self.name,
                self.family,
                abs(worst["difference"]),
                "lower",
                ci=absolute(worst["difference_ci"]),
                reference=max(references, default=None),
                n=len(evidence.synthetic),
                title=title,
                summary=(
                    f"The group '{worst['group']}' of '{worst['column']}' changes most: "
                    f"{worst['real']:.1%} of the training {evidence.unit}s, {worst['synthetic']:.1%} of the "
                    f"synthetic {evidence.unit}s{beside}."
                ),
                detail={"groups": groups},
            )
        ]


def grouping_columns(evidence: Evidence) -> list[Column]:
    """The sensitive columns; of images without any, the target if it holds classes.

    A target whose shares were chosen is not asked whether it kept them.
    """
    schema = evidence.schema
    if schema.sensitive or evidence.modality == "table":
        return [schema[name] for name in schema.sensitive]
    classes = Classes.of(evidence)
    if isinstance(classes, str) or classes.column == evidence.balanced:
        return []
    # Classes may be spelled as numbers, and are categories nevertheless.
    return [schema[classes.column].model_copy(update={"kind": "categorical"})]


def _shares(evidence: Evidence, column: Column) -> list[dict[str, Any]]:
    """Per group of one column: its shares in the tables and their difference."""
    groups = Groups.of(column, evidence.train, evidence.synthetic)
    real, synthetic = groups.counts(evidence.train), groups.counts(evidence.synthetic)
    held = None
    if evidence.holdout is not None and len(evidence.holdout):
        held = groups.counts(evidence.holdout)
    rows: list[dict[str, Any]] = []
    for i, group in enumerate(groups.names):
        if not real[i] and not synthetic[i]:
            continue
        interval = newcombe(synthetic[i], synthetic.sum(), real[i], real.sum())
        row: dict[str, Any] = {
            "column": column.name,
            "group": group,
            "real": float(real[i] / real.sum()),
            "synthetic": float(synthetic[i] / synthetic.sum()),
            "difference": float(synthetic[i] / synthetic.sum() - real[i] / real.sum()),
            "difference_ci": list(interval),
        }
        if held is not None:
            row["holdout"] = float(held[i] / held.sum())
        rows.append(row)
    return rows
