"""``.npz`` files: several NumPy arrays in one zip file, of which one holds images, one labels.

Arrays are found by name: ``source.images`` and ``source.labels``, else the usual ones. Nothing is
guessed of their scale: pixels must be uint8.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from synthkit.counts import few
from synthkit.dialect import Dialect
from synthkit.errors import SourceError
from synthkit.recipe import LABEL, SourceSpec
from synthkit.sources.files import digest, reading
from synthkit.sources.images.album import Album, StoredArray
from synthkit.sources.images.labels import label_column, without_columns

if TYPE_CHECKING:
    import numpy as np

MAGIC = b"PK\x03\x04"
IMAGES = ("images", "x", "train_images", "x_train", "X")
LABELS = ("labels", "y", "train_labels", "y_train", "target")
TO_BYTES = "np.round(255 * (x - x.min()) / (x.max() - x.min())).astype('uint8')"


def album(file: Path, spec: SourceSpec, base: Path) -> Album:
    """The images and labels of a ``.npz`` file.

    Raises:
        SourceError: the file is damaged, holds no such arrays, or they are not of the right kind.
    """
    names = _names(file)
    images, labels = _chosen(names, spec, file)
    pixels = _pixels(_array(file, images), images, file)
    columns = without_columns(len(pixels))
    if labels is not None:
        try:
            columns = label_column(_array(file, labels), len(pixels))
        except SourceError as error:
            error.where = error.where or f"{file}, array {labels}"
            raise
    others = [name for name in names if name not in (images, labels)]
    return Album(
        pictures=StoredArray(pixels),
        columns=columns,
        dialect=Dialect(),
        files=(file.name,),
        sha256=digest([file]),
        remarks={f"arrays that are not read: {few(others)}": ()} if others else {},
    )


def header(file: Path, spec: SourceSpec, base: Path) -> list[str] | None:
    """Names of the columns beside the images."""
    _, labels = _chosen(_names(file), spec, file)
    return [] if labels is None else [LABEL]


def _names(file: Path) -> list[str]:
    """Names of the arrays, in the order of the file."""
    with reading(file):
        try:
            with zipfile.ZipFile(file) as archive:
                names = archive.namelist()
        except zipfile.BadZipFile as error:
            raise _damaged(file) from error
    arrays = [name.removesuffix(".npy") for name in names if name.endswith(".npy")]
    if not arrays:
        raise SourceError(
            "this zip file holds no NumPy arrays",
            where=file,
            expected="a file of np.savez, or a folder of images",
            remedy="unpack it, and name the folder",
        )
    return arrays


def _chosen(names: Sequence[str], spec: SourceSpec, file: Path) -> tuple[str, str | None]:
    """Names of the arrays of images and of labels; None without labels."""
    for key, name in (("source.images", spec.images), ("source.labels", spec.labels)):
        if name is not None and name not in names:
            raise SourceError(
                f"there is no array of the name that {key} states",
                where=file,
                expected=f"one of {', '.join(names)}",
            )
    images = spec.images or next((name for name in IMAGES if name in names), None)
    if images is None:
        raise SourceError(
            f"no array has a usual name of images; there are {', '.join(names)}",
            where=file,
            expected=f"one of {', '.join(IMAGES)}",
            remedy="name the array in source.images",
        )
    # Beside images that are chosen by name, only the labels that belong to them are meant.
    usual = LABELS if spec.images is None else _partners(images)
    return images, spec.labels or next((name for name in usual if name in names), None)


def _partners(images: str) -> tuple[str, ...]:
    """``x_test`` -> ``y_test``, ``test_images`` -> ``test_labels``."""
    pairs = (("images", "labels"), ("x", "y"), ("X", "y"), ("X", "Y"))
    parts = images.split("_")
    swapped = ["_".join(new if part == old else part for part in parts) for old, new in pairs]
    return tuple(name for name in swapped if name != images)


def _array(file: Path, name: str) -> np.ndarray:
    import numpy as np

    with reading(file):
        try:
            with np.load(file, allow_pickle=False) as arrays:
                array: np.ndarray = arrays[name]
        except ValueError as error:
            if "allow_pickle" not in str(error):
                raise _damaged(file) from error
            raise SourceError(
                f"the array {name} holds Python objects, which are not read",
                where=file,
                expected="an array of numbers or text",
                remedy="save it with a NumPy dtype",
            ) from None
        except (zipfile.BadZipFile, KeyError, SyntaxError, RuntimeError) as error:
            raise _damaged(file) from error
    return array


def _pixels(array: np.ndarray, name: str, file: Path) -> np.ndarray:
    """(n, height, width, channels) uint8 of an array of images, n at least 1."""
    where = f"{file}, array {name}"
    if str(array.dtype) != "uint8":
        raise SourceError(
            f"the pixels are {array.dtype}",
            where=where,
            expected="uint8, from 0 (black) to 255 (white)",
            remedy=f"bring them there once for all images, for example with {TO_BYTES}",
        )
    shape = array.shape
    if len(shape) == 3:
        array = array[..., None]
    elif len(shape) == 4 and shape[3] not in (1, 3) and shape[1] in (1, 3):
        array = array.transpose(0, 2, 3, 1)
    if array.ndim != 4 or array.shape[3] not in (1, 3):
        raise SourceError(
            f"the array has the shape {shape}",
            where=where,
            expected="(n, height, width), (n, height, width, c) or (n, c, height, width) with c "
            "1 or 3",
            remedy="reshape it, or name another array in source.images",
        )
    if 0 in array.shape:
        raise SourceError("the array holds no images", where=where)
    return array


def _damaged(file: Path) -> SourceError:
    return SourceError(
        "the .npz file is damaged or incomplete", where=file, remedy="write or fetch it again"
    )
