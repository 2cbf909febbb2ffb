"""A database table as a sink: all rows in one transaction, or none (extra ``sql``).

    with SqlSink("postgresql://user@host/db", "synthetic.orders") as sink:
        for frame in frames:
            sink.write(frame)

The table is made, or must be empty: real rows are never mixed with synthetic ones.
"""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType

import pandas as pd

from synthkit.database import answering, connected, find_table, quoted, shown
from synthkit.errors import SinkError

CHUNK_ROWS = 10_000


class SqlSink:
    """Appends frames to one table; commits if the ``with`` block ends well.

    Args:
        url: the database's address.
        name: ``table`` or ``schema.table``.

    Raises:
        SinkError: on entry, if there is no connection or the table has rows already.
    """

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name

    def __enter__(self) -> SqlSink:
        with ExitStack() as stack:
            self._connection = stack.enter_context(connected(self._url, SinkError))
            with answering(self._connection, SinkError):
                self._table, self._schema = self._free_table()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._stack:
            if kind is None:
                with answering(self._connection, SinkError):
                    self._connection.commit()

    def write(self, frame: pd.DataFrame) -> int:
        """Appends all rows and returns their number; durations in seconds. Raises ``SinkError``."""
        spans = [name for name, dtype in frame.dtypes.items() if dtype.kind == "m"]
        stored = frame.assign(**{str(name): frame[name].dt.total_seconds() for name in spans})
        try:
            with answering(self._connection, SinkError):
                stored.to_sql(
                    self._table,
                    self._connection,
                    schema=self._schema,
                    if_exists="append",
                    index=False,
                    chunksize=CHUNK_ROWS,
                )
        except (ValueError, OverflowError):
            # The cause is left out: its message may quote a cell.
            raise SinkError(
                "a value does not fit the table's column types",
                where=shown(self._connection.engine.url),
                remedy="write to a table that does not exist yet",
            ) from None
        return len(frame)

    def _free_table(self) -> tuple[str, str | None]:
        """Table and schema to write to. Raises ``SinkError`` if the table has rows."""
        found = find_table(self._connection, self._name)
        if found is None:
            schema, _, table = self._name.rpartition(".")
            return table, schema or None
        statement = f"SELECT 1 FROM {quoted(self._connection, *found)}"
        if self._connection.exec_driver_sql(statement).first() is not None:
            raise SinkError(
                f"the table '{self._name}' has rows already",
                where=shown(self._connection.engine.url),
                expected="a table that does not exist yet or is empty",
                remedy="name another output.table, or delete the rows of this one; --overwrite "
                "does not touch a database",
            )
        return found
