"""``card(name, modality)``: what a recipe needs to know of a backend, without loading the backend.

Validating a recipe should not take the seconds that a backend's libraries take to import, so that a
built-in backend states its options in a module of their own. A third party's is imported.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from importlib.util import find_spec

from pydantic import BaseModel

from synthkit.errors import MissingExtra, PluginError
from synthkit.generators import registry_of
from synthkit.registry import nearest
from synthkit.schema import Modality

AUTO = "auto"  # no backend, but a choice of one: see synthkit.race
BUILT_IN: dict[Modality, dict[str, str]] = {
    "table": {
        "trees": "synthkit.generators.trees.config:TreesConfig",
        "transformer": "synthkit.generators.transformer.config:TransformerConfig",
        "diffusion": "synthkit.generators.diffusion.config:DiffusionConfig",
        "vae": "synthkit.generators.vae.config:VAEConfig",
        "gan": "synthkit.generators.gan.config:GanConfig",
        "sdv-gaussian-copula": "synthkit.generators.sdv.config:CopulaConfig",
        "sdv-ctgan": "synthkit.generators.sdv.config:CtganConfig",
        "sdv-tvae": "synthkit.generators.sdv.config:TvaeConfig",
        AUTO: "synthkit.generators.auto:AutoConfig",
    },
    "images": {
        "vae": "synthkit.generators.images.config:ImageVaeConfig",
        "diffusion": "synthkit.generators.images.config:ImageDiffusionConfig",
        "gan": "synthkit.generators.images.config:ImageGanConfig",
        "transformer": "synthkit.generators.images.config:ImageTransformerConfig",
    },
    "text": {},
}


@dataclass(frozen=True)
class Card:
    """What a backend declares.

    Args:
        options: the class of its options, ``Config`` of the backend.
    """

    options: type[BaseModel]


def choices(modality: Modality = "table") -> list[str]:
    """What ``generator.backend`` may name: every registered backend, and for tables ``auto``."""
    return [*registry_of(modality).names(), *([AUTO] if modality == "table" else [])]


def own_backends() -> list[str]:
    """The built-in backends for tables but SDV's, whose licence is for the user to choose."""
    return [name for name in BUILT_IN["table"] if name != AUTO and not _is_sdv(name)]


def _is_sdv(name: str) -> bool:
    needed = needed_package(name)
    return needed is not None and needed[0] == "sdv"


def card(name: str, modality: Modality = "table") -> Card:
    """The card of a registered backend of a modality, or of ``auto``.

    Raises:
        PluginError: unknown name, or a third party's backend that cannot be imported.
        SynthkitError: as raised by that import (a missing extra, say).
    """
    if name in BUILT_IN[modality]:
        module, _, attribute = BUILT_IN[modality][name].partition(":")
        return Card(getattr(importlib.import_module(module), attribute))
    registry = registry_of(modality)
    if name not in registry.names():
        what = f"there is no {registry.kind} named '{name}'"
        raise PluginError(what, remedy=nearest(name, choices(modality)))
    return Card(registry.get(name).Config)  # type: ignore[attr-defined]


def needed_package(name: str, modality: Modality = "table") -> tuple[str, str] | None:
    """A package that a backend needs beside the core, and the extra that has it.

    The class of a backend's options says so: ``needs: ClassVar = ("torch", "neural")``.
    """
    return getattr(card(name, modality).options, "needs", None)


def require_package(name: str, modality: Modality = "table") -> None:
    """Raises ``MissingExtra`` if the package that a backend needs is absent; imports nothing."""
    needed = needed_package(name, modality)
    if needed is not None and find_spec(needed[0]) is None:
        raise MissingExtra(*needed, f"the backend {name}")
