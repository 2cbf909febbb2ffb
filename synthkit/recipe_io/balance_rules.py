"""Rules of ``output.balance``: one column, shares that can be met, a kind that has categories."""

from __future__ import annotations

from collections.abc import Sequence

from synthkit.balance import KINDS, NO_TARGET, Balance, unfit
from synthkit.document import Document
from synthkit.errors import SchemaError
from synthkit.recipe import LABEL
from synthkit.recipe_io.schema_rules import declared_columns
from synthkit.soundness.unknown_columns import no_such_column
from synthkit.validation import part

PATH = ("output", "balance")


def check_balance(document: Document, header: Sequence[str] | None = None) -> None:
    """Notes what can be seen to be wrong without the data, or with its header only.

    Args:
        document: a recipe; receives the problem, if any.
        header: names of the data's columns. With it, only the column's name is looked at.
    """
    output = part(document, ("output",))
    value = output.get("balance") if isinstance(output, dict) else None
    if value is None:
        return
    try:
        wish = Balance.read(value)
    except SchemaError as error:
        if header is None:
            document.refuse(
                error.at or PATH, error.what, expected=error.expected, remedy=error.remedy
            )
        return
    if header is not None:
        if wish.column is not None and wish.column not in header:
            _refuse(document, (*PATH, wish.column), *no_such_column(wish.column, header))
        return
    target = part(document, ("schema", "target"))
    if not target and part(document, ("source", "kind")) == "images":
        target = LABEL  # which goes without saying
    if wish.column is None and not isinstance(target, str):
        _refuse(document, PATH, *NO_TARGET)
    name = target if wish.column is None else wish.column
    spec = declared_columns(document).get(name) if isinstance(name, str) else None
    if spec is not None and spec.kind is not None and spec.kind not in KINDS:
        path = PATH if wish.column is None else (*PATH, wish.column)
        _refuse(document, path, *unfit(str(name), spec.kind))


def _refuse(
    document: Document, path: tuple[str, ...], what: str, expected: str, remedy: str | None
) -> None:
    document.refuse(path, what, expected=expected, remedy=remedy, key=len(path) > len(PATH))
