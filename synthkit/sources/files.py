"""Files of a source: finding them, telling their format, opening them whatever their compression.

``source.path`` is ``example:NAME``, a file, a folder or a glob, searched from the recipe's folder
and then from the working directory. Compression is told by content, the format by ending and then
by content; ``source.format`` overrides the latter. Imports the standard library only (pyarrow
for a zstd file), so that ``synthkit validate`` can look at a header in a moment.
"""

from __future__ import annotations

import errno
import glob
import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from synthkit.errors import SourceError
from synthkit.recipe import SourceSpec
from synthkit.resources import find
from synthkit.sources.images import naming
from synthkit.sources.names import LEAVE_OUT

EXAMPLE = "example:"
ENDINGS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".psv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
COMPRESSED = (".gz", ".zst")
GZIP, ZSTD, PARQUET = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1"
AS_IMAGES = "if it holds images, write source.kind: images"
OF_IMAGES = "with source.kind: images"
AN_IMAGE = ("an image", f"name the folder of images that it lies in; in a recipe, {OF_IMAGES}")
# Content that looks like a table to people but is not one that we read: what it is, what to do.
FOREIGN = {
    b"PK\x03\x04": ("a zip archive or a spreadsheet", "unpack it, or save the sheet as CSV"),
    b"\xd0\xcf\x11\xe0": ("an old spreadsheet", "save the sheet as CSV"),
    b"SQLite format 3\x00": ("an SQLite database", "use path: sqlite:///FILE and table: NAME"),
    b"BZh": ("bzip2-compressed", "unpack it, or compress it with gzip or zstd"),
    b"\xfd7zXZ\x00": ("xz-compressed", "unpack it, or compress it with gzip or zstd"),
    b"%PDF": ("a PDF document", "export the table as CSV"),
    b"\0\0\x08\x03": ("an idx file of images", AS_IMAGES),
    b"\x89PNG": AN_IMAGE,
    b"\xff\xd8\xff": AN_IMAGE,
}

# The same by ending, for content that could be delimited text or whose kind it does not tell.
FOREIGN_ENDINGS = {
    **dict.fromkeys(naming.ENDINGS, AN_IMAGE),
    ".npz": ("a file of NumPy arrays", AS_IMAGES),
    ".yaml": ("a recipe or another YAML file", "name the table itself"),
    ".yml": ("a recipe or another YAML file", "name the table itself"),
    ".html": ("a web page", "export the table as CSV"),
    ".htm": ("a web page", "export the table as CSV"),
}
TABLE = "a table: CSV, Parquet or JSON lines"


@dataclass(frozen=True)
class Located:
    """The files behind a path, sorted, at least one; all of one format."""

    files: tuple[Path, ...]
    format: str

    @property
    def names(self) -> tuple[str, ...]:
        """File names without their folders."""
        return tuple(file.name for file in self.files)


def locate(spec: SourceSpec, base: Path) -> Located:
    """The files that ``spec.path`` means.

    Raises:
        SourceError: none is there, a file cannot be opened, or formats mix.
    """
    if spec.path.startswith(EXAMPLE):
        files = [find("examples", spec.path.removeprefix(EXAMPLE))]
    else:
        with reading(Path(spec.path)):
            files = _search(spec.path, base)
    formats = {spec.format or _format_among(file, len(files)) for file in files}
    if len(formats) > 1:
        raise SourceError(
            f"the files have different formats: {', '.join(sorted(formats))}",
            where=spec.path,
            expected="files of one format",
            remedy="name one kind with a glob such as folder/*.csv",
        )
    return Located(tuple(files), formats.pop())


def stored_at(path: str, base: Path) -> Path:
    """The one file or folder that a path means, whatever is in it.

    Raises:
        SourceError: there is none.
    """
    if path.startswith(EXAMPLE):
        return find("examples", path.removeprefix(EXAMPLE))
    with reading(Path(path)):
        found = next((place for place in _candidates(path, base) if place.exists()), None)
    if found is None:
        raise _nothing_at(path, "there is no such file or folder")
    return found


def _candidates(path: str, base: Path) -> list[Path]:
    return [root / Path(path).expanduser() for root in (base, Path.cwd())]


def _search(path: str, base: Path) -> list[Path]:
    for candidate in _candidates(path, base):
        if candidate.is_dir():
            return _folder(candidate)
        if candidate.exists():
            return [candidate]
        if glob.has_magic(path):
            found = sorted(Path(name) for name in glob.glob(str(candidate), recursive=True))
            files = [file for file in found if file.is_file()]
            if files:
                return files
    raise _nothing_at(
        path, "no file matches" if glob.has_magic(path) else "there is no such file or folder"
    )


def _nothing_at(path: str, what: str) -> SourceError:
    return SourceError(
        what,
        where=path,
        expected="a path from the recipe's folder or the working directory",
        remedy="check the spelling, or give an absolute path",
    )


def _folder(folder: Path) -> list[Path]:
    entries = sorted(entry for entry in folder.iterdir() if entry.name[0] not in "._")
    files = [entry for entry in entries if entry.is_file() and by_ending(entry)]
    if not files:
        nested = any(entry.is_dir() for entry in entries)
        raise SourceError(
            "the folder holds no table" if entries else "this folder is empty",
            where=folder,
            expected=f"files ending in {', '.join(ENDINGS)}, also with .gz or .zst; or, for images, "
            f"{', '.join(naming.ENDINGS)}",
            remedy=_with_images(folder)
            or ("name the files with a glob such as folder/**/*.parquet" if nested else None),
        )
    return files


def _with_images(folder: Path) -> str | None:
    """What to do if a folder without a table holds images."""
    names = sorted(naming.names_below(folder))
    if any(map(naming.is_image, names)):
        return "it holds images: write source.kind: images"
    stores = naming.stores(names)
    if stores:
        return f"name the file of images itself, such as {stores[0]}; in a recipe, {OF_IMAGES}"
    return None


def _format_among(file: Path, files: int) -> str:
    """``file_format``; where the file is one of several, the others can be read without it."""
    try:
        return file_format(file)
    except SourceError as error:
        if files > 1:
            error.remedy = f"{error.remedy}, or {LEAVE_OUT}" if error.remedy else LEAVE_OUT
        raise


def by_ending(path: Path) -> str | None:
    """csv, parquet or jsonl, as the file's name says; None if it says neither."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() not in COMPRESSED]
    return ENDINGS.get(suffixes[-1]) if suffixes else None


def file_format(path: Path) -> str:
    """csv, parquet or jsonl. Raises ``SourceError`` for content that is none of them."""
    with opened(path) as stream:
        head = stream.read(64)
    if head.startswith(PARQUET):
        return "parquet"
    if path.suffix.lower() in FOREIGN_ENDINGS:
        what, remedy = FOREIGN_ENDINGS[path.suffix.lower()]
        raise SourceError(f"this is {what}", where=path, expected=TABLE, remedy=remedy)
    for magic, (what, remedy) in FOREIGN.items():
        if head.startswith(magic):
            raise SourceError(f"this is {what}", where=path, expected=TABLE, remedy=remedy)
    known = by_ending(path)
    if known:
        return known
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"[":
        raise SourceError(
            "this is one JSON array",
            where=path,
            expected="JSON lines: one object per line",
            remedy="write every row as a line of its own, or export the table as CSV",
        )
    return "jsonl" if start == b"{" else "csv"


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turns failures to open, read or decompress into a ``SourceError``; says where it was."""
    try:
        yield
    except SourceError as error:
        error.where = error.where or str(path)
        raise
    except OSError as error:
        if error.errno is None:  # gzip's and Arrow's way to say so
            raise _damaged(path) from error
        remedies = {errno.EACCES: "ask for the right to read it", errno.ENOENT: "check the path"}
        reason = os.strerror(error.errno).lower()
        raise SourceError(
            f"cannot be read: {reason}", where=path, remedy=remedies.get(error.errno)
        ) from error
    except (EOFError, zlib.error) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> SourceError:
    return SourceError(
        "the compressed file is damaged or incomplete", where=path, remedy="fetch it again"
    )


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, decompressed if its content is gzip or zstd."""
    with reading(path), path.open("rb") as raw:
        head = raw.read(4)
        raw.seek(0)
        if head.startswith(GZIP):
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield cast(IO[bytes], unpacked)
        elif head == ZSTD:
            # Arrow's reader; unlike the zstandard package's it notices a file that was cut.
            import pyarrow as pa

            with pa.CompressedInputStream(raw, "zstd") as unpacked:
                yield io.BufferedReader(unpacked)
        else:
            yield raw


def digest(files: Sequence[Path]) -> str:
    """SHA-256 of one file's bytes; of several files' digests and names, one per line."""
    digests = []
    for file in files:
        with reading(file), file.open("rb") as raw:
            digests.append(hashlib.file_digest(raw, "sha256").hexdigest())
    if len(digests) == 1:
        return digests[0]
    lines = "".join(f"{d}  {file.name}\n" for d, file in zip(digests, files, strict=True))
    return hashlib.sha256(lines.encode()).hexdigest()
