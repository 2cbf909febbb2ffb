"""``Columns``: a batch as the table that SDV learns, and back.

    columns = Columns.of(layout)
    table = columns.encode(batch, rng)     # name -> codes or normal scores, one array per column
    batch = columns.decode(table, rng)

A categorical field is one column of codes. A number is a normal score, standard normal over the
training rows, so that SDV has no shape to guess; where it has spikes or missing cells, a second column
of codes says which of them it is (``layout.to_states``), and its score is then drawn at random: there is
nothing to learn of it. So a repeated value stays exactly that value, as often as the codes are right.

With ``spikes=False`` a repeated value stays the stretch of scores that it owns. A Gaussian copula keeps
such a margin exactly, and keeps the order of the values, which codes would lose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from synthkit.errors import NotSupported
from synthkit.transforms.layout import (
    Batch,
    Categorical,
    Layout,
    Numeric,
    from_states,
    to_states,
    with_wide_spikes,
)

COVERED = 1e-9  # share of a number outside its spikes that is none


@dataclass(frozen=True)
class Column:
    """One column for SDV.

    Args:
        name: of our own making, so that nothing of the data is in it.
        size: number of codes; None for a score.
        ordered: neighbouring codes are neighbouring values.
    """

    name: str
    size: int | None = None
    ordered: bool = False


@dataclass(frozen=True)
class Columns:
    """The columns of all fields of a layout, in its order.

    Args:
        fields: of the layout, numbers without their spikes where these are left in the scores.
    """

    fields: tuple[Categorical | Numeric, ...]

    @classmethod
    def of(cls, layout: Layout, spikes: bool = True) -> Columns:
        """Raises ``NotSupported`` for fields that are neither categories nor numbers."""
        fields: list[Categorical | Numeric] = []
        for field in layout.fields:
            if isinstance(field, Numeric):
                fields.append(with_wide_spikes(field) if spikes else replace(field, spikes=()))
            elif isinstance(field, Categorical):
                fields.append(field)
            else:
                raise NotSupported(
                    f"SDV cannot learn a field of type {type(field).__name__}",
                    where=field.name,
                    expected="categories and numbers",
                )
        return cls(tuple(fields))

    def listed(self) -> tuple[Column, ...]:
        """All columns in order."""
        return tuple(column for i in range(len(self.fields)) for column in self._columns(i))

    def encode(self, batch: Batch, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """Codes (int32) and scores (float64) by column name."""
        table: dict[str, np.ndarray] = {}
        for i, field in enumerate(self.fields):
            if isinstance(field, Categorical):
                table[_code(i)] = batch[field.name].astype(np.int32)
                continue
            state, score = to_states(field, batch[field.name])
            idle = state != 0
            score[idle] = rng.standard_normal(int(idle.sum()))
            parts = {_code(i): state, _score(i): score}
            table |= {column.name: parts[column.name] for column in self._columns(i)}
        return table

    def decode(self, table: Mapping[str, np.ndarray], rng: np.random.Generator) -> Batch:
        """Inverse of ``encode``."""
        batch: Batch = {}
        for i, field in enumerate(self.fields):
            if isinstance(field, Categorical):
                batch[field.name] = table[_code(i)].astype(np.int32)
                continue
            n = len(table[self._columns(i)[0].name])
            state = table.get(_code(i), np.zeros(n, np.int32))
            score = table.get(_score(i), np.zeros(n))
            batch[field.name] = from_states(field, state, score, rng)
        return batch

    def _columns(self, i: int) -> list[Column]:
        field = self.fields[i]
        if isinstance(field, Categorical):
            return [Column(_code(i), field.size, field.ordered)]
        covered = sum(high - low for low, high in field.spikes) >= 1.0 - COVERED
        several = bool(field.spikes) or field.nullable
        codes = [Column(_code(i), len(field.spikes) + 2)] if several else []
        return codes + ([] if covered else [Column(_score(i))])


def _code(i: int) -> str:
    return f"f{i}.code"


def _score(i: int) -> str:
    return f"f{i}.score"
