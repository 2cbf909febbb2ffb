"""Recipes as files: read, check, override, write back, identify.

    loaded = load_recipe("table/adult", ["generator.budget=30s"])   # a bundled name, or a file
    loaded.recipe, loaded.base                   # the job; where its relative paths start
    effective_yaml(loaded.recipe)                # with every default, secrets as ${NAME}
    fingerprint(loaded.recipe)                   # equal for recipes that make the same data

Every problem of a recipe is reported at once, as a ``RecipeError``, each with its place. What makes
a valid *value* is declared in ``recipe.py`` and worded in ``validation.py``; what makes valid values
contradict each other is in ``rules.py``.
"""

from synthkit.recipe_io.json_schema import json_schema
from synthkit.recipe_io.load import (
    LoadedRecipe,
    load_recipe,
    parse_recipe,
    placed,
)
from synthkit.recipe_io.protect_rules import check_protect
from synthkit.recipe_io.rules import check_fidelity
from synthkit.recipe_io.write import effective_yaml, fingerprint

__all__ = [
    "LoadedRecipe",
    "check_fidelity",
    "check_protect",
    "effective_yaml",
    "fingerprint",
    "json_schema",
    "load_recipe",
    "parse_recipe",
    "placed",
]
