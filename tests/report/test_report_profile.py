"""What is drawn of the data: complete, strict JSON, and without a real cell value."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from synthkit.report.profile import describe_columns, describe_pairs
from synthkit.schema import Column, Schema

CANARY = "Zanzibar-Canary"
Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def test_every_column_is_described_in_order(tables: Tables, schema: Schema) -> None:
    columns = describe_columns(*tables, schema)
    assert [column["name"] for column in columns] == list(schema.names)
    roles = {column["name"]: column["roles"] for column in columns}
    assert roles["member"] == ["target"]
    assert roles["city"] == ["sensitive"]
    assert columns[0]["reason"] == "every cell is a whole number"
    types = {column["name"]: column["distribution"]["type"] for column in columns}
    assert [name for name, kind in types.items() if kind == "categories"] == [
        "member",
        "city",
        "size",
        "country",
        "anything",
    ]


def test_descriptions_survive_strict_json(tables: Tables, schema: Schema) -> None:
    described = [
        *describe_columns(*tables, schema),
        *describe_pairs(*tables, schema, np.random.default_rng(0)),
    ]
    assert json.loads(json.dumps(described, allow_nan=False)) == described


def test_shares_of_a_column_add_up(tables: Tables, schema: Schema) -> None:
    for column in describe_columns(*tables, schema):
        d = column["distribution"]
        ends = [d["other"]] if d["type"] == "categories" else [d["below"], d["above"], *d["spikes"]]
        whole = sum(d["synthetic"]) + sum(end["synthetic"] for end in ends)
        assert whole + column["missing"]["synthetic"] == pytest.approx(1, abs=1e-4)
        shown = sum(d["real"]) + sum(end["real"] for end in ends) + column["missing"]["real"]
        assert shown <= 1.005  # three digits


def test_planted_secrets_do_not_get_in(tables: Tables, schema: Schema) -> None:
    train, holdout, synthetic = tables
    train.loc[3, "city"] = CANARY
    train.loc[:30, "anything"] = CANARY  # common, but not among the synthetic rows
    synthetic.loc[5, "size"] = CANARY  # among the synthetic rows, but only three real ones
    train.loc[:2, "size"] = CANARY
    train.loc[4, "age"] = 987_654_321
    train.loc[4, "income"] = 987_654_321.5
    train.loc[4, "since"] = pd.Timestamp("1867-07-07T07:07:07")
    train.loc[4, "visit"] = pd.Timedelta(days=87_654)
    train.loc[7, "remark"] = CANARY * 40
    train.loc[7, "code"] = CANARY
    written = json.dumps(describe_columns(train, holdout, synthetic, schema))
    for secret in (CANARY, "987654321", "9.87", "1867", "1860", str(87_654 * 86_400), "K-1-"):
        assert secret not in written
    edges = {c["name"]: c["distribution"].get("edges") for c in json.loads(written)}
    assert edges["age"][-1] <= 100
    assert edges["income"][-1] < 1e6


def test_edges_hold_no_extreme_of_continuous_data(tables: Tables, schema: Schema) -> None:
    train = tables[0]
    income = describe_columns(*tables, schema)[1]["distribution"]
    assert len(income["edges"]) > 5
    assert set(income["edges"]) & set(train["income"]) == {0}  # a spike, and public


def test_a_tiny_table_shows_nothing_of_its_rows(tables: Tables, schema: Schema) -> None:
    few = tuple(table.head(4) for table in tables)
    for column in describe_columns(*few, schema):
        d = column["distribution"]
        assert d.get("labels", d.get("edges")) == []
        assert sum(d["real"]) == 0


def test_identifiers_and_texts_have_counts_and_lengths_only(tables: Tables, schema: Schema) -> None:
    train, holdout, synthetic = tables
    synthetic.loc[:149, "code"] = train["code"].to_numpy()[:150]
    code = describe_columns(train, holdout, synthetic, schema)[7]
    assert code["distribution"]["unit"] == "length"
    assert code["distinct"] == {"real": 600, "holdout": 600, "synthetic": 600}
    assert code["reused"] == {"holdout": 0.0, "synthetic": 0.25}


def test_without_holdout_its_numbers_are_none(tables: Tables, schema: Schema) -> None:
    train, _, synthetic = tables
    columns = describe_columns(train, None, synthetic, schema)
    assert all(column["gap"]["holdout"] is None for column in columns)
    assert all(column["distribution"]["holdout"] is None for column in columns)
    pairs = describe_pairs(train, None, synthetic, schema, np.random.default_rng(0))
    assert all(pair["holdout_difference"] is None for pair in pairs)


def test_the_same_rows_have_no_gap_and_other_rows_have_one(tables: Tables, schema: Schema) -> None:
    train, holdout, _ = tables
    assert all(c["gap"]["synthetic"] == 0 for c in describe_columns(train, holdout, train, schema))
    shifted = train.assign(age=train["age"] + 200)
    assert describe_columns(train, holdout, shifted, schema)[0]["gap"]["synthetic"] == 1.0


def test_a_broken_pair_comes_first(tables: Tables, schema: Schema) -> None:
    train, holdout, _ = tables
    broken = train.assign(age=np.random.default_rng(0).permutation(train["age"]))
    broken["age"] = broken["age"].astype("Int64")
    pairs = describe_pairs(train, holdout, broken, schema, np.random.default_rng(0))
    assert (pairs[0]["a"], pairs[0]["b"]) == ("age", "member")
    assert pairs[0]["difference"] < -0.5
    assert abs(pairs[0]["holdout_difference"]) < 0.1
    # Nine columns are modelled, and the constant is left out.
    assert len(pairs) == 8 * 7 // 2


def test_row_order_does_not_matter(tables: Tables, schema: Schema) -> None:
    shuffled = tuple(table.sample(frac=1, random_state=5) for table in tables)
    assert describe_columns(*shuffled, schema) == describe_columns(*tables, schema)


def test_at_most_forty_columns_are_paired_with_target_and_sensitive_among_them() -> None:
    rng = np.random.default_rng(0)
    names = [f"c{i:02d}" for i in range(60)]
    frame = pd.DataFrame(rng.normal(size=(80, 60)), columns=names)
    schema = Schema(
        columns=tuple(Column(name=name, kind="real") for name in names),
        target="c59",
        sensitive=("c55",),
    )
    pairs = describe_pairs(frame, None, frame, schema, rng)
    used = {name for pair in pairs for name in (pair["a"], pair["b"])}
    assert used == {*names[:38], "c55", "c59"}


@pytest.mark.parametrize(
    ("column", "labels"),
    [
        (Column(name="m", kind="boolean", true="Yes", false="No"), ["No", "Yes"]),
        (Column(name="m", kind="boolean", true="1", false="0"), ["0", "1"]),
        (Column(name="m", kind="boolean", dtype="bool"), ["False", "True"]),
    ],
)
def test_booleans_are_labelled_as_the_data_spells_them(column: Column, labels: list[str]) -> None:
    cells = pd.array([False] * 60 + [True] * 30 + [None] * 10, dtype="boolean")
    frame = pd.DataFrame({"m": cells})
    (described,) = describe_columns(frame, frame, frame, Schema(columns=(column,)))
    distribution = described["distribution"]
    assert distribution["labels"] == labels
    assert distribution["real"] == distribution["synthetic"] == [0.6, 0.3]


def test_a_label_of_fewer_than_five_real_rows_is_not_told() -> None:
    column = Column(name="m", kind="boolean", true="Yes", false="No")
    frame = pd.DataFrame({"m": pd.array([False] * 96 + [True] * 4, dtype="boolean")})
    (described,) = describe_columns(frame, None, frame, Schema(columns=(column,)))
    assert described["distribution"]["labels"] == ["No"]
    assert "Yes" not in repr(described)
