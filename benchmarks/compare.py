"""synthkit's backends and its peers under the yardstick, in one run on one machine.

    python -m benchmarks.compare --systems trees mostlyai-tabularargn sdv-gaussian-copula
    python -m benchmarks.compare --systems transformer diffusion:rounds=0 --seeds 3 \\
        --data FOLDER --tables shoppers magic beijing -o benchmarks/.cache/neural

A system is a backend, with options after a colon, or a peer of ``benchmarks.peers``. Tables are those
of ``benchmarks.tables``, below a folder; without one, the Adult that ships with synthkit is used. Half
of the rows train (``yardstick.halves``). The first lines are references: the training half in place of
synthetic rows. Writes a row per system, table and seed as JSON, and means over seeds as Markdown.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

import synthkit as sk
from benchmarks import peers
from benchmarks.tables import TABLES
from benchmarks.yardstick import halves, measure
from synthkit.resources import find

COLUMNS = {
    "c2st_auc": "C2ST AUC",
    "dcr_share": "DCR share",
    "membership_auc": "membership AUC",
    "copies": "copies",
    "pair_error": "2-way",
    "triple_error": "3-way",
    "tstr": "TSTR",
    "fit_s": "fit s",
    "sample_s": "sample s",
}


def run(system: str, train: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, dict[str, float]]:
    """Synthetic rows of a system, as many as training rows, and what they cost."""
    if system in peers.PEERS:
        synthetic, cost = peers.generate(system, train, len(train), seed)
        return synthetic, {"fit_s": cost.fit_s, "sample_s": cost.sample_s}
    backend, _, words = system.partition(":")
    options = dict(word.split("=") for word in words.split(",") if word)
    t0, cpu0 = time.perf_counter(), time.process_time()
    model = sk.fit(
        train, backend, seed=seed, options={k: json.loads(v) for k, v in options.items()}
    )
    fit_s, fit_cpu_s = time.perf_counter() - t0, time.process_time() - cpu0
    t0 = time.perf_counter()
    synthetic = model.sample(len(train))
    return synthetic, {
        "fit_s": fit_s,
        "fit_cpu_s": fit_cpu_s,
        "sample_s": time.perf_counter() - t0,
    }


def shipped() -> pd.DataFrame:
    """Adult as it comes with synthkit."""
    return pd.read_csv(find("examples", "adult"), na_values=["?"], skipinitialspace=True)


def rows(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """One measured row after the other."""
    for name in options.tables:
        target = TABLES[name].target
        table = shipped() if options.data is None else TABLES[name].read(options.data)
        train, holdout = halves(table)
        reference = measure(train, holdout, train, target).to_dict()
        yield {"table": name, "system": "(training rows)", "seed": 0, **reference}
        for system in options.systems:
            for seed in range(1 if system in peers.PEERS else options.seeds):
                synthetic, cost = run(system, train, seed)
                result = measure(train, holdout, synthetic, target, seed).to_dict()
                yield {"table": name, "system": system, "seed": seed, **result, **cost}


def markdown(measured: list[dict[str, Any]], columns: dict[str, str]) -> str:
    """Means over seeds, one line per table and system, with these columns and their heads."""
    frame = pd.DataFrame(measured)
    shown = [column for column in columns if column in frame]
    means = frame.groupby(["table", "system"], sort=False)[shown].mean()
    seeds = frame.groupby(["table", "system"], sort=False).size()
    lines = ["| table | system | seeds | " + " | ".join(columns[c] for c in shown) + " |"]
    lines.append("| --- " * (3 + len(shown)) + "|")
    for key, values in means.iterrows():
        cells = [
            "" if pd.isna(v) else f"{v:.1f}" if c.endswith("_s") else f"{v:.4f}"
            for c, v in values.items()
        ]
        lines.append(f"| {key[0]} | {key[1]} | {seeds[key]} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measures, printing each row as it is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--systems", nargs="+", default=["trees", *peers.available()])
    parser.add_argument("--data", type=Path, help="folder with the tables")
    parser.add_argument("--tables", nargs="+", default=["adult"], choices=list(TABLES))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("-o", "--output", type=Path, default=Path("benchmarks/.cache/compare"))
    options = parser.parse_args()
    if options.data is None and options.tables != ["adult"]:
        parser.error("tables other than adult need --data")
    measured = []
    for row in rows(options):
        print(json.dumps(row), flush=True)
        measured.append(row)
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.with_suffix(".json").write_text(json.dumps(measured, indent=1))
    table = markdown(measured, COLUMNS)
    options.output.with_suffix(".md").write_text(table + "\n")
    print(table)


if __name__ == "__main__":
    main()
