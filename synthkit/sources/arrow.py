"""From Arrow columns to pandas columns that keep their own types.

    frame, types = to_frame(table)

Integers and booleans with missing cells become ``Int64`` and ``boolean``, not floats; text becomes
``string[pyarrow]``, which is long text; dictionaries become categories, whatever the type of their
index. Dates become datetimes, decimals floats and times of day durations since midnight; ``types``
remembers what they were so that a Parquet sink can restore them.
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
from pyarrow import types as kinds

from synthkit.errors import SourceError

NULLABLE = {
    pa.int8(): pd.Int8Dtype(),
    pa.int16(): pd.Int16Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.uint8(): pd.UInt8Dtype(),
    pa.uint16(): pd.UInt16Dtype(),
    pa.uint32(): pd.UInt32Dtype(),
    pa.uint64(): pd.UInt64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}
TEXT = pd.StringDtype("pyarrow")
FLOAT_DIGITS = 15


def refuse_unreadable(schema: pa.Schema) -> None:
    """Raises ``SourceError`` with name and type for columns that are no column of a flat table."""
    unreadable = [f"'{field.name}' ({field.type})" for field in schema if not _is_flat(field.type)]
    if unreadable:
        raise SourceError(
            f"columns hold something other than single values: {', '.join(unreadable)}",
            expected="numbers, text, booleans, dates, times",
            remedy="unnest or remove these columns before",
        )


def _is_flat(kind: pa.DataType) -> bool:
    if kinds.is_dictionary(kind):
        return _is_flat(kind.value_type)
    return (
        kinds.is_primitive(kind) or kinds.is_decimal(kind) or kinds.is_null(kind) or _is_text(kind)
    ) and not kinds.is_interval(kind)


def _is_text(kind: pa.DataType) -> bool:
    return kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_string_view(kind)


def to_frame(table: pa.Table) -> tuple[pd.DataFrame, dict[str, str]]:
    """The table with pandas dtypes, and the storage types that pandas lacks, by column."""
    lost = {field.name: str(field.type) for field in table.schema if _is_lost(field.type)}
    columns = {name: to_series(table[name]) for name in table.column_names}
    return pd.DataFrame(columns), lost


def _is_lost(kind: pa.DataType) -> bool:
    text = _is_text(kind) and not kinds.is_large_string(kind)
    other = kinds.is_date(kind) or kinds.is_time(kind) or kinds.is_decimal(kind)
    return text or other or kinds.is_dictionary(kind)


def lossy(types: dict[str, str]) -> list[str]:
    """A notice for every decimal column with more digits than a float holds."""
    return [
        f"column '{name}' ({kind}) is read as a float, which keeps {FLOAT_DIGITS} digits"
        for name, kind in types.items()
        if kind.startswith("decimal") and int(kind.split("(")[1].split(",")[0]) > FLOAT_DIGITS
    ]


def to_series(column: pa.ChunkedArray) -> pd.Series:
    """One column with its own pandas dtype; see the module's docstring."""
    kind = column.type
    if kinds.is_date(kind):
        column = column.cast(pa.timestamp("s"))
    elif kinds.is_decimal(kind):
        column = column.cast(pa.float64())
    elif kinds.is_time(kind):
        number = pa.int32() if kinds.is_time32(kind) else pa.int64()
        column = column.cast(number).cast(pa.int64()).cast(pa.duration(kind.unit))
    elif kinds.is_null(kind):
        return pd.Series([None] * len(column), dtype=object)
    if _is_text(column.type):
        return column.cast(pa.large_string()).to_pandas(types_mapper=lambda _: TEXT)
    nullable = NULLABLE.get(column.type) if column.null_count else None
    return column.to_pandas(types_mapper=lambda _: nullable)
