"""Databases through SQLAlchemy: one way to open them, and to speak of them without secrets.

    with connected(url, SourceError, search=(base, Path.cwd())) as connection:
        with answering(connection, SourceError):
            connection.exec_driver_sql(...)

Messages show the address without password and options. They never repeat what the database said
about a statement, which may quote a value.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthkit.environment import FETCH, FETCHED, MUST_BE_FETCHED, is_remote_file
from synthkit.errors import MissingExtra, SynthkitError

if TYPE_CHECKING:
    import sqlalchemy as sa

# Ends of the pragmas that describe tables and set nothing.
DESCRIBING = ("_info", "_xinfo", "_list")
# ``pip install synthkit[sql]`` brings psycopg 3; a plain PostgreSQL address means that one.
POSTGRES = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}


def parse_url(url: str, problem: type[SynthkitError]) -> sa.URL:
    """The address in parts.

    Raises:
        MissingExtra: SQLAlchemy is not installed.
        SynthkitError: of type ``problem``, if it is no address.
    """
    try:
        import sqlalchemy as sa
    except ImportError as error:
        raise MissingExtra("sqlalchemy", "sql", "a database URL") from error
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        # The cause is left out: its message shows the address with the password.
        raise problem(
            "the database URL cannot be understood",
            expected="DIALECT://USER:PASSWORD@HOST/DATABASE or sqlite:///FILE",
            remedy="write special characters of the password as %XX",
        ) from None
    return parsed.set(drivername=POSTGRES.get(parsed.drivername, parsed.drivername))


def shown(url: sa.URL) -> str:
    """The address for people: without password and options."""
    return url.set(query={}).render_as_string(hide_password=True)


@contextmanager
def connected(
    address: str,
    problem: type[SynthkitError],
    search: Sequence[Path] = (),
    *,
    read_only: bool = False,
) -> Iterator[sa.Connection]:
    """A connection that is closed, and rolled back, at the end of the block.

    Args:
        address: the database URL.
        problem: the error to raise.
        search: folders where a relative SQLite file must exist; without them it may be new.
        read_only: SQLite and PostgreSQL refuse statements that change anything; other databases
            undo them.
    """
    if is_remote_file(address):  # the address is left out: it may hold a key
        raise problem(f"the address {MUST_BE_FETCHED}", expected=FETCHED, remedy=FETCH)
    url = parse_url(address, problem)
    import sqlalchemy as sa

    if search and url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        url = url.set(database=str(_existing(Path(url.database), search, url, problem)))
    try:
        engine = sa.create_engine(url)
    except sa.exc.NoSuchModuleError as error:
        raise problem(
            f"there is no database driver for '{url.drivername}://'",
            expected="sqlite, postgresql, or another SQLAlchemy dialect",
            remedy="install the dialect's package; a file on the web or in a bucket must be fetched",
        ) from error
    except ImportError as error:
        raise problem(
            f"the driver for '{url.drivername}://' is not installed ({error.name})",
            where=shown(url),
            remedy=f"install it with: pip install {error.name}",
        ) from error
    try:
        try:
            connection = engine.connect()
        except sa.exc.SQLAlchemyError as error:
            raise problem(
                f"no connection to the database ({type(error).__name__})",
                where=shown(url),
                remedy="check that it runs, and its host, port, name, user and password",
            ) from None  # the driver's message may show the password
        with connection:
            yield _read_only(connection) if read_only else connection
    finally:
        engine.dispose()


def _read_only(connection: sa.Connection) -> sa.Connection:
    """The same connection, on which statements can only read where the database allows to say so."""
    if connection.dialect.name == "postgresql":
        return connection.execution_options(postgresql_readonly=True)
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite" and hasattr(driver, "set_authorizer"):
        driver.execute("PRAGMA query_only = ON")
        driver.set_authorizer(_only_reads)
    return connection


def _only_reads(action: int, first: str | None, *_: str | None) -> int:
    """SQLite's question about a step of a statement; ``first`` is the name of a pragma.

    ``query_only`` lets a statement make another file, and a pragma change settings of this one.
    """
    sets = action == sqlite3.SQLITE_PRAGMA and not str(first).lower().endswith(DESCRIBING)
    denied = sets or action == sqlite3.SQLITE_ATTACH
    return sqlite3.SQLITE_DENY if denied else sqlite3.SQLITE_OK


def _existing(
    file: Path, search: Sequence[Path], url: sa.URL, problem: type[SynthkitError]
) -> Path:
    for root in search:
        if (root / file).is_file():
            return root / file
    raise problem("there is no such SQLite file", where=shown(url), remedy="check the path")


@contextmanager
def answering(
    connection: sa.Connection,
    problem: type[SynthkitError],
    query_at: tuple[str, ...] | None = None,
) -> Iterator[None]:
    """Turns a database's refusal of a statement into an error without its text.

    Args:
        connection: the database.
        problem: the error to raise.
        query_at: the recipe's key that holds the statement; None if it is ours.
    """
    import sqlalchemy as sa

    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        state = getattr(getattr(error, "orig", None), "sqlstate", None)
        code = f"{type(error).__name__}, SQLSTATE {state}" if state else type(error).__name__
        raise problem(
            f"the database refused {'the query ' if query_at else ''}({code})",
            where=shown(connection.engine.url),
            expected="one statement that only reads, such as SELECT" if query_at else None,
            remedy="try the statement in the database's own client, which shows the details",
            at=query_at,
        ) from None  # statement and parameters would show values


def find_table(connection: sa.Connection, name: str) -> tuple[str, str | None] | None:
    """``(table, schema)`` of a table or view called ``table`` or ``schema.table``; None if absent."""
    import sqlalchemy as sa

    inspector = sa.inspect(connection)
    schema, _, table = name.rpartition(".")
    for candidate in ((name, None), (table, schema or None)):
        if inspector.has_table(candidate[0], schema=candidate[1]):
            return candidate
    return None


def quoted(connection: sa.Connection, table: str, schema: str | None) -> str:
    """The table's name for a statement, quoted as the database wants it."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    return f"{quote(schema)}.{quote(table)}" if schema else quote(table)
