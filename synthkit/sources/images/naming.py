"""By which names files of images are told, in a folder that is not opened further.

is_image("cat/1.PNG")                             # True
stores(["raw/train-images-idx3-ubyte.gz"])        # the same: it holds many
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")


def is_image(name: str) -> bool:
    """Whether a file is one image."""
    return name.lower().endswith(ENDINGS)


def stores(names: Iterable[str]) -> list[str]:
    """The files that hold many images each: idx files first, then ``.npz`` files."""
    found = list(names)
    idx = [name for name in found if "images" in name and "idx3" in name]
    return idx + [name for name in found if name.endswith(".npz")]


def names_below(folder: Path) -> Iterator[str]:
    """Paths of the files at any depth, but for hidden ones; folders that cannot be read have none."""
    for place, _, names in os.walk(folder):
        inside = Path(place).relative_to(folder)
        yield from ((inside / name).as_posix() for name in names if not name.startswith("."))
