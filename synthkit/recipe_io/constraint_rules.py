"""Rules inside and between the constraints of a recipe.

Every constraint is read by itself, by those of its keys that are valid: a slip in one hides no
problem of another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from synthkit.derivations import contradictions
from synthkit.document import Document, dotted
from synthkit.document import Path as KeyPath
from synthkit.misfits import misfit
from synthkit.recipe import ColumnSpec
from synthkit.recipe_io.sections import usable
from synthkit.schema import (
    Constraint,
    Dependency,
    FixedCombinations,
    Inequality,
    Range,
    Sum,
    Unique,
)
from synthkit.validation import part

MODELS = {get_args(m.model_fields["kind"].annotation)[0]: m for m in get_args(Constraint)}


def check_constraints(document: Document) -> None:
    """Notes the contradictions of the constraints, and those with the kinds that are declared."""
    rules = _rules(document)
    kinds = _declared_kinds(document)
    sound: dict[int, Constraint] = {}
    for i, rule in rules.items():
        if rule in sound.values():
            document.refuse(_path(i), "this constraint stands twice")
        else:
            _check(document, i, rule)
            refuse_misfit(document, i, rule, kinds)
        if not _has_problem(document, i):
            sound[i] = rule
    places = list(sound)
    for number, what in contradictions(sound.values()):
        document.refuse(
            _path(places[number]),
            what,
            expected="each column computed once, and from others",
            remedy="drop one of the constraints",
        )


def refuse_misfit(document: Document, i: int, rule: Constraint, kinds: Mapping[str, str]) -> None:
    """Notes that constraint i cannot hold for columns of these kinds, if so."""
    if found := misfit(rule, kinds):
        document.refuse(_path(i), found.what, expected=found.expected, remedy=found.remedy)


def _path(i: int) -> KeyPath:
    return ("schema", "constraints", i)


def _has_problem(document: Document, i: int) -> bool:
    return any(problem.key.startswith(dotted(_path(i))) for problem in document.problems)


def _rules(document: Document) -> dict[int, Constraint]:
    """The constraints that can be read, by their place in the list."""
    entries = part(document, ("schema", "constraints"))
    rules: dict[int, Constraint] = {}
    for i, entry in enumerate(entries if isinstance(entries, list) else ()):
        kind = entry.get("kind") if isinstance(entry, dict) else None
        model = MODELS.get(kind) if isinstance(kind, str) else None
        if model and (rule := usable(model, entry)):
            rules[i] = rule
    return rules


def _declared_kinds(document: Document) -> dict[str, str]:
    columns = part(document, ("schema", "columns"))
    specs = {
        name: usable(ColumnSpec, entry)
        for name, entry in (columns.items() if isinstance(columns, dict) else ())
    }
    return {name: spec.kind for name, spec in specs.items() if spec and spec.kind}


def _check(document: Document, i: int, rule: Constraint) -> None:
    path = _path(i)
    if isinstance(rule, Inequality) and rule.low == rule.high:
        document.refuse((*path, "high"), "is the same column as low", expected="another column")
    elif isinstance(rule, Range):
        _range(document, i, rule)
    elif isinstance(rule, (FixedCombinations, Unique)):
        if len(set(rule.columns)) < len(rule.columns):
            document.refuse((*path, "columns"), "holds a column twice")
    elif isinstance(rule, Sum):
        if len({rule.total, *rule.parts}) <= len(rule.parts):
            document.refuse((*path, "parts"), "holds a column twice, or the total")
    elif isinstance(rule, Dependency) and rule.source == rule.to:
        document.refuse((*path, "to"), "is the same column as from", expected="another column")


def _range(document: Document, i: int, rule: Range) -> None:
    path = _path(i)
    if rule.min is None and rule.max is None:
        if not _has_problem(document, i):  # a bound that cannot be read is one
            document.refuse(path, "the range has no bound", expected="min, max or both")
    elif rule.min is not None and rule.max is not None and rule.min > rule.max:
        document.refuse((*path, "min"), "is above max", expected="min <= max")
