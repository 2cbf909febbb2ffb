"""Pair sheet: synthetic images, each beside the real one that is nearest to it.

    write_pair_sheet(folder / "internal" / "closest-pairs.png", synthetic, real, captions)

It shows real images, so it is for people who may see them, and belongs beside nothing that leaves.
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

ACROSS = 4  # pairs in a line
LEAST_SIDE = 96  # pixels of an image's shorter side
GAP, MARGIN, LINE = 2, 16, 18
HEADING = "Left: synthetic. Right: the nearest real training image. Not for release."
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def pair_sheet(synthetic: np.ndarray, real: np.ndarray, captions: Sequence[str]) -> PillowImage:
    """Pairs side by side on white, small images enlarged by a whole factor, a caption below each.

    Args:
        synthetic, real: (n, height, width, channels) uint8, n at least 1, with 1 or 3 channels.
        captions: (n,) a line for each pair.

    Returns:
        A picture in mode RGB.

    Raises:
        FormatError: there is no pair.
        MissingExtra: Pillow is not installed.
    """
    require_pillow("a sheet of pairs")
    from PIL import Image, ImageDraw

    if not len(synthetic):
        raise FormatError("there is no pair of images for a sheet")
    factor = max(1, -(-LEAST_SIDE // min(synthetic.shape[1:3])))
    height, width = synthetic.shape[1] * factor, synthetic.shape[2] * factor
    right, down = 2 * width + GAP + MARGIN, height + LINE + MARGIN
    lines = -(-len(synthetic) // ACROSS)
    size = (min(ACROSS, len(synthetic)) * right + MARGIN, lines * down + 2 * MARGIN + LINE)
    sheet = Image.new("RGB", size, WHITE)
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN, MARGIN), HEADING, BLACK)
    for i, (one, other, caption) in enumerate(zip(synthetic, real, captions, strict=True)):
        left, top = MARGIN + i % ACROSS * right, 2 * MARGIN + LINE + i // ACROSS * down
        for k, image in enumerate((one, other)):
            large = np.broadcast_to(image, (*image.shape[:2], 3))
            large = large.repeat(factor, axis=0).repeat(factor, axis=1)
            sheet.paste(Image.fromarray(large), (left + k * (width + GAP), top))
        draw.text((left, top + height + GAP), caption, BLACK)
    return sheet


def write_pair_sheet(
    path: Path, synthetic: np.ndarray, real: np.ndarray, captions: Sequence[str]
) -> None:
    """Writes ``pair_sheet`` as a PNG that is either absent or whole; makes its folder.

    Raises:
        SinkError: no space or no permission.
    """
    sheet = pair_sheet(synthetic, real, captions)
    with replacing(path) as partial:
        sheet.save(partial, format="PNG")
