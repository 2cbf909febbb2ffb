"""The columns that a recipe names, held against those that its data has.

It looks at the recipe as plain data, so that a slip elsewhere in the recipe hides no wrong name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from synthkit.document import Document
from synthkit.document import Path as KeyPath
from synthkit.validation import nearest_name, part


def refuse_unknown_columns(document: Document, header: Sequence[str]) -> None:
    """Notes every column that the data does not have, with the nearest name."""
    schema = _mapping(part(document, ("schema",)))
    keys = [(("schema", "columns", name), name) for name in _mapping(schema.get("columns"))]
    for path, name in [*keys, *_named_columns(schema)]:
        if name not in header:
            document.refuse(
                path,
                f"the data has no column '{name}'",
                expected=f"one of its {len(header)} columns",
                remedy=nearest_name(name, header) or "check the spelling against the data's header",
                key=(path, name) in keys,
            )


def _named_columns(schema: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """Columns that are named as values."""
    for role in ("target", "sensitive"):
        yield from _texts(("schema", role), schema.get(role))
    for i, constraint in enumerate(_list(schema.get("constraints"))):
        for key in ("low", "high", "column", "columns", "total", "parts", "from", "to"):
            yield from _texts(("schema", "constraints", i, key), _mapping(constraint).get(key))


def _texts(path: KeyPath, value: Any) -> Iterator[tuple[KeyPath, str]]:
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
