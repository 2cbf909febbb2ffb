"""Killed at any moment, a run leaves no half that looks whole, and ``--resume`` completes it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

MOMENTS = 10


def command(recipe: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "synthkit", "generate", str(recipe), "--quiet", *options]


def data(path: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(path.rglob("*")) if p.suffix == ".parquet"}


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], float]:
    """A recipe in four shards, and how long an undisturbed run of it takes."""
    folder = tmp_path_factory.mktemp("crash")
    rng = np.random.default_rng(0)
    pd.DataFrame({"a": rng.normal(size=600).round(3), "b": rng.choice(list("xyz"), 600)}).to_csv(
        folder / "table.csv", index=False
    )
    recipe = {
        "version": 1,
        "source": {"path": "table.csv"},
        "privacy": {"policy": "internal", "on_fail": "warn"},
        "output": {
            "path": str(folder / "whole"),
            "rows": 400,
            "format": "parquet",
            "shard_rows": 100,
        },
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    t0 = time.monotonic()
    subprocess.run(command(folder / "recipe.yaml"), check=True)
    return folder, recipe, time.monotonic() - t0


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_kill_and_resume(job: tuple[Path, dict[str, Any], float], moment: int) -> None:
    folder, recipe, whole_s = job
    out = folder / f"run{moment}"
    path = folder / f"recipe{moment}.yaml"
    path.write_text(yaml.safe_dump({**recipe, "output": {**recipe["output"], "path": str(out)}}))

    process = subprocess.Popen(command(path), stderr=subprocess.DEVNULL)
    time.sleep(whole_s * (moment + 0.5) / MOMENTS)
    process.send_signal(signal.SIGKILL)
    process.wait()

    if out.exists():
        assert (out / "manifest.json").exists(), "a folder that looks whole must be whole"
    else:
        subprocess.run(command(path, "--resume"), check=True)
    assert data(out) == data(folder / "whole")
    assert [p.name for p in folder.glob(f".run{moment}.*")] == []
