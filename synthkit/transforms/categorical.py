"""Categories, ordinals, booleans and constants: one field of codes.

**Order.** Declared order for an ordinal, False before True for a boolean, otherwise by descending
frequency (ties by their text). A missing cell is the last code.

**Rare values** (seen in fewer than ``protect.rare`` rows) are never stored. A row with a rare or
unseen value gets

* for an ordinal, the kept value nearest in the declared order;
* else a kept value drawn in proportion to its frequency, if kept values cover at least half of
  the rows (among those that go with the rest of the row, see ``agreement``);
* else a *placeholder*: the hidden values are put into groups by a keyed hash, as many as still
  leave ``rare`` rows in each, and every group is one code with a made-up value (a name for names,
  else text of the same shape).
  A column of names thus stays a column of many names.

The values of a boolean are kept however rare: everybody knows them.

**The list of a categorical dtype** comes out whole if every category that some row has is kept.
Otherwise only the kept ones are named: a category without rows may be the remnant of rows that
somebody filtered out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from synthkit.errors import SchemaError
from synthkit.generators.base import State
from synthkit.recipe import ProtectSpec
from synthkit.schema import Column
from synthkit.transforms.base import Rows, nested, never, part, typed_dtype
from synthkit.transforms.keyed_hash import keyed_hash, new_key
from synthkit.transforms.layout import Batch, Categorical, Field
from synthkit.transforms.placeholder import made_up
from synthkit.transforms.values import factorize, pack, plain, unpack

COVERED = 0.5  # with kept values covering less, rare rows become placeholders


@dataclass(frozen=True)
class CategoricalCodec:
    """One column of values as one field of codes.

    Args:
        values: kept values, then placeholders; the code is the position.
        shares: (kept,) cumulative share of the kept values, for drawing one.
        groups: number of placeholders.
        key: 16 characters that key the hash of hidden values into groups.
        nullable: whether missing cells were seen in training.
    """

    kind: ClassVar[str] = "categorical"
    reason: ClassVar[str | None] = None
    column: Column
    values: list[Any]
    shares: np.ndarray
    groups: int
    key: str
    nullable: bool
    hidden: dict[str, int]

    @classmethod
    def fit(
        cls, typed: pd.DataFrame, column: Column, protect: ProtectSpec, rng: np.random.Generator
    ) -> CategoricalCodec:
        """Learns a column with at least one cell that is not missing."""
        codes, values = factorize(typed[column.name], column)
        present = codes[codes >= 0]
        counts = np.bincount(present, minlength=len(values))
        key = new_key(rng)
        rare = counts < protect.rare
        if column.kind == "boolean":
            rare[:] = False
        kept = np.array(_ordered(values, counts, column, np.flatnonzero(~rare)), int)
        groups = 0
        covered = counts[kept].sum() >= COVERED * len(present)
        if not len(kept) or not (covered or column.order):
            hidden_values = [values[i] for i in np.flatnonzero(rare)]
            groups = _groups(hidden_values, counts[rare], key, protect.rare, bool(len(kept)))
        made: list[Any] = []
        if groups:
            made = made_up(column, values, np.where(rare, counts, 0), groups, protect.rare, rng)
        named = listed(column, {values[i] for i in kept}, protect.rare)
        hidden = {
            "rare_categories": int(rare.sum()),
            "rare_rows": int(counts[rare].sum()),
            "placeholders": groups,
            "unlisted_categories": len(column.categories) - len(named),
        }
        return cls(
            column.model_copy(update={"categories": named, "unused": ()}),
            [values[i] for i in kept] + made,
            np.cumsum(counts[kept]) / max(counts[kept].sum(), 1),
            groups,
            key,
            len(present) < len(codes),
            {name: count for name, count in hidden.items() if count},
        )

    @property
    def fields(self) -> tuple[Field, ...]:
        """One ``Categorical``."""
        size = len(self.values) + self.nullable
        ordered = self.column.kind in ("ordinal", "boolean")
        return (Categorical("", size, ordered, size - 1 if self.nullable else None),)

    def codes(self, typed: pd.DataFrame) -> np.ndarray:
        """(n,) int32 codes; -1 where one is to be drawn for a rare or unseen value.

        A missing cell never seen in training is such a value.
        """
        codes, values = factorize(typed[self.column.name], self.column)
        position = {value: code for code, value in enumerate(self.values)}
        known = np.array([position.get(value, -1) for value in values] + [-1])
        for i, value in enumerate(values):
            if known[i] < 0:
                known[i] = self._substitute(value)
        result = known[codes].astype(np.int32)
        if self.nullable:
            result[codes < 0] = len(self.values)
        return result

    def transform(self, typed: pd.DataFrame, rng: np.random.Generator) -> Batch:
        """Codes, drawn ones included."""
        result = self.codes(typed)
        unknown = result < 0
        if unknown.any():
            result[unknown] = self._draw(int(unknown.sum()), rng)
        return {"": result}

    def measure(self, typed: pd.DataFrame) -> tuple[Batch, np.ndarray]:
        """The code of a cell with one of its own.

        A hidden value has an equal part of its group's; a value that others stand for has none.
        """
        codes, values = factorize(typed[self.column.name], self.column)
        position = {value: code for code, value in enumerate(self.values)}
        known = np.array([position.get(value, -1) for value in values] + [-1])
        log = never(known < 0)
        log[-1] = 0.0 if self.nullable else -np.inf
        for i, value in enumerate(values):
            if known[i] < 0 and self.groups and not self.column.order:
                known[i] = self._substitute(value)
                log[i] = -np.log(max(self.hidden.get("rare_categories", 1) / self.groups, 1.0))
        known[-1] = len(self.values) if self.nullable else 0
        return {"": np.maximum(known, 0)[codes].astype(np.int32)}, log[codes]

    def inverse_transform(self, batch: Batch, rows: Rows, rng: np.random.Generator) -> pd.Series:
        """Values of the codes."""
        cells = np.empty(len(self.values) + 1, object)
        cells[:-1] = self.values
        table = pd.array(cells, dtype=typed_dtype(self.column))
        return pd.Series(table.take(batch[""]))

    def cell(self, value: object) -> object:
        """The learned category that a user's value names, directly or by its text."""
        names = {str(known): known for known in self.values}
        if value in self.values:
            return value
        if self.column.kind == "boolean":
            names |= {str(self.column.true): True, str(self.column.false): False}
        if str(value) in names:
            return names[str(value)]
        raise SchemaError(
            "the given value is not a category learned in training",
            where=self.column.name,
            expected=f"one of its {len(self.values)} learned categories",
            remedy="spell it as the data does; rare categories are not learned",
        )

    def state(self) -> State:
        """Values and shares in arrays."""
        meta = {
            "groups": self.groups,
            "key": self.key,
            "nullable": self.nullable,
            "hidden": self.hidden,
        }
        values = nested("values", State({}, pack(self.values)))
        return State(meta, {"shares": self.shares, **values.arrays})

    @classmethod
    def from_state(cls, column: Column, state: State) -> CategoricalCodec:
        """Inverse of ``state``."""
        values = unpack(part("values", {}, state.arrays).arrays)
        return cls(column, values, state.arrays["shares"], **state.meta)

    def _draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        if not len(self.shares):
            return rng.integers(len(self.values), size=n)
        return np.searchsorted(self.shares[:-1], rng.random(n), side="right")

    def _substitute(self, value: Any) -> int:
        """The code for a rare or unseen value; -1 where it is drawn."""
        order = [plain(v, self.column.name) for v in self.column.order]
        if value in order and len(self.shares):
            place = order.index(value)
            return min(
                range(len(self.shares)),
                key=lambda code: abs(_position(order, self.values[code]) - place),
            )
        if self.groups:
            return len(self.shares) + int(keyed_hash([value], self.key)[0] % np.uint64(self.groups))
        return -1


def _ordered(values: list[Any], counts: np.ndarray, column: Column, kept: np.ndarray) -> list[int]:
    """The kept positions in the order of their codes."""
    if column.kind == "boolean":
        return sorted(kept, key=lambda i: bool(values[i]))
    order = [plain(v, column.name) for v in column.order]
    return sorted(
        kept,
        key=lambda i: (
            _position(order, values[i]),
            -counts[i],
            type(values[i]).__name__,
            str(values[i]),
        ),
    )


def _position(order: list[Any], value: Any) -> int:
    return order.index(value) if value in order else len(order)


def listed(column: Column, kept: set[Any], rare: int) -> tuple[Any, ...]:
    """The categories of the dtype that the output may name."""
    used = [v for i, v in enumerate(column.categories) if i not in set(column.unused)]
    if rare == 0 or kept.issuperset(used):
        return column.categories
    return tuple(value for value in column.categories if value in kept)


def _groups(values: list[Any], counts: np.ndarray, key: str, rare: int, some_kept: bool) -> int:
    """The largest tried number of hash groups with ``rare`` rows in each of them.

    0 if even a single group has too few rows and there are kept values to draw instead.
    """
    hashes = keyed_hash(values, key)
    groups = int(counts.sum()) // (2 * rare)
    while groups > 1:
        sizes = np.bincount(hashes % np.uint64(groups), weights=counts, minlength=groups)
        if sizes.min() >= rare:
            return groups
        groups = int(groups * 0.9)
    return 0 if some_kept and counts.sum() < rare else 1
