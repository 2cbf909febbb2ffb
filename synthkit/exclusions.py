"""Ranges and orders that exclude each other: no row without missing cells can meet them all.

    exclusions({0: a_at_least_5, 1: a_below_b, 2: b_at_most_3})     # (2, (0, 1)): the third is one too many

A range bounds its column from below and above, and an order hands the bounds on. Strictness counts,
so that ``a < b`` excludes ``b <= a``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from synthkit.schema import Constraint, Inequality, Range

Step = tuple[str, str, bool, int]
Reached = dict[tuple[str, bool], tuple[int, ...]]


def exclusions(rules: Mapping[int, Constraint]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The rules that cannot be met beside others before them, and which those are.

    A rule that is told does not count for those after it.

    Args:
        rules: by their place; each can be met alone.
    """
    ranges: dict[int, Range] = {}
    orders: dict[int, Inequality] = {}
    for i, rule in rules.items():
        if isinstance(rule, Range):
            others = _excluded(rule.column, rule.column, False, {**ranges, i: rule}, orders)
        elif isinstance(rule, Inequality):
            others = _excluded(rule.low, rule.high, rule.strict, ranges, orders)
        else:
            continue
        if others is not None:
            yield i, tuple(sorted(others - {i}))
        elif isinstance(rule, Range):
            ranges[i] = rule
        else:
            orders[i] = rule


def _excluded(
    low: str,
    high: str,
    strict: bool,
    ranges: Mapping[int, Range],
    orders: Mapping[int, Inequality],
) -> set[int] | None:
    """The rules that together exclude ``low <= high``; None if there are none."""
    up = _reached(high, [(o.low, o.high, o.strict, i) for i, o in orders.items()])
    down = _reached(low, [(o.high, o.low, o.strict, i) for i, o in orders.items()])
    for ((below, one), first), ((above, other), second) in product(down.items(), up.items()):
        sharp = strict or one or other
        if sharp and below == above:
            return {*first, *second}
        for i, j in product(_of(below, ranges), _of(above, ranges)):
            least, most = ranges[i].min, ranges[j].max
            if least is not None and most is not None:
                if least > most or (sharp and least == most):
                    return {*first, *second, i, j}
    return None


def _reached(start: str, steps: Iterable[Step]) -> Reached:
    """The columns that steps lead to, and whether a strict one is among them; by which rules."""
    found: Reached = {(start, False): ()}
    queue = [(start, False)]
    for column, strict in queue:
        for here, there, sharp, i in steps:
            state = (there, strict or sharp)
            if here == column and state not in found:
                found[state] = (*found[column, strict], i)
                queue.append(state)
    return found


def _of(column: str, ranges: Mapping[int, Range]) -> list[int]:
    return [i for i, rule in ranges.items() if rule.column == column]
