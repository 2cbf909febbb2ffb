"""Variables in a recipe's text."""

from __future__ import annotations

import pytest

from synthkit.environment import expand, has_password, variables
from synthkit.errors import SynthkitError

URL = "postgresql://me:${PASSWORD}@${HOST}/db"


def test_variables_are_found_and_replaced() -> None:
    assert variables(URL) == ["PASSWORD", "HOST"]
    assert expand(URL, {"PASSWORD": "p$1\\1", "HOST": "h"}) == "postgresql://me:p$1\\1@h/db"
    assert expand("$HOME ${1} ${} plain", {}) == "$HOME ${1} ${} plain"


def test_a_missing_variable_is_named_and_no_value_is() -> None:
    with pytest.raises(SynthkitError, match="HOST is not set") as caught:
        expand(URL, {"PASSWORD": "hunter2"})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "spelled_out"),
    [
        ("postgresql://me:hunter2@h/db", True),
        ("postgresql+psycopg://me:x${P}@h/db", True),
        (URL, False),
        ("postgresql://me@h:5432/db", False),
        ("sqlite:///a.db", False),
        ("data/a:b@c.csv", False),
    ],
)
def test_a_password_in_the_recipe(url: str, spelled_out: bool) -> None:
    assert has_password(url) is spelled_out
