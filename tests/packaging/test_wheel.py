"""A plain install anywhere has everything: code, recipes, policies, example data, templates."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel, built from a source distribution as a package index would serve it."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "from hatchling.build import build_{0} as b; print(b({1!r}))"
    subprocess.run([sys.executable, "-c", build.format("sdist", str(folder))], cwd=ROOT, check=True)
    (archive,) = folder.glob("*.tar.gz")
    subprocess.run(["tar", "xzf", archive.name], cwd=folder, check=True)
    source = folder / archive.name.removesuffix(".tar.gz")
    subprocess.run(
        [sys.executable, "-c", build.format("wheel", str(folder))], cwd=source, check=True
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_wheel_holds_data_below_the_package_and_nothing_beside_it(installed: Path) -> None:
    top = {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")}
    assert top == {"synthkit"}
    bundled = {
        str(p.relative_to(installed / "synthkit" / "_data"))
        for p in (installed / "synthkit" / "_data").rglob("*")
        if p.is_file()
    }
    tracked = subprocess.run(
        ["git", "ls-files", "recipes", "privacy", "examples/data"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert bundled == {name.replace("examples/data/", "examples/") for name in tracked}
    assert not list(installed.rglob("_data/**/*.py"))
    assert (installed / "synthkit" / "report" / "templates" / "report.html").exists()


def test_an_installed_copy_finds_its_data(installed: Path) -> None:
    names = run(
        installed,
        "import json, synthkit; from synthkit import resources as r;"
        "print(json.dumps([synthkit.__file__, r.names('recipes'), str(r.find('examples', 'adult'))]))",
    )
    home, recipes, adult = json.loads(names)
    assert home.startswith(str(installed))
    assert "table/adult" in recipes
    assert adult.startswith(str(installed))


def test_recipes_and_policies_are_no_import_packages(installed: Path) -> None:
    assert not any((installed / name).exists() for name in ("recipes", "privacy", "tests"))


def test_doctor_lists_the_extras_of_an_installed_copy(installed: Path) -> None:
    script = "import sys; from synthkit.cli import main; sys.argv = ['synthkit', 'doctor', '--json']; main()"
    extras = json.loads(run(installed, script))["extras"]
    assert extras.keys() >= {"neural", "sql"}
    assert extras["neural"].keys() == {"torch"}
