"""Rules inside a recipe's ``schema``: roles and columns that contradict themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synthkit.document import Document
from synthkit.document import Path as KeyPath
from synthkit.recipe import IMAGE, KINDS_OF_OPTIONS, ColumnSpec
from synthkit.recipe_io.sections import modality_of, usable
from synthkit.validation import part


def check_schema(document: Document) -> None:
    """Notes the contradictions among the roles and columns that can be read."""
    specs = declared_columns(document)
    _roles(document, specs)
    _columns(document, specs)


def declared_columns(document: Document) -> dict[str, ColumnSpec]:
    """What is declared of each column, by those of its keys that are valid."""
    columns = part(document, ("schema", "columns"))
    entries: Mapping[str, Any] = columns if isinstance(columns, dict) else {}
    specs = {name: usable(ColumnSpec, entry) for name, entry in entries.items()}
    return {name: spec for name, spec in specs.items() if spec is not None}


def _roles(document: Document, specs: Mapping[str, ColumnSpec]) -> None:
    target = part(document, ("schema", "target"))
    listed = part(document, ("schema", "sensitive"))
    groups = listed if isinstance(listed, list) else []
    for i, name in enumerate(groups):
        path = ("schema", "sensitive", i)
        if isinstance(name, str) and name in groups[:i]:
            document.refuse(path, "this column stands twice in the list")
        if isinstance(name, str) and name == target:
            document.refuse(
                path,
                "this column is the target too",
                expected="groups that the target is compared between",
                remedy="take it out of one of the two",
            )
    if modality_of(document) == "images":
        _images(document, target, groups)
    for name, spec in specs.items():
        if name in [target, *groups] and spec.kind in ("identifier", "text", "constant"):
            document.refuse(
                ("schema", "columns", name, "kind"),
                f"is {spec.kind}, and the column is the target or sensitive",
                expected="a kind that is learned, such as categorical",
            )


def _images(document: Document, target: Any, groups: list[Any]) -> None:
    """The images themselves have no role: a role is for what is known of them."""
    holds = f"column {IMAGE} holds the images themselves"
    if target == IMAGE:
        document.refuse(
            ("schema", "target"),
            f"{holds}, so there is nothing to predict",
            expected="a label or an attribute of the images",
            remedy="name one, or leave the target out",
        )
    if IMAGE in groups:
        document.refuse(
            ("schema", "sensitive", groups.index(IMAGE)),
            f"{holds}, so it forms no groups of people",
            expected="an attribute of the images",
            remedy="remove it",
        )


def _columns(document: Document, specs: Mapping[str, ColumnSpec]) -> None:
    for name, spec in specs.items():
        path = ("schema", "columns", name)
        for option, kinds in KINDS_OF_OPTIONS.items():
            _option_of_kinds(document, path, spec, option, kinds)
        for key in ("missing", "order"):
            values = [repr(value) for value in getattr(spec, key) or ()]
            if len(set(values)) < len(values):
                document.refuse((*path, key), "holds an entry twice")


def _option_of_kinds(
    document: Document, path: KeyPath, spec: ColumnSpec, key: str, kinds: tuple[str, ...]
) -> None:
    if getattr(spec, key) is not None and spec.kind is not None and spec.kind not in kinds:
        document.refuse(
            (*path, key),
            f"does not go with kind {spec.kind}",
            expected=" or ".join(kinds),
            key=True,
        )
