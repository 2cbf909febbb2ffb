"""idx files, the format of MNIST: a magic number, the sizes big-endian, then bytes; gzip or plain.

The labels of ``train-images-idx3-ubyte`` lie beside it in ``train-labels-idx1-ubyte``, each with or
without ``.gz``; ``source.labels`` names another file.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from synthkit.dialect import Dialect
from synthkit.errors import SourceError
from synthkit.recipe import LABEL, SourceSpec
from synthkit.sources.files import digest, opened, stored_at
from synthkit.sources.images.album import Album, Remarks, StoredArray
from synthkit.sources.images.labels import label_column, without_columns

if TYPE_CHECKING:
    import numpy as np

MAGIC = b"\0\0"
UNSIGNED_BYTES = 0x08
IMAGES, LABELS = 3, 1  # number of sizes
KINDS = {IMAGES: "images (idx3)", LABELS: "labels (idx1)"}


def album(file: Path, spec: SourceSpec, base: Path) -> Album:
    """The images of an idx file, and the labels of the file that belongs to it.

    Raises:
        SourceError: a file is damaged, no idx file of its kind, or the labels are not as many.
    """
    _refuse_names_of_arrays(spec, file)
    pixels = read(file, IMAGES)
    if not len(pixels):
        raise SourceError("the file holds no images", where=file)
    labels = labels_of(file, spec, base)
    columns = without_columns(len(pixels))
    remarks: Remarks = {}
    if labels is None:
        remarks = {f"no file of labels lies beside {file.name}; source.labels names one": ()}
    else:
        try:
            columns = label_column(read(labels, LABELS), len(pixels))
        except SourceError as error:
            error.where = error.where or str(labels)
            raise
    files = [file] if labels is None else [file, labels]
    return Album(
        pictures=StoredArray(pixels[..., None]),
        columns=columns,
        dialect=Dialect(),
        files=tuple(f.name for f in files),
        sha256=digest(files),
        remarks=remarks,
    )


def header(file: Path, spec: SourceSpec, base: Path) -> list[str] | None:
    """Names of the columns beside the images."""
    _refuse_names_of_arrays(spec, file)
    return [] if labels_of(file, spec, base) is None else [LABEL]


def _refuse_names_of_arrays(spec: SourceSpec, file: Path) -> None:
    if spec.images is not None:
        raise SourceError(
            "source.images names an array of a .npz file, and this is an idx file",
            where=file,
            remedy="leave it out",
        )


def labels_of(file: Path, spec: SourceSpec, base: Path) -> Path | None:
    """The file of labels: the one stated, else the one beside the images, if there is one."""
    if spec.labels is not None:
        return stored_at(spec.labels, base)
    name = re.sub(r"images([-._])idx3", r"labels\1idx1", file.name)
    if name == file.name:
        return None
    bare = name.removesuffix(".gz")
    beside = (file.with_name(name), file.with_name(bare), file.with_name(f"{bare}.gz"))
    return next((path for path in beside if path.is_file()), None)


def read(file: Path, sizes: int) -> np.ndarray:
    """The uint8 array of an idx file.

    Args:
        file: plain or gzip.
        sizes: number of its axes: 3 for images, 1 for labels.

    Raises:
        SourceError: it is not such a file, or not whole.
    """
    import numpy as np

    with opened(file) as stream:
        head = stream.read(4)
        if len(head) < 4 or head[:2] != MAGIC:
            raise SourceError("this is no idx file", expected=f"a file of {KINDS[sizes]}")
        if head[2] != UNSIGNED_BYTES or head[3] != sizes:
            kind = KINDS.get(head[3], f"arrays of {head[3]} axes")
            bytes_ = "" if head[2] == UNSIGNED_BYTES else ", and not of unsigned bytes"
            raise SourceError(
                f"this is an idx file of {kind}{bytes_}",
                expected=f"a file of {KINDS[sizes]} of unsigned bytes",
                remedy="name the images in source.path and the labels in source.labels",
            )
        lengths = stream.read(4 * sizes)
        if len(lengths) < 4 * sizes:
            raise _not_whole()
        shape = struct.unpack(f">{sizes}I", lengths)
        content = stream.read()
    if len(content) != int(np.prod(shape, dtype=object)):
        raise _not_whole(file)
    return np.frombuffer(content, np.uint8).reshape(shape)


def _not_whole(file: Path | None = None) -> SourceError:
    return SourceError(
        "the file does not hold as many bytes as its beginning says",
        where=file,
        remedy="fetch it again",
    )
