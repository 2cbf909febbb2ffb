"""Small tables and recipes that several tests share, and a core of its own for each worker."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
if WORKER:  # two threads on one core wait for each other; libraries look when they are loaded
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")

if WORKER and hasattr(os, "sched_setaffinity"):  # two workers with two threads each wait a lot
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[int(WORKER) % len(cores)]})


@pytest.fixture(scope="session")
def people() -> pd.DataFrame:
    """400 rows with every common kind of column; ``income`` depends on ``age`` and ``city``."""
    rng = np.random.default_rng(5)
    n = 400
    age = rng.integers(18, 80, n)
    city = rng.choice(["Graz", "Linz", "Wien"], n, p=[0.2, 0.3, 0.5])
    rich = rng.random(n) < 1 / (1 + np.exp(-(age - 50) / 8 + (city == "Linz")))
    return pd.DataFrame(
        {
            "id": [f"C-{10000 + i}" for i in range(n)],
            "age": age,
            "city": city,
            "height": np.round(rng.normal(170, 9, n), 1),
            "visits": np.where(rng.random(n) < 0.6, 0, rng.poisson(4, n)),
            "since": pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, 3000, n), "D"),
            "note": pd.array(np.where(rng.random(n) < 0.3, None, rng.choice(["a", "b"], n))),
            "member": rng.random(n) < 0.5,
            "income": np.where(rich, "high", "low"),
        }
    )


@pytest.fixture
def recipe(tmp_path: Path) -> dict[str, Any]:
    """A recipe for ``people`` that writes below ``tmp_path``."""
    return {
        "version": 1,
        "seed": 3,
        "source": {"path": "people.csv", "holdout": 0.5},
        "schema": {"target": "income", "sensitive": ["city"]},
        "privacy": {"policy": "internal", "on_fail": "warn"},
        "output": {"path": str(tmp_path / "run"), "rows": 150},
    }


@pytest.fixture(scope="session")
def classifiers() -> dict[tuple, object]:
    """Those that ``remembered_classifiers`` has trained so far."""
    return {}


@pytest.fixture
def remembered_classifiers(
    monkeypatch: pytest.MonkeyPatch, classifiers: dict[tuple, object]
) -> None:
    """Classifiers of images are trained once for the same images and labels."""
    from synthkit.checks import extractor
    from synthkit.checks.fidelity import lessons

    train = extractor.classifier_of

    def remembered(images: np.ndarray, y: np.ndarray, classes: int, seed: int = 0) -> object:
        digest = hashlib.sha256(images.tobytes() + y.tobytes()).digest()
        key = digest, images.shape, classes, seed
        if key not in classifiers:
            classifiers[key] = train(images, y, classes, seed)
        return classifiers[key]

    for module in (extractor, lessons):
        monkeypatch.setattr(module, "classifier_of", remembered)
