"""How often the privacy audit cries wolf, and how often it sees the wolf.

    python -m benchmarks.audit_calibration --population people categories --rows 1000 --releases 200
    python -m benchmarks.audit_calibration --population wide --rows 10000 --releases 20 --leaks none copies-1
    python -m benchmarks.audit_calibration --population wide --rows 100000 --releases 1 --leaks none

Simulated releases of one population: training, holdout and synthetic rows are three independent parts of
it, so nothing can leak, and whatever alarms is false. Then leaks of known size are planted. For each the
share of releases that the privacy limits of a policy stop is printed with its Wilson interval, the share in
which each limit is broken, the share in which a leak is said to be detected, and the seconds and the peak
memory of one audit.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeRegressor

from synthkit.checks import checks
from synthkit.checks.base import Evidence
from synthkit.checks.encoding import Encoder
from synthkit.contracts import checks as contract
from synthkit.finding import finding
from synthkit.policy import judge, load_policy
from synthkit.resources import names
from synthkit.run import Run, peak_memory_bytes
from synthkit.schema import Column, Schema
from synthkit.stats.confidence import wilson

COLUMNS = 20


def wide(n: int, seed: int) -> Evidence:
    """Twenty mixed columns that a few hidden traits tie together."""
    rng = np.random.default_rng(seed)
    traits = rng.normal(size=(3 * n, 4))
    weights = np.random.default_rng(0).normal(size=(4, COLUMNS))  # the same population every time
    noisy = traits @ weights + rng.normal(size=(3 * n, COLUMNS))
    frame = pd.DataFrame({f"n{j}": np.round(noisy[:, j], 3) for j in range(0, COLUMNS, 2)})
    for j in range(1, COLUMNS, 2):
        frame[f"c{j}"] = pd.Series(np.clip(np.round(noisy[:, j] + 4), 0, 8).astype(int)).map(str)
    return _parts(frame, n)


def categories(n: int, seed: int) -> Evidence:
    """Six independent columns of twelve categories each, in which rows resemble one another."""
    cells = np.random.default_rng(seed).integers(12, size=(3 * n, 6)).astype(str).astype(object)
    return _parts(pd.DataFrame(cells, columns=[f"c{j}" for j in range(6)]), n)


def coarse(n: int, seed: int) -> Evidence:
    """Seven columns of three categories, in which rows coincide by chance."""
    levels = np.array(["a", "b", "c"], dtype=object)
    cells = np.random.default_rng(seed).choice(levels, (3 * n, 7), p=[0.6, 0.3, 0.1])
    return _parts(pd.DataFrame(cells, columns=[f"c{j}" for j in range(7)]), n)


def _parts(frame: pd.DataFrame, n: int) -> Evidence:
    columns = tuple(
        Column(name=name, kind="real" if name.startswith("n") else "categorical") for name in frame
    )
    parts = [frame.iloc[i * n : (i + 1) * n].reset_index(drop=True) for i in range(3)]
    return Evidence(parts[0], parts[1], parts[2], Schema(columns=columns))


POPULATIONS: dict[str, Callable[[int, int], Evidence]] = {
    "people": contract.release,
    "categories": categories,
    "coarse": coarse,
    "wide": wide,
}


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


def cart(release: Evidence, seed: int) -> Evidence:
    """Column after column from the donors in the leaf of one fully grown tree."""
    rng = np.random.default_rng(seed)
    train = release.train
    encoder = Encoder.fit(release.schema, train)
    x = np.nan_to_num(encoder.features(train), nan=-1.0)
    n, d = x.shape
    donors = np.empty((n, d), int)
    donors[:, 0] = rng.integers(0, n, n)
    drawn = x[donors[:, 0], :1]
    for j in range(1, d):
        tree = DecisionTreeRegressor(random_state=seed).fit(x[:, :j], x[:, j])
        leaf_of = tree.apply(x[:, :j])
        order = np.argsort(leaf_of, kind="stable")
        leaves = tree.apply(drawn)
        low, high = (np.searchsorted(leaf_of[order], leaves, side) for side in ("left", "right"))
        donors[:, j] = order[rng.integers(low, high)]
        drawn = np.column_stack([drawn, x[donors[:, j], j]])
    rows = train.copy()
    for j, name in enumerate(encoder.names):
        rows[name] = train[name].iloc[donors[:, j]].array
    return contract.with_synthetic(release, rows)


LEAKS: dict[str, Callable[[Evidence, int], Evidence]] = {
    "none": lambda release, seed: release,
    "copies-1": copies(0.01),
    "copies-30": copies(0.3),
    "copies-100": copies(1.0),
    "noise-1": noise,
    "cart": cart,
}


def audited(evidence: Evidence) -> tuple[dict[str, list[str]], str]:
    """By policy, the privacy limits that are broken; and the word of what was found."""
    results = [
        result
        for name in checks.names()
        if checks.get(name).family == "privacy" and name != "controls"
        for result in checks.get(name)().run(evidence, Run(0))
    ]
    broken = {}
    for name in names("privacy"):
        policy = load_policy(name)
        limits = {check: limit for check, limit in policy.checks.items() if limit.threat}
        judged, _ = judge(results, policy.model_copy(update={"checks": limits}), {})
        broken[name] = [result.name for result in judged if result.status == "failed"]
    return broken, finding(results).word


def measured(
    population: str, leak: str, rows: int, releases: int, first: int
) -> list[dict[str, Any]]:
    """One entry by policy, and one for what is said to be found."""
    stopped: Counter[str] = Counter()
    limits: dict[str, Counter[str]] = {policy: Counter() for policy in names("privacy")}
    seconds = 0.0
    for seed in range(first, first + releases):
        release = LEAKS[leak](POPULATIONS[population](rows, seed), seed)
        t0 = time.perf_counter()
        broken, word = audited(release)
        seconds += time.perf_counter() - t0
        stopped["(leak detected)"] += word == "leak_detected"
        for policy, found in broken.items():
            stopped[policy] += bool(found)
            limits[policy].update(found)
    return [
        {
            "population": population,
            "rows": rows,
            "leak": leak,
            "policy": policy,
            "releases": releases,
            "stopped": stopped[policy] / releases,
            "ci": [round(end, 4) for end in wilson(stopped[policy], releases)],
            "limits": dict(limits.get(policy, {})),
            "seconds": round(seconds / releases, 2),
            "peak_mb": round(peak_memory_bytes() / 2**20),
        }
        for policy in [*names("privacy"), "(leak detected)"]
    ]


def table(entries: list[dict[str, Any]]) -> str:
    """Markdown, a row for every population and leak."""
    judges = list(dict.fromkeys(entry["policy"] for entry in entries))
    lines = [
        f"| population | rows | leak | releases | {' | '.join(judges)} | s | peak MB |",
        "| --- | --- | --- | --- |" + " --- |" * (len(judges) + 2),
    ]
    for i in range(0, len(entries), len(judges)):
        group = entries[i : i + len(judges)]
        cells = [f"{e['stopped']:.1%} ({e['ci'][0]:.1%} to {e['ci'][1]:.1%})" for e in group]
        head = group[0]
        lines.append(
            f"| {head['population']} | {head['rows']:,} | {head['leak']} | {head['releases']} | "
            f"{' | '.join(cells)} | {head['seconds']} | {head['peak_mb']:,} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--population", nargs="+", choices=POPULATIONS, default=["people"])
    parser.add_argument("--releases", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="seed of the first release")
    parser.add_argument("--rows", type=int, default=1000, help="of each of the three parts")
    parser.add_argument("--leaks", nargs="+", choices=LEAKS, default=list(LEAKS))
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("benchmarks/.cache/calibration.json")
    )
    arguments = parser.parse_args()
    entries: list[dict[str, Any]] = []
    for population in arguments.population:
        for leak in arguments.leaks:
            entries += measured(
                population, leak, arguments.rows, arguments.releases, arguments.first
            )
            print(json.dumps(entries[-6:]), flush=True)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(entries, indent=1))
    arguments.output.with_suffix(".md").write_text(table(entries) + "\n")
    print(table(entries))


if __name__ == "__main__":
    main()
