"""``ImageSource``: which kind of store a path is, which of its images are read, and their frame."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from synthkit.errors import SourceError
from synthkit.recipe import IMAGE, SourceSpec
from synthkit.schema import UNITS
from synthkit.sources.base import Origin, RawTable
from synthkit.sources.files import opened, stored_at
from synthkit.sources.images import folder, idx, npz

if TYPE_CHECKING:
    import numpy as np

STORES = "a folder of PNG, JPEG, TIFF or BMP files, an idx file or a .npz file of uint8 arrays"


class ImageSource:
    """Images: a folder, by class or with metadata, an idx (MNIST) or a .npz file."""

    def read(self, spec: SourceSpec, base: Path, rng: np.random.Generator) -> RawTable:
        """The column ``image``, and the labels and attributes beside it; see ``Source.read``.

        Cells of ``image`` are uint8 arrays (height, width, channels) of one shape.
        """
        import pandas as pd

        from synthkit.sources.images.load import load

        place = stored_at(spec.path, base)
        album = _store(place).album(place, spec, base)
        rows, sampled = _drawn(len(album.pictures), spec.max_rows, rng)
        loaded = load(album.pictures, rows, spec, place)
        cells = _cells(loaded.images)
        known = album.columns.iloc[loaded.rows].reset_index(drop=True)
        frame = pd.concat([pd.DataFrame({IMAGE: cells}), known], axis=1)
        remarks = {**album.remarks, **dict.fromkeys(sampled, ()), **loaded.remarks}
        origin = Origin(
            dialect=album.dialect,
            files=album.files,
            rows_total=len(album.pictures),
            rows_read=len(frame),
            sha256=album.sha256,
            notices=tuple(remarks),
            said_of={said: tuple(names) for said, names in remarks.items() if names},
        )
        return RawTable(frame, origin)

    def header(self, spec: SourceSpec, base: Path) -> list[str] | None:
        """See ``Source.header``."""
        place = stored_at(spec.path, base)
        names = _store(place).header(place, spec, base)
        return None if names is None else [IMAGE, *names]


def _cells(images: np.ndarray) -> np.ndarray:
    """(n,) objects, each a (height, width, channels) view of (n, height, width, channels)."""
    import numpy as np

    cells = np.empty(len(images), object)
    for i, image in enumerate(images):
        cells[i] = image
    return cells


def _store(place: Path) -> ModuleType:
    """The module that reads what lies there: ``album`` and ``header`` of it."""
    if place.is_dir():
        return folder
    with opened(place) as stream:
        head = stream.read(4)
    if head.startswith(npz.MAGIC):
        return npz
    if head.startswith(idx.MAGIC):
        return idx
    raise SourceError(
        "this is no file of images that can be read",
        where=place,
        expected=STORES,
        remedy="name the folder that the file lies in",
    )


def _drawn(total: int, limit: int, rng: np.random.Generator) -> tuple[np.ndarray, list[str]]:
    """Positions of the images to read, ascending, and the notice of a sample."""
    import numpy as np
    import pyarrow as pa

    from synthkit.sources.sample import RowSample

    sample = RowSample(limit, rng, UNITS["images"])
    sample.add(pa.table({"row": np.arange(total)}))
    return pa.concat_tables(sample.pieces)["row"].to_numpy(), sample.notices
