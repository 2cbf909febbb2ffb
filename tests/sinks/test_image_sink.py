"""Folders of images: what is written reads back, by our source and by others' conventions."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from synthkit.columns.detect import detect
from synthkit.errors import FormatError, MissingExtra, SinkError
from synthkit.recipe import SchemaSpec, SourceSpec
from synthkit.schema import Column, Schema
from synthkit.sinks.class_folders import folder_name
from synthkit.sinks.images import write_images, write_metadata
from synthkit.sources import read_table

TEXT = pd.StringDtype("pyarrow")


def table(labels: list[str] | None, channels: int = 1) -> pd.DataFrame:
    """A frame as a source gives it: random images of 6 x 5 pixels, labels and an attribute."""
    n = 6 if labels is None else len(labels)
    images = np.random.default_rng(3).integers(0, 256, (n, 6, 5, channels), np.uint8)
    cells = np.empty(n, object)
    cells[:] = list(images)
    frame = pd.DataFrame({"image": cells})
    if labels is not None:
        frame["label"] = pd.array(labels, dtype=TEXT)
        frame["note"] = pd.array(['a "b", c', "", "line\nbreak", "007", "é", "?"][:n], dtype=TEXT)
    return frame


def schema_of(frame: pd.DataFrame, **fields: object) -> Schema:
    """A schema with the column ``label``, if there is one, as its target."""
    columns = [Column(name="image", kind="image", shape=frame["image"].iloc[0].shape)]
    if "label" in frame:
        fields = {"kind": "categorical", "missing": ("?", None), **fields}
        columns += [Column(name="label", **fields), Column(name="note", kind="text")]
    return Schema(columns=columns, target="label" if "label" in frame else None)


def write(frame: pd.DataFrame, schema: Schema, folder: Path, shard_rows: int) -> None:
    for start in range(0, len(frame), shard_rows):
        write_images(frame.iloc[start : start + shard_rows], schema, folder, start, len(frame))
    write_metadata(folder)


def files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def read(folder: Path) -> pd.DataFrame:
    spec = SourceSpec(kind="images", path=str(folder))
    return read_table(spec, Path(), np.random.default_rng(0)).frame


def check_equal(one: pd.DataFrame, other: pd.DataFrame) -> None:
    assert np.array_equal(np.stack(one["image"]), np.stack(other["image"]))
    rest = one.columns.drop("image")
    pd.testing.assert_frame_equal(one[rest], other[rest])


LABELS = ["cat", "dog/puppy", "?", "", "cat", "..", "_missing"]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shard_rows", [2, 100])
def test_what_is_written_reads_back(tmp_path: Path, channels: int, shard_rows: int) -> None:
    frame = table(LABELS[:6], channels)
    write(frame, schema_of(frame), tmp_path, shard_rows)
    check_equal(read(tmp_path / "images"), frame)
    assert files(tmp_path) == [
        "images/%2E%2E/000005.png",
        "images/_missing/000002.png",
        "images/_missing/000003.png",
        "images/cat/000000.png",
        "images/cat/000004.png",
        "images/dog%2Fpuppy/000001.png",
        "images/metadata.csv",
    ]


def test_without_labels_the_images_lie_side_by_side(tmp_path: Path) -> None:
    frame = table(None)
    write(frame, schema_of(frame), tmp_path, 4)
    assert files(tmp_path)[0] == "images/000000.png"
    check_equal(read(tmp_path / "images"), frame)
    (tmp_path / "images" / "metadata.csv").unlink()
    check_equal(read(tmp_path / "images"), frame)


@pytest.mark.parametrize("kind", ["real", "datetime"])
def test_a_quantity_makes_no_classes(tmp_path: Path, kind: str) -> None:
    frame = table(["1.5", "2.5"])
    write(frame, schema_of(frame, kind=kind), tmp_path, 2)
    assert files(tmp_path) == ["images/000000.png", "images/000001.png", "images/metadata.csv"]
    check_equal(read(tmp_path / "images"), frame)


def test_the_digits_lie_by_digit(tmp_path: Path) -> None:
    spec = SourceSpec(kind="images", path="example:digits", max_rows=30)
    frame = read_table(spec, Path(), np.random.default_rng(0)).frame
    write(frame, detect(frame, SchemaSpec(target="label")), tmp_path, 10)
    check_equal(read(tmp_path / "images"), frame)
    # Without the table, folders are the classes, as ImageFolder and imagefolder read them.
    (tmp_path / "images" / "metadata.csv").unlink()
    classes = read(tmp_path / "images")
    assert classes["label"].tolist() == sorted(frame["label"])


def test_metadata_as_others_read_them(tmp_path: Path) -> None:
    frame = table(["cat", "dog"])
    rows = write_images(frame, schema_of(frame), tmp_path, 0, 2)
    path = write_metadata(tmp_path)
    assert path == tmp_path / "images" / "metadata.csv"
    assert path.read_bytes().startswith(b'file_name,label,note\ncat/000000.png,cat,"a ""b"", c"\n')
    plain = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert plain.to_numpy().tolist() == rows.to_numpy().tolist()
    for name in plain["file_name"]:
        with Image.open(path.parent / name) as image:
            assert (image.format, image.mode, image.size) == ("PNG", "L", (5, 6))


def test_numbers_have_as_many_digits_as_the_last(tmp_path: Path) -> None:
    frame = table(["cat", "dog"])
    rows = write_images(frame, schema_of(frame), tmp_path, 12, 10_000_000)
    assert rows["file_name"].tolist() == ["cat/0000012.png", "dog/0000013.png"]


def test_shards_go_on_after_an_interruption(tmp_path: Path) -> None:
    frame = table(["cat", "dog", "cat", "dog"])
    schema = schema_of(frame)
    write_images(frame.iloc[2:], schema, tmp_path, 2, 4)
    for _ in range(2):  # the second time as after a crash
        write_images(frame.iloc[:2], schema, tmp_path, 0, 4)
    path = write_metadata(tmp_path)
    before = path.read_bytes()
    assert write_metadata(tmp_path) == path
    assert path.read_bytes() == before
    check_equal(read(tmp_path / "images"), frame)


def test_no_shard_no_metadata(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="no images were written here"):
        write_metadata(tmp_path)


@pytest.mark.parametrize(
    "cell", [None, np.zeros((6, 5), np.uint8), np.zeros((6, 5, 2), np.uint8), np.zeros((6, 5, 1))]
)
def test_cells_that_are_no_images(tmp_path: Path, cell: object) -> None:
    frame = table(["cat", "dog"])
    frame.at[1, "image"] = cell
    with pytest.raises(FormatError, match="column 'image' has a cell that is no image; expected"):
        write_images(frame, schema_of(table(["cat"])), tmp_path, 0, 2)
    assert files(tmp_path) == ["images/cat/000000.png"]


def test_tables_that_do_not_fit(tmp_path: Path) -> None:
    frame = table(["cat"])
    with pytest.raises(FormatError, match="a column is called file_name"):
        write_images(frame.assign(file_name="x"), schema_of(frame), tmp_path, 0, 1)
    plain = Schema(columns=[Column(name="a", kind="text")])
    with pytest.raises(FormatError, match="the table has no column of images"):
        write_images(pd.DataFrame({"a": ["x"]}), plain, tmp_path, 0, 1)


def test_what_the_file_system_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = table(["cat"])

    def full(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(SinkError, match=r"000000\.png: cannot write here: no space left.*[Ff]ree"):
        write_images(frame, schema_of(frame), tmp_path, 0, 1)
    assert files(tmp_path) == []


def test_without_pillow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    monkeypatch.setitem(sys.modules, "PIL", None)
    frame = table(["cat"])
    with pytest.raises(MissingExtra, match=r"writing images needs.*synthkit\[images\]"):
        write_images(frame, schema_of(frame), tmp_path, 0, 1)


LABEL = st.text(
    st.one_of(st.sampled_from("./%~_ aA\\:*é\0"), st.characters(exclude_categories=["Cs"])),
    max_size=100,
)


@given(st.lists(LABEL, min_size=2, max_size=8, unique=True))
def test_every_label_has_a_folder_of_its_own(labels: list[str]) -> None:
    names = [folder_name(label) for label in labels]
    assert len(set(names)) == len(labels)
    for label, name in zip(labels, names, strict=True):
        assert (name == "_missing") == (label == "")
        assert name[0] not in ". "
        assert not set(name) & set('/\\\0:*?"<>|')
        assert len(name.encode()) <= 255


def test_long_labels_do_not_collide() -> None:
    one, other = (folder_name("x" * 300 + end) for end in "ab")
    assert one != other
