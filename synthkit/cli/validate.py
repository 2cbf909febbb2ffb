"""``synthkit validate``: every problem of a recipe at once, without touching the data's rows."""

from __future__ import annotations

from synthkit.cli.application import print_json
from synthkit.cli.options import Json, Overrides, RecipeName
from synthkit.counts import counted

EXAMPLES = (
    "synthkit validate recipe.yaml",
    "synthkit validate table/adult --set generator.budget=30s",
)


def command(recipe: RecipeName, set_: Overrides = None, json: Json = False) -> None:
    """Show every problem of a recipe at once.

    Looks at the names of the data's columns and reads no row of it, at a checkpoint or an extractor
    that the recipe names, and at the output folder and writes nothing there.
    """
    from synthkit.checks.extractors import load_extractor
    from synthkit.generators.options import require_needs
    from synthkit.recipe_io import fingerprint, load_recipe
    from synthkit.sources import read_header
    from synthkit.workspace import require_usable

    loaded = load_recipe(
        recipe,
        set_ or [],
        read_header=read_header,
        check_folder=require_usable,
        load_extractor=load_extractor,
        check_backend=require_needs,
    )
    spec, header = loaded.recipe, loaded.header
    if json:
        print_json(
            {
                "event": "result",
                "valid": True,
                "name": loaded.name,
                "columns": None if header is None else len(header),
                "fingerprint": fingerprint(spec),
            }
        )
        return
    columns = "" if header is None else f", {counted(len(header), 'column')}"
    print(
        f"{recipe}: valid (source {spec.source.path}{columns}; backend {spec.generator.backend}; "
        f"policy {spec.privacy.policy}; output {spec.output.path})"
    )
