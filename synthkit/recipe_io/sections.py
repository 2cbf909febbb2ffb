"""Parts of a recipe by those of their keys that are valid, so that a slip hides no other problem."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from synthkit.document import Document
from synthkit.schema import Modality
from synthkit.validation import part

S = TypeVar("S", bound=BaseModel)


def section(model: type[S], document: Document, key: str) -> S | None:
    """A section by those of its keys that are valid; None if it cannot do without the others."""
    return usable(model, part(document, (key,)))


def modality_of(document: Document) -> Modality:
    """The kind of data that the recipe's source holds, as far as that can be told."""
    source = part(document, ("source",))
    kind = source.get("kind") if isinstance(source, dict) else None
    return "images" if kind == "images" else "table"


def usable(model: type[S], data: Any) -> S | None:
    """A mapping by those of its keys that are valid; None if it cannot do without the others."""
    try:
        return model.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        bad = {e["loc"][0] for e in error.errors(include_input=False) if e["loc"]}
    if not isinstance(data, dict) or not bad & set(data):
        return None
    rest = {name: value for name, value in data.items() if name not in bad}
    try:
        return model.model_validate(rest, by_alias=True, by_name=False)
    except ValidationError:
        return None
