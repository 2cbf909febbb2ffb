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

from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import stats

from synthkit.checks.base import Evidence
from synthkit.checks.encoding import subsample
from synthkit.checks.gallery import images_of
from synthkit.checks.outcome import lack_of_rows, unanswered
from synthkit.checks.privacy.rows import MIN_ROWS
from synthkit.checks.shrinking import image_hashes
from synthkit.constraints import row_hashes
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.stats.confidence import newcombe, wilson


def identities(evidence: Evidence, frame: pd.DataFrame) -> np.ndarray:
    """(n,) uint64 hash of what makes two rows equal."""
    if evidence.modality == "images":
        return image_hashes(images_of(evidence, frame))
    columns = [column.name for column in evidence.schema.columns if column.is_modelled]
    return row_hashes(frame, columns)


def replayed(
    train: np.ndarray, holdout: np.ndarray, synthetic: np.ndarray
) -> tuple[int, int, int, int]:
    """Counts one-of-a-kind real rows and those of them that are among the synthetic rows.

    Args:
        train, holdout, synthetic: row hashes; 64 bits make two different rows of 500,000 alike
            with a chance below 1e-8.

    Returns:
        Replayed and all one-of-a-kind training rows, then the same for the holdout.
    """
    values, counts = np.unique(np.concatenate([train, holdout]), return_counts=True)
    unique = values[counts == 1]
    seen = unique[np.isin(unique, synthetic)]
    unique_train, seen_train = np.isin(unique, train).sum(), np.isin(seen, train).sum()
    return (
        int(seen_train),
        int(unique_train),
        int(len(seen) - seen_train),
        int(len(unique) - unique_train),
    )


def copying_p_value(seen: int, of: int, other_seen: int, of_others: int) -> float:
    """One-sided exact p-value: as many or more of the replayed rows are training rows by chance.

    Given which one-of-a-kind rows are replayed, their labels are a draw without replacement.
    """
    replays = seen + other_seen
    return float(stats.hypergeom.sf(seen - 1, of + of_others, of, replays))


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
        if reason := lack_of_rows(evidence, MIN_ROWS):
            return [unanswered(self, name, title, reason) for name, title in titles.items()]
        assert evidence.holdout is not None
        train, holdout, synthetic = (
            identities(evidence, frame)
            for frame in (evidence.train, evidence.holdout, evidence.synthetic)
        )
        return [
            self._rate(titles[self.name], unit, train, holdout, synthetic, run),
            self._unique(titles[f"{self.name}.unique"], unit, train, holdout, synthetic),
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
                f"{equal:,} of {n:,} synthetic {unit}s ({equal / n:.2%}) equal a training {unit}; "
                f"{by_chance:,} equal one of as many real {unit}s the generator never saw, "
                "which happens by chance only."
            ),
            detail={
                "equal_to_training": equal,
                "equal_to_holdout": by_chance,
                "real_rows_used": m,
                "equal_to_any_training": int(np.isin(synthetic, train).sum()),
            },
        )

    def _unique(
        self,
        title: str,
        unit: str,
        train: np.ndarray,
        holdout: np.ndarray,
        synthetic: np.ndarray,
    ) -> CheckResult:
        seen, of, other_seen, of_others = replayed(train, holdout, synthetic)
        counts = {
            "replayed_training": seen,
            "unique_training": of,
            "replayed_holdout": other_seen,
            "unique_holdout": of_others,
        }
        if not of or not of_others:
            return CheckResult(
                f"{self.name}.unique",
                self.family,
                0.0,
                "lower",
                ci=(0.0, 0.0),
                reference=0.0,
                n=len(synthetic),
                title=title,
                summary=f"No real {unit} is one of a kind, so none can be handed out.",
                detail=counts,
            )
        excess = seen / of - other_seen / of_others
        return CheckResult(
            f"{self.name}.unique",
            self.family,
            excess,
            "lower",
            ci=newcombe(seen, of, other_seen, of_others),
            reference=0.0,
            n=len(synthetic),
            title=title,
            summary=(
                f"{seen:,} of {of:,} training {unit}s that are one of a kind ({seen / of:.2%}) are "
                f"among the synthetic {unit}s, and {other_seen:,} of {of_others:,} such {unit}s the "
                f"generator never saw ({other_seen / of_others:.2%})."
            ),
            detail={**counts, "p_value": copying_p_value(seen, of, other_seen, of_others)},
        )
