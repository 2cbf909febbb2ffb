"""Contact sheet: a table's first images at one glance, one row per class.

write_contact_sheet(folder / "contact-sheet.png", images, labels)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from synthkit.errors import FormatError
from synthkit.pillow import require_pillow
from synthkit.workspace import replacing

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

MOST_CLASSES = 12
LEAST_SIDE = 28  # pixels of a cell's shorter side
GAP = 2
WHITE = 255


def contact_sheet(
    images: np.ndarray,
    labels: Sequence[str | None] | np.ndarray | None,
    rows: int = 10,
    columns: int = 10,
) -> PillowImage:
    """Images side by side on white; small ones enlarged by a whole factor.

    Args:
        images: (n, height, width, channels) uint8, n at least 1, with 1 or 3 channels.
        labels: (n,) the class of each image, None where it has none; one row for each of the first
            12 classes in sorted order, images without a class last. None: the images in their order.
        rows: at most so many rows, where there are no labels.
        columns: images in a row.

    Returns:
        A picture in mode L or RGB.

    Raises:
        FormatError: there is no image.
        MissingExtra: Pillow is not installed.
    """
    require_pillow("a contact sheet")
    from PIL import Image

    if not len(images):
        raise FormatError("there is no image for a contact sheet")
    places = _by_class(labels, columns) if labels is not None else _in_order(images, rows, columns)
    factor = max(1, -(-LEAST_SIDE // min(images.shape[1:3])))
    height, width, channels = images.shape[1] * factor, images.shape[2] * factor, images.shape[3]
    across = max(len(row) for row in places)
    sheet = np.full(
        (len(places) * (height + GAP) + GAP, across * (width + GAP) + GAP, channels),
        WHITE,
        np.uint8,
    )
    for r, row in enumerate(places):
        for c, i in enumerate(row):
            top, left = GAP + r * (height + GAP), GAP + c * (width + GAP)
            large = images[i].repeat(factor, axis=0).repeat(factor, axis=1)
            sheet[top : top + height, left : left + width] = large
    return Image.fromarray(sheet[:, :, 0] if channels == 1 else sheet)


def write_contact_sheet(
    path: Path,
    images: np.ndarray,
    labels: Sequence[str | None] | np.ndarray | None,
    rows: int = 10,
    columns: int = 10,
) -> None:
    """Writes ``contact_sheet`` as a PNG that is either absent or whole; makes its folder.

    Raises:
        SinkError: no space or no permission.
    """
    sheet = contact_sheet(images, labels, rows, columns)
    with replacing(path) as partial:
        sheet.save(partial, format="PNG")


def _in_order(images: np.ndarray, rows: int, columns: int) -> list[list[int]]:
    shown = list(range(min(len(images), rows * columns)))
    return [shown[i : i + columns] for i in range(0, len(shown), columns)]


def _by_class(labels: Sequence[str | None] | np.ndarray, columns: int) -> list[list[int]]:
    """Positions of the first images of each class."""
    found: dict[str | None, list[int]] = {}
    for i, label in enumerate(labels):
        places = found.setdefault(label, [])
        if len(places) < columns:
            places.append(i)
    classes = sorted(found, key=lambda label: (label is None, str(label)))
    return [found[label] for label in classes[:MOST_CLASSES]]
