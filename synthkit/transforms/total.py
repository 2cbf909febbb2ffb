"""A column that is the sum of others (the constraint ``sum``): no field, added up after decoding.

The total is missing exactly where one of its parts is. Training rows in which it is otherwise, or
another number, are counted in ``reason``; with too many of them the constraint is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd

from synthkit.constraints.sums import deviation
from synthkit.counts import counted
from synthkit.errors import ConstraintError
from synthkit.generators.base import State
from synthkit.schema import Column, Constraint, Schema, Sum
from synthkit.transforms.axis import LARGEST, Axis
from synthkit.transforms.base import Rows, computed_cell
from synthkit.transforms.layout import Batch, Field
from synthkit.typed import to_numbers

ROUNDING = 1e-9  # relative; a total with fewer digits than its parts is no sum of them any more
MAX_DIFFERENT = 0.05  # share of training rows that may break a rule which is built in


@dataclass(frozen=True)
class TotalCodec:
    """One column as the sum of its ``sources``."""

    kind: ClassVar[str] = "total"
    column: Column
    sources: tuple[str, ...]
    axis: Axis
    different: int
    fields: tuple[Field, ...] = ()
    hidden: dict[str, int] = field(default_factory=dict)

    @classmethod
    def fit(cls, typed: pd.DataFrame, schema: Schema, rule: Sum) -> TotalCodec:
        """Counts the training rows that differ.

        Raises:
            ConstraintError: more than 5 % of the training rows do.
        """
        cells = typed[rule.total]
        distance, tolerance = deviation(schema, rule, typed)
        absent = typed[list(rule.parts)].isna().any(axis=1).to_numpy()
        different = (distance > tolerance) | (cells.isna().to_numpy() != absent)
        refuse_if_many(int(different.sum()), len(typed), schema, rule)
        column = schema[rule.total]
        return cls(column, rule.parts, Axis.of(column, cells), int(different.sum()))

    @property
    def reason(self) -> str:
        """That it is computed."""
        return computed("the sum of", self.sources, self.different)

    def transform(self, typed: pd.DataFrame, rng: np.random.Generator) -> Batch:
        """No field."""
        return {}

    def measure(self, typed: pd.DataFrame) -> tuple[Batch, np.ndarray]:
        """No field: what is computed has no density of its own."""
        return {}, np.zeros(len(typed))

    def inverse_transform(self, batch: Batch, rows: Rows, rng: np.random.Generator) -> pd.Series:
        """The sum of the decoded parts, on the column's own grid."""
        parts = [rows.cells[name] for name in self.sources]
        missing = np.any([part.isna().to_numpy(bool) for part in parts], axis=0)
        added = np.where(missing, 0.0, np.sum([to_numbers(part) for part in parts], axis=0))
        if not self.axis.whole:
            rounded = self.axis.rounded(added)
            close = np.isclose(rounded, added, rtol=ROUNDING, atol=0.0)
            return self.axis.cells(np.where(close, rounded, added), missing)
        ticks = np.rint(added * 10.0 ** (self.axis.decimals or 0))
        return self.axis.cells(np.clip(ticks, -LARGEST, LARGEST).astype(np.int64), missing)

    def cell(self, value: object) -> object:
        """No value can be asked for."""
        raise computed_cell(self.column, self.sources)

    def state(self) -> State:
        """The grid."""
        meta = {
            "sources": list(self.sources),
            "axis": self.axis.state(),
            "different": self.different,
        }
        return State(meta)

    @classmethod
    def from_state(cls, column: Column, state: State) -> TotalCodec:
        """Inverse of ``state``."""
        axis = Axis.from_state(state.meta["axis"])
        return cls(column, tuple(state.meta["sources"]), axis, state.meta["different"])


def computed(how: str, sources: tuple[str, ...], different: int) -> str:
    """The reason why a column is not learned, with the training rows that the rule does not fit."""
    names = ", ".join(f"'{name}'" for name in sources)
    differ = f"{counted(different, 'training row')} differ{'s' * (different == 1)}"
    but = f"; {differ} from it" if different else ""
    return f"it is computed as {how} {names}{but}"


def refuse_if_many(different: int, rows: int, schema: Schema, rule: Constraint) -> None:
    """Raises ``ConstraintError`` for a rule that the training rows do not keep."""
    if different > MAX_DIFFERENT * rows:
        raise ConstraintError(
            f"{different:,} of {rows:,} training rows do not keep this rule",
            where=rule.label,
            expected=f"at most {MAX_DIFFERENT:.0%} of them; a cell missing on one side counts too",
            remedy="name all columns it takes, mend the rows, or drop the constraint",
            at=schema.place(rule),
        )
