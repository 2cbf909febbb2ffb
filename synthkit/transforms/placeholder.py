"""Made-up values for hidden ones: names for names, else text in the shape of the real text.

A shape has letters for letters and digits for digits: ``B-1042`` becomes ``Q-7315``. Used where the
real values may not be learned but their look may. Only shapes that enough rows share are used, since an unusual shape can point to a person too.
"""

from __future__ import annotations

import string
from collections.abc import Container, Sequence
from typing import Any

import numpy as np

from synthkit.schema import Column
from synthkit.transforms.numbering import Numbering

CLASSES = (string.ascii_uppercase, string.ascii_lowercase, string.digits)
TRIES = 100
# shape where none is shared by enough rows, and what makes any shape longer
GENERIC: dict[type, tuple[str, str]] = {
    int: ("999999", "9"),
    float: ("99.9", "9"),
    str: ("aaaaaa", "a"),
}


def shape(text: str) -> str:
    """The text with A, a and 9 for its letters and digits; other characters stay."""
    return "".join(
        "9" if c.isdigit() else "A" if c.isupper() else "a" if c.isalpha() else c for c in text
    )


def fill(form: str, rng: np.random.Generator) -> str:
    """A random text of a shape."""
    alphabets = dict(zip("Aa9", CLASSES, strict=True))
    return "".join(
        alphabets[c][rng.integers(len(alphabets[c]))] if c in alphabets else c for c in form
    )


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
    return made + placeholders(hidden, counts[counts > 0], taken, k - len(made), least, rng)


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
) -> list[object]:
    """k different made-up values.

    Args:
        values: the hidden values. If all of them are integers, or floats, so are the made-up
            ones; otherwise they are text.
        counts: (len(values),) rows of each.
        taken: values that must not come out.
        k: how many.
        least: rows that must share a shape for it to be used.
        rng: source of the draws.
    """
    rows: dict[str, int] = {}
    for value, count in zip(values, counts, strict=True):
        form = shape(str(value))
        rows[form] = rows.get(form, 0) + int(count)
    kinds = {type(value) for value in values}
    read: Any = kinds.pop() if len(kinds) == 1 and kinds <= set(GENERIC) else str
    generic, more = GENERIC[read]
    common = sorted(form for form, count in rows.items() if count >= least)
    if read is float or not common:
        common, rows = [generic], {generic: 1}
    weights = np.array([rows[form] for form in common], float)
    made: dict[object, None] = {}
    collisions = 0
    while len(made) < k:
        # shapes that are too small for k values grow
        form = common[int(rng.choice(len(common), p=weights / weights.sum()))]
        candidate = read(fill(form + more * (collisions // TRIES), rng))
        if candidate in taken or candidate in made:
            collisions += 1
        else:
            made[candidate] = None
    return list(made)
