"""Checks of names and roles: what a user declares must exist and make sense.

Every check tells all that is wrong, and where a recipe says it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from synthkit.counts import counted
from synthkit.document import dotted
from synthkit.errors import SchemaError
from synthkit.recipe import SchemaSpec
from synthkit.schema import EACH_ROW, Column
from synthkit.soundness.flaws import flaws
from synthkit.soundness.unknown_columns import unknown_columns


def check_table(frame: pd.DataFrame) -> None:
    """The table has rows and columns with different text names.

    Raises:
        SchemaError: otherwise.
    """
    if not len(frame.columns) or not len(frame):
        raise SchemaError(
            f"the table has {counted(len(frame), 'row')} and "
            f"{counted(len(frame.columns), 'column')}",
            expected="at least one row and one column",
        )
    if any(not isinstance(name, str) for name in frame.columns):
        raise SchemaError(
            "some column names are not text",
            remedy="rename them first, as in frame.columns = frame.columns.astype(str)",
        )
    repeated = [name for name, count in Counter(frame.columns).items() if count > 1]
    if repeated:
        raise SchemaError(
            f"column names repeat: {', '.join(repeated)}", remedy="give every column its own name"
        )


def wrong_names(header: Sequence[str], spec: SchemaSpec) -> list[SchemaError]:
    """The declared names that are not in the table, or stand twice among the sensitive ones."""
    unknown = unknown_columns(spec.model_dump(by_alias=True), header)
    wrong = [_at(u.path, u.what, u.expected, u.remedy) for u in unknown]
    for i, name in enumerate(spec.sensitive):
        if name in spec.sensitive[:i]:
            wrong.append(_at(("sensitive", i), "this column stands twice in the list"))
    if spec.person is not None and spec.person in (spec.target, *spec.sensitive):
        role = "the target" if spec.person == spec.target else "sensitive"
        what = f"column {spec.person} is to tell people apart, and is {role}"
        wrong.append(_at(("person",), what, remedy="remove it from one of them"))
    return wrong


def wrong_roles(columns: Mapping[str, Column], spec: SchemaSpec) -> list[SchemaError]:
    """Target, sensitive columns and constraints that columns of their kinds cannot be.

    Args:
        columns: by name, those whose kind is known.
        spec: what is declared.
    """
    kinds = {name: column.kind for name, column in columns.items()}
    return [
        *_wrong_target(columns, spec),
        *_wrong_groups(columns, spec),
        *_wrong_constraints(kinds, spec),
    ]


def refuse_person(kind: str, name: str) -> None:
    """``SchemaError`` for a kind of column whose values tell nobody from anybody."""
    if kind in ("real", "datetime", "duration", "boolean"):
        raise _at(
            ("person",),
            f"column {name} is of kind {kind}, whose values tell nobody apart",
            "a key, such as the number of a customer",
            f"name another column, or say person: {EACH_ROW}",
        )


def wrong_person(columns: Mapping[str, Column], spec: SchemaSpec) -> Iterator[SchemaError]:
    """A column to tell people apart of which no value recurs, though those of another key do."""
    others = [c.name for c in columns.values() if c.recurring_key and c.name != spec.person]
    if spec.person in columns and others:
        yield _at(
            ("person",),
            f"no value of column {spec.person} recurs, and those of '{others[0]}' do",
            "the column that tells whose a row is",
            f"say person: {others[0]}; or person: {EACH_ROW}, if no two rows are of one person",
        )


def _wrong_target(columns: Mapping[str, Column], spec: SchemaSpec) -> Iterator[SchemaError]:
    name = spec.target
    if (
        name is None
        or name not in columns
        or columns[name].kind not in ("identifier", "text", "constant", "image")
    ):
        return
    fixed = columns[name].kind in ("constant", "image")
    remedy = "choose another target" if fixed else f"declare {name}: {{kind: categorical}}"
    yield _at(
        ("target",),
        f"column {name} is {_said(columns[name])}, so there is nothing to predict",
        "a column that repeats its values and has at least two",
        f"{remedy}, or leave the target out",
    )


def _wrong_groups(columns: Mapping[str, Column], spec: SchemaSpec) -> Iterator[SchemaError]:
    for i, name in enumerate(spec.sensitive):
        if name == spec.target:
            what = f"column {name} is both the target and sensitive"
            yield _at(("sensitive", i), what, remedy="remove it from one of them")
        elif name in columns and columns[name].kind in ("identifier", "text", "image"):
            image = columns[name].kind == "image"
            yield _at(
                ("sensitive", i),
                f"column {name} is {_said(columns[name])}, so it forms no groups of people",
                "a column that many rows share a value of",
                "remove it" if image else f"remove it, or declare {name}: {{kind: categorical}}",
            )


def _wrong_constraints(kinds: Mapping[str, str], spec: SchemaSpec) -> Iterator[SchemaError]:
    for i, flaw in flaws(dict(enumerate(spec.constraints)), kinds):
        path = ("constraints", i, flaw.key) if flaw.key else ("constraints", i)
        beside = " and ".join(dotted(("schema", "constraints", j)) for j in flaw.beside)
        what = f"{flaw.what} {beside}" if beside else flaw.what
        yield _at(path, what, flaw.expected, flaw.remedy)


def _said(column: Column) -> str:
    return f"of kind {column.kind} ({column.reason})"


def _at(
    path: tuple[str | int, ...], what: str, expected: str | None = None, remedy: str | None = None
) -> SchemaError:
    at = ("schema", *path)
    return SchemaError(what, where=dotted(at), expected=expected, remedy=remedy, at=at)
