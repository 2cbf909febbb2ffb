"""A card says of a backend what the backend says of itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from synthkit.errors import MissingExtra, PluginError
from synthkit.generators import cards, generators
from synthkit.generators.cards import Card, card, choices, needed_package, require_package
from synthkit.generators.neural import NeuralConfig


@pytest.mark.parametrize("name", generators.names())
def test_a_card_agrees_with_its_backend(name: str) -> None:
    backend = generators.get(name)
    assert card(name).options is backend.Config  # type: ignore[attr-defined]


def test_an_unknown_backend_has_no_card() -> None:
    with pytest.raises(PluginError, match="Did you mean 'trees'"):
        card("tree")


@pytest.mark.parametrize("name", choices())
def test_a_built_in_card_is_read_without_numpy(name: str) -> None:
    code = (
        f"import sys; from synthkit.generators.cards import card; card({name!r});"
        " sys.exit(bool({'numpy', 'lightgbm', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_backend_without_its_package_is_refused_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    neural = Card(NeuralConfig)
    monkeypatch.setattr(cards, "card", lambda name, modality: neural)
    assert needed_package("some") == ("torch", "neural")
    require_package("some")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra) as caught:
        require_package("some")
    assert str(caught.value) == (
        "the backend some needs the package torch, which is not installed."
        " Install it with: pip install 'synthkit[neural]'."
    )


def test_trees_need_nothing_beside_the_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    require_package("trees")
