"""Rules of ``protect.pseudonyms``: a key that stays secret, and columns that can have pseudonyms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from synthkit.document import Document
from synthkit.environment import expand, is_set, variables
from synthkit.pseudonyms import flaw_of
from synthkit.recipe import IMAGE
from synthkit.recipe_io.schema_rules import declared_columns
from synthkit.recipe_io.sections import modality_of
from synthkit.soundness.unknown_columns import no_such_column
from synthkit.validation import part

PATH = ("protect", "pseudonyms")
KEY = (*PATH, "key")
KINDS = ("categorical", "identifier", "text")


def with_pseudonyms(document: Document) -> list[str]:
    """The columns whose values are replaced."""
    columns = part(document, (*PATH, "columns"))
    return list(columns) if isinstance(columns, dict) else []


def check_pseudonyms(document: Document, environ: Mapping[str, str]) -> None:
    """Notes what can be seen to be wrong without the data.

    Args:
        document: a recipe; receives the problems.
        environ: where the key's ``${NAME}`` is looked up; that it is not set is told elsewhere.
    """
    key = part(document, KEY)
    if isinstance(key, str):
        _key(document, key, environ)
    specs = declared_columns(document)
    for name in with_pseudonyms(document):
        kind = specs[name].kind if name in specs else None
        if kind is not None and kind not in KINDS:
            document.refuse(
                ("schema", "columns", name, "kind"),
                f"is {kind}, and the column has pseudonyms, which have neither size nor order",
                expected=" or ".join(KINDS),
                remedy="declare one of these, or take the column out of protect.pseudonyms",
            )
        if name == IMAGE and modality_of(document) == "images":
            document.refuse(
                (*PATH, "columns", name),
                "holds the images themselves, which have no pseudonyms",
                expected="a label or an attribute of the images",
                remedy="leave it out",
                key=True,
            )


def check_columns(document: Document, header: Sequence[str]) -> None:
    """Notes columns that the data does not have."""
    for name in with_pseudonyms(document):
        if name not in header:
            what, expected, remedy = no_such_column(name, header)
            path = (*PATH, "columns", name)
            document.refuse(path, what, expected=expected, remedy=remedy, key=True)


def _key(document: Document, key: str, environ: Mapping[str, str]) -> None:
    names = variables(key)
    if len(names) != 1 or re.sub(r"\s", "", key) != f"${{{names[0]}}}":
        document.refuse(
            KEY,
            "is spelled out, and a recipe is no place for a secret",
            expected="an environment variable",
            remedy="write it as ${SYNTHKIT_KEY} and export that variable",
        )
    elif is_set(key, environ) and (flaw := flaw_of(expand(key, environ))):
        what, expected, remedy = flaw
        document.refuse(KEY, what, expected=expected, remedy=remedy)
