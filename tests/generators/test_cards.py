"""A card says of a backend what the backend says of itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from synthkit.errors import PluginError
from synthkit.generators import generators
from synthkit.generators.cards import card


@pytest.mark.parametrize("name", generators.names())
def test_a_card_agrees_with_its_backend(name: str) -> None:
    backend = generators.get(name)
    assert card(name).options is backend.Config  # type: ignore[attr-defined]
    assert card(name).modalities == backend.modalities  # type: ignore[attr-defined]


def test_an_unknown_backend_has_no_card() -> None:
    with pytest.raises(PluginError, match="Did you mean 'trees'"):
        card("tree")


@pytest.mark.parametrize("name", generators.names())
def test_a_built_in_card_is_read_without_numpy(name: str) -> None:
    code = (
        f"import sys; from synthkit.generators.cards import card; card({name!r});"
        " sys.exit(bool({'numpy', 'lightgbm', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
