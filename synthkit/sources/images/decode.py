"""Picture files to pixels, by Pillow: 8 bits, grey or RGB, upright, no transparency.

    pictures = PictureFiles(folder, ["cats/1.png", "cats/2.jpg"])
    pictures.picture(0).pixels    # uint8, (height, width, 1 or 3)

What a file has beyond that is converted and said: a palette gives its colours, transparency lies
over white, 16 bits are scaled to 8, an EXIF orientation turns the picture. A file that cannot be
decoded is ``Unreadable``, whatever Pillow makes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from synthkit.sources.images.album import Picture, Shape, Unreadable

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

FORMATS = ("PNG", "JPEG", "TIFF", "BMP")
MOST_PIXELS = 64_000_000
ORIENTATION = 0x0112  # the EXIF tag
ON_THEIR_SIDE = (5, 6, 7, 8)  # its values that swap height and width
GREY = ("1", "L", "LA", "I", "F")  # and all that begin with I;16
WIDE = "I;16"


@dataclass(frozen=True)
class PictureFiles:
    """Picture files of a folder; see ``Pictures``.

    Args:
        folder: that they lie in.
        names: their paths below it.
    """

    folder: Path
    names: Sequence[str]

    def __len__(self) -> int:
        return len(self.names)

    def name(self, i: int) -> str:
        """See ``Pictures``."""
        return self.names[i]

    def shape(self, i: int) -> Shape:
        """See ``Pictures``."""
        with _open(self.folder / self.names[i]) as image:
            width, height = image.size
            if _orientation(image) in ON_THEIR_SIDE:
                width, height = height, width
            return height, width, 1 if _is_grey(image) else 3

    def picture(self, i: int) -> Picture:
        """See ``Pictures``."""
        with _open(self.folder / self.names[i]) as image:
            return _decoded(image)


@contextmanager
def _open(file: Path) -> Iterator[PillowImage]:
    from PIL import Image

    try:
        with Image.open(file, formats=FORMATS) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise Unreadable(f"larger than {MOST_PIXELS // 1_000_000} megapixels")
            yield image
    except Unreadable:
        raise
    except PermissionError:
        raise Unreadable("files that may not be read") from None
    except Image.DecompressionBombError:
        raise Unreadable(f"larger than {MOST_PIXELS // 1_000_000} megapixels") from None
    except Exception:  # a damaged file makes Pillow raise nearly anything
        raise Unreadable("damaged") from None


def _is_grey(image: PillowImage) -> bool:
    return image.mode in GREY or image.mode.startswith(WIDE)


def _orientation(image: PillowImage) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # damaged EXIF data are no reason to lose a picture
        return 1


def _decoded(image: PillowImage) -> Picture:
    """The pixels of an opened file, and what was done to get them."""
    from PIL import ImageOps

    changes = []
    if image.format == "TIFF" and getattr(image, "n_frames", 1) > 1:
        changes.append("with several pages, of which the first is read")
    image.load()
    if _orientation(image) != 1:
        image = ImageOps.exif_transpose(image)
        changes.append("turned upright as the EXIF data say")
    image, converted = _plain(image)
    pixels = np.asarray(image, np.uint8)
    return Picture(pixels.reshape(*pixels.shape[:2], -1), (*changes, *converted))


def _plain(image: PillowImage) -> tuple[PillowImage, tuple[str, ...]]:
    """A picture in mode L or RGB, and what was done to get it there."""
    plain = "L" if _is_grey(image) else "RGB"
    if image.mode in ("I", "F") or image.mode.startswith(WIDE):
        return _scaled(image), ("with 16 bits scaled to 8",)
    changes: tuple[str, ...] = ()
    if image.mode in ("P", "PA"):
        changes = ("with a palette given its colours",)
    elif image.mode not in ("1", "L", "LA", "RGB", "RGBA", "RGBa", "RGBX"):
        changes = ("of another colour space made RGB",)
    if image.has_transparency_data:
        image, transparent = _over_white(image)
        changes += ("with transparency laid over white",) * transparent
    return image.convert(plain), changes


def _over_white(image: PillowImage) -> tuple[PillowImage, bool]:
    """The picture over white, and whether any of it is transparent."""
    from PIL import Image

    clear = image.convert("RGBA")
    lowest, _ = clear.getchannel("A").getextrema()
    white = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(white, clear), lowest != 255


def _scaled(image: PillowImage) -> PillowImage:
    """A picture of 16-bit numbers in mode L."""
    from PIL import Image

    values = np.asarray(image)
    if values.dtype.kind == "f" or values.min() < 0 or values.max() > 0xFFFF:
        raise Unreadable("neither 8 nor 16 bits deep")
    return Image.fromarray(np.rint(values / 257).astype(np.uint8))
