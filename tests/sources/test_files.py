"""Finding files and telling formats, and the registry in front of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from synthkit.errors import PluginError, SourceError, SynthkitError
from synthkit.recipe import SourceSpec
from synthkit.sources import Source, read_table, sources
from synthkit.sources.files import digest, file_format, locate


def test_recipe_s_folder_comes_before_the_working_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, here = tmp_path / "base", tmp_path / "here"
    for folder in (base, here):
        folder.mkdir()
        (folder / "both.csv").write_text("a\n1\n")
    (here / "one.csv").write_text("a\n1\n")
    monkeypatch.chdir(here)
    assert locate(SourceSpec(path="both.csv"), base).files == (base / "both.csv",)
    assert locate(SourceSpec(path="one.csv"), base).files == (here / "one.csv",)
    assert locate(SourceSpec(path="o*.csv"), base).files == (here / "one.csv",)
    assert locate(SourceSpec(path=str(here / "one.csv")), base).files == (here / "one.csv",)


def test_a_file_with_a_glob_s_letters_in_its_name(tmp_path: Path) -> None:
    (tmp_path / "a[1].csv").write_text("a\n1\n")
    assert locate(SourceSpec(path="a[1].csv"), tmp_path).names == ("a[1].csv",)


def test_nested_glob_is_sorted(tmp_path: Path) -> None:
    for name in ("y/2.csv", "x/1.csv"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("a\n1\n")
    found = locate(SourceSpec(path="**/*.csv"), tmp_path)
    assert found.files == (tmp_path / "x/1.csv", tmp_path / "y/2.csv")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("x.csv", b"a\n1\n", "csv"),
        ("x.TSV.GZ", b"a\n1\n", "csv"),
        ("x", b"a,b\n1,2\n", "csv"),
        ("x.ndjson", b"", "jsonl"),
        ("x.json", b'\n {"a": 1}\n', "jsonl"),
        ("x.csv", b"PAR1...", "parquet"),
        ("x", b"PAR1...", "parquet"),
    ],
)
def test_format(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert file_format(tmp_path / name) == kind


@pytest.mark.parametrize(
    ("name", "message"),
    [("recipe.yaml", "this is a recipe"), ("x.YML", "YAML"), ("report.html", "this is a web page")],
)
def test_files_of_another_kind_say_what_they_are(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / name).write_text("version: 1\nsource: {path: a, format: b}\n")
    with pytest.raises(SourceError, match=rf"{name}: .*{message}.*; expected a table: CSV"):
        locate(SourceSpec(path=name), tmp_path)
    assert locate(SourceSpec(path=name, format="csv"), tmp_path).format == "csv"


def test_one_bad_file_of_a_folder_is_named_with_the_way_round_it(tmp_path: Path) -> None:
    for name, content in (("1.csv", b"a\n1\n"), ("2.csv", b"PK\x03\x04...."), ("3.csv", b"b\n1\n")):
        (tmp_path / name).write_bytes(content)
    with pytest.raises(
        SourceError, match=r"2\.csv: this is a zip .* or leave the file out: .*glob"
    ):
        read_table(SourceSpec(path="*.csv"), tmp_path, np.random.default_rng(0))
    (tmp_path / "2.csv").unlink()
    with pytest.raises(SourceError, match=r"3\.csv: the columns differ.*Leave the file out"):
        read_table(SourceSpec(path="*.csv"), tmp_path, np.random.default_rng(0))


def test_stated_format_is_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text('{"a": 1}\n')
    raw = read_table(SourceSpec(path="x.csv", format="jsonl"), tmp_path, np.random.default_rng(0))
    assert raw.frame["a"].tolist() == [1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04....", "a zip archive or a spreadsheet"),
        (b"SQLite format 3\0....", "SQLite database"),
        (b"BZh91AY", "bzip2"),
        (b"%PDF-1.7", "PDF"),
        (b"\0\0\x08\x03\0\0\0\x01", "idx file of images.*write source.kind: images"),
        (b'[\n{"a": 1}]', "JSON array"),
    ],
)
def test_foreign_content_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "x.data").write_bytes(content)
    with pytest.raises(SourceError, match=message):
        locate(SourceSpec(path="x.data"), tmp_path)


def test_nothing_there(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "deep" / "year=2020").mkdir(parents=True)
    for path, message in {
        "none.csv": "no such file",
        "*.csv": "no file matches",
        "empty": r"this folder is empty; expected files ending in \.csv, .*; or, for images, \.png, ",
        "deep": r"glob such as folder/\*\*",
        "example:adlt": "did you mean 'adult'",
    }.items():
        with pytest.raises(SynthkitError, match=f"(?i){message}"):
            locate(SourceSpec(path=path), tmp_path)


@pytest.mark.parametrize(
    ("names", "remedy"),
    [
        (["cat/1.PNG", "cat/2.png"], "It holds images: write source.kind: images."),
        (
            ["raw/train-images-idx3-ubyte.gz", "raw/train-labels-idx1-ubyte.gz"],
            "Name the file of images itself, such as raw/train-images-idx3-ubyte.gz; in a recipe, with "
            "source.kind: images.",
        ),
        (["scans.npz"], "Name the file of images itself, such as scans.npz; in a recipe, with "),
        (
            [".hidden.png", "deep/notes.md"],
            "Name the files with a glob such as folder/**/*.parquet.",
        ),
    ],
)
def test_a_folder_without_a_table_says_what_else_it_holds(
    tmp_path: Path, names: list[str], remedy: str
) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(SourceError, match="the folder holds no table") as caught:
        locate(SourceSpec(path="."), tmp_path)
    assert remedy in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.data", b"\x89PNG\r\n"), ("x.data", b"\xff\xd8\xff\xe0"), ("x.bmp", b"BM...."), ("x.TIF", b"II*\0")],
)  # fmt: skip
def test_one_image_asks_for_its_folder(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError) as caught:
        locate(SourceSpec(path=name), tmp_path)
    assert "this is an image" in str(caught.value)
    assert str(caught.value).endswith(
        "Name the folder of images that it lies in; in a recipe, with source.kind: images."
    )


def test_mixed_formats_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n")
    (tmp_path / "x.jsonl").write_text('{"a": 1}\n')
    with pytest.raises(SourceError, match="different formats: csv, jsonl"):
        locate(SourceSpec(path="."), tmp_path)


def test_table_and_query_are_for_databases(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n")
    with pytest.raises(SourceError, match="for a database URL"):
        read_table(SourceSpec(path="x.csv", table="t"), tmp_path, np.random.default_rng(0))


def test_digest_of_several_files_depends_on_names_and_contents(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_text("1")
    b.write_text("2")
    both = digest([a, b])
    b.write_text("3")
    assert digest([a, b]) != both
    assert digest([a]) == "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"


def test_every_registered_source_is_one() -> None:
    assert set(sources.names()) >= {"csv", "parquet", "jsonl", "sql"}
    assert all(isinstance(sources.get(name)(), Source) for name in sources.names())
    with pytest.raises(PluginError, match=r"(?i)did you mean 'parquet'"):
        sources.get("parket")
