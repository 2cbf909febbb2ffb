"""``synthkit schema``: the recipe language for editors."""

from __future__ import annotations

import json

EXAMPLES = ("synthkit schema > recipe.schema.json",)


def command() -> None:
    """Print the JSON Schema of recipes, for editors.

    Begin a recipe with '# yaml-language-server: $schema=recipe.schema.json', and an editor
    completes its keys and marks mistakes.
    """
    from synthkit.recipe_io import json_schema

    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
