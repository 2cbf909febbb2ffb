"""A table with images as a folder: one PNG per row, and a table of all else beside them.

    write_images(frame, schema, folder, start=0, total=2000)       # shard by shard
    write_images(rest, schema, folder, start=1000, total=2000)
    write_metadata(folder)                                         # when all shards are there

    folder/images/metadata.csv          file_name,label,…
    folder/images/cat/000000.png        where the target is a class
    folder/images/_missing/000001.png   a row without a label

``datasets.load_dataset("imagefolder", data_dir="folder/images")`` reads the images with their
columns, torchvision's ``ImageFolder("folder/images")`` those of a class target by class, and a source
of kind images reads all of it back. Every shard leaves its part of the table, the last of its files
to be written, so that an interrupted run can go on; ``write_metadata`` joins the parts.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from synthkit.dialect import Dialect
from synthkit.errors import FormatError, SinkError
from synthkit.pillow import require_pillow
from synthkit.schema import Schema
from synthkit.sinks import write_shard
from synthkit.sinks.class_folders import MISSING, folder_name
from synthkit.workspace import replacing, writing

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

IMAGES = "images"
METADATA = "metadata.csv"
FILE_NAME = "file_name"
PARTS = ".metadata"
LEAST_DIGITS = 6
HEADER = "names.csv"
# Kinds of a target that sort images into classes; digits are integers, and classes all the same.
CLASSES = ("categorical", "ordinal", "boolean", "constant", "text", "integer")


def write_images(
    frame: pd.DataFrame, schema: Schema, folder: Path, start: int, total: int
) -> pd.DataFrame:
    """Writes one shard: a PNG per row, then its part of the metadata.

    Args:
        frame: rows in raw form, with the schema's column of images: uint8 arrays (height, width,
            channels) with 1 or 3 channels.
        schema: says which column holds the images, and whether the target is a class.
        folder: of the run; the images go into ``images`` below it.
        start: number of the frame's first row in the whole table.
        total: rows of the whole table, which decide how many digits a number has.

    Returns:
        The rows of the metadata: ``file_name``, the path from ``images``, and all other columns.

    Raises:
        SinkError: no space or no permission.
        FormatError: the schema has no images, a cell is none, or another column is called
            ``file_name``.
        MissingExtra: Pillow is not installed.
    """
    require_pillow("writing images")
    column = _image_column(frame, schema)
    names = _file_names(frame, schema, start, total)
    for name, cell in zip(names, frame[column], strict=True):
        with replacing(folder / IMAGES / name) as partial:
            _as_image(cell, column).save(partial, format="PNG")
    rows = frame.drop(columns=column).reset_index(drop=True)
    rows.insert(0, FILE_NAME, pd.array(names, dtype=pd.StringDtype("pyarrow")))
    parts = folder / IMAGES / PARTS
    write_shard(rows.head(0), parts / HEADER, "csv", Dialect())
    write_shard(rows, parts / f"{start:020d}.csv", "csv", Dialect(header=False))
    return rows


def write_metadata(folder: Path) -> Path:
    """Joins the parts that the shards left to ``images/metadata.csv``, in the order of the rows.

    The parts are gone afterwards, and a second call changes nothing. Returns the file.

    Raises:
        SinkError: no shard was written, no space or no permission.
    """
    path, parts = folder / IMAGES / METADATA, folder / IMAGES / PARTS
    if not parts.is_dir():
        if path.exists():
            return path
        raise SinkError("no images were written here", where=folder)
    with replacing(path) as partial, partial.open("wb") as whole:
        for part in (parts / HEADER, *sorted(parts.glob("[0-9]*.csv"))):
            with part.open("rb") as stream:
                shutil.copyfileobj(stream, whole)
    with writing(path):
        shutil.rmtree(parts)
    return path


def _image_column(frame: pd.DataFrame, schema: Schema) -> str:
    if schema.image is None:
        raise FormatError("the table has no column of images", remedy="write it as csv or parquet")
    if FILE_NAME in frame.columns:
        raise FormatError(
            f"a column is called {FILE_NAME}, which is the name of the images' paths",
            remedy="rename it in the source",
        )
    return schema.image.name


def _file_names(frame: pd.DataFrame, schema: Schema, start: int, total: int) -> list[str]:
    """Path of each row's image below ``images``."""
    digits = max(LEAST_DIGITS, len(str(max(total - 1, 0))))
    numbers = [f"{start + i:0{digits}d}.png" for i in range(len(frame))]
    target = schema.target
    if target is None or schema[target].kind not in CLASSES:
        return numbers
    missing = (*schema[target].missing, *schema[target].sentinels)
    labels = frame[target]
    folders = [
        MISSING if absent or label in missing else folder_name(str(label))
        for label, absent in zip(labels.tolist(), labels.isna().tolist(), strict=True)
    ]
    return [f"{name}/{number}" for name, number in zip(folders, numbers, strict=True)]


def _as_image(cell: object, column: str) -> PillowImage:
    from PIL import Image

    if not isinstance(cell, np.ndarray) or cell.dtype != np.uint8 or cell.ndim != 3:
        raise _no_image(column)
    if cell.shape[2] not in (1, 3):
        raise _no_image(column)
    return Image.fromarray(np.ascontiguousarray(cell[:, :, 0] if cell.shape[2] == 1 else cell))


def _no_image(column: str) -> FormatError:
    return FormatError(
        f"column '{column}' has a cell that is no image",
        expected="uint8 arrays (height, width, channels) with 1 or 3 channels",
    )
