"""Delimited text (CSV and its kin), plain, gzip or zstd, read in blocks as text.

Spelling comes from ``sniff``; the rows are parsed by Arrow, every column as a string. A file that
is not UTF-8 and states no encoding is read again as Windows-1252, and a notice says so. Ragged
rows are refused with their number: the header is row 1, a cell with line breaks does not start a
new row, blank lines do not count. In a one-column file a blank line is an empty cell.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

from synthkit.counts import counted
from synthkit.errors import SourceError
from synthkit.recipe import SourceSpec
from synthkit.sources.base import Origin, RawTable
from synthkit.sources.files import Located, digest, locate, opened
from synthkit.sources.names import same_names
from synthkit.sources.sniff import FALLBACK_ENCODING, Look, binary_content, sniff

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

SAMPLE_BYTES = 1 << 16
LONGEST_ROW_BYTES = 1 << 23
CLOSE = "close the quote, or double every quote inside a cell and put the cell in quotes"


class NotDecodable(SourceError):
    """Bytes that are not text in the encoding they are read with."""

    def __init__(self, file: Path, *tried: tuple[str, int]) -> None:
        """The encodings in the order they were tried, each with the first line that is not of it."""
        self.file = file
        self.tried = tried
        super().__init__(
            ", and ".join(f"line {line} is not {encoding} text" for encoding, line in tried),
            where=file,
            remedy="repair the line, or state source.encoding (latin-1, utf-16, shift_jis, …)",
        )


class DelimitedSource:
    """Delimited text such as CSV or TSV, plain, gzip or zstd: a file, folder or glob."""

    def read(self, spec: SourceSpec, base: Path, rng: np.random.Generator) -> RawTable:
        """See ``Source.read``."""
        located = locate(spec, base)
        encodings: dict[Path, str] = {}
        tried: dict[Path, NotDecodable] = {}
        while True:
            try:
                return _read_files(located, spec, encodings, rng)
            except NotDecodable as error:
                if spec.encoding:
                    raise
                if error.file in tried:
                    both = tried[error.file].tried + error.tried
                    raise NotDecodable(error.file, *both) from None
                tried[error.file] = error
                encodings[error.file] = FALLBACK_ENCODING

    def header(self, spec: SourceSpec, base: Path) -> list[str] | None:
        """See ``Source.header``."""
        look = look_at(locate(spec, base).files[0], spec)
        return list(look.names[:-1] if look.spare else look.names)


def look_at(file: Path, spec: SourceSpec, encoding: str | None = None) -> Look:
    """How the file is spelled, from as much of its beginning as holds two rows."""
    with opened(file) as stream:
        sample, size = b"", SAMPLE_BYTES
        while True:
            sample += stream.read(size - len(sample))
            whole = len(sample) < size or size >= LONGEST_ROW_BYTES
            look = sniff(sample, whole, spec, encoding)
            if look is not None:
                return look
            size *= 8


def _read_files(
    located: Located, spec: SourceSpec, encodings: dict[Path, str], rng: np.random.Generator
) -> RawTable:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    from synthkit.sources.sample import RowSample

    sample = RowSample(spec.max_rows, rng)
    looks: list[Look] = []
    spare = True
    for file in located.files:
        look = look_at(file, spec, encodings.get(file))
        looks.append(look)
        names = same_names(file, look.names, looks[0].names)
        spare = spare and look.spare
        with opened(file) as stream:
            for piece in _pieces(TextStream(stream, file, look), look):
                spare = spare and not pc.any(pc.not_equal(piece[-1], "")).as_py()
                sample.add(piece.select(names))
    if not sample.total:
        raise SourceError("there is a header but no rows", where=spec.path)
    table = pa.concat_tables(sample.pieces)
    notices = [notice for look in looks for notice in look.notices] + sample.notices
    notices += [f"{file.name} is not UTF-8; it was read as {e}" for file, e in encodings.items()]
    if spare:
        table = table.select(table.column_names[:-1])
        notices.append("every row ends in a delimiter; the empty column after it is left out")
    elif any(look.spare for look in looks):
        notices.append(f"the last column has no name; it is called {table.column_names[-1]}")
    origin = Origin(
        dialect=looks[0].dialect,
        files=located.names,
        rows_total=sample.total,
        rows_read=table.num_rows,
        sha256=digest(located.files),
        notices=tuple(dict.fromkeys(notices)),
    )
    text = pd.StringDtype("pyarrow")
    return RawTable(table.to_pandas(types_mapper=lambda _: text), origin)


class TextStream:
    """A binary stream's rows as UTF-8, the header left out; what Arrow's reader reads from.

    Args:
        binary: the decompressed bytes.
        file: their file, for messages.
        look: encoding and length of the header.

    Attributes:
        last: the last character that is not a line end.
    """

    closed = False

    def __init__(self, binary: IO[bytes], file: Path, look: Look) -> None:
        self._binary = binary
        self._file = file
        self._encoding = look.dialect.encoding
        self._decoder = codecs.getincrementaldecoder(self._encoding)()
        self._skip = look.skip
        self._lines = 0
        self.last = ""

    def readable(self) -> bool:
        """Always."""
        return True

    def close(self) -> None:
        """Nothing: whoever opened the binary stream closes it."""

    def read(self, size: int = LONGEST_ROW_BYTES) -> bytes:
        """The next bytes, about ``size`` of them; empty at the end.

        Raises:
            NotDecodable: the bytes are not text in the stated encoding.
            SourceError: the text holds zero bytes.
        """
        while True:
            raw = self._binary.read(size)
            text = self._decode(raw)
            self._lines += text.count("\n")
            text, self._skip = text[self._skip :], max(0, self._skip - len(text))
            self.last = text.rstrip("\r\n")[-1:] or self.last
            if text or not raw:
                return text.encode()

    def _decode(self, raw: bytes) -> str:
        try:
            text = self._decoder.decode(raw, final=not raw)
        except UnicodeError as error:
            start = error.start if isinstance(error, UnicodeDecodeError) else 0
            line = self._lines + raw[:start].count(b"\n") + 1
            # The cause is left out: its text shows bytes of the data.
            raise NotDecodable(self._file, (self._encoding, line)) from None
        if "\0" in text:
            raise binary_content()
        return text


def _pieces(stream: TextStream, look: Look) -> Iterator[pa.Table]:
    """The rows after the header, block by block, every column a string."""
    import pyarrow as pa
    from pyarrow import csv

    refused: list[csv.InvalidRow] = []

    def refuse(row: csv.InvalidRow) -> str:
        refused.append(row)
        return "error"

    names = look.names
    last: pa.Table | None = None
    try:
        reader = csv.open_csv(
            stream,
            csv.ReadOptions(use_threads=False, block_size=LONGEST_ROW_BYTES, column_names=names),
            csv.ParseOptions(
                delimiter=look.dialect.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=len(names) > 1,
                invalid_row_handler=refuse,
            ),
            csv.ConvertOptions(
                check_utf8=False,
                strings_can_be_null=False,
                column_types=dict.fromkeys(names, pa.string()),
            ),
        )
        for batch in reader:
            if batch.num_rows:
                last = pa.Table.from_batches([batch])
                yield last
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return
        # The cause is left out: Arrow's message quotes the row.
        raise _unparsable(refused, look) from None
    if last is not None and stream.last != '"' and "\n" in last[-1][-1].as_py():
        raise _unclosed()


def _unparsable(refused: list, look: Look) -> SourceError:
    if not refused:
        return _unclosed()
    row, names = refused[0], len(look.names)
    number = row.number + look.dialect.header
    what = f"row {number} has {counted(row.actual_columns, 'cell')} where " + (
        f"the header has {names}" if look.dialect.header else f"row 1 has {names}"
    )
    remedy = (
        "repair the row, put quotes around cells that hold the delimiter, or state source.delimiter"
    )
    lines = len(row.text.splitlines())
    if lines > 1:
        what += f", and goes on over {lines:,} lines: most likely a quote in it is not closed"
        remedy = CLOSE
    return SourceError(what, expected="as many cells in every row", remedy=remedy)


def _unclosed() -> SourceError:
    return SourceError(
        f"a quote is opened and not closed, or a row is longer than {LONGEST_ROW_BYTES:,} bytes",
        remedy=CLOSE,
    )
