"""Releases whose answer is known, made from a run's own real rows: what the audit is tried out on.

parts = drawn(evidence, 500, rng, copied)
CONTROLS[0].made(parts, evidence, seed)     # rows that stand in the place of synthetic ones

A ``Control`` says how they are made, how many of them are tried, and when the number that were stopped leaves
the audit without an answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from synthkit.checks.base import Evidence
from synthkit.checks.gallery import images_of
from synthkit.pictures import cells
from synthkit.results import Direction
from synthkit.stats.confidence import Interval, clopper_pearson
from synthkit.typed import to_finite

NOISE = 0.01  # of a column's standard deviation
TOO_MANY = 0.05  # of releases without a leak that are stopped, beyond which no alarm can be trusted


@dataclass(frozen=True)
class Parts:
    """Rows of equal number: some that a generator might have learned, and two lots that it did not see.

    Args:
        train, holdout, unseen: the rows.
        copies: how many of the first training rows a release with a few copies holds.
    """

    train: pd.DataFrame
    holdout: pd.DataFrame
    unseen: pd.DataFrame
    copies: int = 0


@dataclass(frozen=True)
class Tried:
    """How releases of one kind fared.

    Args:
        broken: the limits that each of them breaks.
        rows: of each release.
        copies: of training rows in each release that has a few.
        unit: ``row`` or ``image``.
    """

    broken: Sequence[Sequence[str]]
    rows: int
    copies: int
    unit: str

    @property
    def releases(self) -> int:
        """How many were tried."""
        return len(self.broken)

    @property
    def stopped(self) -> int:
        """How many break a limit."""
        return sum(map(bool, self.broken))

    @property
    def interval(self) -> Interval:
        """Of the share that is stopped (Clopper-Pearson)."""
        return clopper_pearson(self.stopped, self.releases)

    @property
    def limits(self) -> dict[str, int]:
        """How many releases break each limit."""
        return dict(Counter(limit for each in self.broken for limit in each))


@dataclass(frozen=True)
class Control:
    """One kind of release.

    Args:
        name: of the result.
        title: its headline, with ``{unit}`` for a row or an image.
        direction: whether to stop more of them is better.
        made: the rows, from parts of the real ones, with a seed.
        times: how many are tried, of the number of releases without a leak that is asked for.
        blindness: why the audit has no answer, seeing how they fared; or None.
        has_copies: whether one-of-a-kind training rows are among the rows.
    """

    name: str
    title: str
    direction: Direction
    made: Callable[[Parts, Evidence, int], pd.DataFrame]
    times: Callable[[int], int]
    blindness: Callable[[Tried], str | None]
    has_copies: bool = False


def drawn(evidence: Evidence, m: int, rng: np.random.Generator, first: np.ndarray) -> Parts:
    """m rows each, no holdout row twice.

    Args:
        first: positions of training rows, with which the training part begins.
    """
    assert evidence.holdout is not None
    order = rng.permutation(len(evidence.holdout))
    others = rng.permutation(np.setdiff1d(np.arange(len(evidence.train)), first))
    train, holdout, unseen = (
        frame.iloc[places].reset_index(drop=True)
        for frame, places in (
            (evidence.train, np.concatenate([first, others])[:m]),
            (evidence.holdout, order[:m]),
            (evidence.holdout, order[m : 2 * m]),
        )
    )
    return Parts(train, holdout, unseen, copies=len(first))


def noisy(parts: Parts, evidence: Evidence, seed: int) -> pd.DataFrame:
    """Training rows, every number and time moved by about a hundredth of its spread, pixels of the range."""
    rng = np.random.default_rng(seed)
    rows = parts.train.copy()
    for column in evidence.schema.columns:
        if column.is_numeric:
            rows[column.name] = moved(rows[column.name], rng)
        elif column.kind == "image":
            pixels = images_of(evidence, rows).astype(float)
            pixels += 255 * NOISE * rng.normal(size=pixels.shape)
            rows[column.name] = cells(np.clip(np.round(pixels), 0, 255).astype(np.uint8))
    return rows


def moved(values: pd.Series, rng: np.random.Generator) -> pd.Series:
    """The same dtype, whole numbers staying whole."""
    draws = rng.normal(size=len(values))
    if values.dtype.kind in "mM":
        spread = values.std()
        if pd.isna(spread):
            return values
        shift = pd.Series(pd.to_timedelta(NOISE * draws * spread), index=values.index)
        return (values + shift).astype(values.dtype)
    numbers = to_finite(values)
    if np.isnan(numbers).all():
        return values
    shifts = NOISE * float(np.nanstd(numbers)) * draws
    whole = pd.api.types.is_integer_dtype(values.dtype)
    return values + (np.round(shifts).astype(np.int64) if whole else shifts)


def with_copies(parts: Parts) -> pd.DataFrame:
    """Rows that nobody learned, the first of them replaced by the first training rows."""
    few = parts.copies
    return pd.concat([parts.train.iloc[:few], parts.unseen.iloc[few:]], ignore_index=True)


def alarms(tried: Tried) -> str | None:
    """More false alarms than can be by chance."""
    if tried.interval[0] <= TOO_MANY:
        return None
    return (
        f"of {tried.releases} releases without a leak the audit stops {tried.stopped} "
        f"({', '.join(tried.limits)}): holdout and training {tried.unit}s are not of one population, or share "
        "people"
    )


def lets_all_pass(tried: Tried) -> str | None:
    """Not even the training rows themselves are stopped."""
    if tried.stopped:
        return None
    return (
        f"a release of {tried.rows:,} training {tried.unit}s as they are would pass: they are too few or "
        "too alike for the audit to see anything"
    )


def lets_few_pass(tried: Tried) -> str | None:
    """No more than half of the releases with a few copies are stopped."""
    if 2 * tried.stopped > tried.releases:
        return None
    return (
        f"of {tried.releases} releases with copies of {tried.copies:,} one-of-a-kind training {tried.unit}s the "
        f"audit stops {tried.stopped}: the {tried.unit}s are too few, or too alike, for it to see them"
    )


CONTROLS = (
    Control(
        "controls.false_alarms",
        "Releases without a leak that the audit stops",
        "lower",
        lambda parts, evidence, seed: parts.unseen,
        lambda releases: releases,
        alarms,
    ),
    Control(
        "controls.copy",
        "Releases of the training {unit}s themselves that it stops",
        "higher",
        lambda parts, evidence, seed: parts.train,
        lambda releases: 1,
        lets_all_pass,
    ),
    Control(
        "controls.noise",
        "Releases of training {unit}s with a little noise that it stops",
        "higher",
        noisy,
        lambda releases: 1,
        lambda tried: None,
    ),
    Control(
        "controls.one_percent",
        "Releases with a few copies of training {unit}s that it stops",
        "higher",
        lambda parts, evidence, seed: with_copies(parts),
        lambda releases: -(-releases // 2),
        lets_few_pass,
        has_copies=True,
    ),
)
