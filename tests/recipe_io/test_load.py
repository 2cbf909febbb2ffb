"""Loading: files, bundled names, mappings, overrides, variables, columns."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from synthkit.errors import Problem, RecipeError, SchemaError, SourceError, together
from synthkit.recipe_io import (
    LoadedRecipe,
    effective_yaml,
    fingerprint,
    load_recipe,
    parse_recipe,
    placed,
)

TEXT = """\
version: 1
source: {path: data.csv}
schema:
  target: income
  sensitive: [sex]
  columns: {"a.b": {kind: real}}
  constraints:
    - {kind: range, column: age, min: 17}
    - {kind: inequality, low: start, high: end}
    - {kind: unique, columns: [id, day]}
output: {path: out}
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT)
    return path


def problems(*arguments: object, **options: object) -> list[Problem]:
    with pytest.raises(RecipeError) as caught:
        load_recipe(*arguments, **options)  # type: ignore[arg-type]
    return list(caught.value.problems)


def test_a_file_knows_its_folder_name_and_text(recipe: Path) -> None:
    loaded = load_recipe(recipe)
    assert loaded.base == recipe.parent
    assert loaded.name == "mine"
    assert loaded.text == TEXT
    assert loaded.recipe.declared.columns["a.b"].kind == "real"


def test_the_recipes_own_name_comes_first(recipe: Path) -> None:
    assert load_recipe(recipe, ["name=other"]).name == "other"


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert load_recipe(path).recipe.declared.target == "income"


def test_words_that_older_yaml_takes_for_booleans_are_text(recipe: Path) -> None:
    loaded = load_recipe(
        recipe, ["schema.sensitive=[no, on, 2020-01-01]", "fidelity.c2st.max=7e-1"]
    )
    assert loaded.recipe.declared.sensitive == ("no", "on", "2020-01-01")
    assert loaded.recipe.fidelity.thresholds["c2st"].max == 0.7


def test_a_yes_is_a_boolean_where_one_is_expected(recipe: Path) -> None:
    assert load_recipe(recipe, ["source.header=no"]).recipe.source.header is False


@pytest.mark.parametrize("name", ["nope.yaml", "./nope.yml"])
def test_a_missing_file_points_to_list_and_init(name: str) -> None:
    (problem,) = problems(name)
    assert problem.where == name
    assert problem.what == "there is no such file"
    assert "synthkit list recipes" in (problem.remedy or "")


def test_an_unknown_bundled_name_gets_the_nearest() -> None:
    (problem,) = problems("table/adlt")
    assert "did you mean 'table/adult'?" in (problem.remedy or "")


@pytest.mark.parametrize("name", ["data.csv", "my data.jsonl.gz", "missing.PARQUET"])
def test_data_in_place_of_a_recipe_points_to_init(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if "missing" not in name:
        path.write_text('{"version": 1}')
    (problem,) = problems(path)
    assert problem.what == "this is data"
    assert (problem.remedy or "").endswith(f"synthkit init {shlex.quote(str(path))}")


def test_a_folder_is_no_recipe(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path)
    assert "cannot be read" in problem.what


def test_later_overrides_win_and_reach_into_lists_and_quoted_keys(recipe: Path) -> None:
    loaded = load_recipe(
        recipe,
        [
            "seed=3",
            "seed=4",
            "output.rows=1_000",
            "generator.budget=5m",
            "schema.constraints.0.min=18",
            'schema.columns."a.b".kind=integer',
            "privacy.on_fail=warn",
        ],
    )
    declared = loaded.recipe.declared
    assert loaded.recipe.seed == 4
    assert loaded.recipe.output.rows == 1000
    assert loaded.recipe.generator.budget == 300.0
    assert declared.constraints[0].min == 18  # type: ignore[union-attr]
    assert declared.columns["a.b"].kind == "integer"
    assert loaded.recipe.privacy.on_fail == "warn"
    assert loaded.text == TEXT


@pytest.mark.parametrize(
    ("override", "where", "part"),
    [
        ("seed=x", "--set seed", "seed: is text; expected a whole number"),
        ("sede=1", "--set sede", "Did you mean 'seed'?"),
        ("output.rows=[1", "--set output.rows", "the structure breaks off here"),
        ("seed", "--set seed", "this is no override; expected key=value"),
        ("=3", "--set =3", "this is no override"),
        ('a."b=3', '--set a."b', "this is no override"),
        ("schema.constraints.9.min=1", "--set schema.constraints.9.min", "has no part '9'"),
        ("schema.target.x=1", "--set schema.target.x", "has no part 'x'"),
        (
            "generator.no_such=1",
            "--set generator.no_such",
            "generator.no_such: there is no such key",
        ),
        ("bias.mode=corrective", "--set bias.mode", "not in this version"),
        ("source.path=${NOT_SET_X}", "--set source.path", "NOT_SET_X is not set"),
    ],
)
def test_a_bad_override_is_named_as_such(
    recipe: Path, override: str, where: str, part: str
) -> None:
    (problem,) = problems(recipe, [override], environ={})
    assert problem.where == where
    assert part in str(problem)


def test_a_problem_of_the_file_keeps_its_line_beside_an_override(recipe: Path) -> None:
    recipe.write_text(TEXT + "seed: x\n")
    found = problems(recipe, ["output.rows=0"])
    assert [p.where for p in found] == [f"{recipe}:12:7", "--set output.rows"]


def test_a_secret_is_never_in_the_recipe_nor_in_what_is_written(
    recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_PASSWORD", "hunter2")
    url = "source={path: 'postgresql://me:${DB_PASSWORD}@h/db', table: t}"
    loaded = load_recipe(recipe, [url])
    assert loaded.expand(loaded.recipe.source.path) == "postgresql://me:hunter2@h/db"
    for text in (repr(loaded), effective_yaml(loaded.recipe)):
        assert "hunter2" not in text
        assert "${DB_PASSWORD}" in text
    before = fingerprint(loaded.recipe)
    monkeypatch.setenv("DB_PASSWORD", "rotated")
    assert fingerprint(load_recipe(recipe, [url]).recipe) == before


def test_the_backends_options_come_complete_with_their_defaults(recipe: Path) -> None:
    from synthkit.generators import generators

    loaded = load_recipe(recipe)
    config = generators.get("trees").Config  # type: ignore[attr-defined]
    assert loaded.recipe.generator.options == config().model_dump(mode="json")


def test_a_section_with_everything_commented_out_counts_as_left_out(recipe: Path) -> None:
    recipe.write_text(
        "version: 1\nsource: {path: d.csv}\nschema:\n  # target: income\ngenerator:\n"
        "output: {path: out}\n"
    )
    assert load_recipe(recipe).recipe.declared.target is None
    recipe.write_text("version: 1\nsource:\noutput: {path: out}\n")
    (problem,) = problems(recipe)
    assert str(problem).startswith(f"{recipe}:2:1: source: is missing")


def test_a_mapping_is_as_good_as_a_file(recipe: Path) -> None:
    content = {"version": 1, "source": {"path": "a.csv"}, "output": {"path": "out"}}
    loaded = parse_recipe(content, ["output.rows=5"])
    assert loaded.recipe.output.rows == 5
    assert content["output"] == {"path": "out"}
    assert isinstance(loaded, LoadedRecipe)
    with pytest.raises(RecipeError, match=r"recipe: schema\.target: is a number"):
        parse_recipe({**content, "schema": {"target": 3}})


def test_columns_that_the_data_lacks_are_named_with_their_places(recipe: Path) -> None:
    header = ["incme", "sex", "a.b", "age", "start", "id"]
    found = problems(recipe, read_header=lambda spec, base: header)
    assert [(p.where.removeprefix(f"{recipe}:"), p.key) for p in found] == [
        ("4:11", "schema.target"),
        ("9:44", "schema.constraints[1].high"),
        ("10:36", "schema.constraints[2].columns[1]"),
    ]
    assert "the data has no column 'income'" in str(found[0])
    assert "Did you mean 'incme'?" in str(found[0])
    complete = [*header, "income", "end", "day"]
    assert load_recipe(recipe, read_header=lambda spec, base: complete).header == complete


def test_columns_of_computed_columns_have_their_places_too(recipe: Path) -> None:
    recipe.write_text(
        "version: 1\nsource: {path: data.csv}\noutput: {path: out}\nschema:\n  constraints:\n"
        "    - {kind: sum, total: pay, parts: [fare, tip]}\n"
        "    - {kind: dependency, from: zone, to: town}\n"
    )
    found = problems(recipe, read_header=lambda spec, base: ["fare"])
    assert [(p.where.removeprefix(f"{recipe}:"), p.key) for p in found] == [
        ("6:26", "schema.constraints[0].total"),
        ("6:45", "schema.constraints[0].parts[1]"),
        ("7:32", "schema.constraints[1].from"),
        ("7:42", "schema.constraints[1].to"),
    ]


def test_errors_about_keys_of_a_recipe_get_their_places(recipe: Path) -> None:
    loaded = load_recipe(recipe, ["schema.sensitive=[sex]"])
    errors = [
        SchemaError("d", at=("schema", "constraints", 1, "high")),
        SchemaError("c", at=("schema", "columns", "a.b"), remedy="mend it"),
        SchemaError("b", at=("schema", "target")),
        SchemaError("e", where="column day"),
        SchemaError("f", at=("schema", "sensitive", 0)),
    ]
    with pytest.raises(RecipeError) as caught, placed(loaded):
        raise together(errors)
    assert [str(p).removeprefix(f"{recipe}:") for p in caught.value.problems] == [
        "4:11: schema.target: b.",
        "6:13: schema.columns.a.b: c. Mend it.",
        "9:44: schema.constraints[1].high: d.",
        "column day: e.",
        "--set schema.sensitive: schema.sensitive[0]: f.",
    ]


def test_errors_about_nothing_in_a_recipe_pass_it_by(recipe: Path) -> None:
    with pytest.raises(SourceError), placed(load_recipe(recipe)):
        raise SourceError("no rows")


def test_a_holdout_of_zero_is_refused_where_the_policy_could_never_pass(recipe: Path) -> None:
    (problem,) = problems(recipe, ["source.holdout=0"])
    assert problem.key == "source.holdout"
    assert "the data would always be withheld" in problem.what
    assert load_recipe(recipe, ["source.holdout=0", "privacy.on_fail=warn"])


def test_a_policy_beside_the_recipe_is_checked_with_it(recipe: Path) -> None:
    (recipe.parent / "mine-policy.yaml").write_text("name: mine\nrequird: [c2st]\n")
    (problem,) = problems(recipe, ["privacy.policy=mine-policy.yaml"])
    assert problem.where.endswith("mine-policy.yaml:2:1")
    assert "Did you mean 'required'?" in str(problem)


def test_columns_with_pseudonyms_are_looked_for_in_the_header(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        "version: 1\nsource: {path: a.csv}\noutput: {path: b}\nprotect:\n  pseudonyms:\n"
        "    key: ${KEY}\n    columns: {dcotor: format}\n"
    )
    environ = {"KEY": "0123456789abcdef"}
    with pytest.raises(RecipeError) as caught:
        load_recipe(recipe, environ=environ, read_header=lambda spec, base: ["doctor", "age"])
    assert str(caught.value) == (
        f"{recipe}:7:15: protect.pseudonyms.columns.dcotor: the data has no column 'dcotor'; "
        "expected one of its 2 columns. Did you mean 'doctor'?"
    )


def test_a_key_stays_a_variable_in_all_that_is_made_of_a_recipe(tmp_path: Path) -> None:
    secret = "0123456789abcdef"
    pseudonyms = {"key": "${KEY}", "columns": {"a": "format"}}
    content = {
        "version": 1,
        "source": {"path": "a.csv"},
        "protect": {"pseudonyms": pseudonyms},
        "output": {"path": "b"},
    }
    loaded = parse_recipe(content, environ={"KEY": secret})
    again = tmp_path / "recipe.yaml"
    again.write_text(effective_yaml(loaded.recipe))
    assert load_recipe(again, environ={"KEY": secret}).recipe == loaded.recipe
    assert secret not in effective_yaml(loaded.recipe) + loaded.text + repr(loaded)
    other = parse_recipe(content, ["protect.pseudonyms.columns.b=format"], environ={"KEY": secret})
    assert fingerprint(other.recipe) != fingerprint(loaded.recipe)
    assert loaded.expand(loaded.recipe.protect.pseudonyms.key) == secret  # type: ignore[union-attr]


def test_the_column_to_balance_is_looked_for_in_the_header(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        "version: 1\nsource: {path: a.csv}\noutput:\n  path: b\n  balance: {incme: even}\n"
    )
    with pytest.raises(RecipeError) as caught:
        load_recipe(recipe, read_header=lambda spec, base: ["income", "age"])
    assert str(caught.value) == (
        f"{recipe}:5:13: output.balance.incme: the data has no column 'incme'; "
        "expected one of its 2 columns. Did you mean 'income'?"
    )
    override = ["output.balance={income: {'>50K': 0.5}}"]
    loaded = load_recipe(recipe, override, read_header=lambda spec, base: ["income", "age"])
    assert loaded.recipe.output.balance == {"income": {">50K": 0.5}}
    assert load_recipe(recipe, ["output.balance=null"]).recipe.output.balance is None
