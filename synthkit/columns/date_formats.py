"""The datetime format of spelled cells, found from the cells.

infer(pa.array(["2024-03-20 10:11", "2023-12-31 00:00"]))   # Guess("%Y-%m-%d %H:%M")
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from synthkit.columns import dates, zones
from synthkit.columns.distinct import groups, stripped

_DATES = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y"),
    *("%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%b-%Y", "%d-%b-%y"),
    *("%d/%b/%Y", "%d%b%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y"),
    *("%B %d %Y", "%a, %d %b %Y", "%A, %B %d, %Y"),
)
_MONTHLY = ("%Y-%m", "%Y/%m", "%m/%Y", "%b %Y", "%B %Y", "%b-%Y", "%b-%y")
_SECONDS = ("", *(f".%{digits}f" for digits in range(1, 10)), "%.f")  # the most exact first
_CLOCKS = tuple(
    gap + clock
    for gap in (" ", "T", ", ")
    for clock in (
        *("%H:%M", "%I:%M %p", "%H%M%S"),
        *(f"%H:%M:%S{fraction}" for fraction in _SECONDS),
        *(f"%I:%M:%S{fraction} %p" for fraction in _SECONDS),
    )
)
_ZONES = ("", "%Z", "%z", "%:z", " %z", " UTC")


@dataclass(frozen=True)
class Guess:
    """A format that fits every spelling.

    Args:
        format: see the module's table.
        ambiguous: day and month could also be the other way round.
        lossless: spelling the parsed values gives every input back.
        zone: see ``zones.zone_of``.
    """

    format: str
    ambiguous: bool = False
    lossless: bool = True
    zone: str | None = None


def infer(text: pa.StringArray) -> Guess | None:
    """The format that fits every spelling, or None.

    ``03/04/2021`` alone could be two dates: the order of day and month is decided by the values
    (a part above 12 is a day; the one part that never changes is a day), else ``/`` and two-digit
    years are read month first and ``-`` day first, and the guess is marked ambiguous.
    """
    bare = stripped(text)
    head = bare.slice(0, 20)
    fitting = [
        f
        for f in _candidates(bare[0].as_py() if len(bare) else "")
        if dates.parse(head, f)[1].all()
    ]
    fitting = [f for f in fitting if dates.parse(bare, f)[1].all()]
    if not fitting:
        return None
    chosen, ambiguous = _choose(bare, fitting)
    return _as_spelled(bare, Guess(chosen, ambiguous))


def _candidates(first: str) -> list[str]:
    """Formats that fit the first spelling."""
    if not 6 <= len(first) <= 40 or not re.search("[0-9]", first):
        return []
    formats = [*_DATES, *_MONTHLY]
    for date in _DATES:
        if re.match(dates.regex(date) + "[ T,]", first):
            formats += [date + clock + zone for clock in _CLOCKS for zone in _ZONES]
    return [format for format in formats if re.fullmatch(dates.regex(format), first)]


def _choose(bare: pa.StringArray, fitting: list[str]) -> tuple[str, bool]:
    first = fitting[0]
    swapped = [f for f in fitting[1:] if _order(f) != _order(first)]
    if not swapped:
        return first, False
    parts, _ = groups(bare, dates.regex(first))
    constant = [d for d in "md" if len(parts[d].unique()) == 1]
    if len(constant) == 1:  # the part that never changes is the day: monthly data
        order = {"d": _order(first), "m": _order(swapped[0])}[constant[0]]
        return next(f for f in fitting if _order(f) == order), False
    month_first = "/" in first
    return next((f for f in fitting if (_order(f) == "md") == month_first), first), True


def _order(format: str) -> str:
    """``md`` or ``dm``: the order of month and day."""
    return "".join(m[1][-1] for m in dates.tokens(format) if m[1] and m[1][-1] in "md")


def _as_spelled(bare: pa.StringArray, guess: Guess) -> Guess:
    """Chooses padding, and checks that the spelling comes back."""
    wanted = bare.to_numpy(zero_copy_only=False)
    moments, _ = dates.parse(bare, guess.format)
    zone = zones.zone_of(bare, guess.format)
    best, share = guess.format, -1.0
    for unpadded in ("", "mdHI", "md", "HI"):
        format = re.sub(f"%([{unpadded}])", r"%-\1", guess.format) if unpadded else guess.format
        same = float(np.mean(dates.spell(moments, format, zone or "UTC") == wanted))
        if same > share:
            best, share = format, same
        if same == 1.0:
            break
    return replace(guess, format=best, lossless=share == 1.0, zone=zone)
