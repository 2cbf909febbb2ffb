"""Columns of Python values, batch by batch: what JSON lines and databases give.

    sample.add(to_piece({"a": [1, None], "b": ["x", 2]}))
    frame, types = to_frame(sample.pieces)

Batches are Arrow tables, so that millions of rows stay small. A batch of a column that no Arrow
type holds (numbers beside text, integers beyond 64 bits) is kept as JSON text of type ``MIXED``;
a column with such a batch, or whose batches have types that do not go together, becomes a column
of Python objects.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from synthkit.sources import arrow

MIXED = pa.large_binary()
UNREADABLE = (bytes, list, tuple, dict)


def to_piece(columns: Mapping[str, Sequence[Any]]) -> pa.Table:
    """A batch of equally long columns as an Arrow table."""
    return pa.table({name: _to_array(name, values) for name, values in columns.items()})


def _to_array(name: str, values: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        for value in values:
            if isinstance(value, UNREADABLE):
                arrow.refuse_unreadable(pa.schema({name: pa.array([value]).type}))
        texts = [None if v is None else json.dumps(v, default=str).encode() for v in values]
        return pa.array(texts, MIXED)


def to_frame(pieces: Sequence[pa.Table]) -> tuple[pd.DataFrame, dict[str, str]]:
    """One frame of all batches, and the storage types that pandas lacks, by column.

    A column that a batch lacks is missing in its rows; columns are in the order of their first
    appearance.
    """
    names = list(dict.fromkeys(name for piece in pieces for name in piece.column_names))
    series: dict[str, pd.Series] = {}
    types: dict[str, str] = {}
    for name in names:
        chunks = [
            piece[name].combine_chunks() if name in piece.column_names else pa.nulls(len(piece))
            for piece in pieces
        ]
        joined = _join(name, chunks)
        if joined is None:
            values = [value for chunk in chunks for value in _to_values(chunk)]
            series[name] = pd.Series(values, dtype=object)
            continue
        one, lost = arrow.to_frame(pa.table({name: joined}))
        series[name] = one[name]
        types |= lost
    return pd.DataFrame(series), types


def _join(name: str, chunks: Sequence[pa.Array]) -> pa.ChunkedArray | None:
    if any(chunk.type == MIXED for chunk in chunks):
        return None
    tables = [pa.table({name: chunk}) for chunk in chunks]
    for table in tables:
        arrow.refuse_unreadable(table.schema)
    try:
        return pa.concat_tables(tables, promote_options="permissive")[name]
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None


def _to_values(chunk: pa.Array) -> list[Any]:
    values = chunk.to_pylist()
    if chunk.type == MIXED:
        return [None if value is None else json.loads(value) for value in values]
    return values
