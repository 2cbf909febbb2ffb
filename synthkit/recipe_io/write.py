"""A recipe as text again, and as a fingerprint."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import yaml

from synthkit.document import scalar
from synthkit.recipe import Recipe

FINGERPRINT_SCHEME = 1

WITHOUT_EFFECT = {
    ("name",): "a label for people",
    ("output", "path"): "where the output lies, not what is in it",
    ("output", "table"): "where the output lies, not what is in it",
    ("output", "artifacts"): "where the output lies, not what is in it",
}
"""Fields that do not enter the fingerprint, each with its reason. Policy, thresholds and sensitive
columns do enter: they decide whether the data is there at all and what the report beside it says,
so a run may only be resumed, or taken for the same, if they agree."""


def effective_yaml(recipe: Recipe) -> str:
    """The recipe with every default spelled out; reading it gives an equal recipe.

    Keys stand in the order of the model. Environment variables stay as ``${NAME}``.
    """
    return yaml.dump(
        _plain(recipe),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
        width=100,
    )


def fingerprint(recipe: Recipe) -> str:
    """SHA-256 over the fields that affect what a run makes, with the scheme's number in front.

    It does not depend on comments, on the order of keys, on defaults being spelled out, nor on the
    fields in ``WITHOUT_EFFECT``.
    """
    content = _plain(recipe)
    for *holders, key in WITHOUT_EFFECT:
        part = content
        for holder in holders:
            part = part[holder]
        part.pop(key, None)
    text = json.dumps([FINGERPRINT_SCHEME, content], sort_keys=True, allow_nan=False)
    return f"{FINGERPRINT_SCHEME}-{hashlib.sha256(text.encode()).hexdigest()}"


class _Dumper(yaml.SafeDumper):
    """Quotes what ``Document`` would not read as text; PyYAML has an older notion of it."""

    def text(self, value: str) -> yaml.Node:
        style = None if scalar(value) is value else "'"
        if not value.isprintable():
            style = '"'
        return self.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _Dumper.text)


def _plain(recipe: Recipe) -> dict[str, Any]:
    """JSON types under the keys of a recipe file; a field that is None by default is left out."""
    content = recipe.model_dump(mode="json", by_alias=True, exclude_none=True)
    content["generator"] |= recipe.generator.options
    if not content["checks"]:  # younger than the fingerprints of the recipes without it
        del content["checks"]
    if not recipe.protect.near_copies:  # younger, too, as are the next two
        del content["protect"]["near_copies"]
    if not recipe.protect.quasi_identifiers:
        del content["protect"]["quasi_identifiers"], content["protect"]["k"]
    return content
