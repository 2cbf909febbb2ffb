"""Metadata of SDV in and out: every sdtype has a kind or is named in a note, and no value leaves."""

from __future__ import annotations

import json
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import synthkit as sk
from synthkit.columns import detect
from synthkit.errors import SchemaError
from synthkit.schema import Unique
from synthkit.sdv_exchange import exported, imported, read, settled


def metadata(columns: dict[str, Any], **table: Any) -> dict[str, Any]:
    about = {"columns": columns, **table}
    return {"tables": {"people": about}, "relationships": [], "METADATA_SPEC_VERSION": "V2"}


@pytest.mark.parametrize(
    ("entry", "declared"),
    [
        ({"sdtype": "numerical"}, {"kind": "real"}),
        ({"sdtype": "numerical", "decimal_places": 0}, {"kind": "integer"}),
        ({"sdtype": "numerical", "decimal_places": 2}, {"kind": "real", "decimals": 2}),
        ({"sdtype": "numerical", "computer_representation": "Int64"}, {"kind": "integer"}),
        ({"sdtype": "numerical", "computer_representation": "Float"}, {"kind": "real"}),
        ({"sdtype": "categorical"}, {"kind": "categorical"}),
        ({"sdtype": "boolean"}, {"kind": "boolean"}),
        (
            {"sdtype": "ordinal", "range_values": ["low", "high"]},
            {"kind": "ordinal", "order": ("low", "high")},
        ),
        (
            {"sdtype": "categorical", "order": ["low", "high"]},
            {"kind": "ordinal", "order": ("low", "high")},
        ),
        ({"sdtype": "datetime"}, {"kind": "datetime"}),
        (
            {"sdtype": "datetime", "datetime_format": "%d.%m.%Y"},
            {"kind": "datetime", "format": "%d.%m.%Y"},
        ),
        ({"sdtype": "id"}, {"kind": "identifier"}),
        ({"sdtype": "ssn"}, {"kind": "identifier"}),
        ({"sdtype": "email", "pii": True}, {"kind": "text"}),
        ({"sdtype": "first_name"}, {"kind": "text"}),
    ],
)
def test_a_known_sdtype_has_a_kind(entry: dict[str, Any], declared: dict[str, Any]) -> None:
    found = imported(metadata({"x": entry}))
    assert found.spec.columns["x"].model_dump(exclude_none=True) == declared
    assert not found.notes


@pytest.mark.parametrize(
    ("entry", "kind", "note"),
    [
        ({"sdtype": "unknown"}, "text", "column x: sdtype unknown is not known here"),
        ({"sdtype": "bank_country"}, "text", "column x: sdtype bank_country is not known here"),
        ({"sdtype": "city", "pii": False}, "categorical", "column x: sdtype city without pii"),
        ({"sdtype": "ordinal"}, None, "column x: ordinal without an order"),
        ({"sdtype": "datetime", "datetime_format": "%j"}, "datetime", "its datetime_format"),
        ({"sdtype": "numerical", "range_min": 0}, "real", "range_min: not taken, but seen in"),
        ({"sdtype": "id", "regex_format": "A{3}"}, "identifier", "column x: regex_format not"),
    ],
)
def test_what_has_no_counterpart_is_said(
    entry: dict[str, Any], kind: str | None, note: str
) -> None:
    found = imported(metadata({"x": entry}))
    assert found.spec.columns["x"].kind == kind
    assert len(found.notes) == 1
    assert note in found.notes[0]


def test_keys_are_identifiers_and_a_composite_key_is_unique() -> None:
    columns = {"a": {"sdtype": "id"}, "b": {"sdtype": "email"}, "c": {"sdtype": "numerical"}}
    found = imported(metadata(columns, primary_key="a", alternate_keys=["b"]))
    assert [found.spec.columns[name].kind for name in "abc"] == ["identifier", "identifier", "real"]
    assert found.spec.constraints == ()
    found = imported(metadata(columns, primary_key=["a", "c"]))
    assert found.spec.constraints == (Unique(kind="unique", columns=("a", "c")),)
    with pytest.raises(SchemaError, match="a key names the column 'z'"):
        imported(metadata(columns, primary_key="z"))


def test_ranges_of_many_columns_are_one_note() -> None:
    """SDV 2 writes the ranges of all columns."""
    town = {"sdtype": "categorical", "range_values": ["a", "b"], "range_is_nullable": False}
    found = imported(metadata({"town": town, "home": town}))
    assert [spec.kind for spec in found.spec.columns.values()] == ["categorical"] * 2
    said = "range_is_nullable, range_values: not taken, but seen in the data itself"
    assert found.notes == (said,)


def test_a_table_of_sequences_is_said_to_be_independent_rows() -> None:
    found = imported(metadata({"a": {"sdtype": "id"}}, sequence_key="a"))
    assert found.notes == ("sequence_key: not taken, as rows are independent",)


def test_the_older_form_of_one_table_is_read() -> None:
    old = {
        "primary_key": "id",
        "METADATA_SPEC_VERSION": "SINGLE_TABLE_V1",
        "columns": {"id": {"sdtype": "id"}, "sex": {"sdtype": "categorical"}},
    }
    found = imported(old)
    assert {name: spec.kind for name, spec in found.spec.columns.items()} == {
        "id": "identifier",
        "sex": "categorical",
    }
    assert not found.notes


def test_of_several_tables_one_is_to_be_named() -> None:
    two = metadata({"x": {"sdtype": "numerical"}})
    two["tables"]["orders"] = {"columns": {"y": {"sdtype": "id"}}}
    with pytest.raises(SchemaError, match=r"2 tables; expected one.* people, orders"):
        imported(two)
    assert set(imported(two, "orders").spec.columns) == {"y"}
    with pytest.raises(SchemaError, match="no table 'sales'; expected one of people, orders"):
        imported(two, "sales")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "no metadata of SDV"),
        ({}, "no columns"),
        ({"tables": {}}, "describes no table"),
        ({"tables": {"a": {"fields": {}}}}, "before 1.0"),
        ({"METADATA_SPEC_VERSION": "V9", "tables": {}}, "version of this metadata is unknown"),
        ({"tables": {"a": {"columns": {"x": 3}}}}, "column x has no sdtype"),
    ],
)
def test_other_content_is_refused(content: Any, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        imported(content)


def test_a_file_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"nowhere\.json: the metadata cannot be read"):
        read(tmp_path / "nowhere.json")
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(SchemaError, match=r"a\.json: this is no JSON"):
        read(tmp_path / "a.json")


def people(n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "id": [f"P-{i:05d}" for i in rng.permutation(n)],
            "age": rng.integers(18, 90, n),
            "pay": rng.integers(1000, 9000, n) / 100,
            "town": rng.choice(["Ulmenstadt", "Birkenau", "Eschwege"], n),
            "size": rng.choice(["small", "medium", "large"], n),
            "member": rng.random(n) < 0.3,
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D"),
        }
    )


def quietly(data: Any) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sk.to_sdv_metadata(data, table="people")


def test_a_frame_s_metadata_holds_kinds_and_keys_and_no_value() -> None:
    with pytest.warns(UserWarning, match="column size: its order holds values of the data"):
        content = sk.to_sdv_metadata(people(), table="people")
    about = content["tables"]["people"]
    assert content["METADATA_SPEC_VERSION"] == "V2"
    assert about["primary_key"] == "id"
    assert about["columns"] == {
        "id": {"sdtype": "id"},
        "age": {"sdtype": "numerical", "decimal_places": 0},
        "pay": {"sdtype": "numerical", "decimal_places": 2},
        "town": {"sdtype": "categorical"},
        "size": {"sdtype": "categorical"},
        "member": {"sdtype": "boolean"},
        "since": {"sdtype": "datetime"},
    }
    assert not any(value in json.dumps(content) for value in ("Birkenau", "small", "P-0"))


def test_out_and_in_again_gives_the_kinds_back() -> None:
    frame = people().drop(columns="size")
    schema = detect(frame)
    found = imported(exported(schema)[0])
    assert not found.notes
    again = detect(frame, settled(found, schema))
    assert [c.kind for c in again.columns] == [c.kind for c in schema.columns]


def test_numbers_of_unknown_precision_are_integers_where_the_data_are() -> None:
    columns = {"age": {"sdtype": "numerical"}, "pay": {"sdtype": "numerical"}}
    spec = settled(imported(metadata(columns)), detect(people()))
    assert {name: column.kind for name, column in spec.columns.items()} == {
        "age": "integer",
        "pay": "real",
    }


def test_python_takes_metadata_as_a_schema(tmp_path: Path) -> None:
    path = tmp_path / "metadata.json"
    path.write_text(json.dumps(metadata({"age": {"sdtype": "categorical"}})))
    assert sk.from_sdv_metadata(path) == {"columns": {"age": {"kind": "categorical"}}}
    content = metadata({"age": {"sdtype": "unknown", "pii": False}})
    with pytest.warns(UserWarning, match="sdtype unknown without pii"):
        assert sk.from_sdv_metadata(content)["columns"]["age"] == {"kind": "categorical"}
    with pytest.raises(sk.SynthkitError, match="metadata"):
        sk.from_sdv_metadata(7)  # type: ignore[arg-type]


@pytest.mark.skipif(find_spec("sdv") is None, reason="sdv is not installed")
def test_sdv_takes_the_metadata() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sdv.metadata import Metadata

        loaded = Metadata.load_from_dict(quietly(people()))
        loaded.validate()
        loaded.validate_data({"people": people()})
