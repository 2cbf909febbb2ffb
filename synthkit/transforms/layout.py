"""``Layout``: what a generator knows about the data. The interface between transforms and backends.

A generator never sees a dataframe. It gets a *batch*, a mapping from field name to one NumPy array
with one entry per row, and a *layout*, the description of those fields. It returns a batch of the
same shape. Column names, spellings, datetimes, categories' names and real values stay on the
transforms' side; a table column may become no field (an identifier without missing cells), one, or
several (a datetime becomes its day and its time of day).

Two kinds of field describe any table, and a third one images:

``Categorical``: ``int32`` codes ``0 … size-1``. A missing cell is a code like any other. If
``ordered``, neighbouring codes are neighbouring values (a number with few distinct values).

``Numeric``: ``float64`` **ranks** ``u`` in [0, 1], uniform on the training rows, with NaN for a
missing cell. The transform has already done the work that decides quality: a repeated value (zero,
a rounded price) owns an interval of u as wide as its share of the rows and its rows are spread
uniformly inside it (dequantised), so every u in the interval decodes to exactly that value; between
intervals u is interpolated and decoding snaps to the column's precision. ``spikes`` lists the
intervals wide enough to deserve a state of their own.

``Image``: ``uint8`` pixels of one shape, (n, height, width, channels).

All views that backends want follow from u, and live here so that each exists once:

* ``edges(field, k)``: at most about k ordered bins; every spike is a bin of its own. For trees and
  autoregressive models: ``to_bins`` / ``from_bins`` (uniform inside the bin, which the decoder turns
  into the empirical distribution within the bin).
* ``to_states(field, u)``: ``(state, z)`` with state 0 = continuous, 1 … = the spikes, last =
  missing, and z = normal score of the continuous part. For diffusion, VAE, GAN: inflated values
  are states, the rest is standard normal.

Since u is uniform, a density over u is a density relative to the column's own distribution:
log-likelihoods of different backends on the same layout compare directly.

Later fields (``Tokens(length, vocabulary)``) join the same union; a backend declines what it cannot
take with ``NotSupported``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Batch = dict[str, np.ndarray]


@dataclass(frozen=True)
class Categorical:
    """A field of int32 codes in [0, size).

    Args:
        name: unique in the layout.
        size: number of codes, at least 1, the missing code included.
        ordered: codes 0 … size-1 (without the missing one) are in the order of the values.
        missing: the code that stands for a missing cell, always ``size - 1``; None without one.
        column: the table column that it encodes.
    """

    name: str
    size: int
    ordered: bool = False
    missing: int | None = None
    column: str = ""


@dataclass(frozen=True)
class Numeric:
    """A field of float64 ranks u in [0, 1], NaN where missing (only if ``nullable``).

    Args:
        name: unique in the layout.
        spikes: disjoint, ascending ``(low, high)`` intervals of u, each one repeated value.
        nullable: NaN occurs.
        column: the table column that it encodes.
    """

    name: str
    spikes: tuple[tuple[float, float], ...] = ()
    nullable: bool = False
    column: str = ""


@dataclass(frozen=True)
class Image:
    """A field of uint8 pixels, 0 black, none missing.

    Args:
        name: unique in the layout.
        shape: (height, width, channels); one channel is grey, three are red, green and blue.
        column: the column that it encodes.
    """

    name: str
    shape: tuple[int, int, int]
    column: str = ""


Scalar = Categorical | Numeric
Field = Scalar | Image


@dataclass(frozen=True)
class Layout:
    """The fields of a batch, in order. Names are unique.

    ``to_json`` / ``from_json`` give the form stored in a model folder; it holds shares and sizes,
    never a value of the data.
    """

    fields: tuple[Field, ...]

    def __post_init__(self) -> None:
        names = self.names
        if len(set(names)) != len(names):
            raise ValueError(f"field names repeat: {names}")

    @property
    def names(self) -> tuple[str, ...]:
        """Field names in order."""
        return tuple(field.name for field in self.fields)

    def __getitem__(self, name: str) -> Field:
        return self.fields[self.names.index(name)]

    def of_column(self, column: str) -> tuple[Field, ...]:
        """The fields that encode one table column."""
        return tuple(field for field in self.fields if field.column == column)

    def check(self, batch: Mapping[str, np.ndarray]) -> int:
        """Number of rows of a batch that fits this layout; ``ValueError`` says what does not.

        Generators' outputs are checked with it in the pipeline and in the contract tests.
        """
        if set(batch) != set(self.names):
            raise ValueError(f"fields differ: {sorted(set(batch) ^ set(self.names))}")
        lengths = {len(values) for values in batch.values()}
        if len(lengths) > 1:
            raise ValueError(f"fields have different lengths: {sorted(lengths)}")
        for field in self.fields:
            values = batch[field.name]
            if isinstance(field, Categorical):
                if values.dtype.kind not in "iu":
                    raise ValueError(f"{field.name}: codes have dtype {values.dtype}")
                if len(values) and not 0 <= values.min() <= values.max() < field.size:
                    raise ValueError(f"{field.name}: a code is outside [0, {field.size})")
                continue
            if isinstance(field, Image):
                if values.dtype != np.uint8 or values.shape[1:] != field.shape:
                    raise ValueError(f"{field.name}: no uint8 pixels of shape {field.shape}")
                continue
            if values.dtype.kind != "f":
                raise ValueError(f"{field.name}: ranks have dtype {values.dtype}")
            present = values[~np.isnan(values)]
            if len(present) < len(values) and not field.nullable:
                raise ValueError(f"{field.name}: a missing value in a field that has none")
            if len(present) and not 0.0 <= present.min() <= present.max() <= 1.0:
                raise ValueError(f"{field.name}: a rank is outside [0, 1]")
        return lengths.pop() if lengths else 0

    def to_json(self) -> list[dict[str, Any]]:
        """Plain dictionaries, one per field."""
        return [{"type": type(field).__name__.lower(), **vars(field)} for field in self.fields]

    @classmethod
    def from_json(cls, fields: list[dict[str, Any]]) -> Layout:
        """Inverse of ``to_json``."""

        def field(entry: dict[str, Any]) -> Field:
            rest = {key: value for key, value in entry.items() if key != "type"}
            if entry["type"] == "categorical":
                return Categorical(**rest)
            if entry["type"] == "image":
                height, width, channels = rest.pop("shape")
                return Image(shape=(height, width, channels), **rest)
            spikes = tuple((float(low), float(high)) for low, high in rest.pop("spikes"))
            return Numeric(spikes=spikes, **rest)

        return cls(tuple(field(entry) for entry in fields))


def with_wide_spikes(field: Numeric, share: float = 0.01) -> Numeric:
    """The field with only those spikes that at least so large a share of the rows has.

    For backends to which a value that one row in a thousand has is one among its neighbours: their
    bins are as narrow anyhow, or too many states would weigh more than they tell.
    """
    return replace(field, spikes=tuple((a, b) for a, b in field.spikes if b - a >= share))


def edges(field: Numeric, k: int, spread: float = 1.0) -> np.ndarray:
    """Ascending bin edges of u from 0 to 1: every spike is one bin, the rest is cut evenly.

    The continuous share of u is cut into bins of width about 1/k, at least one per stretch between
    spikes, so the number of bins is at most ``k + 2 * len(field.spikes) + 1``.

    Args:
        field: of u.
        k: bins of a field without spikes.
        spread: a continuous share w gets ``k * w**spread`` bins; below 1, a small share, such as
            the amounts beside a spike at zero that is most of the rows, is cut more finely.

    Returns:
        (bins + 1,) float64, strictly ascending.
    """
    bounds, states = _stretches(field)
    widths = np.diff(bounds)
    continuous = widths[states == 0].sum()
    density = k * continuous ** (spread - 1.0) if continuous else 0.0
    cuts = [0.0]
    for low, high, state in zip(bounds[:-1].tolist(), bounds[1:].tolist(), states, strict=True):
        parts = 1 if state else max(1, round((high - low) * density))
        cuts += [low + (high - low) * i / parts for i in range(1, parts)] + [high]
    return np.asarray(cuts)


def to_bins(u: np.ndarray, bin_edges: np.ndarray) -> np.ndarray:
    """Bin number of each rank, (n,) int32; the code after the last bin stands for NaN.

    A bin holds its lower edge; the last one holds 1.0 too.
    """
    bins = len(bin_edges) - 1
    codes = np.searchsorted(bin_edges[1:-1], u, side="right").astype(np.int32)
    codes[np.isnan(u)] = bins
    return codes


def from_bins(codes: np.ndarray, bin_edges: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A rank drawn uniformly inside each bin, (n,) float64; NaN for the code after the last bin."""
    bins = len(bin_edges) - 1
    inside = np.minimum(codes, bins - 1)
    u = _within(bin_edges[inside], bin_edges[inside + 1], rng.random(len(codes)))
    return np.where(codes == bins, np.nan, u)


def to_states(field: Numeric, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Splits ranks into ``(state, z)``. Spikes and stretches between them hold their lower end.

    Returns:
        state: (n,) int32; 0 continuous, 1 … len(spikes) the spikes, len(spikes) + 1 missing.
        z: (n,) float64 normal score of the continuous part in ±4.76, 0.0 where state is not 0.
    """
    from scipy.special import ndtri  # not on top: options of backends are read without scipy

    bounds, states = _stretches(field)
    place = np.searchsorted(bounds[1:-1], u, side="right")
    state = states[place].astype(np.int32)
    state[np.isnan(u)] = len(field.spikes) + 1
    # share of u that is continuous and lies below each stretch
    below = np.concatenate([[0.0], np.cumsum(np.where(states == 0, np.diff(bounds), 0.0))])
    rows = state == 0
    inner = u[rows] - bounds[place[rows]] + below[place[rows]]
    z = np.zeros(len(u))
    z[rows] = ndtri(np.clip(inner / max(below[-1], 1e-300), 1e-6, 1 - 1e-6))
    return state, z


def from_states(
    field: Numeric, state: np.ndarray, z: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Inverse of ``to_states``; a spike's rank is drawn uniformly inside its interval.

    State 0 has no ranks in a field that spikes cover wholly; z then ranges over all of them.
    """
    from scipy.special import ndtr

    bounds, states = _stretches(field)
    free = np.flatnonzero(states == 0)
    if not len(free):
        u = ndtr(z)
    else:
        low, high = bounds[free], bounds[free + 1]
        below = np.concatenate([[0.0], np.cumsum(high - low)])
        inner = ndtr(z) * below[-1]
        place = np.searchsorted(below[1:-1], inner, side="right")
        u = np.clip(low[place] + (inner - below[place]), low[place], np.nextafter(high[place], 0.0))
    for i, (low_end, high_end) in enumerate(field.spikes, 1):
        rows = state == i
        u[rows] = _within(low_end, high_end, rng.random(int(rows.sum())))
    u[state == len(field.spikes) + 1] = np.nan
    return u


def _stretches(field: Numeric) -> tuple[np.ndarray, np.ndarray]:
    """[0, 1] cut at the spikes: bounds (k + 1,) and per stretch its state, 0 between spikes."""
    bounds, states = [0.0], []
    for i, (low, high) in enumerate(field.spikes, 1):
        if low > bounds[-1]:
            bounds.append(low)
            states.append(0)
        bounds.append(high)
        states.append(i)
    if bounds[-1] < 1.0:
        bounds.append(1.0)
        states.append(0)
    return np.asarray(bounds), np.asarray(states)


def _within(low: Any, high: Any, share: np.ndarray) -> np.ndarray:
    """``low + (high - low) * share`` for a share in [0, 1), never rounded up to ``high``."""
    return np.minimum(low + (high - low) * share, np.nextafter(high, 0.0))
