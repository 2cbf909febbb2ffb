"""Folders of images: by class, with a table of metadata, or images alone.

A table ``metadata.csv``, ``.parquet`` or ``.jsonl`` at the top names the images and says what is
known of them (``metadata``). Without it the folder right below the top that an image lies in is its
label, however deep it lies. Names that begin with a dot are left alone, and runs of synthkit are left
out: nobody wants to learn from synthetic images by oversight.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from synthkit.counts import counted, counted_are, few
from synthkit.dialect import Dialect
from synthkit.errors import SourceError
from synthkit.pillow import require_pillow
from synthkit.recipe import LABEL, SourceSpec
from synthkit.sources.files import reading
from synthkit.sources.images import metadata
from synthkit.sources.images.album import Album, Remarks
from synthkit.sources.images.labels import text_column, without_columns
from synthkit.sources.images.naming import ENDINGS, is_image, stores
from synthkit.workspace import is_run

if TYPE_CHECKING:
    import pandas as pd

ARCHIVES = ("__MACOSX",)  # what a zip file of a Mac leaves beside the images
# Folders of splits, as torchvision and datasets name them; no set of classes has these alone.
SPLITS = {"train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval"}


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
    found = listing(folder)
    names, others = list(found.images), list(found.others)
    if table is not None:
        known = metadata.read(table, names)
        names, columns, dialect, remarks = known.names, known.columns, known.dialect, known.remarks
        others = [name for name in others if name != table.name]
    else:
        columns, dialect, remarks = _by_class(folder, names), Dialect(), _deeper(names)
    if others:
        what = f"{counted_are(len(others), 'file')} left out as no PNG, JPEG, TIFF or BMP"
        remarks = {**remarks, what: others}
    if found.runs:
        what = (
            f"{counted_are(len(found.runs), 'sub-folder')} left out as what a run of synthkit left"
        )
        remarks = {**remarks, what: found.runs}
    return Album(
        pictures=PictureFiles(folder, names),
        columns=columns,
        dialect=dialect,
        files=() if table is None else (table.name,),
        sha256=_digest(folder, [*names, *([] if table is None else [table.name])]),
        remarks=remarks,
    )


def header(folder: Path, spec: SourceSpec, base: Path) -> list[str] | None:
    """Names of the columns beside the images."""
    _refuse_names_of_arrays(spec, folder)
    table = metadata.table_of(folder)
    if table is not None:
        return metadata.header(table)
    return [LABEL] if _classes(folder, listing(folder).images) else []


@dataclass(frozen=True)
class Listing:
    """What lies below a folder, as sorted paths from it.

    Args:
        images: those that their ending says to be images.
        others: all other files.
        runs: folders of runs of synthkit, which are not looked into.
    """

    images: tuple[str, ...]
    others: tuple[str, ...]
    runs: tuple[str, ...]


def listing(folder: Path) -> Listing:
    """The files below a folder.

    Raises:
        SourceError: there is no image, or a folder cannot be looked into.
    """
    images: list[str] = []
    others: list[str] = []
    runs: list[str] = []
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
            if inside.parts and is_run(Path(place)):
                folders.clear()
                runs.append(inside.as_posix())
                continue
            for name in files:
                if not name.startswith("."):
                    kind = images if is_image(name) else others
                    kind.append((inside / name).as_posix())
    if not images:
        raise _no_image(folder, others, runs)
    return Listing(*(tuple(sorted(names)) for names in (images, others, runs)))


def _no_image(folder: Path, others: Sequence[str], runs: Sequence[str]) -> SourceError:
    found = stores(others)
    held = [counted(len(others), "other file")] if others else []
    held += [counted(len(runs), "run") + " of synthkit"] if runs else []
    return SourceError(
        f"no image is in this folder; it has {' and '.join(held)}"
        if held
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
    """Whether sub-folders are labels.

    Raises:
        SourceError: only some images are in one, or all sub-folders are named like splits of data.
    """
    outside = [name for name in names if "/" not in name]
    if outside and len(outside) < len(names):
        raise SourceError(
            f"{counted_are(len(outside), 'image')} not in the folder of a class and so without a "
            f"label: {few(outside)}",
            where=folder,
            expected="every image in the folder of its class",
            remedy=f"move them, or write a {metadata.NAMES[0]} with file_name and label",
        )
    tops = sorted({name.partition("/")[0] for name in names}) if not outside else []
    if tops and SPLITS.issuperset(top.lower() for top in tops):
        chosen = next((top for top in tops if top.lower().startswith("train")), tops[0])
        raise SourceError(
            f"the folders in it are splits and no classes: {few(tops)}",
            where=folder,
            expected="a folder by class",
            remedy=f"add /{chosen} to source.path, or write a {metadata.NAMES[0]} with file_name and "
            "label to learn from all of them",
        )
    return not outside


def _deeper(names: Sequence[str]) -> Remarks:
    """The remark that folders of classes hold nothing but folders, whose names count for nothing."""
    if any(name.count("/") < 2 for name in names):
        return {}
    classes = len({name.partition("/")[0] for name in names})
    said = (
        f"labels are the names of the {counted(classes, 'folder')} at the top, which hold images in "
        "folders of their own alone; if those are the classes, name a folder further down in source.path"
    )
    return {said: ()}


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
