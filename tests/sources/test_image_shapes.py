"""Images of several sizes, colours and depths: brought to one shape, and said with counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pictures_on_disk import grey, put, read, rgb
from PIL import Image

import synthkit as sk
from synthkit.errors import SourceError


def only(path: Path, **stated: object) -> np.ndarray:
    return read(path, **stated).frame["image"].iloc[0]


def halves() -> np.ndarray:
    """(10, 20) uint8, black on the left and white on the right quarter."""
    pixels = np.zeros((10, 20), np.uint8)
    pixels[:, 15:] = 255
    return pixels


def test_several_sizes_ask_for_one(tmp_path: Path) -> None:
    for i, size in enumerate([(8, 9), (8, 8), (20, 30)]):
        put(tmp_path / f"{i}.png", grey(size=size))
    with pytest.raises(SourceError) as caught:
        read(tmp_path)
    for part in (
        "the images have 3 sizes, from 8 x 8 pixels to 20 x 30 pixels",
        "source.size",
        "resize",
    ):
        assert part in str(caught.value)


@pytest.mark.parametrize("side", [2, 1200])
def test_sides_beyond_the_limits_ask_for_a_size(tmp_path: Path, side: int) -> None:
    put(tmp_path / "a.png", np.zeros((side, 8), np.uint8))
    with pytest.raises(SourceError, match=rf"have {side} x 8 pixels; expected sides of 4 to 1024"):
        read(tmp_path)
    assert only(tmp_path, size=[8, 4]).shape == (8, 4, 1)


def test_crop_keeps_the_centre_and_squash_keeps_all(tmp_path: Path) -> None:
    put(tmp_path / "wide.png", halves())
    put(tmp_path / "same.png", grey(size=(8, 8)))
    raw = read(tmp_path, size=8)
    cropped = raw.frame["image"].iloc[1]
    assert cropped.shape == (8, 8, 1)
    assert cropped[:, :6].max() < 30  # the white quarter lies outside of the centre
    assert raw.origin.notices == (
        "1 image brought to 8 x 8 pixels: scaled, and cropped where the proportions differ "
        "(source.size, source.fit)",
    )
    raw = read(tmp_path, size=8, fit="squash")
    squashed = raw.frame["image"].iloc[1]
    assert squashed[:, 7].min() > 220
    assert squashed[:, 0].max() < 30
    assert raw.origin.notices == (
        "1 image brought to 8 x 8 pixels: scaled (source.size, source.fit)",
    )


def test_a_size_has_two_sides(tmp_path: Path) -> None:
    put(tmp_path / "a.png", rgb())
    assert only(tmp_path, size=[4, 6]).shape == (4, 6, 3)


def test_mixed_channels_ask_for_one(tmp_path: Path) -> None:
    put(tmp_path / "a.png", rgb((30, 30, 30)))
    put(tmp_path / "b.png", grey(30))
    put(tmp_path / "c.png", grey(40))
    with pytest.raises(SourceError) as caught:
        read(tmp_path)
    assert "only some of the images are grey: 2 of 3" in str(caught.value)
    assert "source.channels" in str(caught.value)
    raw = read(tmp_path, channels="rgb")
    assert [cell.shape for cell in raw.frame["image"]] == [(8, 8, 3)] * 3
    assert raw.frame["image"].iloc[2][5, 5].tolist() == [40, 40, 40]
    assert raw.origin.notices == ("2 images made RGB (source.channels)",)
    raw = read(tmp_path, channels="grey")
    assert [int(cell[5, 5, 0]) for cell in raw.frame["image"]] == [30, 30, 40]
    assert raw.origin.notices == ("1 image made grey (source.channels)",)


def test_transparency_lies_over_white(tmp_path: Path) -> None:
    pixels = np.dstack([rgb((0, 0, 0)), np.full((8, 8), 255, np.uint8)])
    Image.fromarray(pixels).save(tmp_path / "opaque.png")
    pixels[:, 4:, 3] = 0
    Image.fromarray(pixels).save(tmp_path / "clear.png")
    raw = read(tmp_path)
    clear, opaque = raw.frame["image"]
    assert clear[0, 0].tolist() == [0, 0, 0]
    assert clear[0, 5].tolist() == [255, 255, 255]
    assert opaque.max() == 0
    assert raw.origin.notices == ("1 image with transparency laid over white",)


def test_transparent_grey_stays_grey(tmp_path: Path) -> None:
    pixels = np.zeros((8, 8, 2), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    image = only(tmp_path)
    assert image.shape == (8, 8, 1)
    assert image.min() == 255


def test_palettes_give_their_colours(tmp_path: Path) -> None:
    picture = Image.new("P", (8, 8), 1)
    picture.putpalette([0, 0, 0, 200, 100, 50])
    picture.save(tmp_path / "a.png")
    picture.save(tmp_path / "b.png", transparency=1)
    raw = read(tmp_path)
    assert raw.frame["image"].iloc[0][0, 0].tolist() == [200, 100, 50]
    assert raw.frame["image"].iloc[1][0, 0].tolist() == [255, 255, 255]
    assert raw.origin.notices == (
        "2 images with a palette given its colours",
        "1 image with transparency laid over white",
    )


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_16_bits_are_scaled(tmp_path: Path, ending: str) -> None:
    values = np.array([[0, 257, 65535, 32896]] * 4, np.uint16)
    Image.fromarray(values).save(tmp_path / f"a.{ending}")
    raw = read(tmp_path)
    assert raw.frame["image"].iloc[0][0, :, 0].tolist() == [0, 1, 255, 128]
    assert raw.origin.notices == ("1 image with 16 bits scaled to 8",)


def test_depths_that_are_not_read(tmp_path: Path) -> None:
    put(tmp_path / "ok.png")
    Image.fromarray(np.full((8, 8), 0.5, np.float32)).save(tmp_path / "real.tif")
    raw = read(tmp_path)
    assert len(raw.frame) == 1
    assert raw.origin.said_of == {
        "1 image is left out as neither 8 nor 16 bits deep": ("real.tif",)
    }


def test_one_bit_and_other_colour_spaces(tmp_path: Path) -> None:
    (tmp_path / "bit").mkdir()
    Image.new("1", (8, 8), 1).save(tmp_path / "bit" / "a.png")
    assert only(tmp_path / "bit").tolist() == [[[255]] * 8] * 8
    (tmp_path / "ink").mkdir()
    Image.new("CMYK", (8, 8), (0, 0, 0, 255)).save(tmp_path / "ink" / "a.tif")
    raw = read(tmp_path / "ink")
    assert raw.frame["image"].iloc[0].shape == (8, 8, 3)
    assert raw.origin.notices == ("1 image of another colour space made RGB",)


def test_pages_after_the_first_are_said(tmp_path: Path) -> None:
    first, second = Image.new("L", (8, 8), 1), Image.new("L", (8, 8), 2)
    first.save(tmp_path / "a.tif", save_all=True, append_images=[second])
    raw = read(tmp_path)
    assert raw.frame["image"].iloc[0].max() == 1
    assert raw.origin.notices == ("1 image with several pages, of which the first is read",)


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_exif_turns_a_picture(tmp_path: Path, ending: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    pixels = np.zeros((8, 16), np.uint8)
    pixels[:, :8] = 255
    Image.fromarray(pixels).save(tmp_path / f"a.{ending}", exif=exif)
    raw = read(tmp_path)
    image = raw.frame["image"].iloc[0]
    assert image.shape == (16, 8, 1)
    assert image[:6].min() > 200
    assert image[10:].max() < 50
    assert raw.origin.notices == ("1 image turned upright as the EXIF data say",)


def test_an_audit_of_mixed_images_is_told_what_can_be_done_without_a_recipe(tmp_path: Path) -> None:
    put(tmp_path / "sizes" / "a.png", grey(size=(8, 8)))
    put(tmp_path / "sizes" / "b.png", grey(size=(9, 8)))
    put(tmp_path / "colours" / "a.png", grey())
    put(tmp_path / "colours" / "b.png", rgb())
    for name, verb in (("sizes", "resize"), ("colours", "convert")):
        path = tmp_path / name
        for call in (lambda p: sk.audit(p, p), sk.fit):
            with pytest.raises(SourceError) as caught:
                call(path)
            assert str(caught.value).endswith(f"without a recipe, {verb} the images.")
