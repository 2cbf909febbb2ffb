"""Rules of the section ``protect``: columns that are there, and keys that go together."""

from __future__ import annotations

from collections.abc import Sequence

from synthkit.document import Document
from synthkit.document import Path as KeyPath
from synthkit.recipe_io.schema_rules import declared_columns
from synthkit.recipe_io.sections import modality_of
from synthkit.soundness.quasi_identifiers import slips
from synthkit.validation import part


def check_protect(
    document: Document, at: KeyPath = ("protect",), header: Sequence[str] | None = None
) -> None:
    """Notes what can be seen to be wrong without the data, or with its header only.

    Args:
        document: receives the problems.
        at: path of the section.
        header: names of the data's columns. With it, only the names of columns are looked at.
    """
    section = part(document, at)
    if not isinstance(section, dict):
        return
    listed = section.get("quasi_identifiers")
    listed = listed if isinstance(listed, (list, tuple)) else []
    if all(isinstance(name, str) for name in listed):
        kinds = {name: spec.kind for name, spec in declared_columns(document).items()}
        known = set() if header is None else {slip[0] for slip in slips(listed, kinds, None)}
        for i, what, expected, remedy in slips(listed, kinds, header):
            if i not in known:  # they are noted without the header
                path = (*at, "quasi_identifiers", i)
                document.refuse(path, what, expected=expected, remedy=remedy)
    if header is not None:
        return
    if "k" in section and not section.get("quasi_identifiers"):
        document.refuse(
            (*at, "k"),
            "goes only with quasi_identifiers",
            expected="the columns whose combinations k rows shall share",
            remedy="name them, or leave it out",
            key=True,
        )
    if section.get("near_copies") and modality_of(document) == "images":
        document.refuse(
            (*at, "near_copies"),
            "does not go with kind images",
            remedy="leave it out; the check near_copies looks for them",
            key=True,
        )
