"""One small registry class; sources, generators, checks and sinks are its instances.

Built-ins are ``"name": "module:Class"`` lines in the table beside the instance, so nothing is
imported until it is chosen. Third parties add entries by entry points of the registry's group::

    [project.entry-points."synthkit.generators"]
    my-backend = "my_package.backend:MyGenerator"

A duplicate name is an error when the registry is first used; an unknown one lists the names and
the nearest; a broken plugin is an error when *it* is asked for, and never before.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from importlib.metadata import entry_points

from synthkit.errors import PluginError, SynthkitError


def nearest(name: str, names: object) -> str:
    """``"did you mean 'x'? known: a, b, x"`` for an unknown name; the list alone without a match."""
    known = sorted(str(n) for n in names)  # type: ignore[attr-defined]
    close = difflib.get_close_matches(str(name), known, n=1, cutoff=0.6)
    listing = f"known: {', '.join(known)}" if known else "none is registered"
    return f"did you mean '{close[0]}'? {listing}" if close else listing


class Registry:
    """Names of one kind of thing, resolved to classes on demand.

    Args:
        kind: what an entry is, in the singular, for messages ("generator").
        builtins: ``{"name": "module:Class"}``.
        group: entry-point group of third-party entries, or None.
    """

    def __init__(self, kind: str, builtins: Mapping[str, str], group: str | None = None) -> None:
        self.kind = kind
        self.group = group
        self._targets: dict[str, str] = dict(builtins)
        self._discovered = False

    def names(self) -> list[str]:
        """All registered names, built-ins first, in table order."""
        self._discover()
        return list(self._targets)

    def target(self, name: str) -> str:
        """The ``module:Class`` line behind a name. Raises ``PluginError`` for an unknown name."""
        self._discover()
        if name not in self._targets:
            raise PluginError(
                f"there is no {self.kind} named '{name}'", remedy=nearest(name, self._targets)
            )
        return self._targets[name]

    def get(self, name: str) -> type:
        """The class behind a name.

        Raises:
            PluginError: unknown name, or an entry that cannot be imported.
            SynthkitError: as raised by the import itself (a missing extra, say).
        """
        module, _, attribute = self.target(name).partition(":")
        try:
            return getattr(importlib.import_module(module), attribute)
        except SynthkitError:
            raise
        except (ImportError, AttributeError) as error:
            raise PluginError(
                f"the {self.kind} '{name}' cannot be loaded ({type(error).__name__}: {error})",
                where=f"{module}:{attribute}",
                remedy="reinstall or remove the package that provides it",
            ) from error

    def register(self, name: str, target: str) -> None:
        """Adds ``name`` -> ``"module:Class"``. Raises ``PluginError`` if the name is taken."""
        self._discover()
        self._add(name, target)

    def _add(self, name: str, target: str) -> None:
        if name in self._targets and self._targets[name] != target:
            raise PluginError(
                f"two packages register a {self.kind} named '{name}'",
                where=f"{self._targets[name]} and {target}",
                remedy="rename or uninstall one of them",
            )
        self._targets[name] = target

    def _discover(self) -> None:
        if self._discovered or self.group is None:
            return
        self._discovered = True
        for point in entry_points(group=self.group):
            self._add(point.name, point.value)
