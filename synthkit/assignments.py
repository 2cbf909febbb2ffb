"""``COLUMN=VALUE`` and ``COLUMN=VALUE:SHARE`` texts of a command line, by column.

    assigned(["income=>50K", "age="], names)     # {"income": ">50K", "age": None}
    weighed(["income=>50K:0.5"], names)          # {"income": {">50K": 0.5}}

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


def weighed(
    texts: Iterable[str], names: Collection[str], where: str
) -> dict[str, str | dict[str, float]]:
    """``"even"``, or the share of each value, by column: see ``Balance.read``.

    A column's name alone asks for even shares. A value may hold ``:`` itself, since the share is what
    stands behind the last one; nothing before it is a missing cell.

    Args:
        texts: as given.
        names: of the columns.
        where: the option, for messages.

    Raises:
        SynthkitError: a text that is neither, or a value or column given twice.
    """
    shares: dict[str, str | dict[str, float]] = {}
    for text in texts:
        column = text if text in names else _column(text, names) or text
        if column == text and ":" in text and text not in names:
            raise _no_share(where)
        own = "even" if column == text else _weighed(text[len(column) + 1 :], where)
        known = shares.get(column)
        if known is None:
            shares[column] = own
        elif isinstance(own, dict) and isinstance(known, dict) and not own.keys() & known.keys():
            known |= own
        else:
            what = (
                "even and by value" if isinstance(known, str) != isinstance(own, str) else "twice"
            )
            expected = "its name alone, or each of its values once"
            raise SynthkitError(
                f"column '{column}' is given {what}", where=where, expected=expected
            )
    return shares


def _weighed(text: str, where: str) -> dict[str, float]:
    value, colon, share = text.rpartition(":")
    try:
        return {value: float(share if colon else "")}
    except ValueError:
        raise _no_share(where) from None


def _no_share(where: str) -> SynthkitError:
    return SynthkitError(
        "this names no value and share",
        where=where,
        expected="COLUMN or COLUMN=VALUE:SHARE, such as city=Graz:0.5",
    )


def _column(text: str, names: Collection[str]) -> str | None:
    """The longest name of a column before an ``=``; without one, all before the first that can be."""
    before = [text[:place] for place, sign in enumerate(text) if sign == "=" and place]
    known = [name for name in before if name in names]
    return known[-1] if known else before[0] if before else None
