"""How well backends fill in rows of which some cells are given: rows that they have not seen.

    python -m benchmarks.conditional --data FOLDER --backends trees transformer --out out/conditional

Each holdout row has a share of its cells hidden, drawn anew for each row, and is completed by a
backend that was fitted to the training half. Then completed rows are told from as many other rows of
the holdout by the yardstick's C2ST (their own would be too much like them): .5 is perfect, and the
more cells are hidden the more there is to get wrong. All hidden is unconditional sampling.
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.tables import TABLES
from benchmarks.yardstick import c2st_auc, halves
from synthkit.columns import detect, to_raw, to_typed
from synthkit.generators import generators
from synthkit.generators.base import Given
from synthkit.recipe import ProtectSpec
from synthkit.run import Run
from synthkit.transforms.table import TableEncoder

SHARES = (0.25, 0.5, 0.75, 1.0)


def conditional_error(
    folder: Path, table: str, backend: str, seed: int, rows: int
) -> dict[str, Any]:
    """C2ST AUC by share of hidden cells, and completed rows per second at one half."""
    train, holdout = halves(TABLES[table].read(folder))
    rows = min(rows, len(holdout) // 2)
    holdout, others = holdout.head(rows), holdout.iloc[rows : 2 * rows].reset_index(drop=True)
    run = Run(seed)
    schema = detect(train)
    typed, _ = to_typed(train, schema)
    encoder = TableEncoder.fit(typed, schema, ProtectSpec(), run.rng("encode"))
    cls = generators.get(backend)
    generator = cls(cls.Config())
    generator.fit(encoder.transform(typed, run.rng("transform")), encoder.layout, run)
    unseen, _ = to_typed(holdout, schema)
    batch = encoder.transform(unseen, run.rng("holdout"))
    # what a perfect model of the encoded rows comes to: the rows themselves, there and back
    back = to_raw(encoder.inverse_transform(batch, run.rng("back")), schema)
    record: dict[str, Any] = {"table": table, "backend": backend, "seed": seed}
    record["nothing hidden"] = c2st_auc(others, back, seed)
    for share in SHARES:
        rng = run.rng("hidden", str(share))
        known = {name: rng.random(len(holdout)) >= share for name in encoder.layout.names}
        started = time.perf_counter()
        made = generator.sample(len(holdout), run.rng("sample"), Given(batch, known))
        if share == 0.5:
            record["rows_per_s"] = len(holdout) / (time.perf_counter() - started)
        completed = to_raw(encoder.inverse_transform(made, run.rng("decode")), schema)
        record[f"{share:.0%} hidden"] = c2st_auc(others, completed, seed)
    return record


def to_markdown(records: list[dict[str, Any]]) -> str:
    """One line per table and backend, means over the seeds."""
    columns = [key for key in records[0] if key not in ("table", "backend", "seed")]
    lines = [["table", "backend", *columns], ["---"] * (2 + len(columns))]
    groups = dict.fromkeys((record["table"], record["backend"]) for record in records)
    for table, backend in groups:
        own = [r for r in records if (r["table"], r["backend"]) == (table, backend)]
        means = [float(np.mean([record[key] for record in own])) for key in columns]
        numbers = [f"{mean:.3f}" if mean < 1 else f"{mean:,.0f}" for mean in means]
        lines.append([table, backend, *numbers])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def main() -> None:
    """The command line of the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the tables")
    parser.add_argument("--tables", nargs="+", default=["adult"], choices=list(TABLES))
    parser.add_argument("--backends", nargs="+", default=["trees", "transformer"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--rows", type=int, default=10_000, help="holdout rows to complete")
    parser.add_argument("--out", type=Path, default=Path("out/conditional"))
    chosen = parser.parse_args()
    records = []
    for table, backend, seed in product(chosen.tables, chosen.backends, chosen.seeds):
        records.append(conditional_error(chosen.data, table, backend, seed, chosen.rows))
        print(json.dumps(records[-1]), flush=True)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.with_suffix(".json").write_text(json.dumps(records, indent=2))
    chosen.out.with_suffix(".md").write_text(to_markdown(records))
    print(to_markdown(records))


if __name__ == "__main__":
    main()
