"""Without torch, a recipe with a neural backend is valid, and generate says what to install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from synthkit.generators import generators
from synthkit.generators.cards import needed_package

NEURAL = [name for name in generators.names() if needed_package(name) == ("torch", "neural")]
WITHOUT = "import sys; sys.modules['torch'] = None; from synthkit.cli import main; main()"


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in an interpreter that cannot import torch."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("backend", NEURAL)
def test_the_recipe_is_valid_but_cannot_be_run(tmp_path: Path, backend: str) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        "version: 1\nsource: {path: 'example:adult'}\n"
        f"generator: {{backend: {backend}}}\noutput: {{path: {tmp_path / 'run'}}}\n"
    )
    assert command("validate", str(recipe)).returncode == 0
    answer = command("generate", str(recipe))
    assert answer.returncode == 2
    assert answer.stderr.endswith("Install it with: pip install 'synthkit[neural]'.\n")
    assert "read:" not in answer.stderr
    assert "Traceback" not in answer.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["recipe.yaml"]


def test_doctor_says_that_the_extra_is_missing() -> None:
    answer = command("doctor")
    assert answer.returncode == 0
    assert "cpu (torch is not installed)" in answer.stdout


def test_a_candidate_that_is_named_is_missed_before_the_race(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        "version: 1\nsource: {path: 'example:adult'}\n"
        f"generator: {{backend: auto, candidates: [trees, vae]}}\noutput: {{path: {tmp_path / 'run'}}}\n"
    )
    assert command("validate", str(recipe)).returncode == 0
    answer = command("generate", str(recipe))
    assert answer.returncode == 2
    assert "the backend vae needs the package torch" in answer.stderr
    assert "read:" not in answer.stderr
