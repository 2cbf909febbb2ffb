"""The shape of an identifier: a small language for codes such as ``CUST-00042`` or ``7590-VHVEG``.

A pattern is read from left to right; each item stands for characters:

| item | characters |
| --- | --- |
| ``9`` | one digit |
| ``A`` / ``a`` | one upper-case / lower-case letter (ASCII) |
| ``X`` / ``x`` | one upper-case / lower-case letter or digit |
| ``*`` | one letter of either case or digit |
| ``{n}``, ``{m,n}`` | behind a class: n times, m to n times |
| ``\\`` | the next character stands for itself |
| anything else | itself |

``CUST-9{5}`` is the text ``CUST-`` and five digits. Two words stand for themselves:
``sequence`` (a counter with a fixed step) and ``uuid4``.

    pattern = infer(["AB-12", "CD-7"])         # "AA-9{1,2}"
    matches(pattern, "XY-99")                  # True
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

SEQUENCE = "sequence"
UUID4 = "uuid4"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

CLASSES = {
    "9": "[0-9]",
    "A": "[A-Z]",
    "a": "[a-z]",
    "X": "[A-Z0-9]",
    "x": "[a-z0-9]",
    "*": "[A-Za-z0-9]",
}
_SPECIAL = {*CLASSES, "{", "}", "\\"}
_JOINED = {"9": "9", "A": "A", "a": "a", "9A": "X", "9a": "x"}
_ITEM = re.compile(
    r"\\(?P<escaped>.)|(?P<cls>[9AaXx*])(?:\{(?P<low>\d+)(?:,(?P<high>\d+))?\})?|(?P<literal>.)",
    re.S,
)
_SAMPLE = 20_000
_SHARED = 5  # values that must share a word before the pattern may show it
_RUN = re.compile(r"[^\W_]+|[\W_]+")
_PIECE = re.compile(r"[0-9]+|[^\W\d_]+|[\W_]+")


@dataclass(frozen=True)
class Item:
    """One step of a pattern: ``low`` to ``high`` characters of a class, or literal ``text``."""

    text: str
    low: int = 1
    high: int = 1
    literal: bool = False


def items(pattern: str) -> list[Item]:
    """The steps of a pattern in this language (not of ``sequence`` and ``uuid4``)."""
    steps = []
    for match in _ITEM.finditer(pattern):
        if match["cls"]:
            low = int(match["low"] or 1)
            steps.append(Item(match["cls"], low, int(match["high"] or low)))
        else:
            steps.append(Item(match["escaped"] or match["literal"], literal=True))
    return steps


def regex(pattern: str) -> str:
    """A regular expression (Python and RE2) for the whole text of an identifier."""
    if pattern == SEQUENCE:
        return "-?[0-9]+"
    if pattern == UUID4:
        return f"(?i){UUID}"
    return "".join(
        re.escape(item.text) if item.literal else f"{CLASSES[item.text]}{{{item.low},{item.high}}}"
        for item in items(pattern)
    )


def matches(pattern: str, text: str) -> bool:
    """Whether ``text`` has this shape."""
    return re.fullmatch(regex(pattern), text) is not None


def infer(values: Sequence[str]) -> str:
    """The pattern of the most frequent structure among the values.

    Values are first cut into runs of digits, letters and other characters; where these differ
    from value to value, into runs of letters-or-digits and others. A run that is the same in all
    values of the structure, and in five at least, stays literal like the punctuation; everything
    else becomes a class, so a pattern tells no more of a value than what many share. At most
    20,000 values, evenly spread, are looked at.
    """
    step = -(-len(values) // _SAMPLE) if values else 1
    sample = list(values[::step])
    for cut in (_PIECE, _RUN):
        structures = Counter(_structure(value, cut) for value in sample)
        structure, count = structures.most_common(1)[0]
        if count >= 0.9 * len(sample) or cut is _RUN:
            break
    fitting = [cut.findall(value) for value in sample if _structure(value, cut) == structure]
    return "".join(_described(column) for column in zip(*fitting, strict=True))


def _structure(value: str, cut: re.Pattern[str]) -> tuple[str, ...]:
    """Class of each run; separators stand for themselves."""
    return tuple(
        run[0] if not _is_word(run[0]) else "9" if cut is _PIECE and run[0][0].isdigit() else "w"
        for run in cut.finditer(value)
    )


def _is_word(run: str) -> bool:
    return run[0].isalnum()


def _described(runs: Sequence[str]) -> str:
    """One item for the runs at one place of all values."""
    if not _is_word(runs[0]) or (len(runs) >= _SHARED and len(set(runs)) == 1):
        return "".join(f"\\{c}" if c in _SPECIAL else c for c in runs[0])
    kinds = {_kind(c) for run in set(runs) for c in run}
    name = _JOINED.get("".join(sorted(kinds)), "*")
    low, high = min(map(len, runs)), max(map(len, runs))
    if low == high <= 2:
        return name * low
    return f"{name}{{{low}}}" if low == high else f"{name}{{{low},{high}}}"


def _kind(character: str) -> str:
    if character.isdigit():
        return "9"
    return "A" if character.isupper() else "a"
