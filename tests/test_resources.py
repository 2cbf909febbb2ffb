"""The one door to bundled data."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthkit import resources
from synthkit.errors import SynthkitError


def test_example_is_found_by_name() -> None:
    assert "adult" in resources.names("examples")
    assert resources.find("examples", "adult").name == "adult.csv.gz"


def test_names_are_paths_without_the_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "_data" / "recipes" / "table"
    folder.mkdir(parents=True)
    for name in ("adult.yaml", "adult-vae.yaml", "README.md"):
        (folder / name).write_text("")
    monkeypatch.setattr(resources, "PACKAGE", tmp_path)
    assert resources.names("recipes") == ["table/adult", "table/adult-vae"]
    assert resources.find("recipes", "table/adult") == folder / "adult.yaml"
    with pytest.raises(SynthkitError, match=r"no bundled recipe.*[Dd]id you mean 'table/adult'"):
        resources.find("recipes", "table/adlt")


def test_packaged_data_wins_over_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "synthkit"
    package.mkdir()
    monkeypatch.setattr(resources, "PACKAGE", package)
    with pytest.raises(SynthkitError, match="not installed"):
        resources.bundled("privacy")
    (tmp_path / "privacy").mkdir()
    with pytest.raises(SynthkitError, match="not installed"):  # no checkout without pyproject.toml
        resources.bundled("privacy")
    (tmp_path / "pyproject.toml").write_text("")
    assert resources.bundled("privacy") == tmp_path / "privacy"
    (package / "_data" / "privacy").mkdir(parents=True)
    assert resources.bundled("privacy") == package / "_data" / "privacy"
