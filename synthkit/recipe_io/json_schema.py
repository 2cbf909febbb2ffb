"""JSON Schema of a recipe, so that an editor completes keys and marks mistakes while typing.

Save it with ``synthkit schema > recipe.schema.json`` and begin a recipe with
``# yaml-language-server: $schema=recipe.schema.json``.
"""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from synthkit.errors import SynthkitError
from synthkit.generators import generators
from synthkit.generators.cards import AUTO, card, choices
from synthkit.recipe import DEFAULT_BACKENDS, GeneratorSpec, Recipe
from synthkit.schema import Modality

IMAGE_ENVELOPE = "ImageGenerator"
_ARGUMENT = re.compile(r"^    ((?:\w+, )*\w+): (.*(?:\n     +.*)*)", re.MULTILINE)


def json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12), with the options of every backend that can be loaded.

    Keys are explained by the ``Args`` of their model's docstring.
    """
    tables, images = _backends("table"), _backends("images")
    models: list[type[BaseModel]] = [Recipe, *tables.values(), *images.values()]
    references, shared = models_json_schema([(model, "validation") for model in models])
    definitions = shared["$defs"]
    for definition in definitions.values():
        _explain(definition)
    named = {name: references[model, "validation"] for name, model in tables.items()}
    _offer_candidates(definitions[_definition(named.pop(AUTO))], named)
    envelope = definitions[GeneratorSpec.__name__]
    definitions[IMAGE_ENVELOPE] = copy.deepcopy(envelope)
    envelopes: list[tuple[str, Modality, dict[str, type[BaseModel]]]] = [
        (GeneratorSpec.__name__, "table", tables),
        (IMAGE_ENVELOPE, "images", images),
    ]
    for name, modality, backends in envelopes:
        definitions[name]["properties"]["backend"] |= {
            "enum": choices(modality),
            "default": DEFAULT_BACKENDS[modality],
        }
        definitions[name]["allOf"] = [
            _options(backend, definitions[_definition(references[model, "validation"])], modality)
            for backend, model in backends.items()
        ]
    _choose_envelope(definitions[Recipe.__name__])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "synthkit recipe",
        **references[Recipe, "validation"],
        "$defs": definitions,
    }


def _choose_envelope(recipe: dict[str, Any]) -> None:
    """What ``generator`` may hold depends on what the source is."""
    explained = recipe["properties"]["generator"]
    recipe["properties"]["generator"] = {
        key: value for key, value in explained.items() if key != "$ref"
    }
    images = {"properties": {"kind": {"const": "images"}}, "required": ["kind"]}
    recipe["if"] = {"properties": {"source": images}, "required": ["source"]}
    for key, name in (("then", IMAGE_ENVELOPE), ("else", GeneratorSpec.__name__)):
        recipe[key] = {"properties": {"generator": {"$ref": f"#/$defs/{name}"}}}


def _backends(modality: Modality) -> dict[str, type[BaseModel]]:
    """Options of the backends; one that is broken is known by name only."""
    configs: dict[str, type[BaseModel]] = {}
    for name in choices(modality):
        try:
            configs[name] = card(name, modality).options
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


def _options(backend: str, config: dict[str, Any], modality: Modality) -> dict[str, Any]:
    """If this backend is chosen, these keys and no others."""
    own = dict.fromkeys(GeneratorSpec.model_fields, True)
    chosen: dict[str, Any] = {"properties": {"backend": {"const": backend}}}
    if backend != DEFAULT_BACKENDS[modality]:
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
