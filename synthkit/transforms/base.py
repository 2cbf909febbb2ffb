"""What a column codec is: the protocol that ``TableEncoder`` drives, one file per codec.

A codec owns one column of the typed table. It knows neither the names of fields in the whole
layout nor any other codec: its fields carry local names (``""``, ``"day"``, ``"number"``) that the
table makes unique. Codecs are data once fitted: ``state()`` holds every value they learned in
arrays, and the metadata holds settings and sizes only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import numpy as np
import pandas as pd

from synthkit.errors import SchemaError
from synthkit.generators.base import State
from synthkit.schema import Column
from synthkit.transforms.layout import Batch, Field


@dataclass
class Rows:
    """The rows being decoded, for the codecs that need more than their own fields.

    Args:
        n: number of rows.
        start: number of rows produced before these, so that identifiers stay unique over shards.
        cells: the typed columns decoded so far, by column name.
    """

    n: int
    start: int = 0
    cells: dict[str, pd.Series] = field(default_factory=dict)


class Codec(Protocol):
    """One column's encoding. Each codec has its own ``fit``, named in ``TableEncoder``.

    Attributes:
        kind: name of the codec in a stored state.
        fields: the layout fields with local names; none for a column without anything to learn.
        hidden: counts of what was kept from the generator, such as ``{"extreme_rows": 10}``.
        reason: why the column's values are not learned; None for a modelled column.
    """

    kind: ClassVar[str]

    @property
    def column(self) -> Column: ...

    @property
    def fields(self) -> tuple[Field, ...]: ...

    @property
    def hidden(self) -> dict[str, int]: ...

    @property
    def reason(self) -> str | None: ...

    def transform(self, typed: pd.DataFrame, rng: np.random.Generator) -> Batch:
        """The fields of all rows, by local name. Takes values that ``fit`` never saw."""

    def measure(self, typed: pd.DataFrame) -> tuple[Batch, np.ndarray]:
        """The fields of all rows without any draw, and what turns their density into the cell's.

        Returns:
            The fields, with the middle of a value's stretch in place of a random place in it; and
            (n,) log of the stretch of the fields that a cell owns: its width, or, for real numbers,
            its width per unit of the column. -inf for a cell that never comes out of decoding.
        """

    def inverse_transform(self, batch: Batch, rows: Rows, rng: np.random.Generator) -> pd.Series:
        """The typed column of ``rows.n`` rows."""

    def cell(self, value: object) -> object:
        """A user's value as a typed cell; ``SchemaError`` if the column never takes it."""

    def state(self) -> State: ...

    @classmethod
    def from_state(cls, column: Column, state: State) -> Codec: ...


DTYPES = {
    "integer": "Int64",
    "real": "float64",
    "boolean": "boolean",
    "datetime": "datetime64[us]",
    "duration": "timedelta64[us]",
}  # object for every other kind, as in synthkit.schema


def typed_dtype(column: Column) -> str:
    """The pandas dtype of a column of the typed table."""
    if column.kind == "datetime" and column.zone is not None:
        return "datetime64[us, UTC]"
    return DTYPES.get(column.kind, "object")


def repeat(cell: object, n: int, column: Column) -> pd.Series:
    """A typed column of n equal cells; a missing one for ``cell`` None."""
    return pd.Series([cell], dtype=typed_dtype(column)).repeat(n).reset_index(drop=True)


def never(rows: np.ndarray) -> np.ndarray:
    """(n,) log of the stretch of cells that own a whole code: 0, or -inf in the rows never made."""
    return np.where(rows, -np.inf, 0.0)


def unmodelled_cell(column: Column, reason: str) -> SchemaError:
    """The error for a value asked of a column that generators do not learn."""
    return SchemaError(
        f"cannot be given a value: {reason}",
        where=column.name,
        remedy="give values of columns that are modelled",
    )


def computed_cell(column: Column, sources: tuple[str, ...]) -> SchemaError:
    """The error for a value asked of a column that is computed from others."""
    names = ", ".join(f"'{name}'" for name in sources)
    return SchemaError(
        f"cannot be given a value: it is computed from {names}",
        where=column.name,
        remedy=f"give {'a value' if len(sources) == 1 else 'values'} of {names} instead",
    )


def nested(prefix: str, state: State) -> State:
    """A part's state with its array names under ``prefix/``, to be merged into its owner's."""
    return State(state.meta, {f"{prefix}/{name}": a for name, a in state.arrays.items()})


def part(prefix: str, meta: dict, arrays: dict[str, np.ndarray]) -> State:
    """Inverse of ``nested``: the state of one part out of its owner's arrays."""
    start = f"{prefix}/"
    return State(meta, {k[len(start) :]: a for k, a in arrays.items() if k.startswith(start)})
