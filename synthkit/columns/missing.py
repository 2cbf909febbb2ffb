"""Which spellings of a text column stand for a missing cell, and which numbers do.

Spellings fall into three tiers:

* ``ALWAYS``: blanks, ``NaN``, ``N/A``, ``NULL`` ... are missing in every column.
* ``SYMBOLS``: ``?``, ``-``, ``--``, ``.`` ... are missing if every other value holds a letter or a
  digit, that is, if they are not one symbol among others.
* ``WORDS``: ``NA``, ``None`` are missing among numbers and dates. Among labels, ``None`` is a
  category (many files mean "none of these") and ``NA`` is missing unless at least half of the
  other values are codes of two capitals (it is then Namibia, Naples or North America).

Numeric codes such as -999 are missing only on strong evidence, see ``sentinels``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthkit.columns import numbers
from synthkit.columns.distinct import Distinct, matches, stripped
from synthkit.columns.dtypes import Family

ALWAYS = r"|(?i:nan|n/a|#n/a|null|<na>|nat|#null!)|\\N"
SYMBOLS = r"[?.\-–—]+|#|\*"
NA = r"(?i:na)"
NONE = r"(?i:none)"
_CODES = "[A-Z]{2}"
_DATE_LIKE = r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}.*|[0-9]{1,3}:[0-9]{2}.*"

CODES = frozenset(
    [-1.0, *(sign * float(c) for c in ("9" * n for n in range(2, 10)) for sign in (1, -1))]
)
_MIN_REPEATS = 10  # chosen, not derived
_MIN_VALUES = 5  # chosen, not derived
_GAP_IQR = 5.0  # chosen, not derived


def empty(text: pa.StringArray) -> np.ndarray:
    """(k,) bool: spellings that are missing in every column."""
    return matches(stripped(text), ALWAYS)


def listed(text: pa.StringArray, spellings: Iterable[str | None]) -> np.ndarray:
    """(k,) bool: cells that are spelled in one of these ways."""
    known = pa.array([s for s in spellings if s is not None], pa.string())
    return np.asarray(pc.is_in(text, value_set=known), dtype=bool)


@dataclass(frozen=True)
class Split:
    """A column without its missing cells, and how these are spelled.

    Args:
        present: the other cells.
        spellings: of a text column, the most frequent first; None is the frame's null.
        sentinels: ``{code: cells}`` of declared codes in a column of numbers.
        kept_words: ``None`` or ``NA`` were seen and kept as categories.
    """

    present: Distinct
    spellings: tuple[str | None, ...] = ()
    sentinels: dict[str, int] = field(default_factory=dict)
    kept_words: bool = False


def split(seen: Distinct, found: Family, declared: tuple[str, ...] | None) -> Split:
    """Takes the missing cells out: the declared spellings, else those that the tiers tell.

    Args:
        found: family of the raw dtype.
        declared: all spellings of missing cells as the user says, or None.
    """
    if found != "text":
        return _without_codes(seen, found, declared or ())
    kept_words = False
    if not seen.n_values:
        gone = np.zeros(0, bool)
    elif declared is not None:
        gone = listed(seen.text, declared)
    else:
        gone, kept_words = placeholders(seen)
    spellings: list[tuple[int, str | None]] = [
        (int(seen.counts[place]), str(seen.values[place])) for place in np.flatnonzero(gone)
    ]
    nulls = seen.n_rows - seen.n_present
    if nulls:
        spellings.append((nulls, None))
    spellings.sort(key=lambda pair: -pair[0])
    return Split(seen.keep(~gone), tuple(s for _, s in spellings), kept_words=kept_words)


def _without_codes(seen: Distinct, found: Family, declared: tuple[str, ...]) -> Split:
    """A native column without the numbers that are declared missing."""
    if not declared or found not in ("integer", "real"):
        return Split(seen)
    codes = [text for text in declared if re.fullmatch("-?[0-9]{1,15}", text)]
    gone = np.isin(seen.values.astype(np.float64), [float(code) for code in codes])
    cells = {str(int(seen.values[p])): int(seen.counts[p]) for p in np.flatnonzero(gone)}
    return Split(seen.keep(~gone), sentinels=cells)


def placeholders(column: Distinct) -> tuple[np.ndarray, bool]:
    """Which distinct spellings are missing cells.

    Args:
        column: of text.

    Returns:
        (k,) bool, and whether a ``None`` or ``NA`` was kept as a category.
    """
    bare = stripped(column.text)
    always = matches(bare, ALWAYS)
    symbol = matches(bare, SYMBOLS)
    na, none = matches(bare, NA), matches(bare, NONE)
    rest = ~(always | symbol | na | none)
    if not rest.any():
        return always | symbol | na | none, False
    missing = always.copy()
    others = bare.filter(pa.array(rest))
    if matches(others, r".*[\pL\pN].*").all():
        missing |= symbol
    if not (na | none).any():
        return missing, False
    counts = column.counts[rest]
    if counts[_value_like(others)].sum() >= 0.9 * counts.sum():
        return missing | na | none, False
    codes = matches(others, _CODES).mean() >= 0.5
    missing |= na & (not codes)
    return missing, bool((none | (na & ~missing)).any())


def _value_like(bare: pa.StringArray) -> np.ndarray:
    """(k,) bool: spellings that are numbers in some style, or begin like a date or a time."""
    found = matches(bare, _DATE_LIKE)
    for style in (numbers.PLAIN, *numbers.GROUPED):
        found |= matches(bare, style.pattern)
    return found


def sentinels(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """(k,) bool: numeric codes that stand for a missing cell.

    A conventional code (-1, or 99, 999 ... of either sign) counts as missing if it is the smallest
    or largest value, occurs in at least 10 rows, and lies apart from all others by more than both
    their whole range and five times their interquartile range, which must not be zero. A top code
    of a column that is mostly zero, or a -1 beside 0 and 1, stays a number.

    Args:
        values: (k,) distinct finite numbers.
        counts: (k,) rows per value.
    """
    found = np.zeros(len(values), bool)
    for _ in range(2):  # a second one may hide behind the first, at either end
        if (~found).sum() < _MIN_VALUES:
            break
        low, high = np.where(found, np.inf, values), np.where(found, -np.inf, values)
        for place in (int(low.argmin()), int(high.argmax())):
            found[place] |= _stands_apart(values, counts, ~found, place)
    return found


def _stands_apart(values: np.ndarray, counts: np.ndarray, rest: np.ndarray, place: int) -> bool:
    if float(values[place]) not in CODES or counts[place] < _MIN_REPEATS:
        return False
    others = rest.copy()
    others[place] = False
    order = np.argsort(values[others])
    ordered, weights = values[others][order], counts[others][order]
    share = np.cumsum(weights) / weights.sum()
    low, high = ordered[np.searchsorted(share, 0.25)], ordered[np.searchsorted(share, 0.75)]
    iqr, span = float(high) - float(low), float(ordered[-1]) - float(ordered[0])
    gap = max(float(ordered[0]) - float(values[place]), float(values[place]) - float(ordered[-1]))
    return iqr > 0 and gap > span and gap > _GAP_IQR * iqr
