"""Columns whose cells are images, and the same as one array.

images = pixels(frame["image"])          # (n, height, width, channels) uint8
frame["image"] = cells(images)
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def pixels(column: pd.Series) -> np.ndarray:
    """(n, height, width, channels) uint8 of a column of at least one image, all of one shape."""
    return np.stack(column.to_numpy())


def cells(images: np.ndarray) -> pd.Series:
    """A column of (n, height, width, channels) uint8 images."""
    column = np.empty(len(images), object)
    column[:] = list(images)
    return pd.Series(column, dtype=object)


def of_shape(column: pd.Series, shape: tuple[int, ...] | None) -> np.ndarray:
    """(n,) bool, which cells are uint8 arrays of a shape."""
    return np.array(
        [isinstance(c, np.ndarray) and c.dtype == np.uint8 and c.shape == shape for c in column],
        bool,
    )


def holds_images(column: pd.Series) -> bool:
    """Whether the first cell is an array of three dimensions."""
    first = column.iloc[0] if column.dtype == object and len(column) else None
    return isinstance(first, np.ndarray) and first.ndim == 3


def hashable(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every image as its bytes, which pandas can hash and compare."""
    images = [name for name in frame.columns if holds_images(frame[name])]
    return frame.assign(**{name: frame[name].map(_bytes) for name in images}) if images else frame


def _bytes(cell: object) -> bytes | None:
    return cell.tobytes() if isinstance(cell, np.ndarray) else None
