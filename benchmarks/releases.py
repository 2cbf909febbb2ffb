"""Releases whose leak is known: several tables, each with nothing leaked or a leak planted.

    release = made("people", rows=1000, leak="copies-1", seed=0)  # an Evidence
    frame, numbers = plain(release, release.train)                # for tools other than synthkit

Training, holdout and synthetic rows are three parts of one population, so that nothing leaks; then the
leak is planted. ``people`` is the contract's population; ``codes`` has six independent columns of twelve
equally frequent categories, in which most rows have several nearest neighbours at the same distance;
``coarse`` has seven of three categories, in which rows coincide by chance; ``wide`` has twenty mixed ones;
``customers`` has about four rows for each person, who are told apart; ``adult`` draws rows of the Adult census
that ships with synthkit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeRegressor

from benchmarks.compare import shipped
from synthkit.checks.base import Evidence
from synthkit.contracts import checks as contract
from synthkit.schema import Column, Schema

MISSING = "(missing)"
WIDTH = 20
FEW_CONTROLS = "few-controls"


def codes(n: int, seed: int) -> Evidence:
    """Six columns of twelve equally frequent categories, independent of each other."""
    levels = np.array([f"k{i}" for i in range(12)], dtype=object)
    drawn = levels[np.random.default_rng(seed).integers(0, 12, (3 * n, 6))]
    frame = pd.DataFrame(drawn, columns=[f"c{i}" for i in range(6)])
    return _parts(frame, n, target="c5")


def coarse(n: int, seed: int) -> Evidence:
    """Seven columns of three categories, independent of each other."""
    levels = np.array(["a", "b", "c"], dtype=object)
    drawn = np.random.default_rng(seed).choice(levels, (3 * n, 7), p=[0.6, 0.3, 0.1])
    return _parts(pd.DataFrame(drawn, columns=[f"c{i}" for i in range(7)]), n)


def wide(n: int, seed: int) -> Evidence:
    """Ten numbers and ten categories that a few hidden traits tie together."""
    rng = np.random.default_rng(seed)
    weights = np.random.default_rng(0).normal(size=(4, WIDTH))  # the same population every time
    noisy = rng.normal(size=(3 * n, 4)) @ weights + rng.normal(size=(3 * n, WIDTH))
    columns: dict[str, np.ndarray] = {}
    for j in range(WIDTH):
        levels = np.clip(np.round(noisy[:, j] + 4), 0, 8).astype(int).astype(str).astype(object)
        columns[f"c{j}"] = np.round(noisy[:, j], 3) if j % 2 == 0 else levels
    return _parts(pd.DataFrame(columns), n)


def customers(n: int, seed: int) -> Evidence:
    """Purchases of people who have four on average, with a key and three things that stay the same."""
    rng = np.random.default_rng(seed)
    parts = []
    for part in range(3):
        who = np.repeat(np.arange(n), 1 + rng.poisson(3, n))[:n]
        age, wealth = rng.normal(45, 15, n).round(), rng.normal(size=n)
        towns = np.array([f"t{i}" for i in rng.zipf(1.7, n).clip(max=40)], dtype=object)
        kinds = np.array(["food", "rent", "travel", "other"], dtype=object)
        rows = {
            "customer": np.array([f"{part}-{i}" for i in who], dtype=object),
            "age": age[who],
            "town": towns[who],
            "member": np.where(wealth > 0.5, "yes", "no").astype(object)[who],
            "kind": rng.choice(kinds, n, p=[0.5, 0.1, 0.1, 0.3]),
            "paid": np.exp(3 + wealth[who] / 2 + rng.normal(size=n)).round(2),
            "hour": rng.normal(14, 4, n).round(1),
        }
        parts.append(pd.DataFrame(rows).sample(frac=1.0, random_state=seed).reset_index(drop=True))
    columns = tuple(
        Column(name=name, kind="real" if parts[0][name].dtype == float else "categorical")
        for name in parts[0]
    )
    key = Column(name="customer", kind="identifier", recurring_key=True)
    return Evidence(*parts, Schema(columns=(key, *columns[1:]), person="customer"))


@cache
def _census() -> pd.DataFrame:
    frame = shipped()
    for name in frame.select_dtypes("number"):
        frame[name] = frame[name].astype(float)
    for name in frame.select_dtypes(exclude="number"):
        frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    return frame


def adult(n: int, seed: int) -> Evidence:
    """Rows of the Adult census; counts are taken as reals, so that noise moves them."""
    return _parts(_census().sample(3 * n, random_state=seed), n, target="income")


def _parts(frame: pd.DataFrame, n: int, target: str | None = None) -> Evidence:
    columns = tuple(
        Column(name=name, kind="real" if frame[name].dtype == float else "categorical")
        for name in frame
    )
    train, holdout, synthetic = (
        frame.iloc[i * n : (i + 1) * n].reset_index(drop=True) for i in range(3)
    )
    return Evidence(train, holdout, synthetic, Schema(columns=columns, target=target))


def copies(share: float) -> Callable[[Evidence, int], Evidence]:
    """Some synthetic rows are training rows."""
    return lambda release, seed: contract.planted(release, share)


def noise(release: Evidence, seed: int) -> Evidence:
    """Training rows, every number moved by about a hundredth of its spread."""
    rng = np.random.default_rng(seed)
    rows = release.train.copy()
    for column in release.schema.columns:
        if column.kind == "real":
            spread = 0.01 * rows[column.name].std()
            rows[column.name] += spread * rng.normal(size=len(rows))
    return contract.with_synthetic(release, rows)


def few_controls(release: Evidence, seed: int) -> Evidence:
    """Nothing leaks, but only a quarter as many rows were held out."""
    assert release.holdout is not None
    holdout = release.holdout.iloc[: len(release.train) // 4]
    return Evidence(release.train, holdout, release.synthetic, release.schema)


def tree(release: Evidence, seed: int) -> Evidence:
    """Column after column, drawn from a training row in the same leaf of a fully grown tree."""
    rng = np.random.default_rng(seed)
    frame, numbers = plain(release, release.train)
    x = np.column_stack([frame[c] if c in numbers else frame[c].factorize()[0] for c in frame])
    n = len(x)
    donors = rng.integers(0, n, n)
    rows = release.train.copy()
    drawn = np.empty_like(x)
    for j, name in enumerate(frame):
        if j:
            fitted = DecisionTreeRegressor(random_state=seed).fit(x[:, :j], x[:, j])
            leaves = fitted.apply(x[:, :j])
            order = np.argsort(leaves, kind="stable")
            wanted = fitted.apply(drawn[:, :j])
            low, high = (np.searchsorted(leaves[order], wanted, side) for side in ("left", "right"))
            donors = order[rng.integers(low, high)]
        drawn[:, j] = x[donors, j]
        rows[name] = release.train[name].iloc[donors].array
    return contract.with_synthetic(release, rows)


TABLES: dict[str, Callable[[int, int], Evidence]] = {
    "people": contract.release,
    "codes": codes,
    "coarse": coarse,
    "wide": wide,
    "customers": customers,
    "adult": adult,
}
LEAKS: dict[str, Callable[[Evidence, int], Evidence]] = {
    "none": lambda release, seed: release,
    FEW_CONTROLS: few_controls,
    "copies-1": copies(0.01),
    "copies-30": copies(0.3),
    "noise-1": noise,
    "tree": tree,
    "copy": copies(1.0),
}


def made(table: str, rows: int, leak: str, seed: int) -> Evidence:
    """A release of a table with as many rows in each of its three parts."""
    return LEAKS[leak](TABLES[table](rows, seed), seed)


def plain(release: Evidence, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """A table without missing cells in numbers and text alone, and the names of its numbers.

    Peers differ in what they make of missing cells, times and identifiers, so that they all get what
    each can read: identifiers are left out, times are days, missing numbers are the training rows'
    median, missing categories one of their own.
    """
    columns, numbers = {}, []
    for column in release.schema.columns:
        cells, known = frame[column.name], release.train[column.name]
        if column.kind == "identifier":
            continue
        if column.kind == "datetime":
            cells, known = (c.astype("int64") / 86_400e6 for c in (cells, known))
        if column.kind in ("datetime", "integer", "real"):
            numbers.append(column.name)
            median = known.astype(float).median()
            columns[column.name] = cells.astype(float).fillna(median)
        else:
            columns[column.name] = cells.astype(object).where(cells.notna(), MISSING).map(str)
    return pd.DataFrame(columns), numbers
