"""``card(name)``: what a recipe needs to know of a backend, without loading the backend.

Validating a recipe should not take the seconds that a backend's libraries take to import, so that a
built-in backend states its options in a module of their own. A third party's is imported.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from importlib.util import find_spec

from pydantic import BaseModel

from synthkit.errors import MissingExtra, PluginError
from synthkit.generators import generators
from synthkit.registry import nearest

AUTO = "auto"  # no backend, but a choice of one: see synthkit.race
_TABLE = frozenset({"table"})
BUILT_IN = {
    "trees": ("synthkit.generators.trees.config:TreesConfig", _TABLE),
    "transformer": ("synthkit.generators.transformer.config:TransformerConfig", _TABLE),
    "diffusion": ("synthkit.generators.diffusion.config:DiffusionConfig", _TABLE),
    "vae": ("synthkit.generators.vae.config:VAEConfig", _TABLE),
    "gan": ("synthkit.generators.gan.config:GanConfig", _TABLE),
    "sdv-gaussian-copula": ("synthkit.generators.sdv.config:CopulaConfig", _TABLE),
    "sdv-ctgan": ("synthkit.generators.sdv.config:CtganConfig", _TABLE),
    "sdv-tvae": ("synthkit.generators.sdv.config:TvaeConfig", _TABLE),
    AUTO: ("synthkit.generators.auto:AutoConfig", _TABLE),
}


@dataclass(frozen=True)
class Card:
    """What a backend declares.

    Args:
        options: the class of its options, ``Config`` of the backend.
        modalities: what it can learn: ``table``, ``images``, ``text``.
    """

    options: type[BaseModel]
    modalities: frozenset[str]


def choices() -> list[str]:
    """What ``generator.backend`` may name: every registered backend, and ``auto``."""
    return [*generators.names(), AUTO]


def own_backends() -> list[str]:
    """The built-in backends for tables but SDV's, whose licence is for the user to choose."""
    return [
        name
        for name in generators.names()
        if name in BUILT_IN and "table" in BUILT_IN[name][1] and not _is_sdv(name)
    ]


def _is_sdv(name: str) -> bool:
    needed = needed_package(name)
    return needed is not None and needed[0] == "sdv"


def card(name: str) -> Card:
    """The card of a registered backend, or of ``auto``.

    Raises:
        PluginError: unknown name, or a third party's backend that cannot be imported.
        SynthkitError: as raised by that import (a missing extra, say).
    """
    if name in BUILT_IN:
        target, modalities = BUILT_IN[name]
        module, _, attribute = target.partition(":")
        return Card(getattr(importlib.import_module(module), attribute), modalities)
    if name not in generators.names():
        raise PluginError(f"there is no generator named '{name}'", remedy=nearest(name, choices()))
    backend = generators.get(name)
    return Card(backend.Config, backend.modalities)  # type: ignore[attr-defined]


def needed_package(name: str) -> tuple[str, str] | None:
    """A package that a backend needs beside the core, and the extra that has it.

    The class of a backend's options says so: ``needs: ClassVar = ("torch", "neural")``.
    """
    return getattr(card(name).options, "needs", None)


def require_package(name: str) -> None:
    """Raises ``MissingExtra`` if the package that a backend needs is absent; imports nothing."""
    needed = needed_package(name)
    if needed is not None and find_spec(needed[0]) is None:
        raise MissingExtra(*needed, f"the backend {name}")
