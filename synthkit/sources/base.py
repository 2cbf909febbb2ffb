"""What a source is: something that reads a table exactly as it is stored.

A source interprets nothing. Delimited text stays text: every cell is a string, an absent one is
``""``, and whether ``?`` means missing is decided later, by ``columns``. Typed formats keep their
types. What the source had to decide or leave out is said in ``Origin.notices``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from pydantic import Field

from synthkit.dialect import Dialect
from synthkit.recipe import SourceSpec
from synthkit.schema import Frozen

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class Origin(Frozen):
    """Where rows came from, without a value of them; goes into the manifest.

    Args:
        dialect: how they are stored.
        files: names of the files without their folders; empty for a frame or a database.
        rows_total: rows that the source holds.
        rows_read: rows in the frame, at most ``SourceSpec.max_rows``.
        sha256: hash of the stored bytes; of the rows read where there is no file.
        notices: sentences that a user should see.
        said_of: notice to the names of the files that it is said of, for the user's eyes: a file may be
            named after a person, so no manifest has them.
    """

    dialect: Dialect
    files: tuple[str, ...] = ()
    rows_total: int
    rows_read: int
    sha256: str
    notices: tuple[str, ...] = ()
    said_of: dict[str, tuple[str, ...]] = Field(default_factory=dict, exclude=True)


@dataclass(frozen=True)
class RawTable:
    """A table as stored.

    Args:
        frame: unique string column names in file order, a fresh RangeIndex, at least one row.
            Delimited text: all columns ``string[pyarrow]`` without a missing cell. Other formats:
            their own types as pandas dtypes (``Int64`` and ``boolean`` where cells are missing);
            a column that mixes types holds Python objects.
        origin: where it came from.
    """

    frame: pd.DataFrame
    origin: Origin


@runtime_checkable
class Source(Protocol):
    """Reads one kind of storage. ``base`` is the folder that relative paths are searched from."""

    def read(self, spec: SourceSpec, base: Path, rng: np.random.Generator) -> RawTable:
        """All rows, or an even random sample of ``spec.max_rows`` of them in stored order.

        Raises:
            SourceError: the data cannot be read; the message holds no cell value.
        """

    def header(self, spec: SourceSpec, base: Path) -> list[str] | None:
        """The column names alone, without reading the rows; None if that is not possible.

        Imports neither pandas nor torch.
        """
