"""``Agreement``: substitutes for rare categories that go with the rest of their row.

A column that determines others (a zone its borough) would lose that if rare values became any
frequent one. So a rare zone becomes a frequent zone of the same borough; a borough whose zones are
all rare gets one made-up zone; and where zone and borough are both rare, the borough is that of the
zone that was drawn. Nothing but substitutes is ever changed. This is for columns that are learned;
what a ``dependency`` constraint computes is seen to in ``lookup``.

    codecs, agreements = agree(typed, codecs, protect, rng)
    for agreement in agreements:
        agreement.apply(batch, drawn, rng)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from synthkit.generators.base import State
from synthkit.recipe import ProtectSpec
from synthkit.transforms.base import Codec
from synthkit.transforms.categorical import CategoricalCodec
from synthkit.transforms.layout import Batch
from synthkit.transforms.placeholder import made_up
from synthkit.transforms.values import factorize

GLANCE = 10_000  # rows
ENOUGH = 10.0  # rows that would contradict a dependency if it were chance; exp(-10) is the risk


@dataclass(frozen=True)
class Agreement:
    """A column and those that it determines, all categorical.

    Args:
        source: the determining column.
        to: the determined ones.
        weights: (codes of the source,) for drawing one; 0 for a missing cell.
        table: (codes of the source, len(to)) int32 their codes.
    """

    source: str
    to: tuple[str, ...]
    weights: np.ndarray
    table: np.ndarray

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them."""
        return (self.source, *self.to)

    def apply(
        self, batch: Batch, drawn: Mapping[str, np.ndarray], rng: np.random.Generator
    ) -> None:
        """Makes the drawn codes of a batch agree, in place.

        Args:
            drawn: (n,) bool per column, the rows whose code stands for another value.
        """
        wanted = np.stack([np.where(drawn[n], -1, batch[n]) for n in self.to], axis=1)
        source = batch[self.source]
        rows = np.flatnonzero(drawn[self.source] & ~_agree(self.table[source], wanted).all(1))
        combinations, which = np.unique(wanted[rows], axis=0, return_inverse=True)
        for i, combination in enumerate(combinations):
            own = rows[which.ravel() == i]
            matches = _agree(self.table, combination).sum(1) * (self.weights > 0)
            weights = self.weights * (matches == matches.max())
            source[own] = rng.choice(len(weights), len(own), p=weights / weights.sum())
        for j, name in enumerate(self.to):
            batch[name][drawn[name]] = self.table[source[drawn[name]], j]

    def state(self) -> State:
        """Names of columns, and codes in arrays."""
        arrays = {"weights": self.weights, "table": self.table}
        return State({"source": self.source, "to": list(self.to)}, arrays)

    @classmethod
    def from_state(cls, state: State) -> Agreement:
        """Inverse of ``state``."""
        arrays = state.arrays
        meta = state.meta
        return cls(meta["source"], tuple(meta["to"]), arrays["weights"], arrays["table"])


def agree(
    typed: pd.DataFrame, codecs: Sequence[Codec], protect: ProtectSpec, rng: np.random.Generator
) -> tuple[tuple[Codec, ...], tuple[Agreement, ...]]:
    """The codecs, with made-up values where they are needed, and the agreements among them.

    Only columns whose rare values are replaced by frequent ones take part as sources, the finest
    first.
    """
    labels = {c.column.name: c for c in codecs if isinstance(c, CategoricalCodec)}
    codes = {name: codec.codes(typed) for name, codec in labels.items()}
    sources = [name for name in labels if (codes[name] < 0).any() and not labels[name].groups]
    raw = {n: factorize(typed[n], c.column)[0] + 1 for n, c in labels.items() if sources}
    found = []
    for name in sorted(sources, key=lambda name: -len(labels[name].values)):
        kept = codes[name] >= 0
        to = [n for n in labels if n != name and _determines(raw[name], raw[n])]
        to = [n for n in to if (codes[n][kept] >= 0).all()]
        if to and kept.any():
            seen = np.stack([codes[n] for n in to], axis=1)
            labels[name], agreement = _agreement(labels[name], typed, tuple(to), seen, protect, rng)
            found.append(agreement)
    return tuple(labels.get(c.column.name, c) for c in codecs), tuple(found)


def _determines(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether a's value fixes b's in all rows, far beyond chance; (n,) codes from 0."""
    for rows in (slice(GLANCE), slice(None)):  # most pairs are out at a glance
        pairs = np.unique(a[rows].astype(np.int64) * (int(b.max()) + 1) + b[rows])
        values = len(np.unique(a[rows]))
        if len(pairs) > values:
            return False
    different = 1.0 - float(np.sum((np.bincount(b) / len(b)) ** 2))
    return (len(a) - values) * different >= ENOUGH


def _agreement(
    codec: CategoricalCodec,
    typed: pd.DataFrame,
    to: tuple[str, ...],
    seen: np.ndarray,
    protect: ProtectSpec,
    rng: np.random.Generator,
) -> tuple[CategoricalCodec, Agreement]:
    """The agreement of one source, whose codec gets a made-up value for each combination without one.

    Args:
        seen: (n, len(to)) codes of the determined columns; -1 where they are hidden.
    """
    codes = codec.codes(typed)
    kept = len(codec.values)
    table = np.full((kept + codec.nullable, len(to)), -1, np.int32)
    table[codes[codes >= 0]] = seen[codes >= 0]
    hidden = seen[(codes < 0) & (seen >= 0).all(1)]
    combinations, counts = np.unique(hidden, axis=0, return_counts=True)
    new = [
        combination
        for combination, count in zip(combinations, counts, strict=True)
        if count >= protect.rare and not (table[:kept] == combination).all(1).any()
    ]
    weights = np.diff(codec.shares, prepend=0.0)
    if new:
        cells, values = factorize(typed[codec.column.name], codec.column)
        counts = np.bincount(cells[cells >= 0], minlength=len(values))
        rare = counts < protect.rare
        names = made_up(
            codec.column, values, np.where(rare, counts, 0), len(new), protect.rare, rng
        )
        hidden_counts = codec.hidden | {"placeholders": len(new)}
        codec = replace(codec, values=codec.values + names, hidden=hidden_counts)
        table = np.insert(table, kept, np.stack(new), axis=0)
        weights = np.append(weights, np.full(len(new), 1e-9))  # only where nothing else agrees
    weights = np.append(weights, np.zeros(int(codec.nullable)))
    return codec, Agreement(codec.column.name, to, weights, table)


def _agree(table: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Where codes are the wanted ones; -1 wants nothing."""
    return (table == wanted) | (wanted < 0)
