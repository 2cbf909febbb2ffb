"""JSON lines: one object per line, plain, gzip or zstd, read in batches of lines.

Types are JSON's: a number is a number, a text that looks like one stays text, null and an absent
key are missing. Nested values are refused with line and key. Blank lines are skipped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from synthkit.dialect import Dialect
from synthkit.errors import SourceError
from synthkit.recipe import SourceSpec
from synthkit.sources.base import Origin, RawTable
from synthkit.sources.files import digest, locate, opened

if TYPE_CHECKING:
    import numpy as np

BATCH_ROWS = 1 << 14
HEADER_LINES = 1000


class JsonLinesSource:
    """JSON Lines, one object per row, plain, gzip or zstd: a file, folder or glob."""

    def read(self, spec: SourceSpec, base: Path, rng: np.random.Generator) -> RawTable:
        """See ``Source.read``."""
        from synthkit.sources.records import to_frame, to_piece
        from synthkit.sources.sample import RowSample

        located = locate(spec, base)
        sample = RowSample(spec.max_rows, rng)
        for file in located.files:
            with opened(file) as stream:
                rows = records(stream)
                while batch := list(islice(rows, BATCH_ROWS)):
                    names = dict.fromkeys(name for row in batch for name in row)
                    sample.add(to_piece({n: [row.get(n) for row in batch] for n in names}))
        if not sample.total:
            raise SourceError("the file is empty", where=spec.path, expected="one object per line")
        frame, _ = to_frame(sample.pieces)
        origin = Origin(
            dialect=Dialect(format="jsonl"),
            files=located.names,
            rows_total=sample.total,
            rows_read=len(frame),
            sha256=digest(located.files),
            notices=tuple(sample.notices),
        )
        return RawTable(frame, origin)

    def header(self, spec: SourceSpec, base: Path) -> list[str] | None:
        """The keys of the first lines; None if they vary, since later lines may hold more."""
        with opened(locate(spec, base).files[0]) as stream:
            rows = records(stream)
            seen = list(islice(rows, HEADER_LINES))
            names = list(dict.fromkeys(name for row in seen for name in row))
            whole = next(rows, None) is None
        return names if whole or all(len(row) == len(names) for row in seen) else None


def records(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    """The objects of a stream.

    Raises:
        SourceError: a line is not one flat object; the message has its number.
    """
    decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)
    for number, line in enumerate(stream, 1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            row = decoder.decode(text) if text else None
            if "\\u" in text:  # an escape may be half of a character, which no text can hold
                json.dumps(row, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            # The cause is left out: its message may quote the line.
            raise SourceError(
                f"line {number} is not valid JSON in UTF-8, or has a key twice",
                expected='one object per line such as {"column": 1}',
                remedy="repair the line",
            ) from None
        if row is None and text != "null":
            continue
        if not isinstance(row, dict):
            raise SourceError(
                f"line {number} is not an object",
                expected='one object per line such as {"column": 1}',
                remedy="write every row as an object with column names",
            )
        if "[" in text or "{" in text[1:]:  # a cheap sign that a cell may be nested
            _refuse_nested(row, number)
        yield row


def _unique(members: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(members)
    if len(row) < len(members):
        raise ValueError("a key occurs twice")
    return row


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _refuse_nested(row: dict[str, Any], number: int) -> None:
    for name, cell in row.items():
        if isinstance(cell, (list, dict)):
            raise SourceError(
                f"line {number}: '{name}' holds a nested value",
                expected="numbers, text, true, false or null",
                remedy="unnest or remove this key before",
            )
