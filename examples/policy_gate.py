"""A pipeline step that trusts the verdict: publish what passed, stop on what did not."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import synthkit as sk

with tempfile.TemporaryDirectory() as folder:
    run = sk.generate(
        {
            "version": 1,
            "seed": 7,
            "source": {"path": "example:adult", "holdout": 0.5, "max_rows": 8000},
            "schema": {"target": "income", "sensitive": ["sex"]},
            "privacy": {"policy": "internal"},
            "output": {"path": str(Path(folder) / "adult"), "rows": 4000, "format": "parquet"},
        }
    )
    if run.verdict.word != "passed":
        sys.exit("withheld: " + " ".join(run.verdict.reasons))
    print(f"{len(run.synthetic):,} rows may leave; the evidence is in {run.path.name}/report.html")
