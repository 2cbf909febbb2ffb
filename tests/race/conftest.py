"""A table whose columns depend on each other, and backends that race on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import racers

from synthkit.generators import generators


@pytest.fixture(autouse=True)
def fits(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The backends are registered; what their fits were given, in order."""
    generators.names()  # plugins are discovered before, not among ours
    for racer in (racers.Copier, racers.Shuffler, racers.Waiter, racers.Decliner, racers.Stumbler):
        target = f"{racer.__module__}:{racer.__name__}"
        monkeypatch.setitem(generators._targets, racer.__name__.lower(), target)
    noted: list[dict[str, Any]] = []
    monkeypatch.setattr(racers.Racer, "fits", noted)
    return noted


@pytest.fixture(scope="session")
def homes() -> pd.DataFrame:
    """1,500 rows; rent follows from size and town."""
    rng = np.random.default_rng(11)
    size = rng.normal(80, 20, 1500)
    town = rng.choice(["Arden", "Brill", "Cley"], 1500)
    rent = 9 * size + 300 * (town == "Brill") + rng.normal(0, 60, 1500)
    return pd.DataFrame({"size": size.round(1), "town": town, "rent": rent.round(2)})
