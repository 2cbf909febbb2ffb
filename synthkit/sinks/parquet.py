"""Parquet with the frame's own types, compressed with zstd."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from synthkit.arrow_types import arrow_type
from synthkit.dialect import Dialect
from synthkit.errors import FormatError

ROW_GROUP_ROWS = 1 << 18


class ParquetSink:
    """The ``parquet`` sink. Restores ``Dialect.types`` and asks readers for ``Dialect.dtypes``."""

    def write(self, frame: pd.DataFrame, path: Path, dialect: Dialect) -> None:
        """See ``FileSink.write``."""
        arrays = [_array(name, frame[name], dialect.types.get(name)) for name in frame.columns]
        table = pa.table(arrays, names=list(frame.columns), metadata=_note(frame, dialect.dtypes))
        pq.write_table(table, path, compression="zstd", row_group_size=ROW_GROUP_ROWS)


def _note(frame: pd.DataFrame, dtypes: dict[str, str]) -> dict[bytes, bytes] | None:
    """What pandas reads dtypes from that Arrow's types do not tell."""
    columns = {name: pd.Series(dtype=dtypes[name]) for name in frame.columns if name in dtypes}
    schema = pa.Schema.from_pandas(pd.DataFrame(columns), preserve_index=False)
    return schema.metadata if columns else None


def _array(name: str, column: pd.Series, stored_as: str | None) -> pa.Array | pa.ChunkedArray:
    try:
        array = pa.array(column, from_pandas=True)
        return restore(array, stored_type(stored_as)) if stored_as else array
    except (pa.ArrowException, OverflowError):
        # The cause is left out: Arrow's message quotes a cell.
        raise FormatError(
            f"column '{name}' mixes types that a Parquet column cannot hold together",
            remedy="set output.format to csv or jsonl, or declare the column's kind",
        ) from None


def restore(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """The array in its storage type; a time of day is held as the duration since midnight.

    A dictionary that has outgrown the index of its type, as protection adds categories, keeps its own.
    """
    if pa.types.is_dictionary(kind):
        coded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
        if len(coded.dictionary) <= _most(kind.index_type):
            codes = coded.indices.cast(kind.index_type)
        else:
            codes = coded.indices
        values = coded.dictionary.cast(kind.value_type)
        return pa.DictionaryArray.from_arrays(codes, values, ordered=kind.ordered)
    if pa.types.is_time(kind):
        number = pa.int32() if pa.types.is_time32(kind) else pa.int64()
        array = array.cast(pa.duration(kind.unit), safe=False).cast(pa.int64()).cast(number)
    return array.cast(kind, safe=False)


def _most(index: pa.DataType) -> int:
    """How many values an index of this type can tell apart."""
    return 2 ** (index.bit_width - pa.types.is_signed_integer(index))


def stored_type(text: str) -> pa.DataType:
    """The type that prints as ``text``: one of plain values, or a dictionary of such."""
    coded = re.fullmatch(r"dictionary<values=(.+), indices=(\w+), ordered=([01])>", text)
    if coded is None:
        return arrow_type(text)
    return pa.dictionary(arrow_type(coded[2]), arrow_type(coded[1]), ordered=coded[3] == "1")
