"""Columns that a schema names, held against those that the data has.

for unknown in unknown_columns(schema, header):
    ...             # path ("target",), what "the data has no column 'incme'", remedy "did you mean ...?"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from synthkit.schema import EACH_ROW
from synthkit.validation import nearest_name

Path = tuple[str | int, ...]


class UnknownColumn(NamedTuple):
    """Where a column is named that the data does not have.

    Args:
        path: keys below the schema.
        key: whether the name is a key rather than a value.
        what, expected, remedy: as in ``SynthkitError``.
    """

    path: Path
    key: bool
    what: str
    expected: str
    remedy: str


def unknown_columns(schema: Any, header: Sequence[str]) -> Iterator[UnknownColumn]:
    """Every place where a schema names a column that is not in the header.

    Args:
        schema: as plain data, valid or not.
        header: names of the data's columns.
    """
    declared = _mapping(schema)
    keys = [(("columns", name), name, True) for name in _mapping(declared.get("columns"))]
    values = [(path, name, False) for path, name in _named_columns(declared)]
    for path, name, key in [*keys, *values]:
        if name not in header:
            yield UnknownColumn(path, key, *no_such_column(name, header))


def no_such_column(name: str, header: Sequence[str]) -> tuple[str, str, str]:
    """``(what, expected, remedy)`` for a name that is not in the header."""
    return (
        f"the data has no column '{name}'",
        f"one of its {len(header)} columns",
        nearest_name(name, header) or "check the spelling against the data's header",
    )


def _named_columns(schema: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Columns that are named as values."""
    for role in ("target", "sensitive", "person"):
        if schema.get(role) != EACH_ROW:
            yield from _texts((role,), schema.get(role))
    for i, constraint in enumerate(_list(schema.get("constraints"))):
        for key in ("low", "high", "column", "columns", "total", "parts", "from", "to"):
            yield from _texts(("constraints", i, key), _mapping(constraint).get(key))


def _texts(path: Path, value: Any) -> Iterator[tuple[Path, str]]:
    """A text, or the texts of a list, with their paths."""
    if isinstance(value, str):
        yield path, value
    for i, entry in enumerate(_list(value)):
        if isinstance(entry, str):
            yield (*path, i), entry


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else ()
