"""Rules inside a recipe's ``schema``: roles and columns that contradict themselves."""

from __future__ import annotations

from synthkit.document import Document
from synthkit.document import Path as KeyPath
from synthkit.recipe import ColumnSpec, SchemaSpec


def check_schema(document: Document, declared: SchemaSpec) -> None:
    """Notes the contradictions of a schema section whose values are valid one by one."""
    _roles(document, declared)
    _columns(document, declared)


def _roles(document: Document, declared: SchemaSpec) -> None:
    sensitive = ("schema", "sensitive")
    for i, name in enumerate(declared.sensitive):
        if name in declared.sensitive[:i]:
            document.refuse((*sensitive, i), "this column stands twice in the list")
        if name == declared.target:
            document.refuse(
                (*sensitive, i),
                "this column is the target too",
                expected="groups that the target is compared between",
                remedy="take it out of one of the two",
            )
    for role in (declared.target, *declared.sensitive):
        spec = declared.columns.get(role) if role else None
        if spec and spec.kind in ("identifier", "text", "constant"):
            document.refuse(
                ("schema", "columns", role or "", "kind"),
                f"is {spec.kind}, and the column is the target or sensitive",
                expected="a kind that is learned, such as categorical",
            )


def _columns(document: Document, declared: SchemaSpec) -> None:
    for name, spec in declared.columns.items():
        path = ("schema", "columns", name)
        _option_of_kinds(document, path, spec, "decimals", ("real",))
        _option_of_kinds(document, path, spec, "order", ("ordinal",))
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
