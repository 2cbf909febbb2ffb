"""``synthkit list``: what can be named in a recipe."""

from __future__ import annotations

import inspect
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from synthkit import resources
from synthkit.cli.application import print_json
from synthkit.cli.options import Json
from synthkit.errors import SynthkitError
from synthkit.registry import Registry

if TYPE_CHECKING:
    from pydantic import BaseModel

EXAMPLES = ("synthkit list", "synthkit list backends", "synthkit list recipes --json")


class Kind(StrEnum):
    """What there is to list."""

    BACKENDS = "backends"
    RECIPES = "recipes"
    POLICIES = "policies"
    CHECKS = "checks"
    SOURCES = "sources"


@dataclass(frozen=True)
class Entry:
    """One name with a line about it; ``options`` are a backend's keys with their defaults."""

    name: str
    description: str
    broken: bool = False
    options: dict[str, Any] = field(default_factory=dict)


def command(
    kind: Annotated[Kind | None, typer.Argument(help="One kind; all when left out.")] = None,
    json: Json = False,
) -> None:
    """Show what can be named in a recipe.

    Backends with their options, bundled recipes, policies, checks and sources.
    """
    listing = {k.value: entries(k) for k in ([kind] if kind else Kind)}
    if json:
        print_json({name: [asdict(entry) for entry in found] for name, found in listing.items()})
        return
    for name, found in listing.items():
        print(f"{name}:")
        width = max((len(entry.name) for entry in found), default=0)
        for entry in found:
            print(f"  {entry.name:<{width}}  {entry.description}")
            for option, default in entry.options.items():
                print(f"  {'':<{width}}    {option}: {default}")


def entries(kind: Kind) -> list[Entry]:
    """The entries of a kind. A plugin that cannot be loaded is an entry too, marked as broken."""
    from synthkit.checks import checks, image_checks
    from synthkit.generators import generators, image_generators
    from synthkit.sources import sources

    if kind is Kind.RECIPES:
        return _files("recipes")
    if kind is Kind.POLICIES:
        return _files("privacy")
    registry = {Kind.BACKENDS: generators, Kind.CHECKS: checks, Kind.SOURCES: sources}[kind]
    found = [_registered(registry, name) for name in registry.names()]
    if kind is Kind.CHECKS:
        only_images = [name for name in image_checks.names() if name not in checks.names()]
        found += [_registered(image_checks, name) for name in only_images]
    if kind is not Kind.BACKENDS:
        return found
    of_images = [_registered(image_generators, name) for name in image_generators.names()]
    return [*found, _race(), *(replace(e, name=f"{e.name} (images)") for e in of_images)]


def _files(kind: resources.Kind) -> list[Entry]:
    return [Entry(name, _headline(resources.find(kind, name))) for name in resources.names(kind)]


def _headline(path: Path) -> str:
    """The first line of a bundled file, which is a comment that says what it is for."""
    return path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")


def _race() -> Entry:
    """``auto``, which a recipe names in place of a backend."""
    from synthkit.generators.auto import AutoConfig
    from synthkit.generators.cards import AUTO

    return Entry(AUTO, _first_line(AutoConfig), options=_defaults(AutoConfig))


def _registered(registry: Registry, name: str) -> Entry:
    try:
        found = registry.get(name)
    except SynthkitError as error:
        return Entry(name, f"broken: {error}", broken=True)
    config = getattr(found, "Config", None)
    return Entry(name, _first_line(found), options=_defaults(config) if config else {})


def _first_line(found: type) -> str:
    return (inspect.getdoc(found) or "").partition("\n")[0]


def _defaults(config: type[BaseModel]) -> dict[str, Any]:
    return {key: option.default for key, option in config.model_fields.items()}
