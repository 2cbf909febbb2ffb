"""The chosen images of an album as one array: decoded, brought to one shape, what is lost counted.

    loaded = load(album.pictures, rows, spec, place)
    loaded.images          # (m, height, width, channels) uint8
    loaded.rows            # which of the album's images they are

Where the recipe does not state the shape, the headers of all chosen images are read first, so that
no image is decoded in vain. Every image is brought to the shape as soon as it is decoded: large
originals never lie in memory together.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from synthkit.counts import counted, counted_are, few
from synthkit.errors import SourceError
from synthkit.recipe import SourceSpec
from synthkit.sources.images.album import Picture, Pictures, Remarks, Shape, StoredArray, Unreadable
from synthkit.sources.images.shape import fitted, shape_of_all

BLOCK = 1 << 12
MOST_THREADS = 8
R = TypeVar("R")


@dataclass(frozen=True)
class Loaded:
    """Images of one shape.

    Args:
        images: (m, height, width, channels) uint8, m at least 1.
        rows: (m,) their positions in the album, ascending.
        remarks: what was changed or left out, with counts.
    """

    images: np.ndarray
    rows: np.ndarray
    remarks: Remarks


@dataclass
class _Losses:
    """Names of the images that cannot be used, by reason."""

    names: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, reason: Unreadable) -> None:
        self.names[str(reason)].append(name)

    @property
    def remarks(self) -> dict[str, list[str]]:
        return {
            f"{counted_are(len(names), 'image')} left out as {reason}": names
            for reason, names in self.names.items()
        }


def load(pictures: Pictures, rows: np.ndarray, spec: SourceSpec, place: Path) -> Loaded:
    """The images at some positions of an album.

    Args:
        pictures: all images.
        rows: (m,) positions of the wanted ones, ascending.
        spec: the recipe's source: size, fit and channels.
        place: what messages name.

    Raises:
        SourceError: no image can be read, or they differ and the recipe does not say what to do.
        MissingExtra: Pillow is needed and is not installed.
    """
    losses = _Losses()
    with _quiet():
        target, rows = _target(pictures, rows, spec, place, losses)
        if isinstance(pictures, StoredArray) and pictures.shape(0) == target:
            return Loaded(pictures.pixels[rows], rows, {})
        images, kept, changes = _decoded(pictures, rows, target, spec.fit != "squash", losses)
    if not kept.any():
        raise _none(place, losses)
    changed: Remarks = {f"{counted(n, 'image')} {what}": () for what, n in changes.items()}
    if not kept.all():
        images, rows = images[kept], rows[kept]
    return Loaded(images, rows, {**losses.remarks, **changed})


@contextmanager
def _quiet() -> Iterator[None]:
    """Pillow warns and logs of sizes and tags that are counted here or do not matter."""
    logger = logging.getLogger("PIL")
    level = logger.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            logger.setLevel(level)


def _target(
    pictures: Pictures, rows: np.ndarray, spec: SourceSpec, place: Path, losses: _Losses
) -> tuple[Shape, np.ndarray]:
    """The shape that all images get, and the rows that are still worth reading."""
    if spec.size is not None and spec.channels is not None:
        return (*spec.size, 1 if spec.channels == "grey" else 3), rows
    shapes: Counter[Shape] = Counter()
    kept = np.ones(len(rows), bool)
    for j, shape in enumerate(_each(pictures.shape, rows.tolist())):
        if isinstance(shape, Unreadable):
            kept[j] = False
            losses.add(pictures.name(int(rows[j])), shape)
        else:
            shapes[shape] += 1
    if not shapes:
        raise _none(place, losses)
    return shape_of_all(shapes, spec, place), rows[kept]


def _decoded(
    pictures: Pictures, rows: np.ndarray, target: Shape, crop: bool, losses: _Losses
) -> tuple[np.ndarray, np.ndarray, Counter[str]]:
    """(m, *target) uint8 images, (m,) bool which of them could be read, and what was changed."""

    def bring(i: int) -> Picture:
        picture = pictures.picture(i)
        pixels, changes = fitted(picture.pixels, target, crop)
        return Picture(pixels, picture.changes + changes)

    images = np.empty((len(rows), *target), np.uint8)
    kept = np.ones(len(rows), bool)
    changes: Counter[str] = Counter()
    for j, picture in enumerate(_each(bring, rows.tolist())):
        if isinstance(picture, Unreadable):
            kept[j] = False
            losses.add(pictures.name(int(rows[j])), picture)
        else:
            images[j] = picture.pixels
            changes.update(picture.changes)
    return images, kept, changes


def _each(function: Callable[[int], R], items: Sequence[int]) -> Iterator[R | Unreadable]:
    """The function's results in order, from a few threads; few results wait at a time."""

    def attempt(item: int) -> R | Unreadable:
        try:
            return function(item)
        except Unreadable as error:
            return error

    with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1)) as pool:
        for block in _blocks(items):
            yield from pool.map(attempt, block)


def _blocks(items: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(items)
    while block := list(islice(rest, BLOCK)):
        yield block


def _none(place: Path, losses: _Losses) -> SourceError:
    count = sum(map(len, losses.names.values()))
    reasons = "; ".join(
        f"{counted(len(n), 'image')} {r}: {few(n)}" for r, n in losses.names.items()
    )
    return SourceError(
        f"no image of {count:,} can be read: {reasons}",
        where=place,
        expected="PNG, JPEG, TIFF or BMP files",
        remedy="open one of them in a viewer, and fetch or export them again",
    )
