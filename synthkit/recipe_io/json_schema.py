"""JSON Schema of a recipe, so that an editor completes keys and marks mistakes while typing.

Save it with ``synthkit schema > recipe.schema.json`` and begin a recipe with
``# yaml-language-server: $schema=recipe.schema.json``.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from synthkit.errors import SynthkitError
from synthkit.generators import generators
from synthkit.generators.cards import AUTO, card, choices
from synthkit.recipe import GeneratorSpec, Recipe

_ARGUMENT = re.compile(r"^    ((?:\w+, )*\w+): (.*(?:\n     +.*)*)", re.MULTILINE)


def json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12), with the options of every backend that can be loaded.

    Keys are explained by the ``Args`` of their model's docstring.
    """
    backends = _backends()
    models: list[type[BaseModel]] = [Recipe, *backends.values()]
    references, shared = models_json_schema([(model, "validation") for model in models])
    definitions = shared["$defs"]
    for definition in definitions.values():
        _explain(definition)
    named = {name: references[model, "validation"] for name, model in backends.items()}
    _offer_candidates(definitions[_definition(named.pop(AUTO))], named)
    envelope = definitions[GeneratorSpec.__name__]
    envelope["properties"]["backend"]["enum"] = choices()
    envelope["allOf"] = [
        _options(name, definitions[_definition(references[model, "validation"])])
        for name, model in backends.items()
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "synthkit recipe",
        **references[Recipe, "validation"],
        "$defs": definitions,
    }


def _backends() -> dict[str, type[BaseModel]]:
    """Options of the backends; one that is broken is known by name only."""
    configs: dict[str, type[BaseModel]] = {}
    for name in choices():
        try:
            configs[name] = card(name).options
        except SynthkitError:
            continue
    return configs


def _definition(reference: Mapping[str, str]) -> str:
    """The name of the definition that a reference leads to."""
    return reference["$ref"].rpartition("/")[2]


def _offer_candidates(race: dict[str, Any], named: Mapping[str, Mapping[str, str]]) -> None:
    """The candidates of a race are backends, and each has its own options."""
    candidates, options = (race["properties"][key] for key in ("candidates", "options"))
    candidates["anyOf"][0]["items"] = {"enum": generators.names()}
    options |= {"properties": dict(named), "additionalProperties": False}


def _options(backend: str, config: dict[str, Any]) -> dict[str, Any]:
    """If this backend is chosen, these keys and no others."""
    own = dict.fromkeys(GeneratorSpec.model_fields, True)
    chosen: dict[str, Any] = {"properties": {"backend": {"const": backend}}}
    if backend != GeneratorSpec.model_fields["backend"].default:
        chosen["required"] = ["backend"]
    return {
        "if": chosen,
        "then": {
            "properties": own | config.get("properties", {}),
            "required": config.get("required", []),
            "additionalProperties": False,
        },
    }


def _explain(definition: dict[str, Any]) -> None:
    """Moves what a docstring says of its arguments to the properties of that name."""
    text, _, arguments = definition.get("description", "").partition("\nArgs:\n")
    if text:
        definition["description"] = inspect.cleandoc(text)
    for names, sentence in _ARGUMENT.findall(arguments):
        for name in names.split(", "):
            if name in definition.get("properties", {}):
                definition["properties"][name]["description"] = " ".join(sentence.split())
