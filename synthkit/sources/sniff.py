"""How a delimited text file is spelled, told from its first part: encoding, delimiter, names.

    look = sniff(sample, whole=False, spec=spec)     # sample: the file's first bytes
    look.dialect, look.names, look.notices

Whatever ``SourceSpec`` states is not guessed. Pure functions on bytes and text, standard library
only. NOTE[DIFF]: Python's ``csv.Sniffer`` guesses quote characters and delimiters from letter
frequencies; here a delimiter must split the first row, and among those the one that gives the most
rows the first row's width wins.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass

from synthkit.dialect import Dialect
from synthkit.errors import SourceError
from synthkit.recipe import SourceSpec
from synthkit.sources.names import refuse_repeated

DELIMITERS = ",;\t|~^\x1f\x01"
FALLBACK_ENCODING = "cp1252"
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose little-endian mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Cells that say nothing about whether a column holds numbers.
PLACEHOLDERS = frozenset({"", "?", "-", "na", "n/a", "nan", "null", "none", "."})
NUMBER_LIKE = re.compile(
    r"\s*[+-]?[$€£]?(\d[\d.,' ]*|\.\d+)([eE][+-]?\d+)?\s*%?\s*"  # 12 1.5 -1,000.00 3e-4 5%
    r"|\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ][\d:.]+(Z|[+-][\d:]+)?)?\s*"  # dates, times of day
    r"|\s*\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*"
)
SCORED_ROWS = 200


@dataclass(frozen=True)
class Row:
    """One record: cells, which of them stood in quotes, the line end, and where the next begins."""

    cells: tuple[str, ...]
    quoted: tuple[bool, ...]
    end: str
    stop: int


@dataclass(frozen=True)
class Look:
    """What ``sniff`` found.

    Args:
        dialect: spelling of the file.
        names: column names in file order, as stored; ``column_1`` … without a header.
        skip: number of decoded characters before the first data row.
        spare: the last column has neither a name nor a value in the sample: every row ends in a
            delimiter.
        notices: what was guessed against the odds.
    """

    dialect: Dialect
    names: tuple[str, ...]
    skip: int
    spare: bool
    notices: tuple[str, ...]


def sniff(sample: bytes, whole: bool, spec: SourceSpec, encoding: str | None = None) -> Look | None:
    """Tells how a file is spelled; None if the sample is a part that holds less than two rows.

    Args:
        sample: its first bytes, decompressed.
        whole: they are all of it.
        spec: what the user stated.
        encoding: use this one; by default the user's or a guessed one.

    Raises:
        SourceError: empty, binary, or names that cannot be used.
    """
    encoding = encoding or spec.encoding or guess_encoding(sample)
    decoded = decode(sample, encoding, whole)
    text = decoded.removeprefix("\ufeff")  # a mark that the stated encoding does not strip
    if not text.strip("\r\n \t"):
        raise SourceError("the file is empty", expected="a header and rows")
    if spec.delimiter and (spec.delimiter in '"\r\n\0' or not spec.delimiter.isascii()):
        raise SourceError(
            "source.delimiter cannot be this character",
            expected="one ASCII character other than a quote or a line end",
        )
    delimiter = spec.delimiter or guess_delimiter(text, whole)
    rows = tokenize(text, delimiter, whole)
    if len(rows) < 2 and not whole:
        return None
    header = spec.header if spec.header is not None else guess_header(rows)
    notices: list[str] = []
    spare = False
    if header:
        width, spare = _width(rows)
        names = _names(rows[0], width, spare, notices)
    else:
        names = tuple(f"column_{i + 1}" for i in range(len(rows[0].cells)))
        if spec.header is None:
            notices.append(
                "the first row looks like data, so columns are named column_1 …; "
                "if it holds names, set source.header: true"
            )
    dialect = Dialect(
        delimiter=delimiter,
        encoding=encoding,
        newline=rows[0].end or "\n",
        header=header,
        quoted=_quoted(rows[1:] if header else rows, names),
        quoted_header=header and all(rows[0].quoted),
    )
    skip = len(decoded) - len(text) + (rows[0].stop if header else 0)
    return Look(dialect, names, skip, spare, tuple(notices))


def guess_encoding(sample: bytes) -> str:
    """By byte order mark, by the zero bytes of UTF-16 without one, else UTF-8.

    Raises:
        SourceError: zero bytes that are not UTF-16.
    """
    for mark, name in MARKS:
        if sample.startswith(mark):
            return name
    if b"\0" not in sample:
        return "utf-8"
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = max(1, len(sample) // 2)
    if even == 0 and odd > 0.5 * half:
        return "utf-16-le"
    if odd == 0 and even > 0.5 * half:
        return "utf-16-be"
    raise binary_content()


def binary_content() -> SourceError:
    """The error for a file with zero bytes."""
    return SourceError(
        "the file is not text (it holds zero bytes)",
        expected="delimited text, Parquet or JSON lines",
        remedy="check that it is the file you mean, or state source.format or source.encoding",
    )


def decode(sample: bytes, encoding: str, whole: bool) -> str:
    """The text of a sample that may end inside a character.

    A sample that is not valid decodes with replacement characters: reading the rows finds the
    place and the remedy.
    """
    try:
        decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    except LookupError as error:
        raise SourceError(
            f"source.encoding '{encoding}' is not known",
            expected="a name such as utf-8, utf-16, latin-1, cp1252, shift_jis",
        ) from error
    try:
        text = decoder.decode(sample, final=whole)
    except UnicodeError:  # UTF-16 and UTF-32 need a byte order mark
        raise SourceError(
            f"the file is not {encoding} text",
            expected="a byte order mark",
            remedy="state source.encoding: utf-8, utf-16-le or utf-16-be",
        ) from None
    if "\0" in text:
        raise binary_content()
    return text


def tokenize(text: str, delimiter: str, whole: bool, limit: int | None = None) -> list[Row]:
    """The rows of a text, blank lines left out; the last one too if the text was cut.

    A quote opens a quoted cell only at the cell's start; ``""`` inside is a quote. An unclosed
    one reaches to the end of the text.
    """
    d = re.escape(delimiter)
    cell = re.compile(rf'("(?:[^"]+|"")*+(?:"|\Z))?([^{d}\r\n]*)({d}|\r\n|\r|\n|\Z)')
    rows: list[Row] = []
    cells: list[str] = []
    quoted: list[bool] = []
    position = 0
    while position < len(text) and (limit is None or len(rows) < limit):
        match = cell.match(text, position)
        assert match is not None  # every alternative may be empty and \Z closes the last cell
        position = match.end()
        inner, rest, end = match.groups()
        cells.append((inner[1:].removesuffix('"').replace('""', '"') if inner else "") + rest)
        quoted.append(inner is not None)
        if end == delimiter and position < len(text):
            continue
        if end == delimiter:  # the text ends in a delimiter: one more, empty cell
            cells.append("")
            quoted.append(False)
            end = ""
        if cells != [""] or quoted[0]:
            rows.append(Row(tuple(cells), tuple(quoted), end, position))
        cells, quoted = [], []
    if not whole and position >= len(text):
        del rows[-1:]
    return rows


def guess_delimiter(text: str, whole: bool) -> str:
    """The delimiter that splits the first row and gives most other rows its width; else a comma."""
    best, best_score = ",", (0.0, 0)
    first = text.lstrip("\r\n").splitlines()[0]
    for candidate in DELIMITERS:
        if candidate not in first and '"' not in first:
            continue
        rows = tokenize(text, candidate, whole, SCORED_ROWS)
        width = len(rows[0].cells) if rows else 0
        if width < 2:
            continue
        alike = sum(_content_width(row) == _content_width(rows[0]) for row in rows) / len(rows)
        if (alike, width) > best_score:
            best, best_score = candidate, (alike, width)
    return best


def _content_width(row: Row) -> int:
    """Number of cells without an empty last one, which a trailing delimiter leaves."""
    return len(row.cells) - (len(row.cells) > 1 and not row.cells[-1] and not row.quoted[-1])


def _width(rows: Sequence[Row]) -> tuple[int, bool]:
    """Number of columns below a header, and whether the last is only a trailing delimiter's."""
    first, body = len(rows[0].cells), rows[1:]
    if body and all(len(row.cells) == first + 1 and row.cells[-1] == "" for row in body):
        return first + 1, True
    trailing = first > 1 and all(
        len(row.cells) == first and row.cells[-1] == "" and not row.quoted[-1] for row in rows
    )
    return first, trailing


def guess_header(rows: Sequence[Row]) -> bool:
    """Whether the first row holds names.

    A text above a column of numbers speaks for a header; a number above numbers, or a value that
    returns in its own column, speaks against. Without evidence it is a header. Years in a row and
    numbers counted from 0 are names.
    """
    first = rows[0].cells
    body = [row.cells for row in rows[1:] if row.cells != first]
    numbers = [int(cell) for cell in first if re.fullmatch(r"\s*\d{1,4}\s*", cell)]
    counting = (
        len(numbers) > 2
        and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        and (numbers[0] == 0 or 1900 <= numbers[0] <= 2100)
    )
    speaks_for = speaks_against = 0
    for i, name in enumerate(first):
        cells = [row[i] for row in body if i < len(row)]
        present = [cell for cell in cells if cell.strip().lower() not in PLACEHOLDERS]
        numeric = sum(NUMBER_LIKE.fullmatch(cell) is not None for cell in present)
        mostly_numbers = bool(present) and numeric >= 0.9 * len(present)
        if name.strip().lower() in PLACEHOLDERS:
            continue
        if NUMBER_LIKE.fullmatch(name):
            speaks_against += (mostly_numbers or not cells) and not counting
        elif mostly_numbers:
            speaks_for += 1
        elif name in cells:
            speaks_against += 1
    return speaks_for >= speaks_against if speaks_for else speaks_against == 0


def _names(first: Row, width: int, spare: bool, notices: list[str]) -> tuple[str, ...]:
    """The names in a header row; unnamed columns get ``column_N``, repeated names are refused."""
    names = list(first.cells) + [""] * (width - len(first.cells))
    unnamed = [i for i, name in enumerate(names) if not name.strip()]
    for i in unnamed:
        names[i] = f"column_{i + 1}"
    said = [str(i + 1) for i in unnamed if not (spare and i == width - 1)]
    if said:
        notices.append(f"columns without a name are called column_N: {', '.join(said)}")
    refuse_repeated(
        names, "rename them in the data; or state source.header: false if row 1 is no header"
    )
    return tuple(names)


def _quoted(body: Sequence[Row], names: Sequence[str]) -> tuple[str, ...]:
    """Columns whose cells always stand in quotes, empty ones aside."""
    always = []
    for i, name in enumerate(names):
        marks = [row.quoted[i] for row in body if i < len(row.cells) and row.cells[i]]
        if marks and all(marks):
            always.append(name)
    return tuple(always)
