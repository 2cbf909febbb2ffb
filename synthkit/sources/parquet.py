"""Parquet: one file, a folder or a glob, read in batches of rows.

Column types are the file's own. An index that pandas stored is a column like any other if it has a
name, and left out if it has none. Nested and binary columns are refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from synthkit.dialect import Dialect
from synthkit.errors import SourceError
from synthkit.recipe import SourceSpec
from synthkit.sources.base import Origin, RawTable
from synthkit.sources.files import digest, locate, reading
from synthkit.sources.names import refuse_repeated, same_names

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

BATCH_ROWS = 1 << 16
UNNAMED_INDEX = "__index_level_"


class ParquetSource:
    """Parquet: a file, folder or glob."""

    def read(self, spec: SourceSpec, base: Path, rng: np.random.Generator) -> RawTable:
        """See ``Source.read``."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        from synthkit.sources.arrow import lossy, refuse_unreadable, to_frame
        from synthkit.sources.sample import RowSample

        located = locate(spec, base)
        sample = RowSample(spec.max_rows, rng)
        first: pa.Schema | None = None
        notices: list[str] = []
        for file in located.files:
            schema = read_schema(file)
            first = first or schema
            names = same_names(file, _names(schema), _names(first))
            if len(names) < len(schema.names):
                notices.append("the unnamed index of the table is left out")
            with reading(file):
                refuse_unreadable(schema)
                _refuse_other_types(schema, first, names)
                try:
                    with pq.ParquetFile(file) as stored:
                        for batch in stored.iter_batches(BATCH_ROWS, columns=names):
                            sample.add(pa.Table.from_batches([batch]).select(names))
                except pa.ArrowException as error:
                    raise _damaged(file) from error
        if not sample.total:
            raise SourceError("the table has columns but no rows", where=spec.path)
        table = pa.concat_tables(sample.pieces, promote_options="permissive")
        frame, types = to_frame(table.unify_dictionaries())
        origin = Origin(
            dialect=Dialect(format="parquet", types=types, dtypes=noted_dtypes(located.files[0])),
            files=located.names,
            rows_total=sample.total,
            rows_read=len(frame),
            sha256=digest(located.files),
            notices=tuple(dict.fromkeys(notices + sample.notices + lossy(types))),
        )
        return RawTable(frame, origin)

    def header(self, spec: SourceSpec, base: Path) -> list[str] | None:
        """See ``Source.header``."""
        return _names(read_schema(locate(spec, base).files[0]))


def read_schema(file: Path) -> pa.Schema:
    """Names and types of a file's columns, without what pandas noted beside them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with reading(file):
        try:
            schema = pq.read_schema(file).remove_metadata()
        except pa.ArrowException as error:
            raise _damaged(file) from error
        refuse_repeated(schema.names)
        if not _names(schema):
            raise SourceError("the table has no columns")
        return schema


def noted_dtypes(file: Path) -> dict[str, str]:
    """The extension dtypes that pandas noted beside a file's columns, by column."""
    import pandas as pd
    import pyarrow.parquet as pq

    try:
        columns = (pq.read_schema(file).pandas_metadata or {})["columns"]
        noted = {str(column["field_name"]): str(column["numpy_type"]) for column in columns}
    except (KeyError, TypeError, ValueError):  # no note, or not one of pandas
        return {}
    found = {}
    for name, text in noted.items():
        try:
            dtype = pd.api.types.pandas_dtype(text)
        except TypeError:  # of a package that is not here
            continue
        if isinstance(dtype, pd.api.extensions.ExtensionDtype):
            found[name] = text
    return found


def _names(schema: pa.Schema) -> list[str]:
    return [name for name in schema.names if not name.startswith(UNNAMED_INDEX)]


def _refuse_other_types(schema: pa.Schema, first: pa.Schema, names: list[str]) -> None:
    for name in names:
        found, wanted = schema.field(name).type, first.field(name).type
        if not _go_together(found, wanted):
            raise SourceError(
                f"column '{name}' has type {found}",
                expected=f"{wanted} as in the first file",
                remedy="write all files with one schema",
            )


def _go_together(one: pa.DataType, other: pa.DataType) -> bool:
    """Equal types; a column without any value has type null, dictionaries differ in their size."""
    from pyarrow import types

    if types.is_dictionary(one) and types.is_dictionary(other):
        one, other = one.value_type, other.value_type
    return one == other or types.is_null(one) or types.is_null(other)


def _damaged(file: Path) -> SourceError:
    return SourceError(
        "the Parquet file is damaged or incomplete", where=file, remedy="write or fetch it again"
    )
