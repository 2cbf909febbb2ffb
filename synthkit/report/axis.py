"""Histogram edges as a person would draw an axis: round numbers, calendar steps, clock steps.

    number_edges(17.0, 78.0, bins=40, integer=True)     # 16, 18, 20, … 80
    log_edges(600.0, 40_000.0)                          # 600, 800, 1000, 1200, …
    datetime_edges(low_us, high_us, bins=40)            # the first days of months, say

Every edge is a multiple of its step, so none is an extreme or a quantile of the data; the range
itself comes from ``inner_range``, which leaves the outermost values on either side out of sight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

HIDDEN = 5  # outermost values per side and table that never shape an axis; chosen, not derived
HIDDEN_SHARE = 0.005
LARGEST = 1e300  # keeps spans and steps finite
RENARD = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)  # round steps of one decade

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400
CLOCK_STEPS_S = (
    *(1, 2, 5, 10, 15, 30),
    *(MINUTE_S * n for n in (1, 2, 5, 10, 15, 30)),
    *(HOUR_S * n for n in (1, 2, 3, 6, 12)),
)
MONTH_STEPS = (1, 2, 3, 6)
US = 1_000_000


def inner_range(tables: Sequence[np.ndarray]) -> tuple[float, float] | None:
    """The range that an axis should cover, without each table's outermost values.

    Args:
        tables: finite values per table, ``(n,)`` each.

    Returns:
        ``(low, high)``: per table the value with k others below and above it, k being the larger
        of 5 and 0.5 % of the table's values, and the widest of these ranges; None if every table
        has too few values (at most 2k) to show any of them.
    """
    lows, highs = [], []
    for values in tables:
        k = max(HIDDEN, math.ceil(HIDDEN_SHARE * len(values)))
        if len(values) > 2 * k:
            ordered = np.partition(values, (k, len(values) - 1 - k))
            lows.append(float(ordered[k]))
            highs.append(float(ordered[len(values) - 1 - k]))
    return (min(lows), max(highs)) if lows else None


def number_edges(low: float, high: float, *, bins: int, integer: bool = False) -> np.ndarray:
    """Equally spaced round edges around ``[low, high]``; half-open bins, the last one too.

    The step is 1, 2, 2.5 or 5 times a power of ten (1, 2 or 5, and at least 1, for integers), the
    smallest for which at most ``bins`` steps span the range.
    """
    low, high = (min(max(bound, -LARGEST), LARGEST) for bound in (low, high))
    largest = max(abs(low), abs(high))
    # Steps below a few units in the last place would make edges coincide.
    finest = max((high - low) / bins, 4 * float(np.spacing(largest)), 1e-300)
    if high - low <= finest * 1e-9:
        finest = max(finest, 10.0 ** math.floor(math.log10(largest)) if largest > 1e-290 else 1.0)
    step = _round_up(finest, (1, 2, 5, 10) if integer else (1, 2, 2.5, 5, 10))
    if integer:
        step = max(step, 1.0)
    decimals = min(max(0, 1 - math.floor(math.log10(step))), 320)

    def edge(i: int) -> float:
        return round(i * step, decimals)

    first, last = math.floor(low / step), math.floor(high / step) + 1
    # A quotient may underflow, or round across a multiple.
    first -= edge(first) > low
    last += edge(last) <= high
    return np.unique([edge(i) for i in range(first, last + 1)])


def log_edges(low: float, high: float) -> np.ndarray:
    """Round edges at about equal ratios around ``0 < low <= high``: ten, three or one per decade."""
    decades = math.log10(high) - math.log10(low)
    steps = RENARD if decades <= 4 else (1.0, 2.0, 5.0) if decades <= 14 else (1.0,)
    powers = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 2)
    ladder = np.array([float(f"{step}e{power}") for power in powers for step in steps])
    return ladder[np.flatnonzero(ladder <= low)[-1] : np.flatnonzero(ladder > high)[0] + 1]


def duration_edges(low_s: float, high_s: float, *, bins: int) -> np.ndarray:
    """Edges in seconds at steps of a clock (1, 2, 5, 10, 15, 30 s or min, hours), then of days."""
    span = (high_s - low_s) / bins
    if span <= CLOCK_STEPS_S[0] / 10:
        return number_edges(low_s, high_s, bins=bins)
    if span > CLOCK_STEPS_S[-1]:
        return number_edges(low_s / DAY_S, high_s / DAY_S, bins=bins, integer=True) * DAY_S
    step = next(step for step in CLOCK_STEPS_S if step >= span)
    return np.arange(math.floor(low_s / step), math.floor(high_s / step) + 2) * float(step)


def datetime_edges(low_us: float, high_us: float, *, bins: int) -> np.ndarray:
    """Edges in microseconds since 1970 at steps of a clock, of days, of months or of years.

    A range of no width gets one whole year, which says little about the one value in it.
    """
    span_s = (high_us - low_us) / bins / US or 365.0 * DAY_S
    day_steps = (DAY_S, 2 * DAY_S, 7 * DAY_S, 14 * DAY_S)
    for step in (*CLOCK_STEPS_S, *day_steps):
        if step >= span_s:
            # Weeks count from a Monday, not from the Thursday on which 1970 began.
            shift = 4 * DAY_S if step >= 7 * DAY_S else 0
            first = math.floor((low_us / US - shift) / step)
            last = math.floor((high_us / US - shift) / step) + 1
            return (np.arange(first, last + 1) * float(step) + shift) * US
    low_month, high_month = (_months(us) for us in (low_us, high_us))
    span = max((high_month - low_month) / bins, 12.0 * (low_us == high_us))
    years = 12 * _round_up(max(span / 12, 1.0), (1, 2, 5, 10))
    step = next((step for step in MONTH_STEPS if step >= span), int(years))
    first, last = low_month // step, high_month // step + 1
    # Month counts start at 1970; years are counted from year 0 so that decades end in 0.
    shift = 1970 * 12 % step
    months = np.arange(first, last + 2) * step - shift
    starts = months.astype("datetime64[M]").astype("datetime64[us]").astype(np.int64)
    inside = (starts[1:] > low_us) & (starts[:-1] <= high_us)
    return starts[np.append(inside, False) | np.insert(inside, 0, False)].astype(float)


def _months(us: float) -> int:
    """Whole months since January 1970."""
    return int(np.datetime64(int(us), "us").astype("datetime64[M]").astype(np.int64))


def _round_up(value: float, mantissas: Sequence[float]) -> float:
    """The smallest ``mantissa * 10**power`` that is at least ``value > 0``."""
    power = math.floor(math.log10(value))
    scale = float(f"1e{power}")
    return next((m * scale for m in mantissas if m * scale >= value * (1 - 1e-12)), 10 * scale)
