"""What kind of data lies at a path, where nobody has said so.

kind_of("scans/", Path())        # "images"
kind_of("customers.csv", Path()) # "table"
"""

from __future__ import annotations

from pathlib import Path

from synthkit.errors import SynthkitError
from synthkit.schema import Modality
from synthkit.sources.files import by_ending, opened, stored_at
from synthkit.sources.images import idx, npz
from synthkit.sources.images.naming import is_image, names_below


def kind_of(path: str, base: Path) -> Modality:
    """Images in a folder that holds some, in an idx or a .npz file; else a table.

    Args:
        path: as ``source.path``; one that leads nowhere is a table, and whoever reads it says so.
        base: folder that relative paths are searched from.
    """
    try:
        place = stored_at(path, base)
        if place.is_dir():
            return "images" if any(map(is_image, names_below(place))) else "table"
        if by_ending(place):
            return "table"
        with opened(place) as stream:
            head = stream.read(2)
    except (SynthkitError, OSError):
        return "table"
    return (
        "images" if head in (npz.MAGIC[:2], idx.MAGIC[:2]) and place.suffix != ".xlsx" else "table"
    )
