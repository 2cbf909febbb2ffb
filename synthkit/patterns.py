"""The shape of an identifier: a small language for codes such as ``CUST-00042`` or ``7590-VHVEG``.

A pattern is read from left to right; each item stands for characters:

| item | characters |
| --- | --- |
| ``9`` | one digit |
| ``A`` / ``a`` | one upper-case / lower-case letter (ASCII) |
| ``X`` / ``x`` | one upper-case / lower-case letter or digit |
| ``H`` / ``h`` | one upper-case / lower-case hexadecimal digit |
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

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

SEQUENCE = "sequence"
UUID4 = "uuid4"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

CLASSES = {
    "9": "[0-9]",
    "A": "[A-Z]",
    "a": "[a-z]",
    "X": "[A-Z0-9]",
    "x": "[a-z0-9]",
    "H": "[0-9A-F]",
    "h": "[0-9a-f]",
    "*": "[A-Za-z0-9]",
}
_SPECIAL = {*CLASSES, "{", "}", "\\"}
_SIZES = {"9": 10, "A": 26, "a": 26, "X": 36, "x": 36, "H": 16, "h": 16, "*": 62}
_JOINED = {"9": "9", "A": "A", "a": "a", "9A": "X", "9a": "x"}
_HEXADECIMAL = {"X": ("H", "ABCDEF"), "x": ("h", "abcdef")}
_ITEM = re.compile(
    r"\\(?P<escaped>.)|(?P<cls>[9AaXxHh*])(?:\{(?P<low>\d+)(?:,(?P<high>\d+))?\})?|(?P<literal>.)",
    re.S,
)
_SAMPLE = 20_000
_SHARED = 5  # values that must share a word before the pattern may show it
_CONSTANT = 20  # values that must share a character inside of a word, so that this is no chance
_ROOM = 64  # texts per value that such characters leave: as many as keep real ones from recurring
_LETTERS = 12  # all up to f, where as many may stand up to z, is a chance of (6/26)**12 or 2e-8
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
    else becomes a class, so a pattern tells no more of a value than what many share. So does a
    character at one place of a run, counted from the left or, where lengths differ, from either
    end, if 20 values share it, as long as the pattern keeps room for 64 texts per value; the
    right-most give way first. Letters and digits are hexadecimal digits if no letter beyond F
    occurs though chance would have shown one. At most 20,000 values, evenly spread, are looked at.
    """
    step = -(-len(values) // _SAMPLE) if values else 1
    sample = list(values[::step])
    for cut in (_PIECE, _RUN):
        structures = Counter(_structure(value, cut) for value in sample)
        structure, count = structures.most_common(1)[0]
        if count >= 0.9 * len(sample) or cut is _RUN:
            break
    fitting = [cut.findall(value) for value in sample if _structure(value, cut) == structure]
    runs = [_stretches(column) for column in zip(*fitting, strict=True)]
    constants = [
        (run, i) for run, parts in enumerate(runs) for i, p in enumerate(parts) if p.shared
    ]
    while constants and _size(runs) < _ROOM * len(values):
        run, i = constants.pop()
        runs[run][i] = replace(runs[run][i], shared=False)
    return "".join(_spelled(item) for parts in runs for item in _described(parts))


@dataclass(frozen=True)
class _Stretch:
    """Places of one run.

    Args:
        characters: that stand there in any value.
        low, high: smallest and largest number of places.
        letters: how many of these characters are letters, over all different runs.
        fixed: the whole run is literal.
        shared: a single place with the same character in so many values that it may stay.
    """

    characters: str
    low: int
    high: int
    letters: int = 0
    fixed: bool = False
    shared: bool = False


def _structure(value: str, cut: re.Pattern[str]) -> tuple[str, ...]:
    """Class of each run; separators stand for themselves."""
    return tuple(
        run[0] if not _is_word(run[0]) else "9" if cut is _PIECE and run[0][0].isdigit() else "w"
        for run in cut.finditer(value)
    )


def _is_word(run: str) -> bool:
    return run[0].isalnum()


def _stretches(runs: Sequence[str]) -> list[_Stretch]:
    """The runs at one place of all values, cut where a character may be shared."""
    known = sorted(set(runs))
    if not _is_word(runs[0]) or (len(runs) >= _SHARED and len(known) == 1):
        return [_Stretch(runs[0], 1, 1, fixed=True)]
    low, high = min(map(len, known)), max(map(len, known))
    if len(runs) < _CONSTANT:
        return [_stretch(known)]
    if low == high:
        return [_stretch([run[i] for run in known], shared=True) for i in range(low)]
    head = _beginning(known)
    tail = min(low - head, _beginning([run[::-1] for run in known]))
    return [
        *(_stretch([run[i] for run in known], shared=True) for i in range(head)),
        _stretch([run[head : len(run) - tail] for run in known]),
        *(_stretch([run[i] for run in known], shared=True) for i in range(-tail, 0)),
    ]


def _beginning(runs: Sequence[str]) -> int:
    """How many characters all runs begin with."""
    return sum(1 for _ in takewhile(lambda c: len(set(c)) == 1, zip(*runs, strict=False)))


def _stretch(parts: Sequence[str], shared: bool = False) -> _Stretch:
    characters = "".join(sorted({c for part in parts for c in part}))
    letters = sum(c.isalpha() for part in parts for c in part)
    low, high = min(map(len, parts)), max(map(len, parts))
    return _Stretch(characters, low, high, letters, shared=shared and len(characters) == 1)


def _described(parts: Sequence[_Stretch]) -> list[Item]:
    """The items of one run; what is not literal is of one class."""
    name = _class([part for part in parts if not (part.fixed or part.shared)])
    steps: list[Item] = []
    for part in parts:
        if part.fixed or part.shared:
            steps += [Item(c, literal=True) for c in part.characters]
        elif steps and not steps[-1].literal:
            before = steps.pop()
            steps.append(Item(name, before.low + part.low, before.high + part.high))
        else:
            steps.append(Item(name, part.low, part.high))
    return steps


def _class(parts: Sequence[_Stretch]) -> str:
    characters = {c for part in parts for c in part.characters}
    name = _JOINED.get("".join(sorted({_kind(c) for c in characters})), "*")
    if name in _HEXADECIMAL and sum(part.letters for part in parts) >= _LETTERS:
        narrow, letters = _HEXADECIMAL[name]
        if all(c.isdigit() or c in letters for c in characters):
            return narrow
    return name


def _size(runs: Sequence[Sequence[_Stretch]]) -> int:
    """How many texts a pattern has."""
    steps = [item for parts in runs for item in _described(parts) if not item.literal]
    return math.prod(
        sum(_SIZES[item.text] ** n for n in range(item.low, item.high + 1)) for item in steps
    )


def _spelled(item: Item) -> str:
    if item.literal:
        return f"\\{item.text}" if item.text in _SPECIAL else item.text
    if item.low == item.high <= 2:
        return item.text * item.low
    counts = f"{item.low}" if item.low == item.high else f"{item.low},{item.high}"
    return f"{item.text}{{{counts}}}"


def _kind(character: str) -> str:
    if character.isdigit():
        return "9"
    return "A" if character.isupper() else "a"
