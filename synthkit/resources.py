"""The one door to bundled data: recipes, privacy policies and examples of tables and images.

    bundled("recipes")                 # the folder
    names("recipes")                   # ["table/adult", ...]
    find("examples", "adult")          # .../adult.csv.gz

The three live at the top of the repository, where people look for them, and below
``synthkit/_data`` in an installed package; nobody else builds such paths.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from synthkit.errors import SynthkitError
from synthkit.registry import nearest

Kind = Literal["recipes", "privacy", "examples"]

CHECKOUT_FOLDERS = {"recipes": "recipes", "privacy": "privacy", "examples": "examples/data"}
YAML = (".yaml", ".yml")  # how the files of recipes and policies end, bundled or not
ENDINGS = {
    "recipes": YAML,
    "privacy": YAML,
    "examples": (".csv", ".csv.gz", ".csv.zst", ".parquet", ".jsonl", ".jsonl.gz", ".npz"),
}
SINGULAR = {"recipes": "recipe", "privacy": "privacy policy", "examples": "example"}
PACKAGE = Path(__file__).resolve().parent


def bundled(kind: Kind) -> Path:
    """The folder with all bundled files of a kind.

    Raises:
        SynthkitError: the installation lacks it.
    """
    packaged = PACKAGE / "_data" / kind
    if packaged.is_dir():
        return packaged
    checkout = PACKAGE.parent / CHECKOUT_FOLDERS[kind]
    if (PACKAGE.parent / "pyproject.toml").is_file() and checkout.is_dir():
        return checkout
    raise SynthkitError(
        f"the bundled {kind} are not installed", where=packaged, remedy="reinstall synthkit"
    )


def names(kind: Kind) -> list[str]:
    """Names of the bundled files of a kind, sorted: path below the folder without the ending."""
    return sorted(_files(kind))


def find(kind: Kind, name: str) -> Path:
    """The bundled file of that name.

    Raises:
        SynthkitError: there is none; the message names the nearest.
    """
    files = _files(kind)
    if name not in files:
        raise SynthkitError(
            f"there is no bundled {SINGULAR[kind]} named '{name}'", remedy=nearest(name, files)
        )
    return files[name]


def _files(kind: Kind) -> dict[str, Path]:
    folder = bundled(kind)
    found: dict[str, Path] = {}
    for path in folder.rglob("*"):
        relative = path.relative_to(folder).as_posix()
        ending = max((e for e in ENDINGS[kind] if relative.endswith(e)), key=len, default=None)
        if ending is not None and path.is_file():
            found[relative.removesuffix(ending)] = path
    return found
