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

from synthkit.constraints.quasi_identifiers import QuasiIdentifiers
from synthkit.constraints.reasons import Reason
from synthkit.constraints.sums import deviation
from synthkit.errors import SchemaError
from synthkit.pictures import hashable
from synthkit.schema import (
    Constraint,
    Dependency,
    FixedCombinations,
    Inequality,
    Range,
    Schema,
    Sum,
    Unique,
)
from synthkit.soundness.misfits import misfit


def row_hashes(frame: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """(n,) uint64 hash of each row's values in these columns; equal rows have equal hashes."""
    return pd.util.hash_pandas_object(hashable(frame[list(columns)]), index=False).to_numpy()


@dataclass(frozen=True)
class Rules:
    """Rules over rows, with what they remember of the training rows.

    Args:
        schema: of the rows.
        rules: in the order of the schema's constraints.
        combinations: by position of the rule, sorted hashes of the allowed rows; of a dependency
            (2, k) hashes of its ``from`` values, sorted, and of the most frequent pair of each.
        common: combinations of quasi-identifiers that rows must have, the last of the reasons.
    """

    schema: Schema
    rules: tuple[Constraint, ...]
    combinations: dict[int, np.ndarray]
    common: QuasiIdentifiers | None = None

    @classmethod
    def fit(
        cls,
        schema: Schema,
        train: pd.DataFrame,
        rules: Sequence[Constraint] | None = None,
        rare: int = 0,
    ) -> Rules:
        """Learns the allowed combinations.

        Args:
            schema: of the table.
            train: typed rows.
            rules: the schema's constraints when left out.
            rare: pairs of a dependency in fewer rows are not remembered.

        Raises:
            SchemaError: a rule over columns of kinds that it cannot hold for.
        """
        chosen = tuple(schema.constraints if rules is None else rules)
        kinds = {column.name: column.kind for column in schema.columns}
        combinations: dict[int, np.ndarray] = {}
        for i, rule in enumerate(chosen):
            if found := misfit(rule, kinds):
                raise SchemaError(
                    found.what, where=rule.label, expected=found.expected, remedy=found.remedy
                )
            if isinstance(rule, FixedCombinations):
                combinations[i] = np.unique(row_hashes(train, rule.columns))
            elif isinstance(rule, Dependency):
                combinations[i] = _most_frequent(rule, train, rare)
        return cls(schema, chosen, combinations)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why rows are rejected, in the order of ``each_broken``."""
        rules = [
            Reason(rule.label, self._place(rule), rule.columns, isinstance(rule, Unique))
            for rule in self.rules
        ]
        return (*rules, self.common.reason) if self.common else tuple(rules)

    def broken(self, rows: pd.DataFrame) -> dict[str, np.ndarray]:
        """(n,) bool per label: True where the row breaks the rule, or one of several of that label."""
        broken: dict[str, np.ndarray] = {}
        for reason, worse in zip(self.reasons, self.each_broken(rows), strict=True):
            name = reason.label  # two ranges of one column share it
            broken[name] = broken[name] | worse if name in broken else worse
        return broken

    def each_broken(self, rows: pd.DataFrame) -> np.ndarray:
        """(reasons, n) bool, True where the row breaks the rule."""
        masks = [self._breaks(i, rule, rows) for i, rule in enumerate(self.rules)]
        if self.common:
            masks.append(self.common.broken(rows))
        return np.array(masks, bool).reshape(len(masks), len(rows))

    def _place(self, rule: Constraint) -> tuple[str | int, ...]:
        """The keys that lead to a rule in a recipe; none for one that was found, not declared."""
        return self.schema.place(rule) if rule in self.schema.constraints else ()

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
        elif isinstance(rule, Sum):
            distance, tolerance = deviation(self.schema, rule, rows)
            worse = pd.Series(distance > tolerance)
        elif isinstance(rule, Dependency):
            worse = pd.Series(_departs(rule, rows, self.combinations[i]))
        else:
            worse = rows.duplicated(subset=list(rule.columns))
        return worse.fillna(False).to_numpy(dtype=bool)


def _most_frequent(rule: Dependency, train: pd.DataFrame, rare: int) -> np.ndarray:
    """(2, k) hashes of the ``from`` values of rows with both cells, and of their usual pairs.

    A value counts if most of its rows have the same pair.
    """
    both = train[train[rule.source].notna() & train[rule.to].notna()]
    seen = pd.DataFrame(
        {
            "source": row_hashes(both, [rule.source]),
            "pair": row_hashes(both, [rule.source, rule.to]),
        }
    )
    counts = seen.value_counts().rename("n").reset_index()
    best = counts.sort_values(["source", "n"]).drop_duplicates("source", keep="last")
    most = best["n"] > best["source"].map(seen["source"].value_counts()) / 2
    best = best[most & (best["n"] >= rare)]
    return best[["source", "pair"]].to_numpy(np.uint64).T


def _departs(rule: Dependency, rows: pd.DataFrame, usual: np.ndarray) -> np.ndarray:
    """(n,) bool: both cells are there, the ``from`` value is known, and the pair is not its usual one."""
    if not usual.shape[1]:
        return np.zeros(len(rows), bool)
    source = row_hashes(rows, [rule.source])
    place = np.minimum(np.searchsorted(usual[0], source), usual.shape[1] - 1)
    known = (usual[0][place] == source) & (rows[rule.source].notna() & rows[rule.to].notna())
    return known.to_numpy(bool) & (usual[1][place] != row_hashes(rows, [rule.source, rule.to]))


def has_unique(schema: Schema) -> bool:
    """Whether a rule spans all rows, so that the output cannot be made shard by shard."""
    return any(isinstance(rule, Unique) for rule in schema.constraints)
