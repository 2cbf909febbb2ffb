"""Reading databases: types, sampling, and errors that give neither password nor value away."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import numpy as np
import pytest

from synthkit.errors import MissingExtra, SourceError
from synthkit.recipe import SourceSpec
from synthkit.sources import RawTable, read_header, read_table

pytest.importorskip("sqlalchemy")
CANARY = "CANARY-7391"
PASSWORD = "hunter-2-secret"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    database = sqlite3.connect(tmp_path / "shop.db")
    with database:
        database.execute('create table "order" (id integer, name text, price real, misc)')
        database.executemany(
            'insert into "order" values (?, ?, ?, ?)',
            [(1, "50% off", 1.5, 1), (2, None, None, CANARY), (None, "é", 2.0, None)],
        )
        database.execute('create view cheap as select * from "order" where price < 2')
        database.execute("create table empty (a text)")
        database.execute("create table deep (a)")
        database.execute("insert into deep values (?)", [CANARY.encode()])
        database.execute("create table both (a)")
        database.executemany("insert into both values (?)", [(1,), (CANARY.encode(),)])
    database.close()
    return tmp_path


def read(folder: Path, path: str = "sqlite:///shop.db", **stated: object) -> RawTable:
    return read_table(SourceSpec(path=path, **stated), folder, np.random.default_rng(0))


def test_table_keeps_types_and_missing_cells(shop: Path) -> None:
    raw = read(shop, table="order")
    assert {name: str(dtype) for name, dtype in raw.frame.dtypes.items()} == {
        "id": "Int64",
        "name": "string",
        "price": "float64",
        "misc": "object",
    }
    assert raw.frame["misc"].tolist() == [1, CANARY, None]
    assert raw.frame["name"].tolist()[::2] == ["50% off", "é"]
    assert raw.origin.files == ()
    assert raw.origin.dialect.format == "sql"
    assert raw.origin.sha256 == read(shop, table="order").origin.sha256


def test_query_view_and_header(shop: Path) -> None:
    query = "select name as n from \"order\" where name like '50%' or name = ':x'"
    assert read(shop, query=query).frame["n"].tolist() == ["50% off"]
    assert len(read(shop, table="cheap").frame) == 1
    spec = SourceSpec(path="sqlite:///shop.db", table="order")
    assert read_header(spec, shop) == ["id", "name", "price", "misc"]
    assert read_header(SourceSpec(path="sqlite:///shop.db", query=query), shop) is None


def test_sampling_is_streamed(shop: Path) -> None:
    query = (
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000) "
        "select i from n"
    )
    raw = read(shop, query=query, max_rows=50)
    assert len(raw.frame) == 50
    assert raw.frame["i"].is_monotonic_increasing
    assert raw.origin.rows_total == 100_000
    assert "50" in raw.origin.notices[0]


def test_a_query_changes_nothing(shop: Path) -> None:
    with pytest.raises(SourceError):
        read(shop, query='delete from "order"')
    assert len(read(shop, table="order").frame) == 3


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({}, "a table or a query, and only one"),
        ({"table": "order", "query": "select 1"}, "a table or a query, and only one"),
        ({"table": "ordr"}, "no table 'ordr'.*[Dd]id you mean 'order'"),
        ({"query": f"selct '{CANARY}'"}, r"refused \(OperationalError\)"),
        ({"query": f"select abs('{CANARY}') from nowhere"}, r"refused \(OperationalError\)"),
        ({"query": "select id, id from 'order'"}, "'id' in columns 1, 2"),
        ({"table": "empty"}, "columns but no rows"),
        ({"table": "deep"}, r"'a' \(binary\)"),
        ({"table": "both"}, r"'a' \(binary\)"),
        ({"path": "sqlite:///none.db", "table": "t"}, "no such SQLite file"),
        ({"path": "nosuchdb://host/db", "table": "t"}, "no database driver for 'nosuchdb://'"),
        ({"path": "https://host/x.csv", "table": "t"}, "must be fetched"),
        ({"path": "mysql+pymysql://u@h/d", "table": "t"}, "pip install pymysql"),
    ],
)
def test_refusals_show_no_value(shop: Path, stated: dict[str, str], message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        read(shop, **stated)
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None or CANARY not in str(caught.value.__cause__)
    assert not (shop / "none.db").exists()


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://user:{PASSWORD}@127.0.0.1:1/db?sslpassword={PASSWORD}",
        f"postgresql://user:{PASSWORD}@127.0.0.1:port/db",
        f"postgresql//user:{PASSWORD}@[::1/db://",
    ],
)
def test_errors_never_show_the_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(tmp_path, url, table="t")
    assert PASSWORD not in str(caught.value) or "://" not in url[:15]
    assert caught.value.__cause__ is None


def test_missing_extra_names_the_install_line(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(MissingExtra, match=r"synthkit\[sql\]"):
        read(shop, table="order")
