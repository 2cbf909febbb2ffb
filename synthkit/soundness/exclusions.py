"""Ranges and orders that exclude each other: no row without missing cells can meet them all.

    exclusions({0: a_at_least_5, 1: a_below_b, 2: b_at_most_3})     # (2, (0, 1)): the third is one too many

A range bounds its column from below and above, and an order hands the bounds on. Strictness counts,
so that ``a < b`` excludes ``b <= a``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import product

from synthkit.schema import Constraint, Inequality, Range

Steps = defaultdict[
    str, list[tuple[str, bool, int]]
]  # by column: the next, strictly, by which rule
Reached = dict[tuple[str, bool], tuple[int, ...]]


def exclusions(rules: Mapping[int, Constraint]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The rules that cannot be met beside others before them, and which those are.

    A rule that is told does not count for those after it.

    Args:
        rules: by their place; each can be met alone.
    """
    ranges: defaultdict[str, dict[int, Range]] = defaultdict(dict)
    up: Steps = defaultdict(list)
    down: Steps = defaultdict(list)
    for i, rule in rules.items():
        if isinstance(rule, Range):
            ranges[rule.column][i] = rule
            below, above = _reached(rule.column, down), _reached(rule.column, up)
            others = _crossed(below, above, ranges, False)
            if others is not None:
                del ranges[rule.column][i]
        elif isinstance(rule, Inequality):
            below, above = _reached(rule.low, down), _reached(rule.high, up)
            others = _circle(below, above, rule.strict)
            if others is None:
                others = _crossed(below, above, ranges, rule.strict)
            if others is None:
                up[rule.low].append((rule.high, rule.strict, i))
                down[rule.high].append((rule.low, rule.strict, i))
        else:
            continue
        if others is not None:
            yield i, tuple(sorted(others - {i}))


def _reached(start: str, steps: Steps) -> Reached:
    """The columns that steps lead to, and whether a strict one is among them; by which rules."""
    found: Reached = {(start, False): ()}
    queue = [(start, False)]
    for column, strict in queue:
        for there, sharp, i in steps.get(column, ()):
            state = (there, strict or sharp)
            if state not in found:
                found[state] = (*found[column, strict], i)
                queue.append(state)
    return found


def _circle(below: Reached, above: Reached, strict: bool) -> set[int] | None:
    """The rules by which a column would lie below itself."""
    for ((column, one), first), other in product(below.items(), (False, True)):
        if (strict or one or other) and (column, other) in above:
            return {*first, *above[column, other]}
    return None


def _crossed(
    below: Reached, above: Reached, ranges: Mapping[str, Mapping[int, Range]], strict: bool
) -> set[int] | None:
    """The rules by which a column would have to lie above its upper bound."""
    lows = [
        (rule.min, one, {*path, i})
        for (column, one), path in below.items()
        for i, rule in ranges.get(column, {}).items()
        if rule.min is not None
    ]
    highs = [
        (rule.max, one, {*path, i})
        for (column, one), path in above.items()
        for i, rule in ranges.get(column, {}).items()
        if rule.max is not None
    ]
    for (low, one, first), (high, other, second) in product(lows, highs):
        if low > high or (low == high and (strict or one or other)):
            return first | second
    return None
