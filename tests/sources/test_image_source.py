"""Folders of images: classes, metadata, images alone; what is lost is counted and named."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pictures_on_disk import grey, put, read, rgb

from synthkit.columns.detect import detect
from synthkit.errors import MissingExtra, SourceError
from synthkit.recipe import SourceSpec
from synthkit.sources import RawTable, read_header, read_table

CANARY = "CANARY-7391"


def header(path: Path, **stated: object) -> list[str] | None:
    return read_header(SourceSpec(kind="images", path=str(path), **stated), Path())


def by_class(folder: Path) -> None:
    for i, name in enumerate(["cat/1.png", "cat/deep/2.bmp", "dog/3.tif"]):
        put(folder / name, grey(i * 10))


def check_frame(raw: RawTable, shape: tuple[int, int, int]) -> None:
    assert raw.frame["image"].dtype == object
    for cell in raw.frame["image"]:
        assert cell.dtype == np.uint8
        assert cell.shape == shape
    assert isinstance(raw.frame.index, pd.RangeIndex)
    assert raw.origin.rows_read == len(raw.frame)


def test_sub_folders_are_labels(tmp_path: Path) -> None:
    by_class(tmp_path)
    raw = read(tmp_path)
    check_frame(raw, (8, 8, 1))
    assert list(raw.frame.columns) == ["image", "label"]
    assert raw.frame["label"].dtype == pd.StringDtype("pyarrow")
    assert raw.frame["label"].tolist() == ["cat", "cat", "dog"]
    assert [cell[5, 5, 0] for cell in raw.frame["image"]] == [0, 10, 20]
    assert raw.origin.dialect.format == "csv"
    assert raw.origin.files == ()
    assert raw.origin.rows_total == 3
    assert raw.origin.notices == ()
    assert header(tmp_path) == ["image", "label"]
    assert detect(raw.frame)["image"].shape == (8, 8, 1)


def test_images_alone_have_no_label(tmp_path: Path) -> None:
    for name in ("b.png", "a.PNG"):
        put(tmp_path / name, rgb())
    raw = read(tmp_path)
    check_frame(raw, (8, 8, 3))
    assert list(raw.frame.columns) == ["image"] == header(tmp_path)


def test_hidden_files_are_left_alone_and_others_named(tmp_path: Path) -> None:
    by_class(tmp_path)
    put(tmp_path / ".thumbs" / "x.png")
    put(tmp_path / "__MACOSX" / "cat" / "x.png")
    (tmp_path / "cat" / ".DS_Store").write_bytes(b"")
    (tmp_path / "dog" / "moving.gif").write_bytes(b"GIF89a")
    raw = read(tmp_path)
    assert len(raw.frame) == 3
    assert raw.origin.said_of == {
        "1 file is left out as no PNG, JPEG, TIFF or BMP": ("dog/moving.gif",)
    }


def test_links_that_lead_back_up_end(tmp_path: Path) -> None:
    by_class(tmp_path)
    (tmp_path / "cat" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert len(read(tmp_path).frame) == 3


def test_the_hash_is_of_paths_and_bytes(tmp_path: Path) -> None:
    by_class(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    assert read(tmp_path / "a").origin.sha256 == read(tmp_path / "b").origin.sha256
    (tmp_path / "b" / "cat").rename(tmp_path / "b" / "cow")
    assert read(tmp_path / "a").origin.sha256 != read(tmp_path / "b").origin.sha256
    put(tmp_path / "a" / "dog" / "3.tif", grey(99))
    shutil.rmtree(tmp_path / "b")
    by_class(tmp_path / "b")
    assert read(tmp_path / "a").origin.sha256 != read(tmp_path / "b").origin.sha256


def test_a_relative_path_is_searched_from_the_recipe(tmp_path: Path) -> None:
    by_class(tmp_path / "photos")
    spec = SourceSpec(kind="images", path="photos")
    assert len(read_table(spec, tmp_path, np.random.default_rng(0)).frame) == 3
    with pytest.raises(SourceError, match=r"phots: there is no such file or folder; expected"):
        read(Path("phots"))


ROWS = pd.DataFrame(
    {
        "file_name": ["x/2.png", "./x/1.png", "gone.png", "3.png"],
        "breed": ["poodle", "?", "tabby", ""],
        "age": [3, 4, 5, 6],
    }
)


def with_metadata(folder: Path, kind: str) -> None:
    for i, name in enumerate(["x/1.png", "x/2.png", "3.png", "x/unknown.png"]):
        put(folder / name, grey(i))
    path = folder / f"metadata.{kind}"
    if kind == "csv":
        ROWS.to_csv(path, index=False)
    elif kind == "parquet":
        ROWS.to_parquet(path, index=False)
    else:
        ROWS.to_json(path, orient="records", lines=True)


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_metadata_names_the_images(tmp_path: Path, kind: str) -> None:
    with_metadata(tmp_path, kind)
    raw = read(tmp_path)
    check_frame(raw, (8, 8, 1))
    assert list(raw.frame.columns) == ["image", "breed", "age"] == header(tmp_path)
    assert raw.frame["breed"].tolist() == ["poodle", "?", ""]
    assert raw.frame["age"].tolist() == (["3", "4", "6"] if kind == "csv" else [3, 4, 6])
    assert [cell[5, 5, 0] for cell in raw.frame["image"]] == [1, 0, 2]
    assert raw.origin.dialect.format == kind
    assert raw.origin.files == (f"metadata.{kind}",)
    assert raw.origin.rows_total == 3
    assert raw.origin.said_of == {
        f"metadata.{kind}: 1 row is left out as without an image": ("gone.png",),
        f"metadata.{kind}: 1 image is left out as without a row": ("x/unknown.png",),
    }


def test_delimited_metadata_keep_their_spelling(tmp_path: Path) -> None:
    put(tmp_path / "1.png")
    put(tmp_path / "2.png")
    (tmp_path / "metadata.csv").write_text("label;file_name\r\n007;1.png\r\n08;2.png\r\n")
    raw = read(tmp_path)
    assert raw.frame["label"].tolist() == ["007", "08"]
    assert (raw.origin.dialect.delimiter, raw.origin.dialect.newline) == (";", "\r\n")


def test_metadata_of_names_alone(tmp_path: Path) -> None:
    put(tmp_path / "1.png")
    (tmp_path / "metadata.csv").write_text("file_name\n1.png\n")
    assert list(read(tmp_path).frame.columns) == ["image"]


@pytest.mark.parametrize(
    ("table", "parts"),
    [
        ("name,label\n1.png,{c}\n", ["the table has no column file_name", "rename the file"]),
        ("file_name,image\n1.png,{c}\n", ["has a column 'image'", "Rename it"]),
        ("file_name,label\n1.png,{c}\n1.png,b\n", ["1 file named in several rows: 1.png"]),
        ("file_name,label\n9.png,{c}\n8.png,b\n", ["2 rows, and none of their files is there: 9"]),
        ("file_name,label\n", ["a header but no rows"]),
    ],
)
def test_unusable_metadata(tmp_path: Path, table: str, parts: list[str]) -> None:
    put(tmp_path / "1.png")
    (tmp_path / "metadata.csv").write_text(table.format(c=CANARY))
    with pytest.raises(SourceError) as caught:
        read(tmp_path)
    message = str(caught.value)
    assert "metadata.csv" in message
    assert CANARY not in message
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    ("files", "parts"),
    [
        ([], ["this folder is empty", "expected files ending in .png, .jpg"]),
        (["notes.txt"], ["no image is in this folder; it has 1 other file"]),
        (["train-images-idx3-ubyte.gz"], ["Name the file itself, such as train-images-idx3"]),
        (["a/data.npz"], ["Name the file itself, such as a/data.npz"]),
    ],
)
def test_folders_without_images(tmp_path: Path, files: list[str], parts: list[str]) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(SourceError) as caught:
        read(tmp_path)
    for part in [str(tmp_path), *parts]:
        assert part in str(caught.value)


def test_some_images_without_a_class_are_refused(tmp_path: Path) -> None:
    by_class(tmp_path)
    put(tmp_path / "stray.png")
    for look in (read, header):
        with pytest.raises(SourceError) as caught:
            look(tmp_path)
        assert "1 image is not in the folder of a class" in str(caught.value)
        assert "and so without a label: stray.png; expected every image in the folder" in str(
            caught.value
        )


def run_in(folder: Path) -> None:
    """What a run of synthkit leaves, as far as it matters here."""
    put(folder / "images" / "cat" / "1.png")
    put(folder / "contact-sheet.png")
    (folder / "report.html").write_text("")
    (folder / "manifest.json").write_text('{"fingerprint": "f"}')


def test_runs_are_left_out_and_named(tmp_path: Path) -> None:
    by_class(tmp_path)
    before = read(tmp_path).origin.sha256
    run_in(tmp_path / "result")
    run_in(tmp_path / "dog" / "more")
    raw = read(tmp_path)
    assert raw.frame["label"].tolist() == ["cat", "cat", "dog"]
    assert raw.origin.sha256 == before
    assert raw.origin.said_of == {
        "2 sub-folders are left out as what a run of synthkit left": ("dog/more", "result")
    }
    assert len(read(tmp_path / "result" / "images").frame) == 1  # it may be asked for by name


@pytest.mark.parametrize("manifest", ['{"name": "an app"}', "[]", "no JSON", None])
def test_a_folder_with_another_manifest_is_a_class(tmp_path: Path, manifest: str | None) -> None:
    by_class(tmp_path)
    run_in(tmp_path / "result")
    (tmp_path / "result" / "manifest.json").unlink()
    if manifest is not None:
        (tmp_path / "result" / "manifest.json").write_text(manifest)
    assert set(read(tmp_path).frame["label"]) == {"cat", "dog", "result"}


def test_a_folder_of_runs_alone_has_no_image(tmp_path: Path) -> None:
    run_in(tmp_path / "result")
    with pytest.raises(SourceError, match="it has 1 run of synthkit; expected files ending in"):
        read(tmp_path)


@pytest.mark.parametrize(
    "files",
    [
        ["train/0/1.png", "train/1/2.png", "test/0/3.png"],
        ["Training/a.png", "Validation/b.png"],
        ["valid/0/1.png", "train/0/1.png", "test/1/1.png"],
        ["train/0/1.png", "train/1/1.png"],
    ],
)
def test_splits_are_no_classes(tmp_path: Path, files: list[str]) -> None:
    for file in files:
        put(tmp_path / file)
    chosen = next(file.partition("/")[0] for file in files if file.lower().startswith("train"))
    for ask in (read, header):
        with pytest.raises(SourceError, match="are splits and no classes") as caught:
            ask(tmp_path)
        assert f"Add /{chosen} to source.path" in str(caught.value)
    if files[0].count("/") == 2:
        assert set(read(tmp_path / chosen).frame["label"]) <= {"0", "1"}
    rows = "".join(f"{file},{i}\n" for i, file in enumerate(files))
    (tmp_path / "metadata.csv").write_text(f"file_name,label\n{rows}")
    assert len(read(tmp_path).frame) == len(files)


def test_a_split_beside_a_class_is_a_class(tmp_path: Path) -> None:
    for name in ("train/1.png", "bus/2.png"):
        put(tmp_path / name)
    assert read(tmp_path).frame["label"].tolist() == ["bus", "train"]


def test_classes_that_hold_folders_alone_are_told_once(tmp_path: Path) -> None:
    for name in ("2023/cat/1.png", "2023/dog/2.png", "2024/cat/3.png"):
        put(tmp_path / name)
    raw = read(tmp_path)
    assert raw.frame["label"].tolist() == ["2023", "2023", "2024"]
    (notice,) = raw.origin.notices
    assert "names of the 2 folders at the top" in notice
    assert "2023" not in notice  # a label is a value of the data
    put(tmp_path / "2023" / "4.png")
    assert read(tmp_path).origin.notices == ()


@pytest.mark.parametrize("key", ["images", "labels"])
def test_names_of_arrays_do_not_go_with_a_folder(tmp_path: Path, key: str) -> None:
    by_class(tmp_path)
    with pytest.raises(SourceError, match=rf"source\.{key} goes with a \.npz or an idx file"):
        read(tmp_path, **{key: "x"})


def test_damaged_files_are_counted_and_named(tmp_path: Path) -> None:
    by_class(tmp_path)
    whole = (tmp_path / "cat" / "1.png").read_bytes()
    for i in range(4):
        (tmp_path / "cat" / f"bad{i}.png").write_bytes([whole[:-30], b"", b"x" * 99, whole[:20]][i])
    (tmp_path / "dog" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    raw = read(tmp_path)
    assert raw.frame["label"].tolist() == ["cat", "cat", "dog"]
    assert raw.origin.rows_total == 8
    bad = [f"cat/bad{i}.png" for i in range(4)] + ["dog/gone.png"]
    for origin in (raw.origin, read(tmp_path, size=8, channels="grey").origin):
        assert origin.notices == ("5 images are left out as damaged",)
        assert sorted(origin.said_of["5 images are left out as damaged"]) == bad


@pytest.mark.parametrize("stated", [{}, {"size": 8, "channels": "grey"}])
def test_only_damaged_files(tmp_path: Path, stated: dict[str, object]) -> None:
    (tmp_path / "a.png").write_bytes(b"x" * 50)
    with pytest.raises(SourceError, match=r"no image of 1 can be read: 1 image damaged: a\.png"):
        read(tmp_path, **stated)


def test_absurd_sizes_are_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from synthkit.sources.images import decode

    put(tmp_path / "ok.png")
    put(tmp_path / "big.png", grey(size=(40, 40)))
    monkeypatch.setattr(decode, "MOST_PIXELS", 1000)
    raw = read(tmp_path)
    assert len(raw.frame) == 1
    (notice,) = raw.origin.notices
    assert notice.startswith("1 image is left out as larger than")
    assert raw.origin.said_of == {notice: ("big.png",)}


def test_a_bomb_of_a_png_is_left_out(tmp_path: Path) -> None:
    import struct
    import zlib

    put(tmp_path / "ok.png")
    for name, side in (("bomb.png", 60_000), ("large.png", 10_000)):
        chunk = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
        head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
        (tmp_path / name).write_bytes(
            head + struct.pack(">I", zlib.crc32(chunk)) + struct.pack(">I", 9) + b"IDAT" + bytes(13)
        )
    raw = read(tmp_path)
    assert raw.origin.said_of == {
        "2 images are left out as larger than 64 megapixels": ("bomb.png", "large.png")
    }


def test_a_sample_is_even_and_in_order(tmp_path: Path) -> None:
    for i in range(40):
        put(tmp_path / f"{i % 2}" / f"{i:02d}.png", grey(i))
    raw = read(tmp_path, max_rows=10)
    assert (raw.origin.rows_total, raw.origin.rows_read) == (40, 10)
    assert "the source has 40 images; an even random sample of 10 was read" in raw.origin.notices[0]
    values = [int(cell[5, 5, 0]) for cell in raw.frame["image"]]
    assert [str(v % 2) for v in values] == raw.frame["label"].tolist()
    assert raw.frame["label"].is_monotonic_increasing
    others = [int(cell[5, 5, 0]) for cell in read(tmp_path, seed=1, max_rows=10).frame["image"]]
    assert values != others
    assert raw.origin.sha256 == read(tmp_path).origin.sha256


def test_without_pillow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_class(tmp_path)
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtra, match=r"reading images needs.*PIL.*synthkit\[images\]"):
        read(tmp_path)


def test_a_table_that_is_images_says_so(tmp_path: Path) -> None:
    put(tmp_path / "a.png")
    with pytest.raises(SourceError, match=r"this is an image.*folder.*source\.kind: images"):
        read_table(SourceSpec(path=str(tmp_path / "a.png")), Path(), np.random.default_rng(0))
    with pytest.raises(SourceError, match=r"a file of NumPy arrays.*write source\.kind: images"):
        read_table(SourceSpec(path="example:digits"), Path(), np.random.default_rng(0))
