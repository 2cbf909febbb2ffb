"""Imports run one way, and the light commands stay light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAGES = {"sources", "columns", "transforms", "generators", "checks", "sinks", "report"}
INTERFACES = {"synthkit.transforms.layout", "synthkit.generators.base"}
TOP = {
    "cli",
    "api",
    "fitted",
    "generated",
    "pipeline",
    "assessment",
    "comparable",
    "more_rows",
    "shards",
    "artifacts",
    "model",
    "pseudonyms",
    "race",
    "contracts",
    "recipe_io",
    "policy",
    "__main__",
}


def modules() -> dict[str, Path]:
    package = ROOT / "synthkit"
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in package.rglob("*.py")
    }


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    known = modules()
    return {name for name in names if name in known and name != "synthkit"}


def area(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


@pytest.mark.parametrize("module", sorted(modules()))
def test_arrows_point_down(module: str) -> None:
    here = area(module)
    for name in imported(modules()[module]):
        there = area(name)
        if there == here or name in INTERFACES or here in TOP or here == "":
            assert there != "cli" or here in ("cli", "__main__"), f"{module} imports {name}"
            continue
        assert there not in TOP, f"{module} imports {name}: upward"
        assert there not in STAGES, f"{module} imports its sibling {name}"
        if here == "stats":
            pytest.fail(f"{module} imports {name}: stats/ is pure")


@pytest.mark.parametrize(
    "code",
    ["import synthkit", "import synthkit.recipe_io", "import synthkit.cli"],
)
def test_light_imports_stay_light(code: str) -> None:
    heavy = ["torch", "faker", "pandas", "sklearn", "lightgbm", "sdv", "pyarrow", "scipy"]
    script = f"{code}; import sys; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
