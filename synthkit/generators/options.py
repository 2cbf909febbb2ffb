"""A backend's options as its ``Config``, every problem at its place; those of ``auto`` have parts.

config = validated_options("trees", document, ("generator",), others=("backend", "budget"))
require_packages("auto", {"candidates": ["trees", "vae"]})
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path as FilePath
from typing import Any

from pydantic import BaseModel

from synthkit.document import Document, Path
from synthkit.errors import SynthkitError
from synthkit.generators import generators, registry_of
from synthkit.generators.auto import AutoConfig
from synthkit.generators.base import HasNeeds
from synthkit.generators.cards import AUTO, Card, card, own_backends, require_package
from synthkit.schema import Modality
from synthkit.validation import choice, validated


def backend_card(
    name: str,
    names: Collection[str],
    document: Document,
    path: Path,
    modality: Modality = "table",
) -> Card | None:
    """The card of a backend; None if it has none.

    Args:
        name: as it stands at the path.
        names: the valid ones.
        document: receives the problem of a name that is unknown or broken.
        path: of the name.
        modality: what it shall learn.
    """
    if name not in names:
        what, expected, remedy = choice(name, names)
        document.refuse(path, what, expected=expected, remedy=remedy)
        return None
    try:
        return card(name, modality)
    except SynthkitError as error:
        document.refuse(path, error.what, expected=error.expected, remedy=error.remedy)
        return None


def validated_options(
    backend: str,
    document: Document,
    at: Path = (),
    others: Collection[str] = (),
    modality: Modality = "table",
) -> BaseModel | None:
    """The part of a document at a path as a backend's ``Config``; see ``validation.validated``.

    Raises:
        PluginError: unknown backend, or a third party's that cannot be imported.
    """
    config = validated(card(backend, modality).options, document, at, others)
    if not isinstance(config, AutoConfig):
        return config
    before = len(document.problems)
    _check_race(config, document, at)
    return config if len(document.problems) == before else None


def require_packages(
    backend: str, options: Mapping[str, Any], modality: Modality = "table"
) -> None:
    """Refuses what the backend, or a named candidate, needs and this machine lacks.

    Raises:
        MissingExtra: a package is absent.
        NotSupported: CUDA is asked for by name, and absent.
        SynthkitError: what else the backend lacks; see ``HasNeeds``.
    """
    named = (options.get("candidates") or ()) if backend == AUTO else (backend,)
    for name in named:
        require_package(name, modality)
    own = options.get("options") or {}
    asked = [options, *(own.values() if backend == AUTO else ())]
    if any(entry.get("device") == "cuda" for entry in asked):
        from synthkit.computing import find_device  # which takes a moment to load

        find_device("cuda")
    require_needs(backend, options, modality)


def require_needs(backend: str, options: Mapping[str, Any], modality: Modality = "table") -> None:
    """Refuses what the backend needs beside its package and its device; see ``HasNeeds``.

    Args:
        backend, options, modality: as for ``require_packages``.

    Raises:
        SynthkitError: what is lacking or wrong.
    """
    if backend != AUTO:
        kind = registry_of(modality).get(backend)
        if issubclass(kind, HasNeeds):
            generator: Any = kind
            generator(generator.Config.model_validate(options)).require()


def from_working_folder(
    backend: str, options: Mapping[str, Any], base: FilePath, modality: Modality = "table"
) -> dict[str, Any]:
    """The options of a recipe with their paths as seen from the working folder.

    The class of a backend's options names the paths: ``paths: ClassVar = (("finetune", "checkpoint"),)``.

    Args:
        backend, options, modality: as for ``require_packages``.
        base: folder of the recipe, from which relative paths are searched first.
    """
    found = dict(options)
    for section, key in getattr(card(backend, modality).options, "paths", ()):
        if entry := found.get(section):
            places = [root / FilePath(entry[key]).expanduser() for root in (base, FilePath())]
            place = next((p for p in places if p.exists()), places[-1])
            found[section] = {**entry, key: str(place)}
    return found


def _check_race(config: AutoConfig, document: Document, at: Path) -> None:
    """Refuses candidates that cannot race, and options that are none of theirs."""
    racing = config.candidates or tuple(own_backends())
    cards: dict[str, Card | None] = {}
    for i, name in enumerate(racing):
        path = (*at, "candidates", i)
        if name in cards:
            document.refuse(path, "is named twice", remedy="remove one of them")
        else:
            cards[name] = backend_card(name, generators.names(), document, path)
    for name in config.options:
        path = (*at, "options", name)
        if name not in racing:
            _, expected, remedy = choice(name, [racer for racer in cards if cards[racer]])
            what = "is no candidate of this race"
            document.refuse(path, what, expected=expected, remedy=remedy, key=True)
        elif found := cards[name]:
            validated(found.options, document, path)
