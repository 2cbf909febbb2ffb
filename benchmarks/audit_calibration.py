"""How often the privacy audit cries wolf, and how often it sees the wolf.

    python -m benchmarks.audit_calibration --releases 200 --rows 1000
    python -m benchmarks.audit_calibration --releases 20 --rows 10000 --columns 20 --leaks copies-1 noise-1

Simulated releases of one population: training, holdout and synthetic rows are three independent parts of
it, so nothing can leak, and whatever alarms is false. Then leaks of known size are planted. For each the
share of releases that a policy's privacy limits stop is printed with its Wilson interval, the share in
which each limit is broken, and seconds and peak memory of one audit.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from synthkit.checks import checks
from synthkit.checks.base import Evidence
from synthkit.contracts import checks as contract
from synthkit.policy import judge, load_policy
from synthkit.run import Run, peak_memory_bytes
from synthkit.schema import Column, Schema
from synthkit.stats.confidence import wilson

POLICIES = ("internal", "release")


def wide(n: int, columns: int, seed: int) -> Evidence:
    """A release of a population of mixed columns that a few hidden traits tie together."""
    rng = np.random.default_rng(seed)
    traits = rng.normal(size=(3 * n, 4))
    weights = np.random.default_rng(0).normal(size=(4, columns))  # the same population every time
    noisy = traits @ weights + rng.normal(size=(3 * n, columns))
    frame = pd.DataFrame({f"n{j}": np.round(noisy[:, j], 3) for j in range(0, columns, 2)})
    for j in range(1, columns, 2):
        frame[f"c{j}"] = pd.Series(np.clip(np.round(noisy[:, j] + 4), 0, 8).astype(int)).map(str)
    schema = Schema(
        columns=tuple(
            Column(name=name, kind="real" if name.startswith("n") else "categorical")
            for name in frame
        )
    )
    parts = [frame.iloc[i * n : (i + 1) * n].reset_index(drop=True) for i in range(3)]
    return Evidence(*parts, schema)


def copies(share: float) -> Callable[[Evidence, int], Evidence]:
    """Some synthetic rows are training rows."""
    return lambda release, seed: contract.planted(release, share)


def noise(release: Evidence, seed: int) -> Evidence:
    """Training rows, every number moved by about a hundredth of its spread."""
    rng = np.random.default_rng(seed)
    rows = release.train.copy()
    for column in release.schema.columns:
        if column.kind == "real":
            spread = 0.01 * rows[column.name].std()
            rows[column.name] += spread * rng.normal(size=len(rows))
    return contract.with_synthetic(release, rows)


LEAKS: dict[str, Callable[[Evidence, int], Evidence]] = {
    "none": lambda release, seed: release,
    "copies-1": copies(0.01),
    "copies-30": copies(0.3),
    "noise-1": noise,
}


def audited(evidence: Evidence) -> dict[str, list[str]]:
    """By policy, the privacy limits that are broken."""
    results = [
        result
        for name in checks.names()
        if checks.get(name).family == "privacy"
        for result in checks.get(name)().run(evidence, Run(0))
    ]
    broken = {}
    for name in POLICIES:
        policy = load_policy(name)
        limits = {check: limit for check, limit in policy.checks.items() if limit.threat}
        judged, _ = judge(results, policy.model_copy(update={"checks": limits}), {})
        broken[name] = [result.name for result in judged if result.status == "failed"]
    return broken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--releases", type=int, default=200)
    parser.add_argument("--rows", type=int, default=1000, help="of each of the three parts")
    parser.add_argument("--columns", type=int, default=0, help="of a wide table; 0: the contract's")
    parser.add_argument("--leaks", nargs="+", choices=LEAKS, default=list(LEAKS))
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("benchmarks/.cache/calibration.json")
    )
    arguments = parser.parse_args()
    rows = []
    for leak in arguments.leaks:
        stopped: Counter[str] = Counter()
        limits: dict[str, Counter[str]] = {policy: Counter() for policy in POLICIES}
        t0 = time.perf_counter()
        for seed in range(arguments.releases):
            release = (
                wide(arguments.rows, arguments.columns, seed)
                if arguments.columns
                else contract.release(arguments.rows, seed)
            )
            for policy, broken in audited(LEAKS[leak](release, seed)).items():
                stopped[policy] += bool(broken)
                limits[policy].update(broken)
        seconds = (time.perf_counter() - t0) / arguments.releases
        for policy in POLICIES:
            low, high = wilson(stopped[policy], arguments.releases)
            rows.append(
                {
                    "leak": leak,
                    "policy": policy,
                    "stopped": stopped[policy] / arguments.releases,
                    "ci": [round(low, 4), round(high, 4)],
                    "limits": dict(limits[policy]),
                    "seconds": round(seconds, 2),
                    "peak_mb": round(peak_memory_bytes() / 2**20),
                }
            )
            print(json.dumps(rows[-1]), flush=True)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
