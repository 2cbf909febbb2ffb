"""Does the generator hand out its training rows?

Attacker: anyone with the synthetic rows who knows a person's record. Success: the record is there,
cell by cell. Equal rows also arise by chance (few columns, common combinations), so the same is
counted for holdout rows, which cannot have been copied. The sharpest evidence is in rows that are
one of a kind among all real rows: had the generator not seen them, those of the training side and
those of the holdout would reappear equally often.

Identifiers and free text are left out: identifiers are made anew. Of a row with an image the image
alone counts, pixel by pixel: a copied face is one under any label.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from synthkit.checks.base import Evidence
from synthkit.checks.encoding import subsample
from synthkit.checks.outcome import unanswered
from synthkit.checks.privacy.alone import alone, identities_of, is_alone
from synthkit.checks.privacy.excess import Excess, excess_result
from synthkit.checks.privacy.holdout import lack_of_unseen
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.stats.confidence import wilson


def handed_out(train: np.ndarray, holdout: np.ndarray, synthetic: np.ndarray) -> np.ndarray:
    """Positions of the training rows that are one of a kind and among the synthetic rows."""
    return np.flatnonzero(is_alone(train, holdout) & np.isin(train, synthetic))


class ExactCopies:
    """Synthetic rows equal to a training row, beside those equal to a holdout row."""

    name: ClassVar[str] = "exact_copies"
    family: ClassVar[Family] = "privacy"
    needs_holdout: ClassVar[bool] = True

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """``exact_copies``: the rate; ``exact_copies.unique``: the excess in one-of-a-kind rows."""
        unit = evidence.unit
        titles = {
            self.name: f"Synthetic {unit}s equal to a training {unit}",
            f"{self.name}.unique": f"One-of-a-kind training {unit}s handed out",
        }
        if reason := lack_of_unseen(evidence):
            return [unanswered(self, name, title, reason) for name, title in titles.items()]
        train, holdout, synthetic = identities_of(evidence)
        return [
            self._rate(titles[self.name], unit, train, holdout, synthetic, run),
            self._unique(
                titles[f"{self.name}.unique"],
                unit,
                alone(train, holdout, synthetic),
                len(synthetic),
                evidence.listing(handed_out(train, holdout, synthetic)),
            ),
        ]

    def _rate(
        self,
        title: str,
        unit: str,
        train: np.ndarray,
        holdout: np.ndarray,
        synthetic: np.ndarray,
        run: Run,
    ) -> CheckResult:
        m, n = min(len(train), len(holdout)), len(synthetic)
        rng = run.rng(self.name)
        equal = int(np.isin(synthetic, train[subsample(len(train), m, rng)]).sum())
        by_chance = int(np.isin(synthetic, holdout[subsample(len(holdout), m, rng)]).sum())
        equal_to_any = int(np.isin(synthetic, train).sum())
        drawn = m < len(train)  # as many as the holdout has, so that chance is the same
        whom = f"one of {m:,} training {unit}s drawn at random" if drawn else f"a training {unit}"
        beside = f" Of all {len(train):,} training {unit}s: {equal_to_any:,}." if drawn else ""
        return CheckResult(
            self.name,
            self.family,
            equal / n,
            "near_reference",
            ci=wilson(equal, n),
            reference=by_chance / n,
            n=n,
            title=title,
            summary=(
                f"{equal:,} of {n:,} synthetic {unit}s ({equal / n:.2%}) equal {whom}; "
                f"{by_chance:,} equal one of as many real {unit}s the generator never saw, "
                f"which happens by chance only.{beside}"
            ),
            detail={
                "equal_to_training": equal,
                "equal_to_holdout": by_chance,
                "real_rows_used": m,
                "equal_to_any_training": equal_to_any,
            },
        )

    def _unique(
        self,
        title: str,
        unit: str,
        counts: Excess,
        n: int,
        listing: tuple[dict[str, Any], ...],
    ) -> CheckResult:
        if not counts.members or not counts.others:
            return CheckResult(
                f"{self.name}.unique",
                self.family,
                0.0,
                "lower",
                ci=(0.0, 0.0),
                reference=0.0,
                n=n,
                title=title,
                summary=f"No real {unit} is one of a kind, so none can be handed out.",
            )
        least, beside = counts.shown_from, ""
        if least is not None and counts.seen < least:
            beside = f" From {least:,} on it would be more than chance."
        return excess_result(
            self,
            f"{self.name}.unique",
            title,
            counts,
            n=n,
            summary=(
                f"{counts.seen:,} of {counts.members:,} training {unit}s that are one of a kind "
                f"({counts.rate:.2%}) are among the synthetic {unit}s, and {counts.other_seen:,} of "
                f"{counts.others:,} such {unit}s the generator never saw ({counts.other_rate:.2%}).{beside}"
            ),
            detail={**counts.facts, "shown_from": least},
            listing=listing,
        )
