"""Checks of names and roles: what a user declares must exist and make sense."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from synthkit.counts import counted
from synthkit.derivations import contradiction
from synthkit.errors import SchemaError
from synthkit.recipe import SchemaSpec
from synthkit.registry import nearest
from synthkit.schema import Range, Schema

_PREDICTABLE = "a column that repeats its values and has at least two"


def check_names(frame: pd.DataFrame, spec: SchemaSpec) -> None:
    """The table has rows and columns with different text names, and all declared names exist.

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
    named = {
        "target": [spec.target] if spec.target is not None else [],
        "sensitive": list(spec.sensitive),
        "columns": list(spec.columns),
        **{f"constraints[{i}]": c.columns for i, c in enumerate(spec.constraints)},
    }
    for role, names in named.items():
        for name in names:
            if name not in frame.columns:
                raise SchemaError(
                    f"there is no column named '{name}'",
                    where=f"schema.{role}",
                    remedy=nearest(name, frame.columns),
                )
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            raise SchemaError(
                f"columns are named twice: {', '.join(twice)}",
                where=f"schema.{role}",
                remedy="name each once",
            )


def check_roles(schema: Schema) -> None:
    """Target and sensitive columns are of kinds that can play their role; no rule contradicts another.

    Raises:
        SchemaError: otherwise, with the remedy.
    """
    if schema.target is not None:
        _check_target(schema, schema.target)
    for name in schema.sensitive:
        if name == schema.target:
            raise SchemaError(
                f"column {name} is both the target and sensitive",
                where="schema.sensitive",
                remedy="remove it from one of them",
            )
        if schema[name].kind in ("identifier", "text"):
            raise SchemaError(
                f"column {name} is {_said(schema, name)}, so it forms no groups of people",
                where="schema.sensitive",
                expected="a column that many rows share a value of",
                remedy=f"remove it, or declare {name}: {{kind: categorical}}",
            )
    for place, constraint in enumerate(schema.constraints):
        if isinstance(constraint, Range):
            _check_range(constraint, f"schema.constraints[{place}]")
    if found := contradiction(schema.constraints):
        raise SchemaError(
            found[1],
            where=f"schema.constraints[{found[0]}]",
            expected="each column computed once, and from others",
            remedy="drop one of the constraints",
        )


def _said(schema: Schema, name: str) -> str:
    column = schema[name]
    return f"of kind {column.kind} ({column.reason})"


def _check_target(schema: Schema, name: str) -> None:
    kind = schema[name].kind
    if kind not in ("identifier", "text", "constant"):
        return
    remedy = (
        "choose another target" if kind == "constant" else f"declare {name}: {{kind: categorical}}"
    )
    raise SchemaError(
        f"column {name} is {_said(schema, name)}, so there is nothing to predict",
        where="schema.target",
        expected=_PREDICTABLE,
        remedy=f"{remedy}, or leave the target out",
    )


def _check_range(constraint: Range, where: str) -> None:
    low, high = constraint.min, constraint.max
    if low is not None and high is not None and low > high:
        raise SchemaError("min is greater than max", where=where, remedy="swap them")
