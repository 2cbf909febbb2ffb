"""Anonymeter on releases; runs in an environment of its own, for ``benchmarks.audit_peers``.

    python -P benchmarks/judge_anonymeter.py FOLDER

Reads from the folder what ``audit_peers.judged`` wrote, and writes ``scores.json``: for each release
``{attack: {"score": risk in [0, 1], best 0, "low": lower end of its 95 % interval, "seconds": ...}}``.
The holdout is the control. Default settings: 500 attacks, conditions on three columns, one neighbour;
linkability, which draws as many targets from the control, attacks as many as that has where it is
smaller. Inference guesses the target from all other columns, linkability joins the first half of the
columns with the second.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from anonymeter.evaluators import InferenceEvaluator, LinkabilityEvaluator, SinglingOutEvaluator


def risks(folder: Path, task: dict) -> dict[str, dict]:
    """By attack, risk, lower end of its interval and seconds of one release."""
    train, holdout, synthetic = (
        pd.read_parquet(folder / f"{part}.parquet") for part in ("train", "holdout", "synthetic")
    )
    target, seed = task["target"], task["seed"]
    columns = list(train)
    known = [column for column in columns if column != target]
    halves = columns[: len(columns) // 2], columns[len(columns) // 2 :]
    tables = {"ori": train, "syn": synthetic, "control": holdout}
    fewest = min(500, len(train), len(holdout))
    attacks = {
        "singling out, univariate": lambda: SinglingOutEvaluator(**tables, seed=seed).evaluate(
            mode="univariate"
        ),
        "singling out, multivariate": lambda: SinglingOutEvaluator(**tables, seed=seed).evaluate(
            mode="multivariate"
        ),
        "linkability": lambda: LinkabilityEvaluator(
            **tables, aux_cols=halves, n_attacks=fewest
        ).evaluate(n_jobs=1),
        "inference": lambda: InferenceEvaluator(
            **tables, aux_cols=known, secret=target, regression=target in task["numbers"]
        ).evaluate(n_jobs=1),
    }
    found = {}
    for name, attack in attacks.items():
        np.random.seed(seed)  # noqa: NPY002 - the only door to the targets it draws
        t0 = time.perf_counter()
        results = attack().results()
        risk = results.risk()
        found[name] = {
            "score": float(risk.value),
            "low": float(risk.ci[0]),
            "attacked": [results.n_attacks_ori, float(results.n_success)],
            "control": [results.n_attacks_control, float(results.n_control)],
            "seconds": round(time.perf_counter() - t0, 2),
        }
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    work = Path(sys.argv[1])
    job = json.loads((work / "task.json").read_text())
    done = [risks(work / str(i), {**job, "seed": seed}) for i, seed in enumerate(job.pop("seeds"))]
    (work / "scores.json").write_text(json.dumps(done))
