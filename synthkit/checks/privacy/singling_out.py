"""Do synthetic rows tell how to pick out exactly one person?

Attacker: holds the synthetic rows, and writes down conditions that only one of them meets: the same
category, or nearly the same number, in a few columns. Success: exactly one real person meets them, whom
the attacker can then point at. Baseline: conditions that are rare enough pick out somebody among any
people. Control: as many holdout rows stand beside the training rows. The value is the *excess*: how many
more of the conditions pick out a training row than a holdout row. Several conditions may pick out the
same person, which the interval respects.

The conditions are boxes around synthetic rows, in random columns. How wide a number's side may be is
what leaves the synthetic row alone in its box, so nothing of the real rows enters.

The notion is that of the Article 29 Working Party (2014), Opinion 05/2014 on anonymisation techniques;
see Cohen and Nissim (2020), "Towards formalizing the GDPR's notion of singling out", for why rare
conditions alone prove nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.encoding import CategoryCode, Encoder
from synthkit.checks.outcome import unanswered
from synthkit.checks.privacy.holdout import lack_of_control
from synthkit.checks.privacy.sides import Encoded, sides_of
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.stats.confidence import around
from synthkit.stats.permutation import label_share

BOXES = 1000  # that leave a synthetic row alone
TRIES = 5000
HOPELESS = 500  # tries, after which hardly a box that leaves a row alone ends the search
SIDES = (2, 3, 5, 8)  # columns of a box, taking turns
WIDTHS = (0.1, 0.03, 0.01, 0.003)  # of ranks, to either side of a number
MIN_BOXES = 50
MISSING = -9.0  # farther from every rank and code than a box is wide
TITLE = "Picking out exactly one person"


class SinglingOut:
    """Conditions that pick out one training row more often than one holdout row."""

    name: ClassVar[str] = "singling_out"
    family: ClassVar[Family] = "privacy"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """The excess."""
        if reason := lack_of_control(evidence, run):
            return [unanswered(self, self.name, TITLE, reason)]
        sides = sides_of(evidence, run)
        synthetic, real = (Cells.of(sides.encoder, encoded) for encoded in sides.encoded)
        alone, picked = picked_out(synthetic, real, run.rng(self.name))
        if alone < MIN_BOXES:
            reason = "the columns have so few values that no condition leaves a synthetic row alone"
            return [unanswered(self, self.name, TITLE, reason, status="not_applicable")]
        m = len(sides.members)
        of_members, of_others = int(picked[:m].sum()), int(picked[m:].sum())
        test = excess_by_chance(picked, run.rng(self.name, "labels"))
        return [
            CheckResult(
                self.name,
                self.family,
                (of_members - of_others) / alone,
                "lower",
                ci=around((of_members - of_others) / alone, test.se / alone, -1.0, 1.0),
                reference=0.0,
                n=len(sides.synthetic),
                title=TITLE,
                summary=(
                    f"Of {alone:,} conditions that one synthetic row meets, {of_members / alone:.1%} pick out "
                    f"exactly one training {evidence.unit}, and {of_others / alone:.1%} one of as many that "
                    "the generator never saw; only the difference is a leak."
                ),
                detail={
                    "conditions": alone,
                    "members_picked_out": of_members / alone,
                    "others_picked_out": of_others / alone,
                    "p_value": test.p_value,
                },
            )
        ]


@dataclass(frozen=True)
class Cells:
    """Rows as numbers that a box is cut out of.

    Args:
        values: (n, d) ranks in [0, 1] of numbers and codes of categories; ``MISSING`` where there is
            none, which is a value of its own.
        is_category: (d,) bool.
    """

    values: np.ndarray
    is_category: np.ndarray

    @classmethod
    def of(cls, encoder: Encoder, encoded: Encoded) -> Cells:
        """All encoded columns."""
        is_category = np.array([isinstance(part, CategoryCode) for part in encoder.parts])
        return cls(np.nan_to_num(encoded.cells, nan=MISSING), is_category)

    def apart(self, centre: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """(n,) width of the narrowest box around a centre in these columns that holds a row.

        Infinite where a category is another: a box holds equal ones only.
        """
        apart = np.abs(self.values[:, columns] - centre[columns])
        unequal = self.is_category[columns] & (apart > 0)
        return np.asarray(np.where(unequal, np.inf, apart).max(axis=1))


def picked_out(synthetic: Cells, real: Cells, rng: np.random.Generator) -> tuple[int, np.ndarray]:
    """Boxes that leave a synthetic row alone, and how many of them hold which real row and no other.

    Returns:
        Their number, and (n,) int counts.
    """
    n, d = synthetic.values.shape
    boxes, picked = 0, np.zeros(len(real.values), np.int64)
    for i in range(TRIES):
        centre = synthetic.values[rng.integers(n)]
        columns = rng.choice(d, min(SIDES[i % len(SIDES)], d), replace=False)
        apart = synthetic.apart(centre, columns)
        width = next((w for w in WIDTHS if (apart <= w).sum() == 1), None)
        if width is not None:
            boxes += 1
            inside = np.flatnonzero(real.apart(centre, columns) <= width)
            picked[inside] += len(inside) == 1
        if boxes == BOXES or (i == HOPELESS and boxes * TRIES < HOPELESS * MIN_BOXES):
            break
    return boxes, picked


@dataclass(frozen=True)
class ByChance:
    """What exchanging labels at random says about more picks of members than of others.

    Args:
        se: standard deviation of that difference.
        p_value: one-sided.
    """

    se: float
    p_value: float


def excess_by_chance(picked: np.ndarray, rng: np.random.Generator) -> ByChance:
    """Exchanges the labels of (2 m,) people, members first, with counts of how often each is picked."""
    total = float(picked.sum())
    if not total:
        return ByChance(0.0, 1.0)
    test = label_share(picked, np.arange(len(picked)) < len(picked) // 2, rng)
    # members' share s of the picks: their excess is (2 s - 1) of the total
    return ByChance(2.0 * test.se * total, test.p_value)
