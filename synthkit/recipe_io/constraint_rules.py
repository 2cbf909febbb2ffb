"""Rules inside and between the constraints of a recipe.

Every constraint is read by itself, by those of its keys that are valid: a slip in one hides no
problem of another.
"""

from __future__ import annotations

from typing import get_args

from synthkit.document import Document, dotted
from synthkit.document import Path as KeyPath
from synthkit.recipe_io.pseudonym_rules import with_pseudonyms
from synthkit.recipe_io.schema_rules import declared_columns
from synthkit.recipe_io.sections import usable
from synthkit.schema import Constraint
from synthkit.soundness.flaws import flaws
from synthkit.validation import part

MODELS = {get_args(m.model_fields["kind"].annotation)[0]: m for m in get_args(Constraint)}


def check_constraints(document: Document) -> None:
    """Notes the contradictions of the constraints, and those with the kinds that are declared."""
    rules = _rules(document)
    partial = {i for i in rules if _has_problem(document, i)}
    kinds = {name: spec.kind for name, spec in declared_columns(document).items() if spec.kind}
    kinds |= dict.fromkeys(set(with_pseudonyms(document)) - set(kinds), "categorical")
    for i, flaw in flaws(rules, kinds, partial):
        path = (*_path(i), flaw.key) if flaw.key else _path(i)
        others = " and ".join(_named(document, j) for j in flaw.beside)
        what = f"{flaw.what} {others}" if others else flaw.what
        document.refuse(path, what, expected=flaw.expected, remedy=flaw.remedy)


def _named(document: Document, i: int) -> str:
    """A constraint by its line and column, or by its place in the list where it has none."""
    place = document.where(_path(i))
    line = place.removeprefix(f"{document.name}:")
    return dotted(_path(i)) + (f" at {line}" if line != place else "")


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
