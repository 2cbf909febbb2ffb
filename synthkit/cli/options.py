"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthkit import resources


def _recipes(incomplete: str) -> list[str]:
    """Shell completion: bundled names, and YAML files of the working folder."""
    files = (str(path) for path in Path().iterdir() if path.suffix in resources.YAML)
    names = [*resources.names("recipes"), *files]
    return [name for name in names if name.startswith(incomplete)]


RecipeName = Annotated[
    str,
    typer.Argument(
        metavar="RECIPE",
        help="A recipe file, or a bundled recipe's name (synthkit list recipes).",
        autocompletion=_recipes,
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Override a key of the recipe; may be given repeatedly."
    ),
]
RunFolder = Annotated[
    Path, typer.Argument(metavar="RUN", help="The folder of a finished run (its output.path).")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only the result.")]
Json = Annotated[
    bool, typer.Option("--json", help="Lines of JSON on standard output; the last is the result.")
]
