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
from synthkit.schema import Column


def describe(raw: pd.Series) -> Column | None:
    """A column whose first cell is an array, as a column of images.

    Raises:
        SchemaError: cells that are no images, or images of several shapes.
    """
    if raw.dtype != object or not len(raw) or not isinstance(raw.iloc[0], np.ndarray):
        return None
    shape = raw.iloc[0].shape
    wrong = ~_of_shape(raw, shape)
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
    wrong = ~_of_shape(raw, column.shape)
    cells = raw.to_numpy(object).copy()
    cells[wrong] = None
    return cells, wrong


def pixels(typed: pd.Series) -> np.ndarray:
    """(n, height, width, channels) uint8 of a typed column of at least one image."""
    return np.stack(typed.to_numpy())


def cells(images: np.ndarray) -> pd.Series:
    """A typed column of (n, height, width, channels) uint8 images."""
    column = np.empty(len(images), object)
    column[:] = list(images)
    return pd.Series(column, dtype=object)


def _of_shape(raw: pd.Series, shape: tuple[int, ...] | None) -> np.ndarray:
    """(n,) bool, which cells are uint8 arrays of a shape."""
    return np.array(
        [isinstance(c, np.ndarray) and c.dtype == np.uint8 and c.shape == shape for c in raw], bool
    )
