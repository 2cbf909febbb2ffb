"""What is wrong with constraints, as far as it can be told without looking at rows.

    for i, flaw in flaws(dict(enumerate(schema.constraints)), {"name": "text"}):
        ...                         # 0, Flaw("is above max", "min <= max", key="min")

Recipes and schemas are judged by the same words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from synthkit.derivations import contradictions
from synthkit.schema import (
    Constraint,
    Dependency,
    FixedCombinations,
    Inequality,
    Range,
    Sum,
    Unique,
)
from synthkit.soundness.exclusions import exclusions
from synthkit.soundness.misfits import misfit


class Flaw(NamedTuple):
    """What is wrong with a constraint, what was expected, and what to do.

    Args:
        key: the key of the constraint that has the flaw; all of it if None.
        beside: places of the other constraints that take part.
    """

    what: str
    expected: str | None = None
    remedy: str | None = None
    key: str | None = None
    beside: tuple[int, ...] = ()


def flaws(
    rules: Mapping[int, Constraint], kinds: Mapping[str, str], partial: Collection[int] = ()
) -> Iterator[tuple[int, Flaw]]:
    """The flaws of constraints: of each alone, then of those beside each other that have none.

    Args:
        rules: by their place.
        kinds: of the columns, as far as they are known.
        partial: places of constraints some keys of which could not be read.
    """
    sound: dict[int, Constraint] = {}
    for i, rule in rules.items():
        found = list(_alone(rule, i in partial))
        if bad := misfit(rule, kinds):
            found.append(Flaw(*bad))
        if rule in sound.values():
            found = [Flaw("this constraint stands twice")]
        if not found and i not in partial:
            sound[i] = rule
        yield from ((i, flaw) for flaw in found)
    places = list(sound)
    for number, what in contradictions(sound.values()):
        expected = "each column computed once, and from others"
        yield places[number], Flaw(what, expected, "drop one of the constraints")
    for i, others in exclusions(sound):
        yield (
            i,
            Flaw(
                "cannot be met in one row with",
                "ranges and orders that leave every column a value",
                "loosen or drop one of the constraints",
                beside=others,
            ),
        )


def _alone(rule: Constraint, partial: bool) -> Iterator[Flaw]:
    """What a constraint says that contradicts itself, or is nothing."""
    another = "another column"
    if isinstance(rule, Inequality) and rule.low == rule.high:
        yield Flaw("is the same column as low", another, key="high")
    elif isinstance(rule, Dependency) and rule.source == rule.to:
        yield Flaw("is the same column as from", another, key="to")
    elif isinstance(rule, Range):
        if rule.min is None and rule.max is None:
            if not partial:  # the bound may be what could not be read
                yield Flaw("the range has no bound", "min, max or both")
        elif rule.min is not None and rule.max is not None and rule.min > rule.max:
            yield Flaw("is above max", "min <= max", key="min")
    elif len(set(rule.columns)) < len(rule.columns):
        if isinstance(rule, Sum):
            yield Flaw("holds a column twice, or the total", key="parts")
        elif isinstance(rule, (FixedCombinations, Unique)):
            yield Flaw("holds a column twice", key="columns")
