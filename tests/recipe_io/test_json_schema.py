"""The JSON Schema: it describes every key, and accepts what the loader accepts.

A validator for the few keywords that the schema uses stands below, so that no package is needed.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from synthkit import resources
from synthkit.generators.cards import card, choices
from synthkit.recipe import Recipe
from synthkit.recipe_io import effective_yaml, json_schema, load_recipe

SCHEMA = json_schema()
KNOWN = {
    *("$schema", "$defs", "$ref", "title", "description", "default", "type", "enum", "const"),
    *("properties", "required", "additionalProperties", "items", "anyOf", "oneOf", "allOf", "if"),
    *(
        "then",
        "else",
        "discriminator",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
    ),
    *("minLength", "maxLength", "minItems", "multipleOf", "maxItems"),
}
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "integer": int,
    "number": (int, float),
}


def accepts(node: Any, data: Any) -> bool:
    if isinstance(node, bool):
        return node
    assert set(node) <= KNOWN, set(node) - KNOWN
    if "$ref" in node and not accepts(SCHEMA["$defs"][node["$ref"].rpartition("/")[2]], data):
        return False
    return all(
        (
            "type" not in node or _typed(node["type"], data),
            "enum" not in node or data in node["enum"],
            "const" not in node or data == node["const"],
            "anyOf" not in node or any(accepts(option, data) for option in node["anyOf"]),
            "oneOf" not in node or sum(accepts(option, data) for option in node["oneOf"]) == 1,
            all(accepts(part, data) for part in node.get("allOf", [])),
            "if" not in node or accepts(_branch(node, data), data),
            not isinstance(data, dict) or _object(node, data),
            not isinstance(data, list) or all(accepts(node.get("items", True), x) for x in data),
            not isinstance(data, (int, float)) or _number(node, data),
        )
    )


def _branch(node: dict[str, Any], data: Any) -> Any:
    return node["then"] if accepts(node["if"], data) else node.get("else", True)


def _typed(name: str, data: Any) -> bool:
    return isinstance(data, TYPES[name]) and not (name != "boolean" and isinstance(data, bool))


def _object(node: dict[str, Any], data: dict[str, Any]) -> bool:
    named = node.get("properties", {})
    return set(node.get("required", [])) <= set(data) and all(
        accepts(named.get(key, node.get("additionalProperties", True)), value)
        for key, value in data.items()
    )


def _number(node: dict[str, Any], data: float) -> bool:
    return (
        node.get("minimum", data) <= data <= node.get("maximum", data)
        and data < node.get("exclusiveMaximum", data + 1)
        and data > node.get("exclusiveMinimum", data - 1)
        and data % node.get("multipleOf", data or 1) == 0
    )


@pytest.mark.parametrize("name", resources.names("recipes"))
def test_bundled_recipes_are_accepted_as_written_and_as_effective(name: str) -> None:
    loaded = load_recipe(name)
    assert accepts(SCHEMA, yaml.safe_load(loaded.text))
    assert accepts(SCHEMA, yaml.safe_load(effective_yaml(loaded.recipe)))


GOOD: dict[str, Any] = {"version": 1, "source": {"path": "a"}, "output": {"path": "b"}}


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"nmae": "x"},
        {"declared": {}},
        {"seed": -1},
        {"seed": True},
        {"source": {}},
        {"source": {"path": "a", "holdout": 1}},
        {"schema": {"sensitive": "sex"}},
        {"schema": {"columns": {"a": {"kind": "reel"}}}},
        {"schema": {"constraints": [{"kind": "range"}]}},
        {"generator": {"backend": "tres"}},
        {"generator": {"no_such_option": 1}},
        {"generator": {"backend": "trees", "no_such_option": 1}},
        {"generator": {"backend": "auto", "candidates": ["tres"]}},
        {"source": {"path": "a", "kind": "images"}, "generator": {"backend": "trees"}},
        {"source": {"path": "a", "kind": "images"}, "generator": {"bins": 9}},
        {"generator": {"backend": "auto", "options": {"trees": {"no_such_option": 1}}}},
        {"fidelity": {"c2st": {"mx": 1}}},
        {"privacy": {"on_fail": "stop"}},
        {"output": {"path": "b", "format": "xlsx"}},
    ],
    ids=str,
)
def test_what_the_loader_refuses_by_its_form_is_refused_here_too(change: dict[str, Any]) -> None:
    assert accepts(SCHEMA, GOOD)
    assert not accepts(SCHEMA, GOOD | change)


def test_budgets_are_text_or_numbers() -> None:
    for budget in ("60s", 60, None):
        assert accepts(SCHEMA, GOOD | {"generator": {"budget": budget}})


def test_every_key_of_a_recipe_is_explained() -> None:
    definitions = {name: d for name, d in SCHEMA["$defs"].items() if name.endswith("Spec")}
    definitions["Recipe"] = SCHEMA["$defs"]["Recipe"]
    assert len(definitions) == len(Recipe.model_fields) - 3 + 3
    for name, definition in definitions.items():
        assert "Args:" not in definition.get("description", "")
        for key, value in definition.get("properties", {}).items():
            assert value.get("description"), f"{name}.{key}"


def test_every_backend_is_offered_with_its_options() -> None:
    envelope = SCHEMA["$defs"]["GeneratorSpec"]
    assert envelope["properties"]["backend"]["enum"] == choices()
    for name, branch in zip(choices(), envelope["allOf"], strict=True):
        config = card(name).options
        assert branch["if"]["properties"]["backend"]["const"] == name
        assert set(config.model_fields) <= set(branch["then"]["properties"])
