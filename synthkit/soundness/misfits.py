"""Constraints over columns of kinds that they cannot hold for, such as an order of texts.

misfit(rule, {"name": "text"})          # what is wrong; None if nothing is, as far as is known
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from synthkit.schema import KINDS, Constraint, Dependency, Inequality, Range, Sum

NUMBERS, DATETIMES, DURATIONS = {"integer", "real"}, {"datetime"}, {"duration"}
LEARNED = set(KINDS) - {"identifier", "text"}


class Misfit(NamedTuple):
    """What is wrong with a constraint, what was expected, and what to do."""

    what: str
    expected: str
    remedy: str = "declare other kinds under schema.columns, or drop the constraint"


def misfit(rule: Constraint, kinds: Mapping[str, str]) -> Misfit | None:
    """Why a rule does not fit the kinds of its columns; a column whose kind is not known fits."""
    if isinstance(rule, Inequality):
        known = _known(kinds, rule.low, rule.high)
        if not _fit(known, NUMBERS, DATETIMES, DURATIONS):
            what = f"{_named(known)} can have no common order"
            return Misfit(what, "two numbers, two datetimes or two durations")
    elif isinstance(rule, Range):
        known = _known(kinds, rule.column)
        if not _fit(known, NUMBERS):
            return Misfit(f"{_named(known)} can have no range", "an integer or real column")
    elif isinstance(rule, Sum):
        known = _known(kinds, rule.total, *rule.parts)
        equality = [DATETIMES] if len(rule.parts) == 1 else []
        if not _fit(known, NUMBERS, DURATIONS, *equality):
            what = f"{_named(known)} cannot be added up"
            return Misfit(what, "numbers, or durations; a single part may be a datetime")
    elif isinstance(rule, Dependency):
        known = _known(kinds, rule.source, rule.to)
        if not _fit(known, LEARNED):
            anew = {name: kind for name, kind in known.items() if kind not in LEARNED}
            return Misfit(
                f"{_named(anew)} cannot take part, being made anew",
                "columns that are learned",
                "declare kind categorical under schema.columns, or drop the constraint",
            )
    return None


def _known(kinds: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: kinds[name] for name in names if name in kinds}


def _fit(known: Mapping[str, str], *families: set[str]) -> bool:
    """Whether the kinds are all of one family."""
    return any(family.issuperset(known.values()) for family in families)


def _named(known: Mapping[str, str]) -> str:
    columns = ", ".join(f"'{name}' ({kind})" for name, kind in known.items())
    return f"{'columns' if len(known) > 1 else 'column'} {columns}"
