"""Ranges and orders exclude each other exactly where no numbers meet them all."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthkit.schema import Constraint, Inequality, Range, Unique
from synthkit.soundness.exclusions import exclusions

NAMES = ("a", "b", "c")
GRID = [n / 2 for n in range(-2, 9)]  # finer than the bounds, so that strict orders have room


def bounds(column: str, low: float | None = None, high: float | None = None) -> Range:
    return Range(kind="range", column=column, min=low, max=high)


def order(low: str, high: str, strict: bool = False) -> Inequality:
    return Inequality(kind="inequality", low=low, high=high, strict=strict)


def found(*rules: Constraint) -> list[tuple[int, tuple[int, ...]]]:
    return list(exclusions(dict(enumerate(rules))))


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([bounds("a", high=5), bounds("a", low=5)], []),
        ([bounds("a", high=20), bounds("b", low=80), bounds("a", low=80)], [(2, (0,))]),
        ([bounds("a", low=9), order("a", "b"), bounds("b", high=9)], []),
        ([bounds("a", low=9), order("a", "b", True), bounds("b", high=9)], [(2, (0, 1))]),
        ([bounds("a", low=9), bounds("c", high=1), order("a", "b"), order("b", "c")], [(3, (0, 1, 2))]),
        ([order("a", "b"), order("b", "a")], []),
        ([order("a", "b"), order("b", "a", True)], [(1, (0,))]),
        ([order("a", "b"), order("b", "c"), order("c", "a", True)], [(2, (0, 1))]),
        ([bounds("a", 0, 1), bounds("a", 2, 3), bounds("a", 2, 3), bounds("a", 1, 2)], [(1, (0,)), (2, (0,))]),
        ([Unique(kind="unique", columns=("a",)), bounds("a", 3, 4)], []),
    ],
)  # fmt: skip
def test_by_hand(rules: list[Constraint], expected: list[tuple[int, tuple[int, ...]]]) -> None:
    assert found(*rules) == expected


def meets(row: dict[str, float], rule: Constraint) -> bool:
    if isinstance(rule, Range):
        value = row[rule.column]
        return (rule.min is None or value >= rule.min) and (rule.max is None or value <= rule.max)
    assert isinstance(rule, Inequality)
    low, high = row[rule.low], row[rule.high]
    return low < high if rule.strict else low <= high


ROWS = [dict(zip(NAMES, values, strict=True)) for values in product(GRID, repeat=3)]
LIMIT = st.one_of(st.none(), st.integers(0, 3))
RANGES = st.builds(bounds, st.sampled_from(NAMES), LIMIT, LIMIT).filter(
    lambda r: r.min is None or r.max is None or r.min <= r.max
)
ORDERS = st.builds(order, st.sampled_from(NAMES), st.sampled_from(NAMES), st.booleans()).filter(
    lambda o: o.low != o.high
)


@given(st.lists(st.one_of(RANGES, ORDERS), min_size=1, max_size=5))
def test_told_exactly_where_no_row_of_a_fine_grid_meets_them(rules: list[Constraint]) -> None:
    told = found(*rules)
    left = ROWS
    for i, rule in enumerate(rules):
        others = dict(told).get(i)
        if others is not None:
            assert not any(meets(r, rule) for r in left)
            together = [rule, *(rules[j] for j in others)]
            assert not any(all(meets(r, one) for one in together) for r in ROWS)
        else:
            left = [r for r in left if meets(r, rule)]
    assert left
