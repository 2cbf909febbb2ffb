"""Writing databases: all rows or none, never beside other rows; SQLite and a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from synthkit.errors import SinkError, SourceError
from synthkit.recipe import SourceSpec
from synthkit.sinks.sql import SqlSink
from synthkit.sources import read_header, read_table

sa = pytest.importorskip("sqlalchemy")
CANARY = "CANARY-7391"
FRAME = pd.DataFrame(
    {
        "n": pd.array([1, None, 2**40], "Int64"),
        "r": [0.1, np.nan, -1e300],
        "b": pd.array([True, False, None], "boolean"),
        "text": pd.array(["50% 'é'", None, ""], "string[pyarrow]"),
        "when": pd.to_datetime(
            ["2020-01-02 03:04:05.678901", None, "1999-12-31"], format="ISO8601"
        ),
    }
)


def stored(url: str, table: str) -> pd.DataFrame:
    return read_table(SourceSpec(path=url, table=table), Path(), np.random.default_rng(0)).frame


def write(url: str, table: str, *frames: pd.DataFrame) -> int:
    with SqlSink(url, table) as sink:
        return sum(sink.write(frame) for frame in frames)


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/out.db"


def test_rows_arrive_in_order(sqlite: str) -> None:
    assert write(sqlite, "t", FRAME, FRAME) == 6
    back = stored(sqlite, "t")
    assert back["text"].tolist()[:1] == ["50% 'é'"]
    assert back["n"].fillna(-1).tolist() == [1, -1, 2**40] * 2
    assert back["r"].iloc[2] == -1e300


def test_a_filled_table_is_refused_and_kept(sqlite: str) -> None:
    write(sqlite, "t", FRAME)
    with pytest.raises(SinkError, match=r"'t' has rows already.*delete the rows.*--overwrite"):
        write(sqlite, "t", FRAME)
    assert len(stored(sqlite, "t")) == 3


def test_an_empty_table_is_filled(sqlite: str) -> None:
    write(sqlite, "t", FRAME.iloc[:0])
    assert write(sqlite, "t", FRAME) == 3


def test_a_failure_leaves_no_rows(sqlite: str) -> None:
    def breaks_off() -> None:
        with SqlSink(sqlite, "t") as sink:
            sink.write(FRAME)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        breaks_off()
    assert write(sqlite, "t", FRAME) == 3


def test_refusals_show_no_value(sqlite: str) -> None:
    with pytest.raises(SinkError) as caught:
        write(sqlite, "t", FRAME[["n"]], pd.DataFrame({CANARY: [1]}))
    assert "OperationalError" in str(caught.value)
    with pytest.raises(SinkError) as huge:
        write(sqlite, "u", pd.DataFrame({"text": [CANARY], "n": [2**70]}))
    assert CANARY not in str(huge.value) + str(caught.value)
    assert huge.value.__cause__ is None


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a fresh PostgreSQL server that lives as long as the module's tests."""
    pytest.importorskip("psycopg")
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = shutil.which("initdb") or (str(programs[-1]) if programs else None)
    if initdb is None:
        pytest.skip("no PostgreSQL server is installed")
    # The server refuses to run as root; Debian's package brings a user for it.
    become = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    root = tmp_path_factory.mktemp("postgres")
    if become:
        shutil.chown(root, "postgres")
        for folder in (root, *root.parents[:-2]):
            folder.chmod(folder.stat().st_mode | 0o055)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data, options = root / "data", f"-p {port} -k {root} -c listen_addresses=127.0.0.1 -F"
    control = [*become, str(Path(initdb).with_name("pg_ctl")), "-D", str(data), "-w", "-s"]
    made = [*become, initdb, "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    subprocess.run(made, check=True, capture_output=True, cwd=root)
    log = ["-l", str(root / "log")]
    subprocess.run([*control, "start", *log, "-o", options], check=True, cwd=root)
    try:
        yield f"postgresql://postgres:ignored@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "stop", "-m", "immediate"], check=True, cwd=root)


def test_postgres_round_trip(postgres: str) -> None:
    assert write(postgres, "plain", FRAME) == 3
    pd.testing.assert_frame_equal(
        stored(postgres, "plain"),
        FRAME.astype({"when": "datetime64[us]"}),
        check_dtype=False,
        check_exact=True,
    )
    assert read_header(SourceSpec(path=postgres, table="plain"), Path()) == list(FRAME.columns)


def test_postgres_schemas_types_and_queries(postgres: str) -> None:
    engine = sa.create_engine(postgres.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.exec_driver_sql("create schema shop")
        connection.exec_driver_sql("create sequence shop.counter")
        connection.exec_driver_sql(
            "create table shop.goods (id uuid, price numeric(9, 2), day date, at timestamptz, "
            "clock time, span interval, tags text[])"
        )
        connection.exec_driver_sql(
            "insert into shop.goods values ('7d1e9c2e-6b0a-4a51-8f6e-0b2f1c3d4e5f', 1.25, "
            "'2020-01-02', '2020-01-02 03:04+00', '01:02:03', '90 s', array['x'])"
        )
    engine.dispose()
    with pytest.raises(SinkError, match=r"'shop\.goods' has rows already"):
        write(postgres, "shop.goods", FRAME)
    change = SourceSpec(path=postgres, query="select nextval('shop.counter') as n")
    with pytest.raises(SourceError, match=r"refused the query \(\w+, SQLSTATE 25006\)"):
        read_table(change, Path(), np.random.default_rng(0))
    query = "select id, price, day, at, clock, span, 'a%b'::text as t from shop.goods"
    raw = read_table(SourceSpec(path=postgres, query=query), Path(), np.random.default_rng(0))
    row = raw.frame.iloc[0]
    assert row["id"] == "7d1e9c2e-6b0a-4a51-8f6e-0b2f1c3d4e5f"
    assert row["price"] == 1.25
    assert row["day"] == pd.Timestamp("2020-01-02")
    assert row["at"] == pd.Timestamp("2020-01-02 03:04", tz="UTC")
    assert row["clock"] == pd.Timedelta("01:02:03")
    assert row["span"] == pd.Timedelta(seconds=90)
    assert row["t"] == "a%b"
    assert set(raw.origin.dialect.types) == {"id", "price", "day", "clock", "t"}
    assert write(postgres, "shop.made", raw.frame) == 1
    assert stored(postgres, "shop.made")["span"].tolist() == [90.0]


def test_postgres_writes_all_or_nothing(postgres: str) -> None:
    with pytest.raises(SinkError, match=r"refused \(.*SQLSTATE") as caught:
        write(postgres, "half", FRAME[["n"]], pd.DataFrame({"n": [CANARY]}))
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert write(postgres, "half", pd.DataFrame({"n": ["now text"]})) == 1
