"""How often the privacy audit cries wolf, and how often it sees the wolf.

    python -m benchmarks.audit_calibration --population people codes coarse --rows 1000 --releases 200
    python -m benchmarks.audit_calibration --population wide --rows 10000 --releases 20 --leaks none copies-1
    python -m benchmarks.audit_calibration --population wide --rows 100000 --releases 1 --leaks none

On releases whose leak is known (``benchmarks.releases``): without one, whatever alarms is false. For each the
share of releases that the privacy limits of a policy stop is printed with its Wilson interval, the share in
which each limit is broken, the share in which a leak is said to be detected, and the seconds and the peak
memory of one audit.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.releases import LEAKS, TABLES, made
from synthkit.checks import checks
from synthkit.checks.base import Evidence
from synthkit.finding import finding
from synthkit.policy import judge, load_policy
from synthkit.resources import names
from synthkit.run import Run, peak_memory_bytes
from synthkit.stats.confidence import wilson


def audited(evidence: Evidence) -> tuple[dict[str, list[str]], str]:
    """By policy, the privacy limits that are broken; and the word of what was found."""
    evidence = evidence.of_people(exposed=True)
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
        release = made(population, rows, leak, seed)
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
    parser.add_argument("--population", nargs="+", choices=TABLES, default=["people"])
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
