"""Made-up names and addresses in place of real ones."""

from __future__ import annotations

from typing import get_args

import pytest

from synthkit.pseudonyms import Key
from synthkit.pseudonyms.people import People
from synthkit.schema import Content
from synthkit.transforms.made_up import parts

KEY = Key.of("a secret for tests only")
SORTS: tuple[Content, ...] = get_args(Content)


@pytest.mark.parametrize("content", SORTS)
def test_the_parts_come_from_the_lists_and_depend_on_value_and_key(content: Content) -> None:
    people, others = People(KEY, content), People(Key.of("another secret for tests"), content)
    values = [f"value {i}" for i in range(50)]
    made = [people(value) for value in values]
    assert made == [People(KEY, content)(value) for value in values]
    assert len(set(made)) > 45
    assert sum(people(value) == others(value) for value in values) < 3
    for text in made:
        for choices in parts(content):
            part = max((c for c in choices if text.startswith(c)), key=len)
            text = text.removeprefix(part)
        assert text == ""


def test_all_parts_vary_with_the_value() -> None:
    people = People(KEY, "person names")
    made = [people(f"value {i}").split() for i in range(300)]
    first, last = ({parts[place] for parts in made} for place in (0, 1))
    assert len(first) > 150
    assert len(last) > 150


def test_nobody_keeps_the_name_and_white_space_does_not_count() -> None:
    people = People(KEY, "first names")
    names = parts("first names")[0]
    assert all(people(name).casefold() != name.casefold() for name in names)
    assert people("  Ann ") == f"  {people('Ann')} "
    assert [people(text) for text in ("none", " NA", "")] == ["none", " NA", ""]


def test_the_sorts_are_unrelated() -> None:
    first, person = People(KEY, "first names"), People(KEY, "person names")
    assert sum(person(f"v{i}").startswith(f"{first(f'v{i}')} ") for i in range(200)) < 5
