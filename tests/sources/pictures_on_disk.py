"""Tiny pictures for the tests of images, and reading a source of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from synthkit.recipe import SourceSpec
from synthkit.sources import RawTable, read_table


def grey(value: int = 0, size: tuple[int, int] = (8, 8)) -> np.ndarray:
    """(height, width) uint8 of one brightness, but for a corner."""
    pixels = np.full(size, value, np.uint8)
    pixels[0, 0] = 255
    return pixels


def rgb(colour: tuple[int, int, int] = (10, 20, 30), size: tuple[int, int] = (8, 8)) -> np.ndarray:
    """(height, width, 3) uint8 of one colour."""
    return np.full((*size, 3), colour, np.uint8)


def put(path: Path, pixels: np.ndarray | None = None) -> None:
    """Writes a picture; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(grey() if pixels is None else pixels).save(path)


def read(path: Path, seed: int = 0, **stated: object) -> RawTable:
    """The table of a source of images."""
    spec = SourceSpec(kind="images", path=str(path), **stated)
    return read_table(spec, Path(), np.random.default_rng(seed))
