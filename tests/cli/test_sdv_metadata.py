"""``init --sdv-metadata`` and ``schema --sdv``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from synthkit.recipe_io import load_recipe

ROWS = "".join(f"K-{i:04d},{20 + i % 60},{i % 5},town{i % 7}\n" for i in range(300))


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("people.csv").write_text("key,age,code,town\n" + ROWS)
    return tmp_path


def describe(**columns: dict) -> None:
    about = {"columns": columns, "primary_key": "key"}
    content = {"tables": {"people": about}, "METADATA_SPEC_VERSION": "V2"}
    Path("metadata.json").write_text(json.dumps(content))


def test_metadata_declares_the_columns_of_the_starter_recipe(synthkit, table: Path) -> None:
    describe(
        key={"sdtype": "id", "regex_format": "K-[0-9]{4}"},
        age={"sdtype": "numerical"},
        code={"sdtype": "categorical"},
    )
    answer = synthkit("init", "people.csv", "--sdv-metadata", "metadata.json")
    assert answer.exit_code == 0, answer.err
    assert "note: column key: regex_format not taken" in answer.out
    columns = load_recipe("recipe.yaml").recipe.declared.columns
    assert {name: spec.kind for name, spec in columns.items()} == {
        "key": "identifier",
        "age": "integer",
        "code": "categorical",
    }
    assert "#   town: {kind: categorical}" in Path("recipe.yaml").read_text()
    assert synthkit("validate", "recipe.yaml").exit_code == 0


def test_an_order_with_odd_labels_is_quoted(synthkit, table: Path) -> None:
    labels = ["yes", "a: b", "3"]
    rows = "".join(f"{i},{labels[i % 3]}\n" for i in range(99))
    Path("sizes.csv").write_text("key,size\n" + rows)
    describe(key={"sdtype": "id"}, size={"sdtype": "ordinal", "range_values": labels})
    answer = synthkit("init", "sizes.csv", "--sdv-metadata", "metadata.json")
    assert answer.exit_code == 0, answer.err
    assert load_recipe("recipe.yaml").recipe.declared.columns["size"].order == tuple(labels)


def test_a_composite_key_is_a_constraint(synthkit, table: Path) -> None:
    about = {"columns": {"key": {"sdtype": "id"}, "age": {"sdtype": "id"}}}
    about["primary_key"] = ["key", "age"]
    Path("metadata.json").write_text(json.dumps({"tables": {"people": about}}))
    answer = synthkit("init", "people.csv", "--sdv-metadata", "metadata.json")
    assert answer.exit_code == 0, answer.err
    assert load_recipe("recipe.yaml").recipe.declared.constraints[0].columns == ("key", "age")


def test_a_column_that_the_data_lack_is_refused(synthkit, table: Path) -> None:
    describe(key={"sdtype": "id"}, height={"sdtype": "numerical"})
    answer = synthkit("init", "people.csv", "--sdv-metadata", "metadata.json")
    assert answer.exit_code == 2
    assert "no column 'height'" in answer.err
    assert not Path("recipe.yaml").exists()


def test_metadata_goes_with_data(synthkit, table: Path) -> None:
    describe(key={"sdtype": "id"})
    answer = synthkit("init", "table/adult", "--sdv-metadata", "metadata.json")
    assert answer.exit_code == 2
    assert "metadata goes with data" in answer.err
    answer = synthkit("init", "people.csv", "--sdv-table", "people")
    assert answer.exit_code == 2
    assert "--sdv-metadata" in answer.err


def test_schema_prints_metadata_of_data_and_of_a_recipe(synthkit, table: Path) -> None:
    answer = synthkit("schema", "--sdv", "people.csv")
    assert answer.exit_code == 0, answer.err
    columns = json.loads(answer.out)["tables"]["table"]["columns"]
    assert columns["key"] == {"sdtype": "id"}
    assert columns["town"] == {"sdtype": "categorical"}
    Path("recipe.yaml").write_text(
        "version: 1\nsource: {path: people.csv}\noutput: {path: out}\n"
        "schema: {columns: {age: {kind: categorical}}}\n"
    )
    answer = synthkit("schema", "--sdv", "recipe.yaml")
    columns = json.loads(answer.out)["tables"]["table"]["columns"]
    assert columns["age"] == {"sdtype": "categorical"}
    assert "town1" not in answer.out


def test_no_part_of_it_needs_sdv(synthkit, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sdv", None)
    describe(key={"sdtype": "id"}, age={"sdtype": "numerical"})
    assert synthkit("init", "people.csv", "--sdv-metadata", "metadata.json").exit_code == 0
    assert synthkit("schema", "--sdv", "people.csv").exit_code == 0
