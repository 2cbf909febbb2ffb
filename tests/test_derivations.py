"""Computed columns: each once, and never from themselves."""

from __future__ import annotations

import pytest

from synthkit.derivations import contradiction, contradictions, derivations, leads_to
from synthkit.schema import Constraint, Dependency, Inequality, Sum


def total(name: str, *parts: str) -> Sum:
    return Sum(kind="sum", total=name, parts=parts)


def lookup(source: str, to: str) -> Dependency:
    return Dependency.model_validate({"kind": "dependency", "from": source, "to": to})


ORDER = Inequality(kind="inequality", low="a", high="b")


def test_what_is_computed_from_what() -> None:
    sources = derivations([ORDER, total("sum", "a", "b"), lookup("zone", "town")])
    assert sources == {"sum": ("a", "b"), "town": ("zone",)}
    assert leads_to("sum", "b", sources)
    assert not leads_to("b", "sum", sources)


@pytest.mark.parametrize(
    ("rules", "place"),
    [
        ([ORDER, total("b", "a", "c")], None),
        ([total("t", "a", "b"), total("all", "t", "c")], None),
        ([total("t", "a", "b"), lookup("zone", "t")], 1),
        ([total("a", "b"), total("b", "a")], 1),
        ([lookup("a", "b"), ORDER, lookup("b", "c"), total("a", "c", "d")], 3),
    ],
)
def test_contradictions_are_placed(rules: list[Constraint], place: int | None) -> None:
    found = contradiction(rules)
    assert (found and found[0]) == place


def test_every_contradiction_is_told_once() -> None:
    rules = [total("a", "b"), total("b", "a"), ORDER, total("a", "c"), lookup("b", "c")]
    assert [place for place, _ in contradictions(rules)] == [1, 3]
