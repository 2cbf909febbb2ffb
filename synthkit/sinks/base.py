"""What a file sink is: something that writes one frame as one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from synthkit.dialect import Dialect

if TYPE_CHECKING:
    import pandas as pd


@runtime_checkable
class FileSink(Protocol):
    """Writes one format. Atomicity and the errors of the file system are ``write_shard``'s."""

    def write(self, frame: pd.DataFrame, path: Path, dialect: Dialect) -> None:
        """Writes all rows of a frame, whose columns have unique string names.

        Args:
            frame: rows in raw form.
            path: file to create or replace.
            dialect: spelling of the real table; a sink takes from it what its format has.

        Raises:
            FormatError: cells that the format cannot hold; the message names the column, no value.
            OSError: as the file system says.
        """
