"""Which kinds of columns a constraint can hold for."""

from __future__ import annotations

import pytest

from synthkit.schema import (
    Constraint,
    Dependency,
    FixedCombinations,
    Inequality,
    Range,
    Sum,
    Unique,
)
from synthkit.soundness.misfits import misfit

KINDS = {
    "age": "integer",
    "pay": "real",
    "born": "datetime",
    "died": "datetime",
    "stay": "duration",
    "sex": "categorical",
    "id": "identifier",
    "note": "text",
}


def order(low: str, high: str) -> Inequality:
    return Inequality(kind="inequality", low=low, high=high)


def total(name: str, *parts: str) -> Sum:
    return Sum(kind="sum", total=name, parts=parts)


def dependency(source: str, to: str) -> Dependency:
    return Dependency.model_validate({"kind": "dependency", "from": source, "to": to})


@pytest.mark.parametrize(
    "rule",
    [
        order("age", "pay"),
        order("born", "died"),
        order("stay", "stay"),
        Range(kind="range", column="pay", min=0),
        total("age", "pay", "age"),
        total("stay", "stay", "stay"),
        total("born", "died"),
        dependency("sex", "born"),
        FixedCombinations(kind="fixed_combinations", columns=("note", "id")),
        Unique(kind="unique", columns=("note",)),
        order("age", "unknown"),
        order("unknown", "nor this"),
    ],
)
def test_rules_that_fit(rule: Constraint) -> None:
    assert misfit(rule, KINDS) is None


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        (order("age", "born"), "columns 'age' (integer), 'born' (datetime) can have no common order"),
        (order("sex", "sex"), "column 'sex' (categorical) can have no common order"),
        (order("note", "unknown"), "column 'note' (text) can have no common order"),
        (Range(kind="range", column="born", min=0), "column 'born' (datetime) can have no range"),
        (total("age", "stay"), "columns 'age' (integer), 'stay' (duration) cannot be added up"),
        (total("born", "died", "born"), "columns 'born' (datetime), 'died' (datetime) cannot be added up"),
        (total("sex", "unknown"), "column 'sex' (categorical) cannot be added up"),
        (dependency("id", "sex"), "column 'id' (identifier) cannot take part, being made anew"),
        (dependency("unknown", "note"), "column 'note' (text) cannot take part, being made anew"),
    ],
)  # fmt: skip
def test_rules_that_do_not(rule: Constraint, what: str) -> None:
    found = misfit(rule, KINDS)
    assert found is not None
    assert found.what == what
