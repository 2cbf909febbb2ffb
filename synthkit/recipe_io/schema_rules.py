"""Rules inside a recipe's ``schema``: roles, columns and constraints that contradict themselves."""

from __future__ import annotations

from synthkit.derivations import contradiction
from synthkit.document import Document
from synthkit.document import Path as KeyPath
from synthkit.recipe import ColumnSpec, SchemaSpec
from synthkit.schema import Dependency, FixedCombinations, Inequality, Range, Sum, Unique


def check_schema(document: Document, declared: SchemaSpec) -> None:
    """Notes the contradictions of a schema section whose values are valid one by one."""
    _roles(document, declared)
    _columns(document, declared)
    _constraints(document, declared)


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


def _constraints(document: Document, declared: SchemaSpec) -> None:
    for i, constraint in enumerate(declared.constraints):
        path: KeyPath = ("schema", "constraints", i)
        if constraint in declared.constraints[:i]:
            document.refuse(path, "this constraint stands twice")
        elif isinstance(constraint, Inequality) and constraint.low == constraint.high:
            document.refuse((*path, "high"), "is the same column as low", expected="another column")
        elif isinstance(constraint, Range):
            _range(document, path, constraint)
        elif isinstance(constraint, (FixedCombinations, Unique)):
            if len(set(constraint.columns)) < len(constraint.columns):
                document.refuse((*path, "columns"), "holds a column twice")
        elif isinstance(constraint, Sum):
            if len({constraint.total, *constraint.parts}) <= len(constraint.parts):
                document.refuse((*path, "parts"), "holds a column twice, or the total")
        elif isinstance(constraint, Dependency) and constraint.source == constraint.to:
            document.refuse((*path, "to"), "is the same column as from", expected="another column")
    if not document.problems and (found := contradiction(declared.constraints)):
        document.refuse(
            ("schema", "constraints", found[0]),
            found[1],
            expected="each column computed once, and from others",
            remedy="drop one of the constraints",
        )


def _range(document: Document, path: KeyPath, constraint: Range) -> None:
    if constraint.min is None and constraint.max is None:
        document.refuse(path, "the range has no bound", expected="min, max or both")
    elif constraint.min is not None and constraint.max is not None:
        if constraint.min > constraint.max:
            document.refuse((*path, "min"), "is above max", expected="min <= max")
