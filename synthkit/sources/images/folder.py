"""Folders of images: by class, with a table of metadata, or images alone.

A table ``metadata.csv``, ``.parquet`` or ``.jsonl`` at the top names the images and says what is
known of them (``metadata``). Without it the folder right below the top that an image lies in is its
label, however deep it lies. Names that begin with a dot are left alone.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from synthkit.counts import counted, counted_are, few
from synthkit.dialect import Dialect
from synthkit.errors import SourceError
from synthkit.pillow import require_pillow
from synthkit.recipe import LABEL, SourceSpec
from synthkit.sources.files import reading
from synthkit.sources.images import metadata
from synthkit.sources.images.album import Album
from synthkit.sources.images.labels import text_column, without_columns
from synthkit.sources.images.naming import ENDINGS, is_image, stores

if TYPE_CHECKING:
    import pandas as pd

ARCHIVES = ("__MACOSX",)  # what a zip file of a Mac leaves beside the images


def album(folder: Path, spec: SourceSpec, base: Path) -> Album:
    """The images below a folder, and what its table or its sub-folders say of them.

    Raises:
        SourceError: there is no image, or some have no label where others have one.
        MissingExtra: Pillow is not installed.
    """
    require_pillow("reading images")
    _refuse_names_of_arrays(spec, folder)
    from synthkit.sources.images.decode import PictureFiles

    table = metadata.table_of(folder)
    names, others = listing(folder)
    if table is not None:
        known = metadata.read(table, names)
        names, columns, dialect, notices = known.names, known.columns, known.dialect, known.notices
        others = [name for name in others if name != table.name]
    else:
        columns, dialect, notices = _by_class(folder, names), Dialect(), ()
    if others:
        what = f"{counted_are(len(others), 'file')} left out as no PNG, JPEG, TIFF or BMP"
        notices = (*notices, f"{what}: {few(others)}")
    return Album(
        pictures=PictureFiles(folder, names),
        columns=columns,
        dialect=dialect,
        files=() if table is None else (table.name,),
        sha256=_digest(folder, [*names, *([] if table is None else [table.name])]),
        notices=notices,
    )


def header(folder: Path, spec: SourceSpec, base: Path) -> list[str] | None:
    """Names of the columns beside the images."""
    _refuse_names_of_arrays(spec, folder)
    table = metadata.table_of(folder)
    if table is not None:
        return metadata.header(table)
    names, _ = listing(folder)
    return [LABEL] if _classes(folder, names) else []


def listing(folder: Path) -> tuple[list[str], list[str]]:
    """Paths of the images below a folder, sorted, and of the other files.

    Raises:
        SourceError: there is no image, or a folder cannot be looked into.
    """
    images: list[str] = []
    others: list[str] = []
    seen: set[str] = set()

    def refuse(error: OSError) -> None:
        raise error

    with reading(folder):
        for place, folders, files in os.walk(folder, onerror=refuse, followlinks=True):
            real = os.path.realpath(place)
            folders[:] = [f for f in folders if not f.startswith(".") and f not in ARCHIVES]
            if real in seen:  # a link that leads back up
                folders.clear()
                continue
            seen.add(real)
            inside = Path(place).relative_to(folder)
            for name in files:
                if not name.startswith("."):
                    kind = images if is_image(name) else others
                    kind.append((inside / name).as_posix())
    if not images:
        raise _no_image(folder, others)
    return sorted(images), sorted(others)


def _no_image(folder: Path, others: Sequence[str]) -> SourceError:
    found = stores(others)
    return SourceError(
        f"no image is in this folder; it has {counted(len(others), 'other file')}"
        if others
        else "this folder is empty",
        where=folder,
        expected=f"files ending in {', '.join(ENDINGS)}",
        remedy=f"name the file itself, such as {found[0]}" if found else None,
    )


def _refuse_names_of_arrays(spec: SourceSpec, folder: Path) -> None:
    for key in ("images", "labels"):
        if getattr(spec, key) is not None:
            raise SourceError(
                f"source.{key} goes with a .npz or an idx file, and this is a folder",
                where=folder,
                remedy=f"leave it out; labels of a folder stand in {metadata.NAMES[0]} or are the "
                "names of sub-folders",
            )


def _classes(folder: Path, names: Sequence[str]) -> bool:
    """Whether sub-folders are labels. Raises ``SourceError`` if only some images are in one."""
    outside = [name for name in names if "/" not in name]
    if outside and len(outside) < len(names):
        raise SourceError(
            f"{counted_are(len(outside), 'image')} not in the folder of a class and so without a "
            f"label: {few(outside)}",
            where=folder,
            expected="every image in the folder of its class",
            remedy=f"move them, or write a {metadata.NAMES[0]} with file_name and label",
        )
    return not outside


def _by_class(folder: Path, names: Sequence[str]) -> pd.DataFrame:
    if not _classes(folder, names):
        return without_columns(len(names))
    return text_column([name.partition("/")[0] for name in names])


def _digest(folder: Path, names: Sequence[str]) -> str:
    """SHA-256 of the files' paths and of their bytes, one line per file."""
    whole = hashlib.sha256()
    for name in names:
        try:
            with (folder / name).open("rb") as raw:
                content = hashlib.file_digest(raw, "sha256").hexdigest()
        except OSError:
            content = "unreadable"  # it is counted and named when it shall be decoded
        whole.update(f"{content}  {name}\n".encode(errors="surrogateescape"))
    return whole.hexdigest()
