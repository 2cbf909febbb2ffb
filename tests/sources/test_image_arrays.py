"""Images in arrays: idx files as of MNIST, and .npz files."""

from __future__ import annotations

import gzip
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pictures_on_disk import put, read

from synthkit.errors import SourceError, SynthkitError
from synthkit.recipe import SourceSpec
from synthkit.sources import read_header

CANARY = "CANARY-7391"
PIXELS = np.arange(3 * 5 * 4, dtype=np.uint8).reshape(3, 5, 4)
LABELS = np.array([7, 0, 7], np.uint8)


def idx(path: Path, array: np.ndarray, kind: int = 8, cut: int = 0, packed: bool = False) -> None:
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, kind, array.ndim, *array.shape)
    content = head + array.tobytes()
    content = content[: len(content) - cut]
    path.write_bytes(gzip.compress(content) if packed else content)


def header(path: Path, **stated: object) -> list[str] | None:
    return read_header(SourceSpec(kind="images", path=str(path), **stated), Path())


@pytest.mark.parametrize("packed", [False, True])
def test_idx_with_the_labels_beside(tmp_path: Path, packed: bool) -> None:
    images = tmp_path / f"train-images-idx3-ubyte{'.gz' * packed}"
    idx(images, PIXELS, packed=packed)
    idx(tmp_path / "train-labels-idx1-ubyte", LABELS)
    raw = read(images)
    assert np.array_equal(np.stack(raw.frame["image"]), PIXELS[..., None])
    assert raw.frame["label"].tolist() == ["7", "0", "7"]
    assert raw.origin.files == (images.name, "train-labels-idx1-ubyte")
    assert raw.origin.notices == ()
    assert header(images) == ["image", "label"]


def test_idx_with_stated_labels_or_none(tmp_path: Path) -> None:
    idx(tmp_path / "a.idx", PIXELS)
    idx(tmp_path / "b.idx", LABELS)
    alone = read(tmp_path / "a.idx")
    assert list(alone.frame.columns) == ["image"] == header(tmp_path / "a.idx")
    assert alone.origin.notices == ("no file of labels lies beside a.idx; source.labels names one",)
    both = read(tmp_path / "a.idx", labels=str(tmp_path / "b.idx"))
    assert both.frame["label"].tolist() == ["7", "0", "7"]
    with pytest.raises(SourceError, match=r"c\.idx: there is no such file"):
        read(tmp_path / "a.idx", labels=str(tmp_path / "c.idx"))


def test_arrays_are_resized_and_sampled_like_files(tmp_path: Path) -> None:
    idx(tmp_path / "a.idx", PIXELS)
    raw = read(tmp_path / "a.idx", size=8, channels="rgb", max_rows=2)
    assert [cell.shape for cell in raw.frame["image"]] == [(8, 8, 3)] * 2
    assert raw.origin.rows_total == 3
    assert raw.origin.notices[-2:] == (
        "2 images brought to 8 x 8 pixels: scaled, and cropped where the proportions differ "
        "(source.size, source.fit)",
        "2 images made RGB (source.channels)",
    )


@pytest.mark.parametrize(
    ("images", "labels", "parts"),
    [
        ((PIXELS, 8, 1), (LABELS, 8, 0), ["a.idx: the file does not hold as many bytes"]),
        ((PIXELS, 0x0D, 0), (LABELS, 8, 0), ["a.idx: this is an idx file of images (idx3), and not of unsigned bytes"]),
        ((LABELS, 8, 0), (LABELS, 8, 0), ["a.idx: this is an idx file of labels (idx1); expected a file of images (idx3)"]),
        ((PIXELS, 8, 0), (PIXELS, 8, 0), ["b.idx: this is an idx file of images (idx3); expected a file of labels (idx1)"]),
        ((PIXELS, 8, 0), (LABELS[:2], 8, 0), ["b.idx: there are 3 images and 2 labels", "source.labels"]),
        ((PIXELS, 8, 0), (LABELS, 8, 2), ["b.idx: the file does not hold as many bytes"]),
        ((PIXELS[:0], 8, 0), (LABELS, 8, 0), ["a.idx: the file holds no images"]),
        ((PIXELS.reshape(3, 20), 8, 0), (LABELS, 8, 0), ["a.idx: this is an idx file of arrays of 2 axes"]),
    ],
)  # fmt: skip
def test_unusable_idx_files(
    tmp_path: Path,
    images: tuple[np.ndarray, int, int],
    labels: tuple[np.ndarray, int, int],
    parts: list[str],
) -> None:
    idx(tmp_path / "a.idx", *images)
    idx(tmp_path / "b.idx", *labels)
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "a.idx", labels=str(tmp_path / "b.idx"))
    for part in parts:
        assert part in str(caught.value)


def test_names_of_arrays_do_not_go_with_idx(tmp_path: Path) -> None:
    idx(tmp_path / "a.idx", PIXELS)
    with pytest.raises(SourceError, match=r"source\.images names an array of a \.npz file"):
        read(tmp_path / "a.idx", images="x")


@pytest.mark.parametrize("content", [b"", b"name,label\na,b\n", b"\x89PNG\r\n"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "a.csv")
    assert "this is no file of images that can be read; expected a folder" in str(caught.value)


def test_the_bundled_digits() -> None:
    raw = read(Path("example:digits"))
    assert raw.frame.shape == (1797, 2)
    assert raw.frame["image"].iloc[0].shape == (8, 8, 1)
    assert max(int(cell.max()) for cell in raw.frame["image"]) == 255
    assert sorted(raw.frame["label"].unique()) == list("0123456789")
    assert raw.origin.files == ("digits.npz",)
    with pytest.raises(SynthkitError, match=r"no bundled example named 'digts'"):
        read(Path("example:digts"))


@pytest.mark.parametrize(
    ("pixels", "shape"),
    [
        (PIXELS, (5, 4, 1)),
        (PIXELS[..., None], (5, 4, 1)),
        (PIXELS[:, None], (5, 4, 1)),
        (np.stack([PIXELS] * 3, -1), (5, 4, 3)),
        (np.stack([PIXELS] * 3, 1), (5, 4, 3)),
    ],
)
def test_npz_axes(tmp_path: Path, pixels: np.ndarray, shape: tuple[int, int, int]) -> None:
    np.savez(tmp_path / "a.npz", images=pixels)
    raw = read(tmp_path / "a.npz")
    assert list(raw.frame.columns) == ["image"] == header(tmp_path / "a.npz")
    for cell, expected in zip(raw.frame["image"], PIXELS, strict=True):
        assert cell.shape == shape
        assert np.array_equal(cell[..., 0], expected)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (LABELS, ["7", "0", "7"]),
        (LABELS[:, None].astype(np.int64), ["7", "0", "7"]),
        (LABELS.astype(float), ["7", "0", "7"]),
        (np.array(["a", "b", ""]), ["a", "b", ""]),
        (np.array([b"a", b"b", b"c"]), ["a", "b", "c"]),
    ],
)
def test_npz_labels(tmp_path: Path, labels: np.ndarray, expected: list[str]) -> None:
    np.savez_compressed(tmp_path / "a.npz", X=PIXELS, y=labels, extra=LABELS)
    raw = read(tmp_path / "a.npz")
    assert raw.frame["label"].tolist() == expected
    assert raw.origin.notices == ("arrays that are not read: extra",)
    assert header(tmp_path / "a.npz") == ["image", "label"]


def test_npz_arrays_by_name(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "a.npz",
        x_train=PIXELS, y_train=LABELS, x_test=PIXELS[:2], y_test=LABELS[:2], odd=PIXELS, who=LABELS,
    )  # fmt: skip
    assert len(read(tmp_path / "a.npz").frame) == 3
    test = read(tmp_path / "a.npz", images="x_test")
    assert test.frame["label"].tolist() == ["7", "0"]
    odd = read(tmp_path / "a.npz", images="odd")
    assert list(odd.frame.columns) == ["image"]
    assert read(tmp_path / "a.npz", images="odd", labels="who").frame["label"].iloc[0] == "7"
    for key in ("images", "labels"):
        with pytest.raises(SourceError) as caught:
            read(tmp_path / "a.npz", **{key: "nope"})
        assert f"no array of the name that source.{key} states" in str(caught.value)
        assert "expected one of x_train, y_train, x_test" in str(caught.value)


OBJECTS = np.array([CANARY, 1, None], object)


@pytest.mark.parametrize(
    ("arrays", "parts"),
    [
        ({"images": PIXELS / 60}, ["array images: the pixels are float64; expected uint8", "astype"]),
        ({"images": PIXELS.astype(np.uint16)}, ["the pixels are uint16"]),
        ({"images": PIXELS.reshape(3, 20)}, ["the array has the shape (3, 20); expected (n, height, width)"]),
        ({"images": PIXELS[..., None].repeat(2, 3)}, ["the array has the shape (3, 5, 4, 2)"]),
        ({"images": PIXELS[:0]}, ["the array holds no images"]),
        ({"pictures": PIXELS}, ["no array has a usual name of images; there are pictures", "source.images"]),
        ({"images": PIXELS, "labels": LABELS[:2]}, ["array labels: there are 3 images and 2 labels"]),
        ({"images": PIXELS, "labels": LABELS + 0.5}, ["array labels: the labels are float64; expected whole numbers or text"]),
        ({"images": PIXELS, "labels": PIXELS}, ["array labels: the labels have 3 axes; expected one label per image"]),
        ({"images": PIXELS, "labels": OBJECTS}, ["the array labels holds Python objects"]),
        ({"images": OBJECTS}, ["the array images holds Python objects"]),
    ],
)  # fmt: skip
def test_unusable_arrays(tmp_path: Path, arrays: dict[str, np.ndarray], parts: list[str]) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(SourceError) as caught:
        read(tmp_path / "a.npz")
    for part in ["a.npz", *parts]:
        assert part in str(caught.value)
    assert CANARY not in str(caught.value)


def test_damaged_and_foreign_zip_files(tmp_path: Path) -> None:
    import zipfile

    np.savez_compressed(tmp_path / "a.npz", images=PIXELS)
    whole = (tmp_path / "a.npz").read_bytes()
    for content in (whole[:-30], whole[:60] + b"\xff" * 20 + whole[80:]):
        (tmp_path / "a.npz").write_bytes(content)
        with pytest.raises(SourceError, match=r"a\.npz.*damaged or incomplete"):
            read(tmp_path / "a.npz")
    put(tmp_path / "a.png")
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.write(tmp_path / "a.png", "a.png")
    with pytest.raises(SourceError, match=r"this zip file holds no NumPy arrays.*Unpack it"):
        read(tmp_path / "photos.zip")


def test_names_of_columns_need_neither_pandas_nor_pillow(tmp_path: Path) -> None:
    put(tmp_path / "a" / "1.png")
    code = (
        "import sys; from pathlib import Path; from synthkit.recipe import SourceSpec;"
        "from synthkit.sources import read_header;"
        f"paths = ['example:digits', {str(tmp_path)!r}];"
        "specs = [SourceSpec(kind='images', path=path) for path in paths];"
        "print([read_header(spec, Path()) for spec in specs],"
        " [name for name in ('pandas', 'PIL', 'torch', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[['image', 'label'], ['image', 'label']] []"
