"""What the report draws of the data itself: every column and every pair, real against synthetic.

    columns = describe_columns(train, holdout, synthetic, schema)
    pairs = describe_pairs(train, holdout, synthetic, schema, run.rng("report"))

Plain JSON data on typed tables (see ``synthkit.schema``). No real cell value gets in: category
labels and spikes only if the synthetic rows hold them too and at least five real rows share them,
axis edges are round numbers, real counts below five are zero, and of identifiers and texts there
are only counts and lengths, as there are of names and addresses of people that recur.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from synthkit.report.association import cramers_v, encode, ordered
from synthkit.report.categories import categories
from synthkit.report.cells import TABLES, drawn
from synthkit.report.histogram import Unit, histogram
from synthkit.results import rounded
from synthkit.schema import Column, Schema

PAIR_COLUMNS = 40
PAIR_ROWS = 20_000
UNITS: dict[str, Unit] = {
    "integer": "integer",
    "real": "real",
    "datetime": "datetime",
    "duration": "duration",
}


def describe_columns(
    train: pd.DataFrame,
    holdout: pd.DataFrame | None,
    synthetic: pd.DataFrame,
    schema: Schema,
) -> tuple[dict[str, Any], ...]:
    """One description per column, in schema order.

    Returns:
        ``{"name", "kind", "reason", "roles": ["target", "sensitive"], "missing", "gap",
        "distribution"}``; ``missing`` is the share of missing cells per table, ``gap`` the total
        variation from the real rows (``synthetic``, and ``holdout`` as its reference) over the
        distribution's cells; ``distribution`` is that of ``histogram`` or ``categories``.
        Identifiers and texts have the histogram of their lengths, and ``distinct`` (values per
        table) and ``reused`` (share of present cells that are also a real row's, per table).
    """
    tables = _tables(train, holdout, synthetic)
    return tuple(
        _describe(column, {table: frame[column.name] for table, frame in tables.items()})
        | {"roles": _roles(column.name, schema)}
        for column in schema.columns
        if column.kind != "image"  # the contact sheet shows them
    )


def describe_pairs(
    train: pd.DataFrame,
    holdout: pd.DataFrame | None,
    synthetic: pd.DataFrame,
    schema: Schema,
    rng: np.random.Generator,
) -> tuple[dict[str, Any], ...]:
    """Association of every pair of columns, the largest differences first.

    At most 40 columns (target and sensitive ones first, then in file order; identifiers, texts and
    constants are left out) and 20,000 random rows per table enter.

    Returns:
        ``{"a", "b", "real", "holdout", "synthetic", "difference", "holdout_difference"}`` per
        pair: bias-corrected Cramér's V in [0, 1], and its change from the real rows'.
    """
    tables = {
        table: frame.iloc[np.sort(rng.choice(len(frame), PAIR_ROWS, replace=False))]
        if len(frame) > PAIR_ROWS
        else frame
        for table, frame in _tables(train, holdout, synthetic).items()
    }
    chosen = _pair_columns(schema)
    codes = {c.name: encode(c, {t: frame[c.name] for t, frame in tables.items()}) for c in chosen}
    pairs = [_pair(a, b, codes[a], codes[b]) for a, b in combinations(codes, 2)]
    return tuple(sorted(pairs, key=lambda pair: -abs(pair["difference"])))


def _tables(
    train: pd.DataFrame, holdout: pd.DataFrame | None, synthetic: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    tables = dict(zip(TABLES, (train, holdout, synthetic), strict=True))
    return {table: frame for table, frame in tables.items() if frame is not None}


def _roles(name: str, schema: Schema) -> list[str]:
    return ["target"] * (name == schema.target) + ["sensitive"] * (name in schema.sensitive)


def _describe(column: Column, cells: dict[str, pd.Series]) -> dict[str, Any]:
    rows = {table: len(series) for table, series in cells.items()}
    present = {table: series[series.notna()] for table, series in cells.items()}
    extra: dict[str, Any] = {}
    if column.is_numeric:
        values = {table: ordered(series) for table, series in present.items()}
        distribution, counted = histogram(values, rows, UNITS[column.kind])
    elif column.is_modelled and not column.tells_of_people:
        labels = {table: series.map(column.label) for table, series in present.items()}
        distribution, counted = categories(labels, rows, column.order)
    else:
        texts = {table: series.map(str) for table, series in present.items()}
        lengths = {table: series.str.len().to_numpy(dtype=float) for table, series in texts.items()}
        distribution, counted = histogram(lengths, rows, "length")
        real = texts["real"].unique()
        extra = {
            "distinct": {table: int(series.nunique()) for table, series in texts.items()},
            "reused": {
                table: drawn(float(series.isin(real).mean()), table) if len(series) else 0.0
                for table, series in texts.items()
                if table != "real"
            },
        }
    return {
        "name": column.name,
        "kind": column.kind,
        "reason": column.reason,
        "missing": {table: _missing(cells.get(table), table) for table in TABLES},
        "gap": {"holdout": counted.gap("holdout"), "synthetic": counted.gap("synthetic")},
        "distribution": distribution,
        **extra,
    }


def _missing(series: pd.Series | None, table: str) -> float | None:
    if series is None:
        return None
    return drawn(float(series.isna().mean()), table) if len(series) else 0.0


def _pair_columns(schema: Schema) -> list[Column]:
    usable = [c for c in schema.columns if c.is_modelled and c.kind != "constant"]
    chosen = sorted(usable, key=lambda c: not _roles(c.name, schema))[:PAIR_COLUMNS]
    return [column for column in usable if column in chosen]


def _pair(
    a: str, b: str, codes_a: dict[str, np.ndarray], codes_b: dict[str, np.ndarray]
) -> dict[str, Any]:
    v = {t: rounded(cramers_v(codes_a[t], codes_b[t])) for t in codes_a}
    holdout = v.get("holdout")
    return {
        "a": a,
        "b": b,
        "real": v["real"],
        "holdout": holdout,
        "synthetic": v["synthetic"],
        "difference": rounded(v["synthetic"] - v["real"]),
        "holdout_difference": None if holdout is None else rounded(holdout - v["real"]),
    }
