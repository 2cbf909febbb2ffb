"""``synthkit schema``: the recipe language for editors, or a table's schema for SDV."""

from __future__ import annotations

import json
import sys
import warnings
from typing import Annotated

import typer

EXAMPLES = (
    "synthkit schema > recipe.schema.json",
    "synthkit schema --sdv customers.csv > metadata.json",
)


def command(
    sdv: Annotated[
        str | None,
        typer.Option(
            "--sdv",
            metavar="DATA|RECIPE",
            help="Print the metadata of this table, or of a recipe's, for SDV.",
        ),
    ] = None,
) -> None:
    """Print the JSON Schema of recipes, for editors.

    Begin a recipe with '# yaml-language-server: $schema=recipe.schema.json', and an editor
    completes its keys and marks mistakes.
    """
    if sdv is None:
        from synthkit.recipe_io import json_schema

        print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
        return
    from synthkit.api import to_sdv_metadata

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", UserWarning)
        content = to_sdv_metadata(sdv)
    print(json.dumps(content, indent=2, ensure_ascii=False))
    for warning in said:
        print(f"note: {warning.message}", file=sys.stderr)
