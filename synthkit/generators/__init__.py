"""Backends. One line here, one file beside it, one recipe in ``recipes/``."""

from synthkit.registry import Registry

generators = Registry(
    "generator",
    {"trees": "synthkit.generators.trees:Trees"},
    group="synthkit.generators",
)
