"""Rules over rows: which typed rows break the schema's constraints.

    rules = Rules.fit(schema, train)              # notes the combinations that occur
    broken = rules.broken(rows)                   # {"inequality start <= end": bool mask}

Sampling rejects broken rows and draws again, and counts both; the validity check counts what is
left in any table. Missing cells never break a rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from synthkit.errors import SchemaError
from synthkit.schema import Constraint, FixedCombinations, Inequality, Range, Schema, Unique


def label(constraint: Constraint) -> str:
    """A constraint in words, from its kind and column names only."""
    if isinstance(constraint, Inequality):
        return f"inequality {constraint.low} {'<' if constraint.strict else '<='} {constraint.high}"
    if isinstance(constraint, Range):
        return f"range of {constraint.column}"
    kind = "combinations of" if isinstance(constraint, FixedCombinations) else "unique"
    return f"{kind} {', '.join(constraint.columns)}"


def row_hashes(frame: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """(n,) uint64 hash of each row's values in these columns; equal rows have equal hashes."""
    return pd.util.hash_pandas_object(frame[list(columns)], index=False).to_numpy()


@dataclass(frozen=True)
class Rules:
    """The constraints of a schema, with what they remember of the training rows.

    Args:
        constraints: in the order of the schema.
        combinations: sorted hashes of the allowed rows, by position of the constraint.
    """

    constraints: tuple[Constraint, ...]
    combinations: dict[int, np.ndarray]

    @classmethod
    def fit(cls, schema: Schema, train: pd.DataFrame) -> Rules:
        """Learns the allowed combinations.

        Raises:
            SchemaError: an inequality between columns that cannot be compared.
        """
        for rule in schema.constraints:
            if isinstance(rule, Inequality):
                _require_comparable(schema, rule)
        combinations = {
            i: np.unique(row_hashes(train, rule.columns))
            for i, rule in enumerate(schema.constraints)
            if isinstance(rule, FixedCombinations)
        }
        return cls(schema.constraints, combinations)

    def broken(self, rows: pd.DataFrame) -> dict[str, np.ndarray]:
        """(n,) bool per constraint: True where the row breaks it."""
        return {label(rule): self._breaks(i, rule, rows) for i, rule in enumerate(self.constraints)}

    def _breaks(self, i: int, rule: Constraint, rows: pd.DataFrame) -> np.ndarray:
        if isinstance(rule, Inequality):
            low, high = rows[rule.low], rows[rule.high]
            worse = (low >= high) if rule.strict else (low > high)
        elif isinstance(rule, Range):
            values = rows[rule.column]
            worse = pd.Series(False, index=rows.index)
            if rule.min is not None:
                worse |= (values < rule.min).fillna(False).astype(bool)
            if rule.max is not None:
                worse |= (values > rule.max).fillna(False).astype(bool)
        elif isinstance(rule, FixedCombinations):
            worse = pd.Series(~np.isin(row_hashes(rows, rule.columns), self.combinations[i]))
        else:
            worse = rows.duplicated(subset=list(rule.columns))
        return worse.fillna(False).to_numpy(dtype=bool)


def _require_comparable(schema: Schema, rule: Inequality) -> None:
    low, high = schema[rule.low], schema[rule.high]
    numbers = ("integer", "real")
    if low.kind in numbers and high.kind in numbers:
        return
    if low.kind == high.kind and low.is_numeric:
        return
    raise SchemaError(
        f"'{low.name}' is {low.kind} and '{high.name}' is {high.kind}, which cannot be compared",
        where=label(rule),
        expected="two numbers, two datetimes or two durations",
        remedy="declare their kinds under schema.columns, or drop the constraint",
    )


def has_unique(schema: Schema) -> bool:
    """Whether a rule spans all rows, so that the output cannot be made shard by shard."""
    return any(isinstance(rule, Unique) for rule in schema.constraints)
