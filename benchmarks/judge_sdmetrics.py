"""SDMetrics on releases; runs in an environment that has it, for ``benchmarks.audit_peers``.

    python -P benchmarks/judge_sdmetrics.py FOLDER

Reads from the folder what ``audit_peers.judged`` wrote, and writes ``scores.json``: for each release
``{metric: {"score": in [0, 1], best 1, or null, "seconds": ...}}``. DisclosureProtection guesses the
target from all other columns, numbers cut into its ten default bins; where the distances are taken of
drawn rows, it is its own estimate, of two draws.
"""

from __future__ import annotations

import json
import math
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sdmetrics.single_table import (
    DCRBaselineProtection,
    DCROverfittingProtection,
    DisclosureProtection,
    DisclosureProtectionEstimate,
)


def coded(folder: Path, numbers: list[str]) -> list[pd.DataFrame]:
    """The release's tables with categories as whole numbers, the training rows' own first.

    Equality and uniform draws of them are the same as of text, and several times as fast.
    """
    names = ("train", "holdout", "synthetic")
    whole = pd.concat([pd.read_parquet(folder / f"{name}.parquet") for name in names], keys=names)
    for column in whole.columns.difference(numbers):
        whole[column] = whole[column].factorize()[0]
    return [whole.loc[name] for name in names]


def scores(folder: Path, task: dict) -> dict[str, dict]:
    """By metric, score and seconds of one release."""
    numbers, target = task["numbers"], task["target"]
    train, holdout, synthetic = coded(folder, numbers)
    about = {c: {"sdtype": "numerical" if c in numbers else "categorical"} for c in train}
    metadata = {"tables": {"table": {"columns": about}}}
    few = {"metadata": metadata, "table_name": "table", "num_rows_subsample": task["subsample"]}
    known = [column for column in train if column != target]
    guessing = (train, synthetic, known, [target], "cap", numbers)

    def disclosure() -> float:
        if task["subsample"] is None:
            return DisclosureProtection.compute(*guessing)
        # NOTE: compute() of the estimate does not hand on how many rows and draws are asked for
        estimate = DisclosureProtectionEstimate.compute_breakdown(
            *guessing, num_rows_subsample=task["subsample"], num_iterations=2, verbose=False
        )
        return estimate["score"]

    metrics = {
        "DCROverfittingProtection": lambda: DCROverfittingProtection.compute(
            train, synthetic, holdout, **few
        ),
        "DCRBaselineProtection": lambda: DCRBaselineProtection.compute(train, synthetic, **few),
        "DisclosureProtection": disclosure,
    }
    found = {}
    for name, metric in metrics.items():
        np.random.seed(task["seed"])  # noqa: NPY002 - the only door to its draws
        DCRBaselineProtection._seed = task["seed"]
        t0 = time.perf_counter()
        score = float(metric())
        seconds = round(time.perf_counter() - t0, 2)
        found[name] = {"score": None if math.isnan(score) else score, "seconds": seconds}
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    work = Path(sys.argv[1])
    job = json.loads((work / "task.json").read_text())
    done = [scores(work / str(i), {**job, "seed": seed}) for i, seed in enumerate(job.pop("seeds"))]
    (work / "scores.json").write_text(json.dumps(done))
