"""The front between fidelity and copying: backends over tables and seeds, by the yardstick.

    python benchmarks/front.py --data FOLDER --out out/front            # the four tables, 3 seeds
    python benchmarks/front.py --data FOLDER --tables adult --set smoothing_scale=0.3

Reads ``FOLDER/<table>/….csv.gz``, writes ``OUT.md`` and ``OUT.json``. Each row is one table and
one configuration: means over the seeds, with the seeds' own C2ST AUCs behind. The encoder, the
generator and nothing else is timed; the encoder is that of every run of ``synthkit generate``,
with its protections on. Beside wall-clock seconds stand half the process's CPU seconds: on two
busy cores the second figure is the steadier one.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from benchmarks.tables import TABLES
from benchmarks.yardstick import Measurement, halves, measure
from synthkit.columns import detect, to_raw, to_typed
from synthkit.generators import generators
from synthkit.recipe import ProtectSpec
from synthkit.run import Run
from synthkit.transforms.table import TableEncoder


@dataclass(frozen=True)
class Timed:
    """A synthetic table and what it cost.

    Args:
        synthetic: as many rows as training rows.
        fit_s, sample_s: wall-clock seconds with the encoder's share.
        cpu_s: CPU seconds of both, halved: two idle cores would need about so long.
    """

    synthetic: pd.DataFrame
    fit_s: float
    sample_s: float
    cpu_s: float


def synthesize(train: pd.DataFrame, backend: str, options: dict[str, Any], seed: int) -> Timed:
    """One synthetic table by one of our backends."""
    run = Run(seed)
    cpu, start = time.process_time(), time.perf_counter()
    schema = detect(train)
    typed, _ = to_typed(train, schema)
    encoder = TableEncoder.fit(typed, schema, ProtectSpec(), run.rng("encode"))
    batch = encoder.transform(typed, run.rng("transform"))
    cls = generators.get(backend)
    generator = cls(cls.Config(**options))
    generator.fit(batch, encoder.layout, run)
    fitted = time.perf_counter()
    sampled = generator.sample(len(train), run.rng("sample"))
    synthetic = to_raw(encoder.inverse_transform(sampled, run.rng("decode")), schema)
    done, cpu_s = time.perf_counter(), (time.process_time() - cpu) / 2
    return Timed(synthetic, fitted - start, done - fitted, cpu_s)


def front(
    folder: Path,
    tables: list[str],
    configurations: list[tuple[str, dict[str, Any]]],
    seeds: list[int],
) -> Iterator[dict[str, Any]]:
    """One record per table and configuration, and one per table for the training rows themselves."""
    for name in tables:
        table = TABLES[name]
        train, holdout = halves(table.read(folder))
        floor = measure(train, holdout, train, table.target)
        yield _record(name, "training rows themselves", [floor.to_dict()])
        for backend, options in configurations:
            runs = []
            for seed in seeds:
                timed = synthesize(train, backend, options, seed)
                numbers = measure(train, holdout, timed.synthetic, table.target, seed).to_dict()
                cost = {"fit_s": timed.fit_s, "sample_s": timed.sample_s, "cpu_s": timed.cpu_s}
                runs.append(numbers | cost)
            label = " ".join([backend, *(f"{k}={v}" for k, v in options.items())])
            yield _record(name, label, runs)


def _record(table: str, configuration: str, runs: list[dict[str, float]]) -> dict[str, Any]:
    means = {key: float(np.mean([run[key] for run in runs])) for key in runs[0]}
    return {"table": table, "configuration": configuration, "means": means, "runs": runs}


def to_markdown(records: list[dict[str, Any]]) -> str:
    """The records as one table."""
    columns = [*Measurement.__dataclass_fields__, "fit_s", "sample_s", "cpu_s"]
    head = ["table", "configuration", *columns, "AUC by seed"]
    lines = [head, ["---"] * len(head)]
    for record in records:
        numbers = [
            "" if key not in record["means"] else f"{record['means'][key]:.{_digits(key)}f}"
            for key in columns
        ]
        seeds = " ".join(f"{run['c2st_auc']:.3f}" for run in record["runs"])
        lines.append([record["table"], record["configuration"], *numbers, seeds])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _digits(key: str) -> int:
    return 1 if key.endswith("_s") else 4


def main() -> None:
    """The command line of the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the tables")
    parser.add_argument("--tables", nargs="+", default=list(TABLES), choices=list(TABLES))
    parser.add_argument("--backends", nargs="+", default=["trees"])
    parser.add_argument("--set", nargs="*", default=[], metavar="OPTION=VALUE")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--out", type=Path, default=Path("out/front"))
    chosen = parser.parse_args()
    options = {
        key: yaml.safe_load(value) for key, _, value in (s.partition("=") for s in chosen.set)
    }
    records = []
    for record in front(
        chosen.data, chosen.tables, [(name, options) for name in chosen.backends], chosen.seeds
    ):
        records.append(record)
        print(to_markdown([record]).splitlines()[-1], flush=True)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.with_suffix(".md").write_text(to_markdown(records))
    chosen.out.with_suffix(".json").write_text(json.dumps(records, indent=2))


if __name__ == "__main__":
    main()
