"""Do single cells come back that belong to one person only?

Attacker: anyone with the synthetic rows. Success: a cell that only one person has, such as a telephone
number, or an amount to the cent, which leads to that person by itself. Equal cells arise by chance, too;
so the same is counted of holdout rows. The value is the *excess*: the share of such cells of training rows
that are among the synthetic ones, less that of holdout rows.

* ``replay.personal``: identifiers and free text, which other checks leave out; case, surrounding
  space and, in identifiers, separators do not count.
* ``replay.digits``: numbers, dates and durations, to the last digit.

The column with the clearest excess is shown, with an interval that pays for the choice (Bonferroni); all
columns are in the detail. What it cannot see: parts of a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pandas as pd

from synthkit.checks.base import Evidence
from synthkit.checks.outcome import unanswered
from synthkit.checks.privacy.alone import alone
from synthkit.checks.privacy.excess import Excess, excess_result
from synthkit.checks.privacy.holdout import lack_of_unseen
from synthkit.checks.privacy.sides import MOST
from synthkit.constraints import row_hashes
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.schema import Column

TITLES = {
    "replay.personal": "Identifiers and texts handed out",
    "replay.digits": "Numbers handed out to the last digit",
}
CELLS = {"replay.personal": "identifiers or texts", "replay.digits": "numbers"}


class Replay:
    """One-of-a-kind cells of training rows among the synthetic ones, beyond those of holdout rows."""

    name: ClassVar[str] = "replay"
    family: ClassVar[Family] = "privacy"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """See the module."""
        columns = evidence.schema.columns
        personal = [column for column in columns if column.kind in ("identifier", "text")]
        numbers = [column for column in columns if column.is_numeric]
        return [
            self._worst("replay.personal", personal, evidence, run),
            self._worst("replay.digits", numbers, evidence, run),
        ]

    def _worst(
        self, name: str, columns: Sequence[Column], evidence: Evidence, run: Run
    ) -> CheckResult:
        title, cells = TITLES[name], CELLS[name]
        if lack := lack_of_unseen(evidence, modelled=False):
            return unanswered(self, name, title, lack)
        if not columns:
            reason = f"there is no column of {cells}"
            return unanswered(self, name, title, reason, status="not_applicable")
        counted = {column.name: replayed_cells(column, evidence, run) for column in columns}
        found = {column: counts for column, counts in counted.items() if counts.is_telling}
        if not found:
            reason = f"nobody is alone with any of the {cells}"
            return unanswered(self, name, title, reason, status="not_applicable")
        column, worst = min(found.items(), key=lambda entry: entry[1].order)
        return excess_result(
            self,
            name,
            title,
            worst,
            of=len(found),
            n=len(evidence.synthetic),
            summary=(
                f"Of the cells of '{column}' that one person alone has, {worst.seen:,} of "
                f"{worst.members:,} training {evidence.unit}s ({worst.rate:.2%}) are among the synthetic "
                f"ones, and {worst.other_seen:,} of {worst.others:,} that the generator never saw "
                f"({worst.other_rate:.2%})."
            ),
            detail={
                "column": column,
                "columns": [{"column": c, **counts.facts} for c, counts in found.items()],
            },
        )


def replayed_cells(column: Column, evidence: Evidence, run: Run) -> Excess:
    """How many of the cells that one person alone has come back; of equally many real rows."""
    assert evidence.holdout is not None
    rng = run.rng("replay", column.name)
    train, holdout, synthetic = (
        hashes(column, frame[column.name].dropna())
        for frame in (evidence.train, evidence.holdout, evidence.synthetic)
    )
    m = min(len(train), len(holdout), MOST)
    return alone(
        rng.choice(train, m, replace=False), rng.choice(holdout, m, replace=False), synthetic
    )


def hashes(column: Column, cells: pd.Series) -> np.ndarray:
    """(n,) uint64, the same for cells that a reader takes for the same.

    Of text neither case nor surrounding space counts, of identifiers no separator does.
    """
    if not column.is_numeric:
        cells = cells.astype(str).str.strip().str.casefold()
    if column.kind == "identifier":
        bare = cells.str.replace(r"[\W_]+", "", regex=True)
        cells = cells.where(bare == "", bare)
    return row_hashes(cells.to_frame(), [cells.name])
