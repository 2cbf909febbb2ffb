"""Reading databases: types, sampling, and errors that give neither password nor value away."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import numpy as np
import pytest

import synthkit as sk
from synthkit.errors import MissingExtra, RecipeError, SourceError
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


@pytest.mark.parametrize(
    "query",
    [
        'delete from "order"',
        """update "order" set name = 'x' returning id""",
        "insert into empty values ('x') returning a",
        "create table new as select 1",
        "attach 'z.db' as z",
        "vacuum into 'z.db'",
        "pragma user_version = 7",
        "pragma journal_mode = wal",
    ],
)
def test_a_query_can_only_read(shop: Path, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    before = (shop / "shop.db").read_bytes()
    with pytest.raises(SourceError, match=r"refused the query .* that only reads") as caught:
        read(shop, query=query)
    assert caught.value.at == ("source", "query")
    assert (shop / "shop.db").read_bytes() == before
    assert [file.name for file in shop.iterdir()] == ["shop.db"]


def test_queries_that_describe_tables_are_reads(shop: Path) -> None:
    frame = read(shop, query="select name, type from pragma_table_info('order')").frame
    assert frame["name"].tolist() == ["id", "name", "price", "misc"]
    assert len(read(shop, query="select value from json_each('[1, 2]')").frame) == 2


def test_a_refused_query_is_told_with_its_line(tmp_path: Path, shop: Path) -> None:
    file = tmp_path / "r.yaml"
    file.write_text(
        "version: 1\nsource:\n  path: sqlite:///shop.db\n"
        f"  query: selct '{CANARY}' from t\noutput: {{path: {tmp_path}/out}}\n"
    )
    with pytest.raises(RecipeError) as caught:
        sk.generate(file)
    (problem,) = caught.value.problems
    assert (problem.where, problem.key) == (f"{file}:4:10", "source.query")
    assert problem.what == "the database refused the query (OperationalError)"
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({}, "a table or a query, and only one"),
        ({"table": "order", "query": "select 1"}, "a table or a query, and only one"),
        ({"table": "ordr"}, "no table 'ordr'.*[Dd]id you mean 'order'"),
        ({"query": f"selct '{CANARY}'"}, r"refused the query \(OperationalError\)"),
        (
            {"query": f"select abs('{CANARY}') from nowhere"},
            r"refused the query \(OperationalError\)",
        ),
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


@pytest.mark.parametrize("url", [f"https://me:{PASSWORD}@x.org/a.csv", "s3://bucket/a.csv"])
def test_a_file_on_the_web_must_be_fetched_driver_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(SourceError, match="must be fetched; expected a path") as caught:
        read(tmp_path, url)
    assert PASSWORD not in str(caught.value)


def test_missing_extra_names_the_install_line(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(MissingExtra, match=r"synthkit\[sql\]"):
        read(shop, table="order")
