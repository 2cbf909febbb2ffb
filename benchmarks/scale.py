"""Speed and memory of whole commands: a large fit, a large sample, and the light commands.

    python -m benchmarks.scale --rows 1000000 --sample 10000000 -o benchmarks/.cache/scale

Adult is drawn with replacement up to ``--rows`` and its numbers get noise, written as CSV, and given
to ``synthkit generate`` in a process of its own whose peak memory the operating system accounts.
``synthkit sample`` then writes ``--sample`` rows as Parquet. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from synthkit.resources import find

LIGHT = (["--help"], ["validate", "table/adult"], ["init", "ADULT", "-o", "OUT"])


def big_adult(rows: int, seed: int = 0) -> pd.DataFrame:
    """Adult resampled, with noise on its wide-ranging numbers so that rows differ."""
    rng = np.random.default_rng(seed)
    adult = pd.read_csv(find("examples", "adult"))
    table = adult.iloc[rng.integers(0, len(adult), rows)].reset_index(drop=True)
    table["age"] = np.clip(table["age"] + rng.integers(-2, 3, rows), 17, 90)
    table["fnlwgt"] = (table["fnlwgt"] * rng.lognormal(0, 0.1, rows)).astype(int)
    table["hours_per_week"] = np.clip(table["hours_per_week"] + rng.integers(-1, 2, rows), 1, 99)
    return table


def measured(arguments: list[str]) -> dict[str, float]:
    """Wall-clock and processor seconds and peak resident bytes of one synthkit command."""
    null = os.open(os.devnull, os.O_WRONLY)
    t0 = time.perf_counter()
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "synthkit", *arguments],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)],
    )
    _, status, usage = os.wait4(child, 0)
    wall_s = time.perf_counter() - t0
    os.close(null)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"synthkit {' '.join(arguments)} failed")
    return {
        "wall_s": round(wall_s, 3),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
        "peak_gib": round(usage.ru_maxrss / 2**20, 3),
    }


def light(folder: Path, runs: int = 7) -> dict[str, float]:
    """Median wall-clock seconds of the commands that should answer at once."""
    words = {"ADULT": str(find("examples", "adult")), "OUT": str(folder / "starter.yaml")}
    medians = {}
    for line in LIGHT:
        arguments = [words.get(word, word) for word in line]
        extra = ["--force"] if line[0] == "init" else []
        times = [measured([*arguments, *extra])["wall_s"] for _ in range(runs)]
        medians[line[0]] = round(statistics.median(times), 3)
    return medians


def main() -> None:
    """Runs the measurements and prints them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--sample", type=int, default=10_000_000)
    parser.add_argument("-o", "--output", type=Path, default=Path("benchmarks/.cache/scale"))
    options = parser.parse_args()
    shutil.rmtree(options.output, ignore_errors=True)
    options.output.mkdir(parents=True)
    table, run = options.output / "big.csv", options.output / "run"
    big_adult(options.rows).to_csv(table, index=False)
    recipe = {
        "version": 1,
        "source": {"path": str(table.resolve()), "holdout": 0.0},
        "schema": {"target": "income"},
        "privacy": {"policy": "internal", "on_fail": "warn"},
        "output": {"path": str(run), "rows": 1000, "format": "parquet"},
    }
    (options.output / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    result = {"light_s": light(options.output)}
    generate = measured(["generate", str(options.output / "recipe.yaml"), "--quiet"])
    stages = json.loads((run / "manifest.json").read_text())["timings_s"]
    result["generate"] = {"rows": options.rows, **generate, "stages_s": stages}
    sample = measured(
        ["sample", str(run), "--rows", str(options.sample), "-o", str(options.output / "more")]
    )
    rate = round(options.sample / sample["wall_s"])
    result["sample"] = {"rows": options.sample, **sample, "rows_per_s": rate}
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
