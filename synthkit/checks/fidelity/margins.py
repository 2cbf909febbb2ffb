"""Do one, two and three columns at a time follow the real distribution?

Every column is cut into levels (``checks.encoding``), and the shares of the cells of a column, pair
or triple are compared with those of the holdout: total variation, averaged over columns, or over at
most ``MAX_MARGINS`` pairs or triples chosen at random. The real side is the holdout, so that a copy
of the training rows scores what the training rows score, and no better; the *reference* is that
score. The *floor* shuffles every synthetic column on its own: what is left when no column knows
of another.

What these numbers cannot see: structure between four and more columns, and anything finer than a
decile. ``c2st`` looks for that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from synthkit.checks.base import Evidence
from synthkit.checks.encoding import encoder_of, subsample
from synthkit.checks.outcome import lack_of_rows, unanswered
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.stats.confidence import around, grouped_jackknife_se
from synthkit.stats.divergences import kolmogorov_smirnov, total_variation
from synthkit.typed import to_numbers

MIN_ROWS = 50
MAX_ROWS = 50_000
MAX_MARGINS = 300
GROUPS = 10
DENSE_CELLS = 20_000
WORST = 10


@dataclass(frozen=True)
class Levels:
    """Level codes, (n, d) int64, of equally many training and synthetic rows and of the real side.

    Args:
        real: the holdout, or the training rows if there is none (``has_holdout`` is false).
        independent: the synthetic rows, every column shuffled on its own.
        sizes: (d,) number of levels of each column.
    """

    real: np.ndarray
    train: np.ndarray
    synthetic: np.ndarray
    independent: np.ndarray
    sizes: np.ndarray
    has_holdout: bool


def levels_of(evidence: Evidence, run: Run) -> Levels:
    """The codes that all margins share, computed once."""

    def make() -> Levels:
        rng = run.rng("margins")
        encoder = encoder_of(evidence)
        real = _real_side(evidence)
        m = min(len(evidence.train), len(evidence.synthetic), MAX_ROWS)
        tables = {
            "real": (real, MAX_ROWS),
            "train": (evidence.train, m),
            "synthetic": (evidence.synthetic, m),
        }
        codes = {
            key: encoder.codes(frame.iloc[subsample(len(frame), cap, rng)])
            for key, (frame, cap) in tables.items()
        }
        shuffled = rng.permuted(codes["synthetic"], axis=0)
        return Levels(
            **codes,
            independent=shuffled,
            sizes=encoder.levels,
            has_holdout=real is evidence.holdout,
        )

    return evidence.shared("levels", make)


def choose_margins(d: int, k: int, rng: np.random.Generator) -> list[tuple[int, ...]]:
    """All k-subsets of d columns, or ``MAX_MARGINS`` different ones drawn at random."""
    if math.comb(d, k) <= 50 * MAX_MARGINS:
        every = list(combinations(range(d), k))
        return [every[i] for i in subsample(len(every), MAX_MARGINS, rng)]
    chosen: set[tuple[int, ...]] = set()
    while len(chosen) < MAX_MARGINS:
        chosen.add(tuple(sorted(rng.choice(d, k, replace=False).tolist())))
    return sorted(chosen)


def cells(
    tables: list[np.ndarray], margin: tuple[int, ...], sizes: np.ndarray
) -> tuple[list[np.ndarray], int]:
    """The cell of a margin that each row of each table falls in, and the number of cells."""
    joint = []
    for codes in tables:
        cell = np.zeros(len(codes), np.int64)
        for column in margin:
            cell = cell * sizes[column] + codes[:, column]
        joint.append(cell)
    count = math.prod(int(sizes[column]) for column in margin)
    if count <= DENSE_CELLS:
        return joint, count
    seen, inverse = np.unique(np.concatenate(joint), return_inverse=True)
    return np.split(inverse, np.cumsum([len(cell) for cell in joint])[:-1]), len(seen)


def grouped_counts(cell: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
    """(GROUPS, count) rows of each cell within each random group of rows."""
    return np.bincount(groups * count + cell, minlength=GROUPS * count).reshape(GROUPS, count)


@dataclass(frozen=True)
class MarginDistances:
    """Per margin, the distance of each table to the real side.

    Args:
        value, reference, floor: (margins,) for synthetic, training and independent rows.
        se: standard error of the mean of ``value``, from a grouped jackknife over both tables.
    """

    margins: Sequence[tuple[int, ...]]
    value: np.ndarray
    reference: np.ndarray
    floor: np.ndarray
    se: float


def margin_distances(
    levels: Levels, margins: Sequence[tuple[int, ...]], rng: np.random.Generator
) -> MarginDistances:
    """Total variation of every margin."""
    tables = [levels.real, levels.train, levels.synthetic, levels.independent]
    groups = [rng.permutation(len(table)) % GROUPS for table in tables]
    columns = np.empty((3, len(margins)))
    left_out = np.empty((GROUPS, len(margins)))
    for i, margin in enumerate(margins):
        joint, count = cells(tables, margin, levels.sizes)
        real, train, synthetic, independent = (
            grouped_counts(cell, group, count) for cell, group in zip(joint, groups, strict=True)
        )
        others = np.stack([t.sum(axis=0) for t in (synthetic, train, independent)])
        columns[:, i] = total_variation(others, real.sum(axis=0))
        left_out[:, i] = total_variation(synthetic.sum(axis=0) - synthetic, real.sum(axis=0) - real)
    se = grouped_jackknife_se(left_out.mean(axis=1))
    return MarginDistances(margins, columns[0], columns[1], columns[2], se)


class Shapes:
    """Column shapes. Cannot see: any relation between columns, differences within a decile."""

    name: ClassVar[str] = "shapes"
    family: ClassVar[Family] = "fidelity"
    needs_holdout: ClassVar[bool] = False

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """Mean total variation over columns; per column also Kolmogorov-Smirnov for numbers."""
        title = "Column shapes"
        if reason := lack_of_rows(evidence, MIN_ROWS, holdout=False):
            return [unanswered(self, self.name, title, reason)]
        levels = levels_of(evidence, run)
        margins = [(column,) for column in range(len(levels.sizes))]
        found = margin_distances(levels, margins, run.rng(self.name, "groups"))
        detail = {"columns": _per_column(evidence, levels, found)}
        return [_result(self.name, title, "column", levels, found, detail, floor=False)]


class Pairs:
    """Pairs of columns. Cannot see: relations that need three columns to show."""

    name: ClassVar[str] = "pairs"
    family: ClassVar[Family] = "fidelity"
    needs_holdout: ClassVar[bool] = False

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """Mean total variation over pairs of columns."""
        return _joint(self, 2, "Pairs of columns", "pair", evidence, run)


class Triples:
    """Triples of columns. Cannot see: relations that need four columns to show."""

    name: ClassVar[str] = "triples"
    family: ClassVar[Family] = "fidelity"
    needs_holdout: ClassVar[bool] = False

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """Mean total variation over triples of columns."""
        return _joint(self, 3, "Triples of columns", "triple", evidence, run)


def _joint(
    check: Pairs | Triples, k: int, title: str, unit: str, evidence: Evidence, run: Run
) -> list[CheckResult]:
    if reason := lack_of_rows(evidence, MIN_ROWS, holdout=False):
        return [unanswered(check, check.name, title, reason)]
    levels = levels_of(evidence, run)
    d = len(levels.sizes)
    if d < k:
        reason = f"there {'is' if d == 1 else 'are'} {d} modelled column{'s' if d > 1 else ''}"
        return [unanswered(check, check.name, title, reason, status="not_applicable")]
    margins = choose_margins(d, k, run.rng(check.name))
    found = margin_distances(levels, margins, run.rng(check.name, "groups"))
    names = encoder_of(evidence).names
    worst = np.argsort(found.reference - found.value, kind="stable")[:WORST]
    detail = {
        f"{unit}s": len(margins),
        f"of_{unit}s": math.comb(d, k),
        "worst": [
            {"columns": [names[c] for c in margins[i]], **_numbers(levels, found, i)} for i in worst
        ],
    }
    return [_result(check.name, title, unit, levels, found, detail, floor=True)]


def _numbers(levels: Levels, found: MarginDistances, i: int) -> dict[str, float]:
    numbers = {"value": float(found.value[i])}
    return numbers | {"reference": float(found.reference[i])} if levels.has_holdout else numbers


def _real_side(evidence: Evidence) -> pd.DataFrame:
    """The holdout if it is large enough to compare with, else the training rows."""
    if evidence.holdout is not None and len(evidence.holdout) >= MIN_ROWS:
        return evidence.holdout
    return evidence.train


def _per_column(evidence: Evidence, levels: Levels, found: MarginDistances) -> list[dict[str, Any]]:
    encoder = encoder_of(evidence)
    real = _real_side(evidence)
    rows = []
    for i, part in enumerate(encoder.parts):
        column = part.column
        row = {"column": column.name, **_numbers(levels, found, i)}
        if column.is_numeric:
            row["ks"] = kolmogorov_smirnov(
                to_numbers(evidence.synthetic[column.name]), to_numbers(real[column.name])
            )
        rows.append(row)
    return rows


def _result(
    name: str,
    title: str,
    unit: str,
    levels: Levels,
    found: MarginDistances,
    detail: dict[str, Any],
    *,
    floor: bool,
) -> CheckResult:
    value = float(found.value.mean())
    reference = float(found.reference.mean()) if levels.has_holdout else None
    lowest = float(found.floor.mean()) if floor else None
    summary = f"On average {value:.1%} of the rows of a {unit} of columns sit in the wrong place"
    if unit == "column":
        summary = f"On average {value:.1%} of a column's cells sit in the wrong place"
    if reference is not None:
        summary += f"; two sets of real rows differ by {reference:.1%}"
    else:
        summary += ", measured against the training rows because there is no holdout"
    if lowest is not None:
        summary += f", and unrelated columns would differ by {lowest:.1%}"
    rows = {"rows_used": len(levels.synthetic), "real_rows_used": len(levels.real)}
    return CheckResult(
        name,
        "fidelity",
        value,
        "lower",
        ci=around(value, found.se, 0.0, 1.0),
        reference=reference,
        floor=lowest,
        n=len(levels.synthetic),
        title=title,
        summary=summary + ".",
        detail={**rows, **detail},
    )
