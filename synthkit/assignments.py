"""``COLUMN=VALUE`` texts of a command line, by column.

    assigned(["income=>50K", "age="], names)     # {"income": ">50K", "age": None}

A column's name may hold ``=`` itself, and so may a value: the text is split where a column's name
stands before the ``=``, at the longest of them if there are several.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from synthkit.errors import SynthkitError


def assigned(texts: Iterable[str], names: Collection[str], where: str) -> dict[str, str | None]:
    """The value of each column; None where nothing stands behind the ``=``.

    A column that is not there is left for the caller to refuse.

    Args:
        texts: as given.
        names: of the columns.
        where: the option, for messages.

    Raises:
        SynthkitError: a text that names no column and value, or a column given twice.
    """
    cells: dict[str, str | None] = {}
    for text in texts:
        column = _column(text, names)
        if not column:
            raise SynthkitError(
                "this names no column and value", where=where, expected="COLUMN=VALUE"
            )
        if column in cells:
            raise SynthkitError(
                f"column '{column}' is given twice", where=where, expected="one value per column"
            )
        cells[column] = text[len(column) + 1 :] or None
    return cells


def _column(text: str, names: Collection[str]) -> str | None:
    """The longest name of a column before an ``=``; without one, all before the first that can be."""
    before = [text[:place] for place, sign in enumerate(text) if sign == "=" and place]
    known = [name for name in before if name in names]
    return known[-1] if known else before[0] if before else None
