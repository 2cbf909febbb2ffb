"""Made-up values for hidden ones: names for names, else text in the shape of the real text.

A shape has letters for letters and digits for digits: ``B-1042`` becomes ``Q-7315``. What codes are
read by stays: a beginning that all of them share (``SKU-1042`` becomes ``SKU-7315``), zeros that pad
a number (``0042`` becomes ``0073``), the octets of IPv4 addresses below 256. Used where the real
values may not be learned but their look may. Only shapes that enough rows share are used, since an
unusual shape can point to a person too; a beginning stays only if as many rows, and five values at
least, share it.
"""

from __future__ import annotations

import re
import string
from collections.abc import Container, Sequence
from functools import partial
from itertools import takewhile
from typing import Any

import numpy as np

from synthkit.integer_range import integer_range
from synthkit.schema import Column
from synthkit.transforms.numbering import Numbering

CLASSES = {"A": string.ascii_uppercase, "a": string.ascii_lowercase, "9": string.digits}
TRIES = 100  # draws in a row that are taken make a shape count as full
SHARED = 5  # values that must share a beginning before it may stay
_PADDING = re.compile(r"(?<!\d)0+(?=\d)")
_RUN = re.compile(r"\d+|[^\W\d_]+|[\W_]+")
_OCTETS = [str(octet) for octet in range(256)]
_OCTET = r"(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_ADDRESS = "999.999.999.999"
_IPV4 = re.compile(rf"{_OCTET}(\.{_OCTET}){{3}}")
# shape where none is shared by enough rows, and what makes any shape longer
GENERIC: dict[type, tuple[str, str]] = {
    int: ("999999", "9"),
    float: ("99.9", "9"),
    str: ("aaaaaa", "a"),
}


def shape(text: str) -> str:
    """The text with A, a and 9 for its letters and digits; padding zeros and the rest stay."""
    padding = {i for match in _PADDING.finditer(text) for i in range(*match.span())}
    return "".join("0" if i in padding else _class(c) for i, c in enumerate(text))


def _class(c: str) -> str:
    return "9" if c.isdecimal() else "A" if c.isupper() else "a" if c.isalpha() else c


def beginning(texts: Sequence[str]) -> list[str]:
    """The runs of digits, of letters and of other characters that all texts begin with."""
    if len(texts) < SHARED:
        return []
    places = zip(*map(_RUN.findall, texts), strict=False)  # to the end of the shortest
    return [runs[0] for runs in takewhile(lambda runs: len(set(runs)) == 1, places)]


def choices(form: str, start: Sequence[str], *, addresses: bool) -> list[Sequence[str]]:
    """What may stand at each place of a text of a shape.

    Args:
        form: the shape.
        start: the first runs, which stay.
        addresses: the numbers are octets.
    """
    places: list[Sequence[str]] = [[run] for run in start]
    for run in _RUN.findall(form)[len(start) :]:
        if addresses and run[0] == "9":
            places.append([octet for octet in _OCTETS if len(octet) == len(run)])
        else:
            places += _characters(run)
    return places


def _characters(run: str) -> list[Sequence[str]]:
    """Choices for each character of a run. A number of several digits begins with 1 to 9."""
    places: list[Sequence[str]] = [CLASSES.get(c, c) for c in run]
    first = run.find("99")
    if first >= 0:
        places[first] = string.digits[1:]
    return places


def fill(places: Sequence[Sequence[str]], rng: np.random.Generator) -> str:
    """A random text of these choices."""
    return "".join(options[int(rng.integers(len(options)))] for options in places)


def made_up(
    column: Column,
    values: Sequence[object],
    counts: np.ndarray,
    k: int,
    least: int,
    rng: np.random.Generator,
) -> list[object]:
    """k different made-up values for a column: names if its content is known, else by shape.

    Args:
        values: all of its values; none of them comes out.
        counts: (len(values),) rows of each hidden value; 0 for the others.
        k, least, rng: see ``placeholders``.
    """
    made = _names(column, set(values), k, rng)
    hidden = [value for value, count in zip(values, counts, strict=True) if count]
    taken = {*values, *made}
    ends = integer_range(column.dtype)
    return made + placeholders(hidden, counts[counts > 0], taken, k - len(made), least, rng, ends)


def _names(
    column: Column, taken: Container[object], k: int, rng: np.random.Generator
) -> list[object]:
    """At most k different names."""
    numbering = Numbering.of_column(column, whole=False) if column.content else None
    made: dict[object, None] = {}
    for _ in range(TRIES):
        if numbering is None or len(made) >= k:
            break
        made |= dict.fromkeys(name for name in numbering.draw(k, rng) if name not in taken)
    return list(made)[:k]


def placeholders(
    values: Sequence[object],
    counts: np.ndarray,
    taken: Container[object],
    k: int,
    least: int,
    rng: np.random.Generator,
    ends: tuple[int, int] | None = None,
) -> list[object]:
    """k different made-up values.

    Args:
        values: the hidden values. If all of them are integers, or floats, so are the made-up
            ones; otherwise they are text.
        counts: (len(values),) rows of each.
        taken: values that must not come out.
        k: how many.
        least: rows that must share a shape, or a beginning, for it to be used.
        rng: source of the draws.
        ends: the smallest and the largest integer that the column's dtype holds.
    """
    texts = [str(value) for value in values]
    rows: dict[str, int] = {}
    for text, count in zip(texts, counts, strict=True):
        form = shape(text)
        rows[form] = rows.get(form, 0) + int(count)
    kinds = {type(value) for value in values}
    read: Any = kinds.pop() if len(kinds) == 1 and kinds <= set(GENERIC) else str
    generic, more = GENERIC[read]
    read = partial(_within, *ends) if read is int and ends is not None else read
    start = beginning(texts) if read is str and counts.sum() >= least else []
    addresses = all(_IPV4.fullmatch(text) for text in texts)
    rows = {form: rows[form] for form in sorted(rows) if rows[form] >= least}
    if read is float or not rows:
        rows = {_ADDRESS if addresses else shape("".join(start)) + generic: 1}
    made: dict[object, None] = {}
    growth = -1
    while len(made) < k:
        # shapes that are too small for k values lose their padding, then they grow
        forms = rows if growth < 0 else [form.replace("0", "9") for form in rows]
        tail = [CLASSES[more]] * growth
        places = [[*choices(form, start, addresses=addresses), *tail] for form in forms]
        _fill_up(made, places, np.array([*rows.values()], float), taken, k, read, rng)
        growth += 1
        if addresses:  # a longer one would be none
            rows, start, growth = {_ADDRESS: 1}, [], 0
    return list(made)


def _within(low: int, high: int, text: str) -> int:
    """A number of digits, moved into the range if it lies beyond."""
    return low + (int(text) - low) % (high - low + 1)


def _fill_up(
    made: dict[object, None],
    places: list[list[Sequence[str]]],
    weights: np.ndarray,
    taken: Container[object],
    k: int,
    read: Any,
    rng: np.random.Generator,
) -> None:
    """Adds values of these shapes by their weights, until there are k or all shapes are full."""
    free = weights.copy()
    while len(made) < k and free.any():
        which = int(rng.choice(len(places), p=free / free.sum()))
        draws = (read(fill(places[which], rng)) for _ in range(TRIES))
        fresh = next((c for c in draws if c not in taken and c not in made), None)
        if fresh is None:
            free[which] = 0.0
        else:
            made[fresh] = None
