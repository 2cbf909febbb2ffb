"""The privacy audit beside its peers: who sees a planted leak, and who cries wolf.

    python -m benchmarks.peers setup anonymeter   # once; SDMetrics comes with synthkit[sdv]
    python -m benchmarks.audit_peers
    python -m benchmarks.audit_peers --tools synthkit  # again, beside what the others said before

Every tool judges the same releases (``benchmarks.releases``), whose leak is known. Tools answer with
numbers of their own, so what counts as an alarm is set here:

* synthkit: a privacy limit of the policy is broken (``audit_calibration.audited``). Score: how many
  limits are broken.
* Anonymeter: the 95 % interval of the risk lies above 0, as its documentation reads an interval. Score:
  the risk, 0 at best. "any" alarms if one of the four attacks does, as a user who runs them all would.
* SDMetrics documents no thresholds; 1 is the best score. ``DCROverfittingProtection`` below .9 says that
  more than 55 % of the synthetic rows are nearer to training than to holdout rows, the limit of
  ``internal`` for the same question. "calibrated" favours SDMetrics: an alarm is a score below those of
  12 other leak-free releases of the same table and sizes, which a user does not have; by chance it alarms
  once in 13. The other two metrics compare with random rows, so that they fall with every true pattern,
  leak or not; they are judged calibrated alone.

Scenarios are a table, its rows in each of three parts, and a leak: none; ``few-controls``, also none, with
a quarter as many rows held out; a percentage of copies among the rows; training rows with 1 % of noise; a
fully grown tree; the training rows themselves. SDMetrics' distances cost time by the product of the tables,
so that it judges the first eight releases only, and of 5,000 rows and more draws 1,000 of each table (its
own ``num_rows_subsample``). Numbers and text alone, without missing cells, are given to the peers
(``releases.plain``). Prints and writes, by scenario and tool, how many releases alarm, the Wilson interval
of that share, the mean score and seconds per release, as JSON and Markdown; rows that were written before
stay until they are measured again.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.audit_calibration import audited
from benchmarks.releases import FEW_CONTROLS, LEAKS, TABLES, made, plain
from synthkit.checks.base import Evidence
from synthkit.stats.confidence import wilson

HERE = Path(__file__).parent
JUDGES = {"SDMetrics": Path(sys.executable), "Anonymeter": peers.python("anonymeter")}
DEAR = 8  # releases judged by what is slow
LEAK_FREE = range(1000, 1012)  # seeds of the releases that set the calibrated thresholds


@dataclass(frozen=True)
class Scenario:
    """Releases of one table with one leak.

    Args:
        table: one of ``releases.TABLES``.
        rows: of each of the three parts.
        leak: one of ``releases.LEAKS``.
        releases: how many; SDMetrics judges no more than ``DEAR`` of them.
        subsample: rows that SDMetrics draws of each table; None: all.
    """

    table: str
    rows: int
    leak: str
    releases: int
    subsample: int | None = None

    def made(self, seeds: range) -> list[Evidence]:
        """A release for each seed."""
        return [made(self.table, self.rows, self.leak, seed) for seed in seeds]

    def leak_free(self) -> Scenario:
        """The same table and sizes without a leak."""
        return replace(self, leak=FEW_CONTROLS if self.leak == FEW_CONTROLS else "none", releases=0)


SCENARIOS = [
    *(Scenario("people", 1000, leak, 20) for leak in ("none", FEW_CONTROLS, "copies-1")),
    *(Scenario("codes", 1500, leak, DEAR) for leak in ("none", "copies-30")),
    *(Scenario("people", 1000, leak, DEAR) for leak in ("tree", "noise-1", "copy")),
    *(
        Scenario("adult", 1000, leak, DEAR)
        for leak in ("none", FEW_CONTROLS, "copies-30", "noise-1", "tree")
    ),
    Scenario("people", 10_000, "copies-1", DEAR, subsample=1000),
    Scenario("people", 5000, FEW_CONTROLS, DEAR, subsample=1000),
]
Verdict = tuple[str, bool, float | None, float]  # tool, does it alarm, score, seconds


def judged(
    tool: str, releases: list[Evidence], seeds: range, subsample: int | None = None
) -> list[dict[str, dict[str, float]]]:
    """What a peer says of each release, in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for i, release in enumerate(releases):
            (folder / str(i)).mkdir()
            for part in ("train", "holdout", "synthetic"):
                frame, numbers = plain(release, getattr(release, part))
                frame.to_parquet(folder / str(i) / f"{part}.parquet")
        task = {
            "target": releases[0].schema.target,
            "numbers": numbers,
            "seeds": list(seeds),
            "subsample": subsample,
        }
        (folder / "task.json").write_text(json.dumps(task))
        script = HERE / f"judge_{tool.lower()}.py"
        subprocess.run([str(JUDGES[tool]), "-P", str(script), name], check=True)
        return json.loads((folder / "scores.json").read_text())  # type: ignore[no-any-return]


@cache
def thresholds(leak_free: Scenario) -> dict[str, float]:
    """By metric of SDMetrics, the lowest score of leak-free releases."""
    lowest: dict[str, float] = {}
    for scores in judged("SDMetrics", leak_free.made(LEAK_FREE), LEAK_FREE, leak_free.subsample):
        for metric, found in scores.items():
            if found["score"] is not None:
                lowest[metric] = min(lowest.get(metric, 1.0), found["score"])
    return lowest


def synthkit(scenario: Scenario) -> Iterator[Verdict]:
    """By policy, whether a privacy limit is broken, and how many."""
    for release in scenario.made(range(scenario.releases)):
        t0 = time.perf_counter()
        broken, _ = audited(release)
        seconds = time.perf_counter() - t0
        for policy, limits in broken.items():
            yield f"synthkit {policy}", bool(limits), len(limits), seconds


def sdmetrics(scenario: Scenario) -> Iterator[Verdict]:
    """By metric, whether its score is below that of leak-free releases, or below .9."""
    seeds = range(min(scenario.releases, DEAR))
    lowest = thresholds(scenario.leak_free())
    for scores in judged("SDMetrics", scenario.made(seeds), seeds, scenario.subsample):
        for metric, found in scores.items():
            score, seconds = found["score"], found["seconds"]
            unsafe = score is not None and score < lowest.get(metric, 0.0)
            yield f"SDMetrics {metric} calibrated", unsafe, score, seconds
            if metric == "DCROverfittingProtection":
                alarm = score is not None and score < 0.9
                yield f"SDMetrics {metric} < .9", alarm, score, seconds


def anonymeter(scenario: Scenario) -> Iterator[Verdict]:
    """By attack and for all of them, whether the interval of the risk lies above 0."""
    seeds = range(scenario.releases)
    for scores in judged("Anonymeter", scenario.made(seeds), seeds):
        for attack, found in scores.items():
            yield f"Anonymeter {attack}", found["low"] > 0, found["score"], found["seconds"]
        alarm = any(found["low"] > 0 for found in scores.values())
        worst = max(found["score"] for found in scores.values())
        yield "Anonymeter any", alarm, worst, sum(found["seconds"] for found in scores.values())


TOOLS: dict[str, Callable[[Scenario], Iterator[Verdict]]] = {
    "synthkit": synthkit,
    "SDMetrics": sdmetrics,
    "Anonymeter": anonymeter,
}


def rows(scenario: Scenario, maker: str) -> list[dict[str, Any]]:
    """A row for every number of one maker's tool."""
    tools: dict[str, list[Verdict]] = {}
    for verdict in TOOLS[maker](scenario):
        tools.setdefault(verdict[0], []).append(verdict)
    table = []
    for tool, said in tools.items():
        alarms = sum(alarm for _, alarm, _, _ in said)
        scores = [score for _, _, score, _ in said if score is not None]
        low, high = wilson(alarms, len(said))
        table.append(
            {
                "table": scenario.table,
                "rows": scenario.rows,
                "leak": scenario.leak,
                "tool": tool,
                "releases": len(said),
                "alarms": alarms,
                "ci": [round(low, 3), round(high, 3)],
                "score": round(sum(scores) / len(scores), 4) if scores else None,
                "seconds": round(sum(seconds for *_, seconds in said) / len(said), 2),
            }
        )
    return table


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["table"], row["rows"], row["leak"], row["tool"]


def _cell(row: dict[str, Any]) -> str:
    low, high = row["ci"]
    score = "none" if row["score"] is None else f"{row['score']:.3f}"
    return f"{row['alarms']}/{row['releases']} ({low:.2f}-{high:.2f}); {score}"


def markdown(measured: list[dict[str, Any]]) -> str:
    """A table for each maker: alarms of releases, interval of that share, mean score."""
    cells = {_key(row): _cell(row) for row in measured}
    scenarios = [(s.table, s.rows, s.leak) for s in SCENARIOS]
    lines = []
    for maker in TOOLS:
        tools = list(dict.fromkeys(r["tool"] for r in measured if r["tool"].startswith(maker)))
        if not tools:
            continue
        heads = [tool.removeprefix(maker).strip() for tool in tools]
        lines.append(f"| {maker} on | " + " | ".join(heads) + " |")
        lines.append("| --- " * (1 + len(tools)) + "|")
        for scenario in scenarios:
            row = [cells.get((*scenario, tool), "") for tool in tools]
            if any(row):
                table, n, leak = scenario
                lines.append(f"| {table} {n:,}, {leak} | " + " | ".join(row) + " |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Judges, writing after every scenario and tool."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=list(TOOLS))
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument("--leaks", nargs="+", choices=LEAKS, default=list(LEAKS))
    parser.add_argument("--max-rows", type=int, help="leaves larger scenarios out")
    parser.add_argument("-o", "--output", type=Path, default=Path("benchmarks/.cache/audit_peers"))
    arguments = parser.parse_args()
    if "SDMetrics" in arguments.tools and importlib.util.find_spec("sdmetrics") is None:
        parser.error("SDMetrics is not installed; pip install 'synthkit[sdv]'")
    if "Anonymeter" in arguments.tools and not JUDGES["Anonymeter"].exists():
        parser.error("Anonymeter has no environment; python -m benchmarks.peers setup anonymeter")
    written = arguments.output.with_suffix(".json")
    measured = {_key(r): r for r in json.loads(written.read_text())} if written.exists() else {}
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    for scenario in SCENARIOS:
        if scenario.table not in arguments.tables or scenario.leak not in arguments.leaks:
            continue
        if arguments.max_rows is not None and scenario.rows > arguments.max_rows:
            continue
        for tool in arguments.tools:
            for row in rows(scenario, tool):
                print(json.dumps(row), flush=True)
                measured[_key(row)] = row
            written.write_text(json.dumps(list(measured.values()), indent=1))
            arguments.output.with_suffix(".md").write_text(markdown(list(measured.values())))
    print(markdown(list(measured.values())))


if __name__ == "__main__":
    main()
