"""Backends for images under one yardstick: MNIST, a few minutes of fit each, balanced samples.

    python -m benchmarks.images --data FOLDER --systems vae diffusion gan transformer \\
        --budget 300 --seeds 3 -o benchmarks/.cache/images

The folder holds MNIST's idx files. Lines "real" are real training images in the place of synthetic ones.
Options of a backend stand behind a colon, as for ``benchmarks.compare``. ``--sheets FOLDER`` keeps a
contact sheet of each. See ``benchmarks.pictures`` for the numbers.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

import synthkit as sk
from benchmarks.compare import markdown
from benchmarks.pictures import (
    Images,
    accuracy,
    copies,
    frechet,
    modes,
    seen,
    spread,
    trained,
)
from synthkit.pictures import pixels
from synthkit.recipe import SourceSpec
from synthkit.sinks.contact_sheet import write_contact_sheet
from synthkit.sources import read_table

COLUMNS = {
    "tstr": "TSTR",
    "modes": "modes",
    "spread": "spread",
    "copies": "copies",
    "frechet": "Fréchet",
    "fit_s": "fit s",
    "sample_s": "sample s",
}
CLASSES = 10


def read(folder: Path, part: str) -> tuple[pd.DataFrame, Images]:
    """One part of MNIST as a frame, and as arrays."""
    spec = SourceSpec(kind="images", path=str(folder / f"{part}-images-idx3-ubyte.gz"))
    frame = read_table(spec, Path(), np.random.default_rng(0)).frame
    labels = frame["label"].astype(str).astype(np.int64).to_numpy()
    return frame, Images(pixels(frame["image"]), labels)


def made(
    system: str, train: pd.DataFrame, n: int, budget_s: float, seed: int
) -> tuple[Images, dict[str, float]]:
    """n images of a backend, of every class as many, and what they cost."""
    backend, _, words = system.partition(":")
    options = {k: json.loads(v) for k, v in (word.split("=") for word in words.split(",") if word)}
    t0 = time.perf_counter()
    model = sk.fit(train, backend, seed=seed, budget_s=budget_s, options=options)
    fit_s = time.perf_counter() - t0
    t0 = time.perf_counter()
    rows = model.sample(n, balance={"label": "even"})
    cost = {"fit_s": fit_s, "sample_s": time.perf_counter() - t0}
    labels = rows["label"].astype(str).astype(np.int64).to_numpy()
    return Images(pixels(rows["image"]), labels), cost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--systems", nargs="+", default=["vae", "diffusion", "gan", "transformer"])
    parser.add_argument("--budget", type=float, default=300.0, help="seconds of each fit")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--sheets", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("benchmarks/.cache/images"))
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    frame, train = read(arguments.data, "train")
    _, test = read(arguments.data, "t10k")
    judge = trained(train, CLASSES, 0)
    test_seen, real_seen = (seen(judge, part.pixels)[0] for part in (test, train.some(10_000, 1)))
    floor = frechet(real_seen, test_seen)
    results: list[dict[str, Any]] = []

    def add(system: str, seed: int, images: Images, cost: dict[str, float]) -> None:
        hidden, predicted = seen(judge, images.pixels)
        result = {
            "table": "mnist",
            "system": system,
            "seed": seed,
            "tstr": accuracy(images, test, CLASSES),
            "modes": modes(predicted, CLASSES),
            "spread": spread(images, train, CLASSES),
            "frechet": frechet(hidden, test_seen) / floor,
            **cost,
        }
        if not system.startswith("(real"):
            result["copies"] = copies(images, train)
        results.append(result)
        print(json.dumps(result), flush=True)

    add("(real, 60,000)", 0, train, {})
    add(f"(real, {arguments.rows:,})", 0, train.some(arguments.rows), {})
    print(json.dumps({"copies of the test part": copies(test, train)}), flush=True)
    for seed in range(arguments.seeds):
        for system in arguments.systems:
            images, cost = made(system, frame, arguments.rows, arguments.budget, seed)
            add(system, seed, images, cost)
            if arguments.sheets:
                path = arguments.sheets / f"{system.partition(':')[0]}-{seed}.png"
                write_contact_sheet(path, images.pixels, [str(label) for label in images.labels])
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.with_suffix(".json").write_text(json.dumps(results, indent=1))
    table = markdown(results, COLUMNS)
    arguments.output.with_suffix(".md").write_text(table)
    print(table)


if __name__ == "__main__":
    main()
