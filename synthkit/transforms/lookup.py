"""A column that another determines (the constraint ``dependency``): no field, looked up afterwards.

Each value of the determining column has the cell that most training rows with it have, a missing
one included. A value is kept in the table only if ``protect.rare`` rows have this very pair. For
the others

* a number takes the cell of the nearest number that is kept;
* anything else, such as a made-up value in place of rare ones, is given a kept cell for good by a
  keyed hash, in proportion to the cells of the training rows that are not kept.

A row with a value that is not kept would be learned as any other value, and lose its own cell. It is
learned as a kept value that has the same cell, where there is one (``with_siblings``).

Training rows with another cell than the table's are counted in ``reason``; with too many of them
the constraint is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from synthkit.generators.base import State
from synthkit.recipe import ProtectSpec
from synthkit.schema import Column, Dependency, Schema
from synthkit.transforms.base import Rows, computed_cell, nested, part
from synthkit.transforms.categorical import listed
from synthkit.transforms.keyed_hash import keyed_hash, new_key
from synthkit.transforms.layout import Batch, Field
from synthkit.transforms.total import computed, refuse_if_many
from synthkit.transforms.values import factorize
from synthkit.transforms.vocabulary import Vocabulary


@dataclass(frozen=True)
class LookupCodec:
    """One column as a table over another.

    Args:
        column: the determined column.
        source: the determining one.
        keys: its kept values.
        cells: cells of the determined column.
        frequency: (keys,) number of training rows with each key.
        table: (keys + 1,) code of each key's cell, -1 for missing; the last for a missing source.
        shares: (cells + 1,) cumulative shares among rows without a key; the last one is missing.
        key: of the hash that gives unknown values a cell.
        different: training rows that the table does not fit.
        hidden: counts of rows without a key.
    """

    kind: ClassVar[str] = "lookup"
    fields: ClassVar[tuple[Field, ...]] = ()
    column: Column
    source: Column
    keys: Vocabulary
    cells: Vocabulary
    frequency: np.ndarray
    table: np.ndarray
    shares: np.ndarray
    key: str
    different: int
    hidden: dict[str, int]

    @classmethod
    def fit(
        cls,
        typed: pd.DataFrame,
        schema: Schema,
        rule: Dependency,
        protect: ProtectSpec,
        rng: np.random.Generator,
    ) -> LookupCodec:
        """Learns the table.

        Raises:
            ConstraintError: more than 5 % of the training rows do not fit it.
        """
        keys, source = Vocabulary.of(typed[rule.source], schema[rule.source])
        cells, to = Vocabulary.of(typed[rule.to], schema[rule.to])
        n_keys, n_cells = len(keys.values) + 1, len(cells.values) + 1
        source, to = np.where(source < 0, n_keys - 1, source), np.where(to < 0, n_cells - 1, to)
        pairs, counts = np.unique(source.astype(np.int64) * n_cells + to, return_counts=True)
        order = np.argsort(counts, kind="stable")  # the most frequent pair of a key comes last
        table, best = np.full(n_keys, n_cells - 1), np.zeros(n_keys, np.int64)
        table[pairs[order] // n_cells] = pairs[order] % n_cells
        best[pairs[order] // n_cells] = counts[order]
        different = int((table[source] != to).sum())
        refuse_if_many(different, len(typed), schema, rule)

        kept = best >= max(protect.rare, 1)
        frequent = np.bincount(to, minlength=n_cells) >= max(protect.rare, 1)
        frequent[-1] = True  # missing is no value
        hidden = ~kept[source]
        weights = np.bincount(to[hidden & frequent[to]], minlength=n_cells).astype(float)
        if not weights.sum():
            weights = np.bincount(to[frequent[to]], minlength=n_cells).astype(float)
        used = frequent & (np.bincount(table[kept], minlength=n_cells) + weights > 0)
        used[-1] = True
        new = np.cumsum(used) - 1
        positions = np.flatnonzero(used)[:-1]
        codes = np.where(kept, new[table], len(positions))
        codes = np.append(codes[:-1][kept[:-1]], codes[-1])
        shares = np.cumsum(weights[used]) / max(weights.sum(), 1.0)
        known = cells.taken(positions)
        column = schema[rule.to]
        if column.categories:
            names = listed(column, set(known.values), protect.rare)
            column = column.model_copy(update={"categories": names, "unused": ()})
        return cls(
            column,
            _without_values(schema[rule.source]),
            keys.taken(np.flatnonzero(kept[:-1])),
            known,
            best[:-1][kept[:-1]],
            np.where(codes == len(positions), -1, codes),
            shares,
            new_key(rng),
            different,
            {"rare_pairs": int((~kept[:-1]).sum()), "rare_rows": int(hidden.sum())}
            if hidden.any()
            else {},
        )

    @property
    def sources(self) -> tuple[str, ...]:
        """The determining column."""
        return (self.source.name,)

    @property
    def reason(self) -> str:
        """That it is computed."""
        return computed("what goes with", self.sources, self.different)

    def transform(self, typed: pd.DataFrame, rng: np.random.Generator) -> Batch:
        """No field."""
        return {}

    def with_siblings(self, typed: pd.DataFrame, rng: np.random.Generator) -> pd.Series:
        """The determining column, its values that are not kept replaced by kept ones.

        One with the same cell of this column is drawn, in proportion to their rows; where no kept
        value has it, or the values are numbers, nothing changes.
        """
        source = typed[self.source.name]
        place = self.keys.codes(source)
        cells = self.cells.codes(typed[self.column.name])
        strange = (place < 0) & source.notna().to_numpy(bool) & (cells >= 0)
        for cell in np.unique(cells[strange]):
            siblings = np.flatnonzero(self.table[:-1] == cell)
            if len(siblings):
                rows = np.flatnonzero(strange & (cells == cell))
                weights = self.frequency[siblings] / self.frequency[siblings].sum()
                place[rows] = rng.choice(siblings, len(rows), p=weights)
        changed = strange & (place >= 0)
        result = source.copy()
        result[changed] = self.keys.cells(place[changed]).to_numpy()
        return result

    def measure(self, typed: pd.DataFrame) -> tuple[Batch, np.ndarray]:
        """No field: what is computed has no density of its own."""
        return {}, np.zeros(len(typed))

    def inverse_transform(self, batch: Batch, rows: Rows, rng: np.random.Generator) -> pd.Series:
        """The cell of each row's determining value."""
        source = rows.cells[self.source.name]
        place = self.keys.codes(source)
        codes = self.table[place]
        unknown = (place < 0) & source.notna().to_numpy(bool)
        if unknown.any():
            codes = np.where(unknown, self._for_good(source), codes)
        return self.cells.cells(codes)

    def _for_good(self, source: pd.Series) -> np.ndarray:
        """(n,) a code by hash of the value, so that equal values get equal cells."""
        codes, values = factorize(source, self.source)
        uniform = (keyed_hash(values, self.key) >> np.uint64(11)) / 2.0**53
        drawn = np.searchsorted(self.shares[:-1], uniform, side="right")
        drawn = np.where(drawn == len(self.cells.values), -1, drawn)
        return np.append(drawn, -1)[codes]

    def cell(self, value: object) -> object:
        """No value can be asked for."""
        raise computed_cell(self.column, self.sources)

    def state(self) -> State:
        """Keys, cells and the table, in arrays."""
        keys, cells = self.keys.state(), self.cells.state()
        meta = {
            "source": self.source.model_dump(mode="json"),
            "keys": keys.meta,
            "cells": cells.meta,
            "key": self.key,
            "different": self.different,
            "hidden": self.hidden,
        }
        arrays = {"frequency": self.frequency, "table": self.table, "shares": self.shares}
        return State(meta, arrays | nested("keys", keys).arrays | nested("cells", cells).arrays)

    @classmethod
    def from_state(cls, column: Column, state: State) -> LookupCodec:
        """Inverse of ``state``."""
        meta, arrays = state.meta, state.arrays
        source = Column.model_validate(meta["source"])
        return cls(
            column,
            source,
            Vocabulary.from_state(source, part("keys", meta["keys"], arrays)),
            Vocabulary.from_state(column, part("cells", meta["cells"], arrays)),
            arrays["frequency"],
            arrays["table"],
            arrays["shares"],
            meta["key"],
            meta["different"],
            meta["hidden"],
        )


def _without_values(column: Column) -> Column:
    """What tells how a column's cells read, and none of them."""
    return Column(name=column.name, kind=column.kind, decimals=column.decimals, zone=column.zone)
