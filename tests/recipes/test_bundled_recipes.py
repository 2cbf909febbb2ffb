"""Every bundled recipe: valid, explained, and runnable on a small part of its data."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from synthkit import pipeline, resources
from synthkit.recipe_io import load_recipe
from synthkit.run import Run
from synthkit.sources import read_header

NAMES = resources.names("recipes")


def test_the_recipe_of_the_readme_is_there() -> None:
    assert "table/adult" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_is_valid_and_names_columns_that_are_there(name: str) -> None:
    assert load_recipe(name, read_header=read_header).header


@pytest.mark.parametrize("name", NAMES)
def test_its_header_says_purpose_runtime_data_and_command(name: str) -> None:
    comment = load_recipe(name).text.partition("version:")[0]
    for part in ("# Purpose:", "# Runtime:", "# Data:", f"#   synthkit generate {name}\n"):
        assert part in comment


def test_every_bundled_recipe_writes_to_a_folder_of_its_own() -> None:
    paths = [load_recipe(name).recipe.output.path for name in NAMES]
    assert len(set(paths)) == len(paths)


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_on_few_rows(name: str, tmp_path: Path) -> None:
    small = ["source.max_rows=600", "output.rows=60", "output.shard_rows=30"]
    is_images = load_recipe(name).recipe.source.kind == "images"
    if is_images:
        small += ["generator.epochs=2"]
    if (
        load_recipe(name).recipe.generator.backend == "auto"
    ):  # two that hardly learn are a race, too
        small += ["generator.candidates=[trees, vae]", "generator.options.vae.epochs=2"]
    loaded = load_recipe(name, [*small, f"output.path={tmp_path / 'run'}", "privacy.on_fail=warn"])
    if is_images and find_spec("diffusers") is None:
        pytest.skip("diffusers is not installed")
    if loaded.recipe.generator.backend.startswith("sdv-") and find_spec("sdv") is None:
        pytest.skip("sdv is not installed")
    outcome = pipeline.generate(loaded, Run(loaded.recipe.seed))
    assert outcome.manifest["rows"]["produced"] == 60
    assert (outcome.path / "report.html").exists()
    if is_images:
        assert len(list((outcome.path / "images").rglob("*.png"))) == 60
        assert (outcome.path / "contact-sheet.png").exists()
    else:
        assert len(list((outcome.path / "data").glob("part-*"))) == 2
