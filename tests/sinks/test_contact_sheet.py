"""Contact sheets: a row per class, small images enlarged, white between them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synthkit.errors import FormatError
from synthkit.sinks.contact_sheet import contact_sheet, write_contact_sheet


def shades(n: int, side: int = 8, channels: int = 1) -> np.ndarray:
    """(n, side, side, channels) uint8, the i-th of brightness i."""
    images = np.empty((n, side, side, channels), np.uint8)
    images[:] = np.arange(n)[:, None, None, None]
    return images


def shown(sheet: Image.Image, side: int) -> list[list[int]]:
    """Brightness of the cells, row by row."""
    pixels = np.asarray(sheet.convert("L"))
    first = 2 + side // 2
    return pixels[first :: side + 2, first :: side + 2].tolist()


def test_a_row_per_class_in_sorted_order() -> None:
    labels = ["b", "a", None, "b", "a", "b"]
    sheet = contact_sheet(shades(6), labels, columns=2)
    assert sheet.mode == "L"
    assert sheet.size == (2 + 2 * (32 + 2), 2 + 3 * (32 + 2))  # 8 pixels times 4
    assert shown(sheet, 32) == [[1, 4], [0, 3], [2, 255]]
    pixels = np.asarray(sheet)
    for gap in (pixels[:2], pixels[34:36], pixels[:, :2], pixels[:, 34:36], pixels[-2:]):
        assert (gap == 255).all()


def test_at_most_twelve_classes() -> None:
    labels = np.array([f"{i:02d}" for i in range(20)], object)
    sheet = contact_sheet(shades(20, 28), labels)
    assert shown(sheet, 28) == [[i] for i in range(12)]


def test_without_labels_the_first_images() -> None:
    assert shown(contact_sheet(shades(9, 30), None, rows=2, columns=3), 30) == [
        [0, 1, 2],
        [3, 4, 5],
    ]
    assert shown(contact_sheet(shades(4, 30), None, rows=9, columns=3), 30) == [
        [0, 1, 2],
        [3, 255, 255],
    ]


def test_large_and_coloured_images_stay_as_they_are(tmp_path: Path) -> None:
    images = shades(2, 40, 3)
    images[1] = (10, 20, 30)
    write_contact_sheet(tmp_path / "new" / "sheet.png", images, ["x", "x"])
    with Image.open(tmp_path / "new" / "sheet.png") as sheet:
        assert (sheet.mode, sheet.size) == ("RGB", (86, 44))
        assert sheet.getpixel((50, 10)) == (10, 20, 30)


def test_nothing_to_show() -> None:
    with pytest.raises(FormatError, match="no image for a contact sheet"):
        contact_sheet(shades(0), None)
