"""Pair sheets: each synthetic image on the left of the real one that is nearest to it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synthkit.errors import FormatError
from synthkit.sinks.pair_sheet import HEADING, pair_sheet, write_pair_sheet

LEFT, TOP = 16, 2 * 16 + 18


def shades(values: list[int], channels: int = 1) -> np.ndarray:
    """(n, 8, 8, channels) uint8, each of one brightness."""
    return (
        np.array(values, np.uint8)[:, None, None, None]
        .repeat(8, 1)
        .repeat(8, 2)
        .repeat(channels, 3)
    )


@pytest.mark.parametrize("channels", [1, 3])
def test_pairs_stand_side_by_side_in_lines_of_four(channels: int) -> None:
    synthetic, real = shades([10, 20, 30, 40, 50], channels), shades([11, 21, 31, 41, 51], channels)
    sheet = pair_sheet(synthetic, real, ["x"] * 5)
    assert sheet.mode == "RGB"
    right, down = 2 * 96 + 2 + 16, 96 + 18 + 16
    assert sheet.size == (4 * right + 16, 2 * down + 2 * 16 + 18)
    for i in range(5):
        x, y = LEFT + i % 4 * right + 48, TOP + i // 4 * down + 48
        assert sheet.getpixel((x, y)) == (10 * (i + 1),) * 3
        assert sheet.getpixel((x + 96 + 2, y)) == (10 * (i + 1) + 1,) * 3
        assert sheet.getpixel((x + 48, y)) == (255, 255, 255)
    assert "Not for release" in HEADING


def test_it_is_written_into_a_folder_of_its_own(tmp_path: Path) -> None:
    write_pair_sheet(tmp_path / "internal" / "pairs.png", shades([1]), shades([2]), ["ratio 0.50"])
    with Image.open(tmp_path / "internal" / "pairs.png") as sheet:
        assert sheet.getpixel((LEFT + 5, TOP + 5)) == (1, 1, 1)


def test_no_pair_no_sheet() -> None:
    with pytest.raises(FormatError, match="no pair of images"):
        pair_sheet(shades([]), shades([]), [])
