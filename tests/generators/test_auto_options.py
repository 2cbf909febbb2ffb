"""What is wrong with the options of a race is said at its place; every backend's own are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from synthkit.errors import RecipeError
from synthkit.generators import generators
from synthkit.generators.cards import AUTO, card, choices, needed_package, own_backends
from synthkit.generators.options import require_packages
from synthkit.recipe_io import json_schema, load_recipe, parse_recipe

RECIPE = """\
version: 1
source: {path: 'example:adult'}
generator:
  backend: auto
  candidates: [trees, auto, transfomer, vae, vae]
  options:
    trees: {tree: 3}
    gan: {epochs: 2}
    vae: {epochs: many}
output: {path: out/x}
"""


def options(**given: Any) -> dict[str, Any]:
    """The effective options of a recipe with a race."""
    generator = {"backend": "auto", **given}
    content = {"version": 1, "source": {"path": "a"}, "generator": generator}
    return parse_recipe({**content, "output": {"path": "b"}}).recipe.generator.options


def test_every_problem_has_its_place_and_the_nearest_name(tmp_path: Path) -> None:
    file = tmp_path / "r.yaml"
    file.write_text(RECIPE)
    with pytest.raises(RecipeError) as caught:
        load_recipe(file)
    found = [(p.where.removeprefix(f"{file}:"), p.key, p.what) for p in caught.value.problems]
    assert found == [
        ("5:23", "generator.candidates[1]", "is 'auto'"),
        ("5:29", "generator.candidates[2]", "is 'transfomer'"),
        ("5:46", "generator.candidates[4]", "is named twice"),
        ("7:13", "generator.options.trees.tree", "there is no such key"),
        ("8:5", "generator.options.gan", "is no candidate of this race"),
        ("9:19", "generator.options.vae.epochs", "is text"),
    ]
    assert caught.value.problems[1].remedy == "did you mean 'transformer'?"
    assert caught.value.problems[3].remedy == "did you mean 'trees'?"


@pytest.mark.parametrize(
    "given",
    [{"candidates": []}, {"candidates": "trees"}, {"validation": 0.9}, {"candidate": ["trees"]}],
    ids=str,
)
def test_other_options_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        options(**given)


def test_the_options_of_a_race_stay_as_they_are() -> None:
    given = {"candidates": ["trees", "vae"], "options": {"vae": {"epochs": 5}}}
    assert options(**given) == {**given, "validation": 0.2, "race_rows": 50_000}
    assert options()["candidates"] is None


def test_own_backends_race_by_default_and_sdvs_do_not() -> None:
    own = own_backends()
    assert own[0] == "trees"
    assert {"transformer", "vae", "gan"} <= set(own)
    assert all(needed_package(name) in (None, ("torch", "neural")) for name in own)
    assert AUTO not in generators.names()
    assert choices() == [*generators.names(), AUTO]
    require_packages(AUTO, {"candidates": None})


def test_editors_know_the_candidates_and_their_options() -> None:
    properties = json_schema()["$defs"]["AutoConfig"]["properties"]
    assert properties["candidates"]["anyOf"][0]["items"]["enum"] == generators.names()
    assert set(properties["options"]["properties"]) == set(generators.names())
    assert set(card(AUTO).options.model_fields) == set(properties)
