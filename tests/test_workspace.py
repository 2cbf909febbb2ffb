"""The output folder is whole or absent, belongs to one run, and never swallows foreign files."""

from __future__ import annotations

import contextlib
import errno
import json
import os
from pathlib import Path

import pytest

from synthkit.errors import ConstraintError, FormatError, ModelError, SinkError
from synthkit.workspace import (
    Workspace,
    is_interrupted,
    partial_path,
    read_manifest,
    require_writable,
    write_json,
    write_text,
    writing,
)


def finish(
    space: Workspace,
    fingerprint: str = "f1",
    text: str = "data",
    source: str = "s1",
    word: str = "passed",
) -> Path:
    """A run from the check of its source to its folder, which is returned."""
    assert not space.holds(source)
    (space.path / "data.csv").write_text(text)
    facts = {"fingerprint": fingerprint, "source": {"sha256": source}, "verdict": word}
    write_json(space.path / "manifest.json", facts)
    place = space.place(word == "passed")
    space.publish(place)
    return place


def interrupt(final: Path, text: str) -> None:
    """A run that ends in the middle of its work."""
    with contextlib.suppress(KeyboardInterrupt), Workspace.open(final, "f1") as space:
        (space.path / "shard").write_text(text)
        space.write_note("shard-0", {"drawn": 3})
        raise KeyboardInterrupt


def test_publish_renames_and_leaves_no_trace(tmp_path: Path) -> None:
    final = tmp_path / "deep" / "run"
    with Workspace.open(final, "f1") as space:
        assert not final.exists()
        finish(space)
    assert sorted(p.name for p in final.iterdir()) == ["data.csv", "manifest.json"]
    assert [p.name for p in final.parent.iterdir()] == ["run"]


def test_an_error_before_anything_was_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), Workspace.open(tmp_path / "run", "f1"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    assert not is_interrupted(tmp_path / "run")


def test_an_interrupted_run_is_kept_for_resume_only(tmp_path: Path) -> None:
    final = tmp_path / "run"
    interrupt(final, "half the work")
    (tmp_path / "link").symlink_to(final)
    assert is_interrupted(final)
    assert is_interrupted(tmp_path / "link")
    assert not final.exists()
    assert partial_path(final).exists()
    with Workspace.open(final, "f1", resume=True) as space:
        assert (space.path / "shard").read_text() == "half the work"
        assert space.read_note("shard-0") == {"drawn": 3}
        assert space.resumed


def test_an_interrupted_run_of_another_recipe_or_source_is_neither_resumed_nor_lost(
    tmp_path: Path,
) -> None:
    final = tmp_path / "run"
    interrupt(final, "half the work")
    with (
        pytest.raises(SinkError, match=r"another recipe.*start over without --resume"),
        Workspace.open(final, "other", resume=True),
    ):
        pass
    with Workspace.open(final, "f1", resume=True) as space:
        space.holds("s1")
    with (
        pytest.raises(SinkError, match=r"read other data.*Start over without --resume"),
        Workspace.open(final, "f1", resume=True) as space,
    ):
        space.holds("s2")
    assert (partial_path(final) / "shard").read_text() == "half the work"


def test_nothing_to_resume_is_told(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "run", "f1", resume=True) as space:
        assert not space.resumed


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (ConstraintError("no row meets it"), False),
        (FormatError("a cell that the format cannot hold"), False),
        (SinkError("no space left"), True),
        (RuntimeError(), True),
    ],
)
def test_work_is_kept_only_if_the_same_recipe_can_go_on_with_it(
    tmp_path: Path, error: Exception, kept: bool
) -> None:
    def stopped() -> None:
        with Workspace.open(tmp_path / "run", "f1") as space:
            (space.path / "model").mkdir()
            raise error

    with pytest.raises(type(error)):
        stopped()
    assert partial_path(tmp_path / "run").exists() is kept


def test_without_resume_a_rerun_starts_clean(tmp_path: Path) -> None:
    final = tmp_path / "run"
    interrupt(final, "old")
    with Workspace.open(final, "f1") as space:
        assert space.discarded
        assert not (space.path / "shard").exists()
        assert space.read_note("shard-0") is None


def test_same_recipe_replaces_its_run_and_resume_leaves_it_alone(tmp_path: Path) -> None:
    final = tmp_path / "run"
    with Workspace.open(final, "f1") as space:
        finish(space, text="first")
    with Workspace.open(final, "f1", resume=True) as space:
        assert space.holds("s1")
    with Workspace.open(final, "f1") as space:
        finish(space, text="second")
    assert (final / "data.csv").read_text() == "second"


def test_another_recipes_run_is_refused_unless_overwritten(tmp_path: Path) -> None:
    final = tmp_path / "run"
    with Workspace.open(final, "f1") as space:
        finish(space)
    with (
        pytest.raises(SinkError, match=r"another recipe.*--overwrite"),
        Workspace.open(final, "f2"),
    ):
        pass
    assert (final / "data.csv").read_text() == "data"
    with Workspace.open(final, "f2", overwrite=True) as space:
        finish(space, "f2", "new")
    assert (final / "data.csv").read_text() == "new"


@pytest.mark.parametrize("resume", [False, True])
def test_a_run_on_other_data_is_replaced_only_if_told(tmp_path: Path, resume: bool) -> None:
    final = tmp_path / "run"
    with Workspace.open(final, "f1") as space:
        finish(space)
    with (
        pytest.raises(SinkError, match=r"on other data.*--overwrite"),
        Workspace.open(final, "f1", resume=resume) as space,
    ):
        space.holds("s2")
    assert (final / "data.csv").read_text() == "data"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]
    with Workspace.open(final, "f1", resume=resume, overwrite=True) as space:
        assert finish(space, text="new", source="s2") == final
    assert (final / "data.csv").read_text() == "new"


def test_a_rerun_that_does_not_pass_goes_beside_the_one_that_did(tmp_path: Path) -> None:
    final, beside = tmp_path / "run", tmp_path / "run.not-passed"
    with Workspace.open(final, "f1") as space:
        assert finish(space, text="good") == final
    for text in ("bad", "worse"):
        with Workspace.open(final, "f1") as space:
            assert finish(space, text=text, word="failed") == beside
    assert (final / "data.csv").read_text() == "good"
    assert (beside / "data.csv").read_text() == "worse"
    with Workspace.open(final, "f1", overwrite=True) as space:
        assert finish(space, text="told", word="not_assessed") == final
    with Workspace.open(final, "f1") as space:
        assert finish(space, text="again", word="failed") == final, "nothing passed is lost here"


def test_a_strangers_folder_beside_is_not_replaced(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "run", "f1") as space:
        finish(space)
    (tmp_path / "run.not-passed").mkdir()
    (tmp_path / "run.not-passed" / "notes.txt").write_text("mine")
    with (
        pytest.raises(SinkError, match="not a run of synthkit"),
        Workspace.open(tmp_path / "run", "f1") as space,
    ):
        finish(space, word="failed")
    assert (tmp_path / "run.not-passed" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("overwrite", [False, True])
def test_foreign_files_are_never_replaced(tmp_path: Path, overwrite: bool) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "cat.png").write_text("cat")
    with (
        pytest.raises(SinkError, match="not a run of synthkit"),
        Workspace.open(folder, "f1", overwrite=overwrite),
    ):
        pass
    assert (folder / "cat.png").read_text() == "cat"


def test_output_path_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(SinkError, match="not a run"), Workspace.open(tmp_path / "run", "f1"):
        pass


def test_parent_that_is_a_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SinkError, match="cannot write here"):
        with Workspace.open(tmp_path / "file" / "run", "f1"):
            pass


@pytest.mark.parametrize(
    ("code", "reason", "remedy"),
    [
        (errno.EACCES, "permission denied", "may write to"),
        (errno.EROFS, "read-only file system", "writable file system"),
        (errno.ENOSPC, "no space left", "free some space"),
    ],
)
def test_a_refusal_of_the_system_is_a_clear_error(code: int, reason: str, remedy: str) -> None:
    with pytest.raises(SinkError) as caught, writing(Path("out/run")):
        raise OSError(code, os.strerror(code), "/somewhere/secret")
    text = str(caught.value).lower()
    assert reason in text
    assert remedy in text
    assert "secret" not in text


def test_a_place_that_can_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    require_writable(tmp_path / "deep" / "folder")
    require_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["file", "file/folder", "file/deep/folder"])
def test_a_place_in_a_file_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SinkError, match="not a directory"):
        require_writable(tmp_path / place)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_in_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(SinkError, match="permission denied"):
        require_writable(tmp_path / "deep" / "folder")
    tmp_path.chmod(0o700)


def test_two_runs_cannot_share_an_output_folder(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "run", "f1"):
        with pytest.raises(SinkError, match="another run is writing"):
            with Workspace.open(tmp_path / "run", "f1"):
                pass


def test_manifest_of_an_interrupted_run_points_to_resume(tmp_path: Path) -> None:
    partial_path(tmp_path / "run").mkdir()
    with pytest.raises(ModelError, match=r"no such run.*--resume"):
        read_manifest(tmp_path / "run")


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"name": "other"})])
def test_damaged_manifest_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(ModelError, match="manifest"):
        read_manifest(tmp_path)


def test_full_disk_is_a_clear_error() -> None:
    with pytest.raises(SinkError, match=r"no space left.*[Ff]ree some space"):
        with writing(Path("out")), open("/dev/full", "w") as device:
            device.write("x")


def test_a_file_that_cannot_be_written_whole_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old.txt").write_text("as it was")

    def full(path: Path, text: str, **_: object) -> None:
        path.write_bytes(text[:3].encode())
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(Path, "write_text", full)
    for name in ("old.txt", "new.txt"):
        with pytest.raises(SinkError, match=rf"{name}: cannot write here: no space.*Free some"):
            write_text(tmp_path / name, "whole text")
    assert [p.name for p in tmp_path.iterdir()] == ["old.txt"]
    assert (tmp_path / "old.txt").read_text() == "as it was"


def test_a_link_to_a_file_stays_one(tmp_path: Path) -> None:
    (tmp_path / "target.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "target.txt")
    write_text(tmp_path / "link.txt", "new")
    assert (tmp_path / "target.txt").read_text() == "new"
    assert (tmp_path / "link.txt").is_symlink()


def test_a_strangers_file_in_a_runs_folder_is_not_lost(tmp_path: Path) -> None:
    final = tmp_path / "run"
    with Workspace.open(final, "f1") as space:
        finish(space)
    (final / "notes.txt").write_text("mine")
    with pytest.raises(SinkError, match="1 thing that a run does not leave"):
        with Workspace.open(final, "f1", overwrite=True):
            pass
    assert (final / "notes.txt").read_text() == "mine"


def test_a_file_that_arrives_during_a_run_is_not_lost(tmp_path: Path) -> None:
    final = tmp_path / "run"
    with Workspace.open(final, "f1") as space:
        finish(space)

    def rerun() -> None:
        with Workspace.open(final, "f1") as space:
            (final / "notes.txt").write_text("mine")
            finish(space)

    with pytest.raises(SinkError, match="1 thing that a run does not leave"):
        rerun()
    assert (final / "notes.txt").read_text() == "mine"
    assert (partial_path(final) / "data.csv").exists()


def test_a_linked_folder_receives_the_run(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with Workspace.open(tmp_path / "link", "f1") as space:
        finish(space)
    assert (tmp_path / "target" / "data.csv").exists()
    assert (tmp_path / "link").is_symlink()
