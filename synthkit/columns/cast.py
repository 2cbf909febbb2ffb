"""Raw table <-> typed table, by a schema.

    typed, invalid = to_typed(raw, schema)                  # invalid: {column: cells}
    typed, _ = to_typed(training, schema, strict=True)      # SchemaError instead of counts
    raw_again = to_raw(typed, schema)

``to_raw(to_typed(x)) == x`` for every column, dtype and spelling included, up to the choice among
several missing spellings and to numbers that are not spelled canonically (a leading plus, an
exponent, blanks around them, noise of floating-point sums as in 0.30000000000000004). The null of
an object column comes back as None. Datetimes are kept to the microsecond, and offsets that follow
no one time zone come back as the most frequent of them; the column's ``reason`` says so.

Reading is lenient, so that a file that another tool made from the same table is understood:
integers as ``39.0``, datetimes in ISO form, cells of another dtype.

Infinite numbers are no values that a generator could learn or a check could compare: they count
as invalid, which refuses a training table and is reported of a synthetic one.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import numpy as np
import pandas as pd

from synthkit.columns import numbers, parsing, pictures, spelling
from synthkit.counts import counted, few
from synthkit.errors import SchemaError, together
from synthkit.schema import Column, Schema


def to_typed(
    frame: pd.DataFrame, schema: Schema, *, strict: bool = False, where: str | None = None
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The typed table of a raw one, with the dtypes of ``synthkit.schema``.

    Args:
        frame: raw table with exactly the schema's columns, in any order.
        strict: refuse cells that are not of their column's kind.
        where: which table it is, for messages.

    Returns:
        The typed table in schema order with the frame's index, and the number of invalid cells of
        every column that has some. They are missing in the table.

    Raises:
        SchemaError: columns are missing or unknown, or images have another shape than the column's;
            with ``strict``, also invalid cells (column, kind, count and row numbers, never a value).
    """
    check_columns(frame, schema, where)
    typed: dict[str, pd.Series] = {}
    invalid: dict[str, int] = {}
    refused: list[SchemaError] = []
    for column in schema.columns:
        raw = frame[column.name]
        values, wrong = parsing.typed_values(raw, column)
        if wrong.any():
            if column.kind == "image":  # no check could compare it with the others
                refused.append(pictures.misshapen(raw, column, wrong, where))
            elif strict:
                refused.append(contradiction(column, wrong, table=where))
            invalid[column.name] = int(wrong.sum())
        typed[column.name] = pd.Series(values, index=frame.index, name=column.name)
    if refused:
        raise together(refused)
    return pd.DataFrame(typed, index=frame.index), invalid


def contradicting(frame: pd.DataFrame, schema: Schema, names: Iterable[str]) -> np.ndarray:
    """(n,) bool, the rows of a raw table with a cell of these columns that is not of its kind.

    Such a cell is a value that the column cannot have: a fraction among whole numbers, an infinite
    number, an unknown category.

    Raises:
        SchemaError: cells that are no value at all: text among numbers, datetimes or durations.
    """
    rows = np.zeros(len(frame), bool)
    refused: list[SchemaError] = []
    for name in names:
        column, raw = schema[name], frame[name]
        wrong = parsing.typed_values(raw, column)[1]
        rows |= wrong
        unread = np.zeros(len(frame), bool)
        unread[wrong] = _unread(raw[wrong], column)
        if unread.any():
            refused.append(contradiction(column, unread))
    if refused:
        raise together(refused)
    return rows


def _unread(cells: pd.Series, column: Column) -> np.ndarray:
    """(k,) bool, which of the cells that are not of the column's kind cannot be read at all."""
    if column.kind not in ("integer", "real"):
        return np.full(len(cells), column.kind in ("datetime", "duration"))
    real = column.model_copy(update={"kind": "real"})
    infinite = cells.astype(str).str.strip().str.fullmatch(numbers.INFINITE)
    return parsing.typed_values(cells, real)[1] & ~infinite.to_numpy(bool)


def to_raw(typed: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """The raw table of a typed one: dtypes, order and spelling as the schema remembers them.

    Raises:
        SchemaError: columns are missing or unknown, or a cell is missing in a column whose dtype
            cannot hold that.
    """
    check_columns(typed, schema)
    raw: dict[str, pd.Series] = {}
    for column in schema.columns:
        values = spelling.raw_values(typed[column.name], column)
        # the dtype is said, or pandas would turn objects into what they look like
        raw[column.name] = pd.Series(values, typed.index, values.dtype, name=column.name)
    return pd.DataFrame(raw, index=typed.index)


def check_columns(frame: pd.DataFrame, schema: Schema, where: str | None = None) -> None:
    """``SchemaError`` unless the frame has exactly the schema's columns, in any order."""
    names = [str(name) for name in frame.columns]
    absent = [name for name in schema.names if name not in names]
    extra = [name for name in names if name not in schema]
    repeated = sorted({name for name in names if names.count(name) > 1})
    problems = [
        f"{len(found)} {what} ({few(found)})"
        for what, found in (("missing", absent), ("unknown", extra), ("repeated", repeated))
        if found
    ]
    if problems:
        meant = [(name, difflib.get_close_matches(name, absent, n=1)) for name in extra]
        hints = [f"'{name}' is perhaps meant as '{close[0]}'" for name, close in meant if close]
        raise SchemaError(
            f"the columns differ from the real table's: {', '.join(problems)}",
            where=where,
            expected=f"its {counted(len(schema.columns), 'column')}",
            remedy=f"rename columns: {few(hints)}" if hints else "compare the two headers",
        )


def contradiction(
    column: Column,
    wrong: np.ndarray,
    at: tuple[str | int, ...] | None = None,
    table: str | None = None,
) -> SchemaError:
    """The error for cells that are not of their column's kind.

    Args:
        wrong: (n,) bool, the rows of these cells.
        at: where a recipe declares the kind.
        table: which table it is, where there are several.
    """
    rows = np.flatnonzero(wrong)[:5] + 1
    count = int(wrong.sum())
    listed = ", ".join(f"{row}" for row in rows) + (", ..." if count > len(rows) else "")
    remedy = (
        f"write {column.name} as the training rows do: decimal point or comma, form of dates, missing cells"
        if table
        else f"correct these rows, list their spelling under missing, or declare another kind "
        f"for {column.name} (categorical takes any cell)"
    )
    return SchemaError(
        f"{count:,} of {counted(len(wrong), 'cell')} are not {_ARTICLES[column.kind]} "
        f"(data row{'s' * (count > 1)} {listed})",
        where=f"column {column.name}" + (f" of {table}" if table else ""),
        expected="finite numbers" if column.kind == "real" else None,
        remedy=remedy,
        at=at,
    )


_ARTICLES = {
    "integer": "whole numbers of 64 bits",
    "real": "finite numbers",
    "boolean": "one of the two spellings of a boolean",
    "datetime": "datetimes of the column's format",
    "duration": "durations of the column's format",
    "ordinal": "in the column's order",
}
