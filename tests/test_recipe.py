"""The recipe's models: durations, thresholds, and what they refuse."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from synthkit.recipe import GeneratorSpec, Recipe, SourceSpec, Threshold, parse_seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [(60, 60), ("60", 60), ("60s", 60), ("5m", 300), ("5 min", 300), ("1.5h", 5400), (".5s", 0.5)],
)
def test_durations(text: object, seconds: float) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "0s", "-5s", "soon", "5d", "1e3", None, True, "5s 3"])
def test_what_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="a duration above zero"):
        parse_seconds(text)


def test_a_duration_is_written_as_it_is_read() -> None:
    spec = GeneratorSpec(budget="5m")
    assert spec.model_dump()["budget"] == "300s"
    assert GeneratorSpec.model_validate(spec.model_dump()) == spec


def test_options_are_the_keys_that_are_not_the_envelopes() -> None:
    spec = GeneratorSpec.model_validate({"backend": "trees", "leaf": 5})
    assert spec.options == {"leaf": 5}


@pytest.mark.parametrize("bound", ["nan", "inf", float("nan"), float("-inf")])
def test_a_bound_that_nothing_could_break_is_refused(bound: object) -> None:
    with pytest.raises(ValidationError):
        Threshold(max=bound)


def test_a_size_is_height_and_width() -> None:
    assert SourceSpec(path="a", size=28).size == (28, 28)
    assert SourceSpec(path="a", size=[28, 30]).size == (28, 30)


def test_recipes_are_frozen_and_print_no_input_in_errors() -> None:
    recipe = Recipe(version=1, source=SourceSpec(path="a"), output={"path": "b"})
    with pytest.raises(ValidationError):
        recipe.seed = 3
    with pytest.raises(ValidationError) as caught:
        SourceSpec(path="a", holdout="secret value")
    assert "secret value" not in str(caught.value)
