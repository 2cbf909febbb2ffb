"""Facts of a check or a run as blocks to read, whatever their shape: plain pairs, and tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from synthkit.report.numbers import number
from synthkit.report.wording import in_units

DETAIL_ROWS = 60


def details(detail: Mapping[str, Any], unit: str = "row") -> Iterator[dict[str, Any]]:
    """A check's facts, without the ``reason`` that is told elsewhere, in words for rows or images.

    Yields:
        ``{"pairs": [(name, text)]}`` with all facts that are not tables, then for each list or
        mapping of rows ``{"name", "heads", "rows", "more"}`` with at most 60 rows.
    """
    tables = {key: _rows(value) for key, value in detail.items()}
    plain = [(k, v) for k, v in detail.items() if not tables[k] and k != "reason"]
    if plain:
        yield {"pairs": [(in_units(words(key), unit), cell_text(v)) for key, v in plain]}
    for key, rows in tables.items():
        if rows:
            heads = list(dict.fromkeys(head for row in rows for head in row))
            texts = [[cell_text(row.get(head)) for head in heads] for row in rows[:DETAIL_ROWS]]
            yield {
                "name": in_units(words(key), unit),
                "heads": [in_units(words(head), unit) for head in heads],
                "rows": texts,
                "more": max(0, len(rows) - DETAIL_ROWS),
            }


def cell_text(value: Any) -> str:
    """A number, a list of them, or anything else, as text."""
    if isinstance(value, (dict, list, tuple)) and not value:
        return "none"
    if isinstance(value, dict) or (
        isinstance(value, (list, tuple)) and any(isinstance(v, (dict, list)) for v in value)
    ):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (list, tuple)):
        return ", ".join(number(v) for v in value)
    return number(value)


def words(key: object) -> str:
    """A key as words."""
    return str(key).replace("_", " ")


def _rows(value: Any) -> list[dict[str, Any]]:
    """The rows of a mapping or a list of mappings; none if it is something else."""
    if isinstance(value, Mapping):
        named = (
            (name, row if isinstance(row, Mapping) else {"value": row})
            for name, row in value.items()
        )
        return [{"": str(name), **row} for name, row in named]
    if isinstance(value, (list, tuple)) and all(isinstance(row, Mapping) for row in value):
        return [dict(row) for row in value]
    return []
