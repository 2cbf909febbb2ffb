"""Columns of images: every cell is a uint8 array (height, width, channels), all of one shape.

    describe(raw)              # the column's description; None where the cells are no images
    typed_images(raw, column)  # cells, and which of them do not have the column's shape
    misshapen(raw, column, wrong, "the holdout")    # the error for these

Sources bring images to one shape; nothing is resized here.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from synthkit.counts import counted
from synthkit.errors import SchemaError
from synthkit.pictures import holds_images, of_shape
from synthkit.schema import Column


def describe(raw: pd.Series) -> Column | None:
    """A column whose first cell is an array, as a column of images.

    Raises:
        SchemaError: cells that are no images, or images of several shapes.
    """
    if not holds_images(raw):
        return None
    shape = raw.iloc[0].shape
    wrong = ~of_shape(raw, shape)
    if len(shape) != 3 or shape[2] not in (1, 3) or 0 in shape or wrong.any():
        raise SchemaError(
            f"{counted(int(wrong.sum()), 'cell')} of {len(raw):,} differ from the first image"
            if wrong.any()
            else f"the images have the shape {shape}",
            where=f"column {raw.name}",
            expected="uint8 arrays of one shape (height, width, channels), with 1 or 3 channels",
            remedy="bring all images to one size and one number of channels",
        )
    reason = f"images of {_words(shape)}"
    return Column(name=str(raw.name), kind="image", reason=reason, dtype="object", shape=shape)


def typed_images(raw: pd.Series, column: Column) -> tuple[np.ndarray, np.ndarray]:
    """The cells, and the rows whose cell is no image of the column's shape (missing then)."""
    wrong = ~of_shape(raw, column.shape)
    cells = raw.to_numpy(object).copy()
    cells[wrong] = None
    return cells, wrong


def misshapen(
    raw: pd.Series, column: Column, wrong: np.ndarray, where: str | None = None
) -> SchemaError:
    """The error for cells that are no images of the column's shape.

    Args:
        wrong: (n,) bool, the rows of these cells; at least one.
        where: which table it is.
    """
    assert column.shape is not None
    others = raw[wrong]
    found = Counter(cell.shape for cell in others if _is_image(cell))
    if found.total() < len(others):
        what = f"{len(others):,} of {counted(len(raw), 'cell')} are no uint8 arrays of an image"
    else:
        shapes = _words(found.most_common(1)[0][0])
        if len(found) > 1:
            shapes = f"{len(found):,} other shapes, the most frequent {shapes}"
        what = f"{len(others):,} of {counted(len(raw), 'image')} have {shapes}"
    place = f"column {column.name}"
    return SchemaError(
        what,
        where=f"{where}, {place}" if where else place,
        expected=f"images of {_words(column.shape)}, as the real ones are",
        remedy="resize or convert them, for example with Pillow; where a recipe reads images, "
        "source.size and source.channels do so",
    )


def _is_image(cell: object) -> bool:
    """Whether a cell could be an image of some column."""
    return (
        isinstance(cell, np.ndarray)
        and cell.dtype == np.uint8
        and cell.ndim == 3
        and cell.shape[2] in (1, 3)
    )


def _words(shape: tuple[int, int, int]) -> str:
    height, width, channels = shape
    return f"{height} x {width} pixels, {'grey' if channels == 1 else 'RGB'}"
