"""Peers of synthkit under the yardstick, each in an environment of its own.

    python -m benchmarks.peers setup mostlyai sdv anonymeter  # once: makes benchmarks/.cache/<peer>
    synthetic, cost = generate("mostlyai-tabularargn", train, rows=len(train), seed=0)

Peers pin other versions of pandas and torch than we do, so they run in a process of their own, fed
and read by Parquet, timed inside that process (imports and file IO are not counted). mostlyai-engine
asks for builds of torchaudio and torchvision that do not fit a CPU build of torch; both are removed
after the install, it does not need them for tables. ``anonymeter`` generates nothing; it judges
releases for ``benchmarks.audit_peers``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

CACHE = Path(__file__).parent / ".cache"

MOSTLYAI = """
from mostlyai.engine import TabularARGN
model = TabularARGN(random_state=seed, verbose=0)
t0 = clock(); model.fit(train); fit_s = clock() - t0
t0 = clock(); synthetic = model.sample(n_samples=rows); sample_s = clock() - t0
"""

SDV = """
from sdv.metadata import Metadata
from sdv import single_table
import warnings; warnings.simplefilter("ignore")
tables = {{"table": train}}
metadata = Metadata.detect_from_dataframes(tables)
for column, about in metadata.tables["table"].columns.items():
    if about["sdtype"] not in ("numerical", "categorical", "boolean", "datetime"):
        kind = "categorical" if train[column].dtype == object else "numerical"
        metadata.update_column(column, sdtype=kind, table_name="table")
model = single_table.{synthesizer}(metadata)
t0 = clock(); model.fit(tables); fit_s = clock() - t0
t0 = clock(); synthetic = model.sample(rows); sample_s = clock() - t0
synthetic = synthetic["table"] if isinstance(synthetic, dict) else synthetic
"""

FRAME = """
import json, resource, sys, time
import pandas as pd
folder, rows, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
clock = time.perf_counter
train = pd.read_parquet(folder + "/train.parquet")
{body}
synthetic[list(train.columns)].to_parquet(folder + "/synthetic.parquet")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
json.dump({{"fit_s": fit_s, "sample_s": sample_s, "peak_bytes": peak}}, open(folder + "/cost.json", "w"))
"""

PACKAGES = {
    "mostlyai": ["torch==2.13.0", "mostlyai-engine==2.7.3"],
    "sdv": ["torch==2.13.0", "sdv==2.0.0", "pyarrow"],
    "anonymeter": ["anonymeter==1.1.0", "pandas==2.3.3"],  # it pins numpy below 1.27
}
PEERS = {
    "mostlyai-tabularargn": ("mostlyai", MOSTLYAI),
    "sdv-gaussian-copula": ("sdv", SDV.format(synthesizer="GaussianCopulaSynthesizer")),
    "sdv-tvae": ("sdv", SDV.format(synthesizer="TVAESynthesizer")),
    "sdv-ctgan": ("sdv", SDV.format(synthesizer="CTGANSynthesizer")),
}


@dataclass(frozen=True)
class Cost:
    """Wall-clock seconds of fit and sample, and peak memory of the whole process in bytes."""

    fit_s: float
    sample_s: float
    peak_bytes: int


def python(environment: str) -> Path:
    """The interpreter of a peer's environment."""
    return CACHE / environment / "bin" / "python"


def available() -> list[str]:
    """Peers whose environment exists."""
    return [peer for peer, (environment, _) in PEERS.items() if python(environment).exists()]


def setup(environment: str) -> None:
    """Makes a peer's environment."""
    CACHE.mkdir(exist_ok=True)
    subprocess.run([sys.executable, "-m", "venv", str(CACHE / environment)], check=True)
    pip = [str(python(environment)), "-m", "pip", "-q"]
    for package in PACKAGES[environment]:
        subprocess.run([*pip, "install", package, PACKAGES[environment][0]], check=True)
    subprocess.run([*pip, "uninstall", "-y", "torchaudio", "torchvision"], check=False)


def generate(peer: str, train: pd.DataFrame, rows: int, seed: int) -> tuple[pd.DataFrame, Cost]:
    """Fits a peer with its default settings and samples ``rows`` rows."""
    environment, body = PEERS[peer]
    with tempfile.TemporaryDirectory() as folder:
        train.to_parquet(Path(folder) / "train.parquet")
        script = Path(folder) / "peer.py"
        script.write_text(FRAME.format(body=body))
        subprocess.run(
            [str(python(environment)), str(script), folder, str(rows), str(seed)],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        cost = json.loads((Path(folder) / "cost.json").read_text())
        return pd.read_parquet(Path(folder) / "synthetic.parquet"), Cost(**cost)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=["setup"])
    parser.add_argument("environments", nargs="+", choices=sorted(PACKAGES))
    for name in parser.parse_args().environments:
        setup(name)
