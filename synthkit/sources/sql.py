"""A table or query of a database, read in chunks through SQLAlchemy (extra ``sql``).

    source: {path: "postgresql://user:${PASSWORD}@host/db", table: sales.orders}
    source: {path: "sqlite:///shop.db", query: "select age, city from customer"}

A statement can only read; where a database cannot be told so, nothing is committed. Errors show the address without its password, and never what the database
said about a statement, which may quote a value.
"""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthkit.database import answering, connected, find_table, parse_url, quoted, shown
from synthkit.dialect import Dialect
from synthkit.errors import SourceError
from synthkit.recipe import SourceSpec
from synthkit.registry import nearest
from synthkit.sources.base import Origin, RawTable
from synthkit.sources.names import refuse_repeated

if TYPE_CHECKING:
    import numpy as np
    import sqlalchemy as sa

CHUNK_ROWS = 1 << 15
# What Arrow has a type for, or refuses by name; anything else (UUIDs, addresses) is read as text.
PLAIN = (
    bool, int, float, str, bytes, list, dict, tuple, decimal.Decimal,
    datetime.date, datetime.time, datetime.timedelta, type(None),
)  # fmt: skip


class SqlSource:
    """A table or query of a database, by its URL (SQLite, PostgreSQL and others)."""

    def read(self, spec: SourceSpec, base: Path, rng: np.random.Generator) -> RawTable:
        """See ``Source.read``."""
        from synthkit.sources.arrow import lossy
        from synthkit.sources.frame import content_hash
        from synthkit.sources.records import to_frame, to_piece
        from synthkit.sources.sample import RowSample

        sample = RowSample(spec.max_rows, rng)
        at = None if spec.table else ("source", "query")
        with _connected(spec, base) as connection:
            with answering(connection, SourceError, at), _select(spec, connection) as result:
                names = list(result.keys())
                refuse_repeated(names)
                for rows in result.partitions(CHUNK_ROWS):
                    cells = zip(names, zip(*rows, strict=True), strict=True)
                    sample.add(to_piece({name: _plain(column) for name, column in cells}))
        if not sample.total:
            where = shown(parse_url(spec.path, SourceError))
            raise SourceError("the answer has columns but no rows", where=where)
        frame, types = to_frame(sample.pieces)
        origin = Origin(
            dialect=Dialect(format="sql", types=types),
            rows_total=sample.total,
            rows_read=len(frame),
            sha256=content_hash(frame),
            notices=(*sample.notices, *lossy(types)),
        )
        return RawTable(frame, origin)

    def header(self, spec: SourceSpec, base: Path) -> list[str] | None:
        """Column names of a table; None for a query, which would have to run."""
        if spec.query and not spec.table:
            return None
        with _connected(spec, base) as connection:
            with answering(connection, SourceError):
                with _select(spec, connection, " WHERE 1 = 0") as result:
                    return list(result.keys())


def _connected(spec: SourceSpec, base: Path) -> AbstractContextManager[sa.Connection]:
    return connected(spec.path, SourceError, (base, Path.cwd()), read_only=True)


def _select(spec: SourceSpec, connection: sa.Connection, where: str = "") -> sa.CursorResult[Any]:
    """Starts to stream the rows of the table or query."""
    if bool(spec.table) == bool(spec.query):
        raise SourceError(
            "a database URL needs a table or a query, and only one of them",
            where="source",
            remedy="give source.table or source.query",
        )
    statement = spec.query
    if spec.table:
        found = find_table(connection, spec.table)
        if found is None:
            import sqlalchemy as sa

            inspector = sa.inspect(connection)
            raise SourceError(
                f"there is no table '{spec.table}'",
                where=shown(connection.engine.url),
                remedy=nearest(
                    spec.table, inspector.get_table_names() + inspector.get_view_names()
                ),
            )
        statement = f"SELECT * FROM {quoted(connection, *found)}{where}"
    # Without parameters a percent sign in the query is only a percent sign.
    options = {"stream_results": True, "yield_per": CHUNK_ROWS, "no_parameters": True}
    return connection.execution_options(**options).exec_driver_sql(str(statement))


def _plain(column: Sequence[Any]) -> Sequence[Any]:
    if all(isinstance(cell, PLAIN) for cell in column):
        return column
    return [cell if isinstance(cell, PLAIN) else str(cell) for cell in column]
