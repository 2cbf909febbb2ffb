"""The effective recipe reads back as itself; the fingerprint follows what matters and no more."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthkit.document import Document
from synthkit.recipe_io import effective_yaml, fingerprint, load_recipe, parse_recipe
from synthkit.recipe_io.write import FINGERPRINT_SCHEME, WITHOUT_EFFECT

CONTENT = {
    "version": 1,
    "source": {"path": "data.csv"},
    "schema": {
        "target": "income",
        "sensitive": ["sex"],
        "constraints": [{"kind": "range", "column": "age", "min": 17}],
    },
    "output": {"path": "out"},
}


def of(*overrides: str) -> str:
    return fingerprint(parse_recipe(CONTENT, overrides).recipe)


def test_the_fingerprint_is_a_hash_with_the_schemes_number() -> None:
    scheme, digest = of().split("-")
    assert scheme == str(FINGERPRINT_SCHEME)
    assert len(bytes.fromhex(digest)) == 32


def test_comments_order_spelling_and_defaults_do_not_change_the_fingerprint(tmp_path: Path) -> None:
    texts = [
        "version: 1\nsource: {path: data.csv}\noutput: {path: out}\n",
        "# a comment\noutput: {path: out}\nsource:\n  path: 'data.csv' # another\nversion: 1\n",
        "version: 1\nseed: 0\nsource: {kind: table, path: data.csv, holdout: 5e-1}\n"
        "output: {path: out, format: csv, shard_rows: 1_000_000}\ngenerator: {backend: trees}\n",
        "version: 1\nname: a label\nsource: {path: data.csv}\noutput: {path: elsewhere}\n",
    ]
    found = set()
    for i, text in enumerate(texts):
        path = tmp_path / f"{i}.yaml"
        path.write_text(text)
        found.add(fingerprint(load_recipe(path).recipe))
    assert len(found) == 1


@pytest.mark.parametrize(
    "override", ["name=x", "output.path=elsewhere"], ids=lambda text: text.partition("=")[0]
)
def test_fields_without_effect_do_not_change_it(override: str) -> None:
    assert of(override) == of()


def test_every_field_without_effect_has_a_reason_and_exists() -> None:
    recipe = parse_recipe(CONTENT).recipe.model_dump(by_alias=True)
    for (*holders, key), reason in WITHOUT_EFFECT.items():
        part = recipe
        for holder in holders:
            part = part[holder]
        assert key in part
        assert len(reason) > 10


@pytest.mark.parametrize(
    "override",
    [
        "seed=1",
        "source.path=other.csv",
        "source.holdout=0.4",
        "source.format=csv",
        "source.delimiter=;",
        "source.encoding=cp1252",
        "source.header=true",
        "source.max_rows=10",
        "schema.target=other",
        "schema.sensitive=[]",
        "schema.columns.age.kind=integer",
        "schema.columns.age.missing=['?']",
        "schema.constraints.0.min=18",
        "schema.constraints=[]",
        "generator.budget=60s",
        "protect.rare=6",
        "protect.extremes=0",
        "fidelity.c2st.max=0.7",
        "privacy.policy=release",
        "privacy.on_fail=warn",
        "output.rows=10",
        "output.format=parquet",
        "output.shard_rows=10",
    ],
)
def test_every_field_with_effect_changes_it(override: str) -> None:
    assert of(override) != of()


@pytest.mark.parametrize(
    "override",
    ["size=28", "size=[28, 30]", "fit=squash", "channels=rgb", "images=x", "labels=y"],
)
def test_what_is_made_of_images_changes_it(override: str, tmp_path: Path) -> None:
    images = ("source.kind=images", f"source.{override}")
    assert of(*images) != of(images[0])
    recipe = parse_recipe(CONTENT, images).recipe
    path = tmp_path / "recipe.yaml"
    path.write_text(effective_yaml(recipe), encoding="utf-8")
    assert load_recipe(path).recipe == recipe


def test_every_option_of_the_default_backend_changes_it() -> None:
    options = parse_recipe(CONTENT).recipe.generator.options
    numbers = {k: v for k, v in options.items() if type(v) in (int, float) and v >= 1}
    assert numbers
    for key, value in numbers.items():
        assert of(f"generator.{key}={value + 1}") != of()
        assert of(f"generator.{key}={value}") == of()


def test_the_effective_recipe_reads_back_as_itself(tmp_path: Path) -> None:
    overrides = [
        "name='no'",
        "generator.budget=90s",
        "schema.sensitive=['1e-3', 'true', 'null', '2020', '007', '0x10', 'a: b', '', 'ü\\n\"']",
        "schema.columns={x: {kind: ordinal, order: [1, low, 'on']}}",
        "fidelity={c2st: {max: 0.7}}",
    ]
    recipe = parse_recipe(CONTENT, overrides).recipe
    path = tmp_path / "recipe.yaml"
    path.write_text(effective_yaml(recipe), encoding="utf-8")
    again = load_recipe(path).recipe
    assert again == recipe
    assert effective_yaml(again) == effective_yaml(recipe)
    assert fingerprint(again) == fingerprint(recipe)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_column_name_survives_the_effective_recipe(name: str) -> None:
    recipe = parse_recipe({**CONTENT, "schema": {"target": name}}, environ={"HOME": "x"}).recipe
    document = Document.parse(effective_yaml(recipe), "again")
    assert document.problems == []
    assert document.data["schema"]["target"] == name
