"""``Album``: the images of a source before they are decoded, and what is known of each.

album.pictures.shape(0)      # (480, 640, 3), without decoding it
album.pictures.picture(0)    # its pixels, and what had to be done to get them
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from synthkit.dialect import Dialect

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


Shape = tuple[int, int, int]
# What was changed or left out, and the names of the images or files that it is said of.
Remarks = Mapping[str, Sequence[str]]


class Unreadable(Exception):
    """A picture that cannot be used; ``str`` of it says why, after "left out as"."""


@dataclass(frozen=True)
class Picture:
    """One decoded picture.

    Args:
        pixels: uint8, (height, width, channels); one channel is grey, three are RGB.
        changes: what was done to get them, after "N images".
    """

    pixels: np.ndarray
    changes: tuple[str, ...] = ()


class Pictures(Protocol):
    """The images of an album by position."""

    def __len__(self) -> int:
        """Number of images."""

    def name(self, i: int) -> str:
        """What messages call an image: its path below the folder."""

    def shape(self, i: int) -> Shape:
        """(height, width, channels) in pixels, without decoding. Raises ``Unreadable``."""

    def picture(self, i: int) -> Picture:
        """One image. Raises ``Unreadable``."""


@dataclass(frozen=True)
class StoredArray:
    """Images that lie in one array.

    Args:
        pixels: uint8, (n, height, width, channels).
    """

    pixels: np.ndarray

    def __len__(self) -> int:
        return len(self.pixels)

    def name(self, i: int) -> str:
        """See ``Pictures``."""
        return f"image {i + 1}"

    def shape(self, i: int) -> Shape:
        """See ``Pictures``."""
        height, width, channels = self.pixels.shape[1:]
        return height, width, channels

    def picture(self, i: int) -> Picture:
        """See ``Pictures``."""
        return Picture(self.pixels[i])


@dataclass(frozen=True)
class Album:
    """Images that are found, and the columns beside them.

    Args:
        pictures: the images, at least one.
        columns: labels and attributes, one row per image; no column where nothing is known.
        dialect: how these columns are stored.
        files: names of the files that hold them, where these are few.
        sha256: hash of everything stored.
        remarks: what was left out.
    """

    pictures: Pictures
    columns: pd.DataFrame
    dialect: Dialect
    files: tuple[str, ...]
    sha256: str
    remarks: Remarks = field(default_factory=dict)
