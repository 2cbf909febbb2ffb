"""Do synthetic rows tie together two files about the same people?

Attacker: holds two files without a common key, each with some of a person's columns, and the synthetic
rows with all of them. Success: the synthetic row nearest to a person in the one file's columns is
nearest in the other's, too, so that the two halves are taken for one person's. Baseline: people with
common values are linked by chance. Control: the same with holdout rows. The value is the *excess*.

Which columns lie in which file is not known, so several random halves are tried, and, where they are
named, the quasi-identifiers against all other columns; the one with the
largest excess is shown, with an interval that pays for the choice (Bonferroni).

The notion is that of the Article 29 Working Party (2014), Opinion 05/2014 on anonymisation techniques.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.outcome import unanswered
from synthkit.checks.privacy.excess import Excess, excess_result
from synthkit.checks.privacy.holdout import lack_of_control
from synthkit.checks.privacy.sides import Sides, few_sides_of
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.stats.distances import nearest_few

HALVES = 4
NEAREST = 3  # synthetic rows of either half in which a common one is looked for
MIN_COLUMNS = 4
TITLE = "Linking two files about the same person"


class Linkability:
    """Links that hold for training rows more often than for holdout rows."""

    name: ClassVar[str] = "linkability"
    family: ClassVar[Family] = "privacy"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """The largest excess of several halves of the columns."""
        if reason := lack_of_control(evidence, run):
            return [unanswered(self, self.name, TITLE, reason)]
        sides = few_sides_of(evidence, run)
        d = len(sides.encoder.parts)
        if d < MIN_COLUMNS:
            reason = f"there are fewer than {MIN_COLUMNS} columns to lie in two files"
            return [unanswered(self, self.name, TITLE, reason, status="not_applicable")]
        rng = run.rng(self.name)
        names = sides.encoder.names
        tried = [
            (links(sides, *halves), halves)
            for halves in files(names, evidence.quasi_identifiers, rng)
        ]
        worst, halves = min(tried, key=lambda entry: entry[0].p_value)
        return [
            excess_result(
                self,
                self.name,
                TITLE,
                worst,
                of=len(tried),
                n=len(sides.synthetic),
                summary=(
                    f"Synthetic rows link two halves of {worst.rate:.1%} of the training "
                    f"{evidence.unit}s and of {worst.other_rate:.1%} of the {evidence.unit}s that the generator "
                    "never saw; only the difference is a leak."
                ),
                detail={
                    "members_linked": worst.rate,
                    "others_linked": worst.other_rate,
                    "first_file": [names[i] for i in halves[0]],
                    "second_file": [names[i] for i in halves[1]],
                    "excess_by_halves": [counts.excess for counts, _ in tried],
                },
            )
        ]


def files(
    names: Sequence[str], quasi: Sequence[str], rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Positions of the columns in either file, for every pair of files that is tried."""
    d = len(names)
    for _ in range(HALVES):
        order = rng.permutation(d)
        yield np.sort(order[: d // 2]), np.sort(order[d // 2 :])
    known = np.isin(names, quasi)
    if known.any() and not known.all():
        yield np.flatnonzero(known), np.flatnonzero(~known)


def links(sides: Sides, first: np.ndarray, second: np.ndarray) -> Excess:
    """Members and others whose nearest synthetic rows by two sets of columns have one in common."""
    synthetic, real = sides.encoded
    few = min(NEAREST, len(sides.synthetic))
    near = [
        nearest_few(real.points_in(columns), synthetic.points_in(columns), few)[0]
        for columns in (first, second)
    ]
    linked = (near[0][:, :, None] == near[1][:, None, :]).any(axis=(1, 2))
    m = len(sides.members)
    return Excess(int(linked[:m].sum()), m, int(linked[m:].sum()), m)
