"""A recipe as every command that runs one needs it: valid, and its columns found in the data."""

from __future__ import annotations

from collections.abc import Sequence

from synthkit.errors import RecipeError
from synthkit.recipe_io import LoadedRecipe, check_columns, load_recipe
from synthkit.sources import read_header


def load_checked(
    recipe: str, overrides: Sequence[str]
) -> tuple[LoadedRecipe, Sequence[str] | None]:
    """The recipe, and the names of its data's columns where they can be had without its rows.

    Raises:
        RecipeError: problems of the recipe; if there are none, columns that its data does not have.
        SourceError: the data is missing or its header cannot be used.
    """
    loaded = load_recipe(recipe, overrides)
    source = loaded.recipe.source
    source = source.model_copy(update={"path": loaded.expand(source.path)})
    header = read_header(source, loaded.base)
    if header is not None and (problems := check_columns(loaded, header)):
        raise RecipeError(problems)
    return loaded, header
