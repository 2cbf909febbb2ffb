"""Which constraints compute a column from others, and whether they can be computed together.

A sum and a dependency are too exact to be met by drawing again. Their column is therefore left out
of what is learned and computed from the others after sampling.

    derivations(schema.constraints)     # {"total": ("fare", "tip"), "borough": ("zone",)}
    contradiction(constraints)          # (1, "column 'total' is computed by another constraint too")
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from synthkit.schema import Constraint


def derivations(rules: Iterable[Constraint]) -> dict[str, tuple[str, ...]]:
    """The computed columns, each with those it is computed from."""
    return dict(entry for rule in rules if (entry := rule.derivation) is not None)


def leads_to(name: str, target: str, sources: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a column is the target, or computed from it in one or more steps."""
    if name == target:
        return True
    rest = {key: value for key, value in sources.items() if key != name}
    return any(leads_to(source, target, rest) for source in sources.get(name, ()))


def contradiction(rules: Iterable[Constraint]) -> tuple[int, str] | None:
    """The first of ``contradictions``; None if there is none."""
    return next(contradictions(rules), None)


def contradictions(rules: Iterable[Constraint]) -> Iterator[tuple[int, str]]:
    """The rules whose column cannot be computed beside those of the rules before, and why."""
    sources: dict[str, tuple[str, ...]] = {}
    for i, rule in enumerate(rules):
        entry = rule.derivation
        if entry is None:
            continue
        column, needed = entry
        if column in sources:
            yield i, f"column '{column}' is computed by another constraint already"
        elif any(leads_to(name, column, sources) for name in needed):
            yield i, f"column '{column}' would be computed from itself"
        else:
            sources[column] = needed
