"""Numbers as people read them: three decimals, thousands apart, an en dash for nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

NOTHING = "–"
MINUS = "\N{MINUS SIGN}"
DAY_S, HOUR_S, MINUTE_S = 86_400, 3_600, 60
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def number(value: Any) -> str:
    """``0.5402`` -> ``0.540``, ``12345`` -> ``12,345``, ``0.00042`` -> ``0.00042``, None -> ``–``."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return NOTHING
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        return str(value)
    size = abs(float(value))
    if math.isinf(size):
        text = "∞"
    elif isinstance(value, int) or (size >= 2 and size == int(size) and size < 1e15):
        text = f"{int(size):,}"
    elif size >= 1e9 or 0 < size < 5e-4:
        text = f"{size:.2g}"
    else:
        text = f"{size:,.{0 if size >= 1000 else 1 if size >= 10 else 3}f}"
    return MINUS + text if value < 0 else text


def share(value: float | None) -> str:
    """A share in [0, 1] as a percentage: ``0.0573`` -> ``5.7 %``."""
    if value is None:
        return NOTHING
    if 0 < value < 0.0005:
        return "< 0.1 %"
    return f"{100 * value:.1f} %"


def signed(value: float | None) -> str:
    """A difference with its sign: ``+0.012``."""
    if value is None:
        return NOTHING
    text = f"{abs(value):.3f}"
    return text if float(text) == 0 else (MINUS if value < 0 else "+") + text


def interval(ci: Sequence[float] | None) -> str:
    """``0.533 to 0.548``, or nothing."""
    return "" if ci is None else f"{number(ci[0])} to {number(ci[1])}"


def threshold(bounds: dict[str, float] | None) -> str:
    """What a policy asks for, in words: ``at most 0.600``."""
    wording = {
        "min": "at least {}",
        "max": "at most {}",
        "max_ci_low": "fails if the whole interval lies above {}",
        "max_over_reference": "at most holdout + {}",
        "min_of_reference": "at least {} of holdout",
    }
    given = {key: bound for key, bound in (bounds or {}).items() if bound is not None}
    return ", ".join(wording.get(k, k + " {}").format(number(b)) for k, b in given.items())


def tick(value: float | str, unit: str, step: float) -> str:
    """An axis label.

    Args:
        value: the edge, as in a histogram's description.
        unit: of the histogram.
        step: distance of neighbouring edges, in numbers, seconds (durations) or seconds (dates).
    """
    if unit == "datetime":
        return _date(str(value), step)
    if unit == "duration":
        return _duration(float(value), step)
    return _compact(float(value), step)


def exact(value: float | str, unit: str) -> str:
    """A single value in full, where ``tick`` would round it to its step."""
    if unit == "datetime":
        day = _date(str(value), DAY_S)
        clock = str(value).rpartition("T")[2]
        return day if clock == "00:00:00" else f"{day} {clock}"
    if unit == "duration":
        sizes = (DAY_S, HOUR_S, MINUTE_S, 1)
        return _duration(float(value), next(s for s in sizes if float(value) % s == 0 or s == 1))
    text = f"{value:,}" if isinstance(value, int) else f"{value:.10g}"
    return text.replace("-", MINUS)


def calendar_parts(text: str) -> tuple[int, int, int, str]:
    """Year, month, day and time of day of ``2019-03-01T12:30:00``."""
    date, _, clock = text.partition("T")
    year, month, day = date.rsplit("-", 2)
    return int(year), int(month), int(day), clock


def _date(text: str, step_s: float) -> str:
    year, month, day, clock = calendar_parts(text)
    if step_s >= 360 * DAY_S:
        return f"{year}"
    if step_s >= 28 * DAY_S:
        return f"{MONTHS[month - 1]} {year}"
    if step_s >= DAY_S or clock == "00:00:00":
        return f"{day} {MONTHS[month - 1]} {year}"
    return clock[:5] if step_s >= MINUTE_S else clock


def _duration(value_s: float, step_s: float) -> str:
    for size, name in ((DAY_S, "d"), (HOUR_S, "h"), (MINUTE_S, "min")):
        if step_s >= size:
            return f"{_compact(value_s / size, step_s / size)} {name}"
    return f"{_compact(value_s, step_s)} s"


def _compact(value: float, step: float) -> str:
    """``100000`` -> ``100k``; as many decimals as neighbouring edges need to differ."""
    size = abs(value)
    sign = MINUS if value < 0 else ""
    for scale, suffix in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if size >= 10 * scale or (size >= scale and scale > 1e3):
            return (
                f"{sign}{_trim(size / scale, step / scale)}{suffix}"
                if size < 1e15
                else f"{value:.0e}"
            )
    return f"{value:.0e}" if 0 < size < 1e-4 else sign + _trim(size, step)


def _trim(value: float, step: float) -> str:
    decimals = min(max(0, 1 - math.floor(math.log10(step))), 6) if 0 < step < 10 else 0
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
