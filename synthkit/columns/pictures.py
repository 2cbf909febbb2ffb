"""Columns of images: every cell is a uint8 array (height, width, channels), all of one shape.

    describe(raw)              # the column's description; None where the cells are no images
    typed_images(raw, column)  # cells, and which of them do not have the column's shape

Sources bring images to one shape; nothing is resized here.
"""

from __future__ import annotations

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
    height, width, channels = shape
    colour = "grey" if channels == 1 else "RGB"
    reason = f"images of {height} x {width} pixels, {colour}"
    return Column(name=str(raw.name), kind="image", reason=reason, dtype="object", shape=shape)


def typed_images(raw: pd.Series, column: Column) -> tuple[np.ndarray, np.ndarray]:
    """The cells, and the rows whose cell is no image of the column's shape (missing then)."""
    wrong = ~of_shape(raw, column.shape)
    cells = raw.to_numpy(object).copy()
    cells[wrong] = None
    return cells, wrong
