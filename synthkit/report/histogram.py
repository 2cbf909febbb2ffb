"""The histogram of one ordered column: real, holdout and synthetic rows over the same round edges.

A single value that holds a large share (the zero of a capital gain) would flatten everything else,
so it becomes a *spike* with a share of its own. Values off the axis are counted ``below`` and
``above`` it: a lone extreme is neither drawn nor betrayed by the length of the axis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from synthkit.report.axis import (
    LARGEST,
    datetime_edges,
    duration_edges,
    inner_range,
    log_edges,
    number_edges,
)
from synthkit.report.cells import SMALL, Cells

Unit = Literal["integer", "real", "datetime", "duration", "length"]

MAX_BINS = 40
ROWS_PER_BIN = 25
SPIKE_SHARE = 0.1
SPIKE_RATIO = 3.0
MAX_SPIKES = 3
LOG_RATIO = 100.0


def histogram(
    values: Mapping[str, np.ndarray], rows: Mapping[str, int], unit: Unit
) -> tuple[dict[str, Any], Cells]:
    """Describes one column's values.

    Args:
        values: present values per table (``real``, ``synthetic``, perhaps ``holdout``), ``(n,)``
            float64; datetimes in microseconds since 1970, durations in seconds. Infinities count
            as below or above the axis.
        rows: rows of each table, missing ones included.
        unit: what the values are.

    Returns:
        ``{"type": "histogram", "unit", "scale": "linear"|"log", "edges", "real", "holdout",
        "synthetic", "below", "above", "spikes"}`` with shares of all rows per bin
        ``[edge, next edge)``, and the exact counts in the order below, bins, above, spikes.
    """
    edges, scale = _edges(values, unit)
    spikes = np.array([])
    if not single_values(edges, unit, scale):
        spikes = find_spikes(values["real"], values["synthetic"])
        if len(spikes):
            rest = {table: v[~np.isin(v, spikes)] for table, v in values.items()}
            edges, scale = _edges(rest, unit)
    codes = {table: _codes(v, edges, spikes) for table, v in values.items()}
    bins = max(len(edges) - 1, 0)
    cells = Cells.count(codes, bins + 2 + len(spikes), rows)
    shares = cells.shares()

    def cell(i: int) -> dict[str, float | None]:
        return {table: None if s is None else s[i] for table, s in shares.items()}

    description: dict[str, Any] = {
        "type": "histogram",
        "unit": unit,
        "scale": scale,
        "edges": [_plain(edge, unit) for edge in edges],
        **{table: None if s is None else s[1 : bins + 1] for table, s in shares.items()},
        "below": cell(0),
        "above": cell(bins + 1),
        "spikes": [
            {"value": _plain(value, unit), **cell(bins + 2 + i)} for i, value in enumerate(spikes)
        ],
    }
    return description, cells


def single_values(edges: Sequence[float] | np.ndarray, unit: str, scale: str) -> bool:
    """Whether every bin of these edges holds one whole number."""
    counted = unit in ("integer", "length") and scale == "linear"
    return counted and len(edges) > 1 and bool(edges[1] - edges[0] == 1)


def find_spikes(real: np.ndarray, synthetic: np.ndarray) -> np.ndarray:
    """Up to three values that stand out, ascending.

    Each holds at least a tenth of the real or the synthetic values, and at least three times as
    much as the commonest value that is no spike. A value qualifies only if it is no secret: it is
    among the synthetic values and at least five real rows share it.
    """
    (values, counts), others = (np.unique(v, return_counts=True) for v in (real, synthetic))
    public, at, other_at = np.intersect1d(values, others[0], return_indices=True)
    share = np.maximum(counts[at] / max(len(real), 1), others[1][other_at] / max(len(synthetic), 1))
    open_to_all = (counts[at] >= SMALL) & np.isfinite(public)
    public, share = public[open_to_all], share[open_to_all]
    order = np.argsort(-share, kind="stable")
    ranked = [*share[order], 0.0]
    for k in range(min(MAX_SPIKES, len(public)), 0, -1):
        if ranked[k - 1] >= max(SPIKE_SHARE, SPIKE_RATIO * ranked[k]):
            return np.sort(public[order[:k]])
    return np.array([])


def _edges(values: Mapping[str, np.ndarray], unit: Unit) -> tuple[np.ndarray, str]:
    """Edges and scale of the axis; no edges when there are too few values to show."""
    finite = {table: v[np.isfinite(v)] for table, v in values.items()}
    span = inner_range(list(finite.values()))
    if span is None:
        return np.array([]), "linear"
    low, high = span
    bins = int(np.clip(len(finite["real"]) // ROWS_PER_BIN, 4, MAX_BINS))
    if unit == "datetime":
        return datetime_edges(low, high, bins=bins), "linear"
    if unit == "duration":
        return duration_edges(low, high, bins=bins), "linear"
    whole = unit != "real"
    own = inner_range([finite["real"]])
    # The real rows choose the scale: a few odd synthetic values shall not bend the axis.
    if low > 1 / LARGEST and high < LARGEST and own is not None and own[1] / own[0] >= LOG_RATIO:
        edges = log_edges(low, high)
        return (np.unique(np.ceil(edges)) if whole else edges), "log"
    return number_edges(low, high, bins=bins, integer=whole), "linear"


def _codes(values: np.ndarray, edges: np.ndarray, spikes: np.ndarray) -> np.ndarray:
    """Cell per value: 0 below, 1 .. the bins, then above, then the spikes."""
    codes = np.searchsorted(edges, values, side="right")
    last = max(len(edges), 1)
    for i, spike in enumerate(spikes):
        codes[values == spike] = last + 1 + i
    return codes


def _plain(value: float, unit: Unit) -> float | int | str:
    """A JSON value: ISO text for datetimes, an int where nothing is lost."""
    if unit == "datetime":
        return str(np.datetime64(int(value), "us").astype("datetime64[s]"))
    return int(value) if value == int(value) and abs(value) < 2**53 else float(value)
