"""A table beside images: ``file_name`` names the image, all other columns are known of it.

    known = read(folder / "metadata.csv", names)
    known.names, known.columns      # the images that have a row, and their rows

Images without a row and rows without an image are left out and named. The table is read by its own
source, so that delimited text stays text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from synthkit.counts import counted, counted_are, few
from synthkit.dialect import Dialect
from synthkit.errors import SourceError
from synthkit.recipe import IMAGE, SourceSpec
from synthkit.sources.images.album import Remarks

if TYPE_CHECKING:
    import pandas as pd

NAMES = ("metadata.csv", "metadata.parquet", "metadata.jsonl")
FILE_NAME = "file_name"
ALL_ROWS = 2**62


@dataclass(frozen=True)
class Known:
    """What a table says of images.

    Args:
        names: paths of the images that have a row, in the order of the rows.
        columns: the rows, without ``file_name``.
        dialect: how the table is stored.
        remarks: what was left out.
    """

    names: list[str]
    columns: pd.DataFrame
    dialect: Dialect
    remarks: Remarks


def table_of(folder: Path) -> Path | None:
    """The table at the top of a folder, if there is one."""
    return next((folder / name for name in NAMES if (folder / name).is_file()), None)


def header(table: Path) -> list[str] | None:
    """The columns beside ``file_name``; None where they cannot be had without reading the rows."""
    from synthkit.sources import read_header

    names = read_header(_spec(table), table.parent)
    if names is not None:
        _check_names(names, table)
        names = [name for name in names if name != FILE_NAME]
    return names


def read(table: Path, names: list[str]) -> Known:
    """The rows of a table whose image is there.

    Args:
        table: the file.
        names: paths of the images below its folder.

    Raises:
        SourceError: the table cannot be read, lacks ``file_name``, has a column ``image``, names an
            image twice, or names none that is there.
    """
    import numpy as np

    from synthkit.sources import read_table

    raw = read_table(_spec(table), table.parent, np.random.default_rng(0))
    _check_names(list(raw.frame.columns), table)
    cells = raw.frame[FILE_NAME]
    files = [
        "" if absent else _path(cell)
        for cell, absent in zip(cells.tolist(), cells.isna().tolist(), strict=True)
    ]
    there = set(names)
    found = [file in there for file in files]
    _refuse_repeated([file for file, is_there in zip(files, found, strict=True) if is_there], table)
    lost = [
        file or "(no name)" for file, is_there in zip(files, found, strict=True) if not is_there
    ]
    unknown = sorted(there.difference(files))
    if not any(found):
        raise SourceError(
            f"{counted(len(files), 'row')}, and none of their files is there: {few(lost)}",
            where=table,
            expected="paths from the folder of the table, such as cats/1.png",
            remedy="repair the column file_name",
        )
    remarks: dict[str, list[str]] = {said: [] for said in raw.origin.notices}
    if lost:
        what = f"{counted_are(len(lost), 'row')} left out as without an image"
        remarks[f"{table.name}: {what}"] = lost
    if unknown:
        what = f"{counted_are(len(unknown), 'image')} left out as without a row"
        remarks[f"{table.name}: {what}"] = unknown
    return Known(
        names=[file for file, is_there in zip(files, found, strict=True) if is_there],
        columns=raw.frame.drop(columns=FILE_NAME)[found].reset_index(drop=True),
        dialect=raw.origin.dialect,
        remarks=remarks,
    )


def _spec(table: Path) -> SourceSpec:
    # A table of metadata always begins with names, of which file_name is one.
    header = True if table.suffix == ".csv" else None
    return SourceSpec(path=str(table.absolute()), header=header, max_rows=ALL_ROWS)


def _path(cell: object) -> str:
    """A path as it is listed: slashes, no ``./`` in front."""
    return str(cell).strip().replace("\\", "/").removeprefix("./")


def _check_names(names: list[str], table: Path) -> None:
    if FILE_NAME not in names:
        raise SourceError(
            f"the table has no column {FILE_NAME}",
            where=table,
            expected=f"a column {FILE_NAME} with the path of each image from this folder",
            remedy="add it, or rename the file if it is no table of these images",
        )
    if IMAGE in names:
        raise SourceError(
            f"the table has a column '{IMAGE}', which is the name of the images themselves",
            where=table,
            remedy="rename it",
        )


def _refuse_repeated(files: list[str], table: Path) -> None:
    repeated = [file for file, count in Counter(files).items() if count > 1]
    if repeated:
        raise SourceError(
            f"{counted(len(repeated), 'file')} named in several rows: {few(repeated)}",
            where=table,
            expected="one row per image",
            remedy="keep one row of each",
        )
