"""Delimited text, spelled as the real file was: delimiter, encoding, line ends, quotes, header.

Cells are written as given. Quoting and joining run inside Arrow, column by column: a row is never
a Python object.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from synthkit.dialect import Dialect
from synthkit.errors import FormatError

BLOCK_ROWS = 1 << 16
TEXT = pa.large_string()


class DelimitedSink:
    """The ``csv`` sink."""

    def write(self, frame: pd.DataFrame, path: Path, dialect: Dialect) -> None:
        """See ``FileSink.write``."""
        with path.open("w", encoding=dialect.encoding, newline="") as stream:
            try:
                if dialect.header:
                    stream.write(_header(list(frame.columns), dialect))
                for start in range(0, len(frame), BLOCK_ROWS):
                    stream.write(_rows(frame.iloc[start : start + BLOCK_ROWS], dialect))
            except UnicodeEncodeError:
                # The cause is left out: it holds the text.
                raise FormatError(
                    f"a value has a character that {dialect.encoding}, the real file's encoding, "
                    "cannot write",
                    where=path,
                    remedy="set output.format to parquet or jsonl",
                ) from None


def _header(names: list[str], dialect: Dialect) -> str:
    line = pa.table({str(i): pa.array([name], TEXT) for i, name in enumerate(names)})
    forced = set(line.column_names) if dialect.quoted_header else set()
    return _lines(line, forced, dialect)


def _rows(frame: pd.DataFrame, dialect: Dialect) -> str:
    columns = {name: _text(frame[name]) for name in frame.columns}
    return _lines(pa.table(columns), set(dialect.quoted), dialect)


def _text(column: pd.Series) -> pa.Array | pa.ChunkedArray:
    """The cells as text; missing ones are empty."""
    array = pa.array(column.astype("string[pyarrow]"), TEXT, from_pandas=True)
    return pc.fill_null(array, "")


def _lines(table: pa.Table, forced: set[str], dialect: Dialect) -> str:
    """The table's rows, every one with its line end, as one text."""
    special = f'["\r\n\ufeff{re.escape(dialect.delimiter)}]'
    # An empty cell alone in its row would be a blank line.
    special += "|^$" if table.num_columns == 1 else ""
    cells = [_quote(table[name], name in forced, special) for name in table.column_names]
    lines = pc.binary_join_element_wise(*cells, pa.scalar(dialect.delimiter, TEXT))
    return "".join(line + dialect.newline for line in lines.to_pylist())


def _quote(column: pa.ChunkedArray, always: bool, special: str) -> pa.ChunkedArray:
    """Cells in quotes where they must be (``special`` matches), or all that are not empty."""
    must = pc.match_substring_regex(column, special)
    if always:
        must = pc.or_(must, pc.not_equal(column, ""))
    if not pc.any(must).as_py():
        return column
    inside = pc.replace_substring(column, '"', '""')
    mark, nothing = pa.scalar('"', TEXT), pa.scalar("", TEXT)
    return pc.if_else(must, pc.binary_join_element_wise(mark, inside, mark, nothing), column)
