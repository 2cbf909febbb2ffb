"""The output folder of a run: built beside its final place, renamed when it is whole.

    with Workspace.open(Path("out/adult"), fingerprint, resume=False) as space:
        ...write into space.path...
        space.publish()

While a run is at work its files lie in ``.adult.partial`` beside ``adult``; a killed run leaves
that folder, never a half ``adult``. ``resume=True`` goes on in it if it belongs to the same recipe
(same fingerprint). A lock that the operating system releases with the process keeps two runs out of
the same folder.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthkit.errors import ModelError, SinkError

MANIFEST = "manifest.json"
PUBLISHED = {
    *("data", "data.csv", "data.parquet", "data.jsonl", "model"),
    *(MANIFEST, "recipe.yaml", "report.html", "report.json"),
}


@contextlib.contextmanager
def writing(where: Path) -> Iterator[None]:
    """Turns an operating system's refusal to write into a ``SinkError`` with a remedy."""
    try:
        yield
    except OSError as error:
        remedies = {
            errno.ENOSPC: "free some space or choose another output.path",
            errno.EDQUOT: "free some of your quota or choose another output.path",
            errno.EACCES: "choose an output.path that you may write to",
            errno.EPERM: "choose an output.path that you may write to",
            errno.EROFS: "choose an output.path on a writable file system",
            errno.ENOTDIR: "choose an output.path whose parents are folders",
            errno.EEXIST: "choose an output.path that is a folder",
        }
        reason = os.strerror(error.errno).lower() if error.errno else type(error).__name__
        raise SinkError(
            f"cannot write here: {reason}",
            where=where,
            remedy=remedies.get(error.errno or 0, "check the disk and the path"),
        ) from error


def write_json(path: Path, content: Any) -> None:
    """Writes strict JSON so that the file is either absent or whole."""
    partial = path.with_name(path.name + ".tmp")
    with writing(path):
        partial.write_text(
            json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n",
            encoding="utf-8",
        )
        os.replace(partial, path)


def read_manifest(run_path: Path) -> dict[str, Any]:
    """The manifest of a finished run.

    Raises:
        ModelError: the folder is not a finished run.
    """
    path = run_path / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        partial = partial_path(run_path)
        raise ModelError(
            "this is not a finished run" if run_path.exists() else "there is no such run",
            where=run_path,
            expected=f"a folder with {MANIFEST}",
            remedy=(
                "a run was interrupted here: finish it with generate --resume"
                if partial.exists()
                else "name the output.path of a finished run"
            ),
        ) from error
    except (OSError, ValueError) as error:
        raise ModelError(
            f"the manifest cannot be read ({type(error).__name__})",
            where=path,
            remedy="run the recipe again",
        ) from error
    if not isinstance(manifest, dict) or "fingerprint" not in manifest:
        raise ModelError(
            "the manifest is not one of synthkit's", where=path, remedy="name a run's output.path"
        )
    return manifest


def partial_path(final: Path) -> Path:
    """Where a run builds its output before it is renamed to ``final``."""
    return final.with_name(f".{final.name}.partial")


@dataclass
class Workspace:
    """An output folder under construction.

    Args:
        path: the folder to write into.
        final: the folder it becomes.
        finished: the final folder already holds this very run (only with ``resume``).
    """

    path: Path
    final: Path
    finished: bool

    @classmethod
    @contextlib.contextmanager
    def open(
        cls, final: Path, fingerprint: str, *, resume: bool = False, overwrite: bool = False
    ) -> Iterator[Workspace]:
        """Claims an output folder for one run.

        Args:
            final: where the run's output shall be.
            fingerprint: of the recipe; decides what may be resumed or replaced.
            resume: go on with an interrupted run, or leave a finished one alone.
            overwrite: replace the finished run of another recipe.

        Raises:
            SinkError: the folder holds something else, is in use, or cannot be written.
        """
        final = Path(os.path.realpath(final))
        finished = _refuse_foreign(final, fingerprint, overwrite) and resume
        path = partial_path(final)
        with writing(final):
            final.parent.mkdir(parents=True, exist_ok=True)
            path.mkdir(exist_ok=True)
        with _locked(path):
            space = cls(path, final, finished)
            if not (resume and space.read_note("fingerprint") == fingerprint):
                space._clear()
            space.write_note("fingerprint", fingerprint)
            try:
                yield space
            finally:
                space._drop_if_empty()

    def note_path(self, name: str) -> Path:
        """File of a note; notes record progress for ``resume`` and are not published."""
        return self.path / f".{name}.json"

    def read_note(self, name: str) -> Any:
        """A note's content, or None if it is absent or unreadable."""
        try:
            return json.loads(self.note_path(name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def write_note(self, name: str, content: Any) -> None:
        """Records progress; atomic."""
        write_json(self.note_path(name), content)

    def holds(self, source: str) -> bool:
        """Whether the final folder is this very run on this very source (only with ``resume``).

        Progress that an interrupted run made on another source is dropped.

        Args:
            source: hash of the source's content.
        """
        if self.finished and read_manifest(self.final).get("source", {}).get("sha256") == source:
            return True
        if self.read_note("source") != source:
            fingerprint = self.read_note("fingerprint")
            self._clear()
            self.write_note("fingerprint", fingerprint)
            self.write_note("source", source)
        return False

    def publish(self) -> None:
        """Renames the folder to its final place; a finished run there is replaced."""
        with writing(self.final):
            for note in self.path.glob(".*"):
                if note.name != ".lock":
                    note.unlink()
            (self.path / ".lock").unlink(missing_ok=True)
            old = self.final.with_name(f".{self.final.name}.replaced")
            if self.final.exists():
                shutil.rmtree(old, ignore_errors=True)
                os.replace(self.final, old)
            os.replace(self.path, self.final)
            shutil.rmtree(old, ignore_errors=True)

    def _drop_if_empty(self) -> None:
        """Removes the folder of a run that ended before it had anything worth resuming."""
        if self.path.exists() and all(entry.name.startswith(".") for entry in self.path.iterdir()):
            shutil.rmtree(self.path, ignore_errors=True)

    def _clear(self) -> None:
        with writing(self.path):
            for entry in self.path.iterdir():
                if entry.name == ".lock":
                    continue
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _refuse_foreign(final: Path, fingerprint: str, overwrite: bool) -> bool:
    """Whether ``final`` already holds a finished run of this fingerprint; refuses all else."""
    try:
        occupied = final.exists() and (not final.is_dir() or any(final.iterdir()))
    except OSError as error:
        raise SinkError(
            "the output folder cannot be read", where=final, remedy="choose another output.path"
        ) from error
    if not occupied:
        return False
    if not final.is_dir() or not (final / MANIFEST).exists():
        raise SinkError(
            "the output path exists and is not a run of synthkit",
            where=final,
            expected="a new or empty folder, or an earlier run of this recipe",
            remedy="choose another output.path or move what is there",
        )
    strangers = {entry.name for entry in final.iterdir()} - PUBLISHED
    if strangers:
        raise SinkError(
            f"the run's folder also holds {len(strangers)} entries that are not the run's",
            where=final,
            remedy="move them elsewhere, or choose another output.path",
        )
    same = read_manifest(final)["fingerprint"] == fingerprint
    if not same and not overwrite:
        raise SinkError(
            "the output folder holds the run of another recipe",
            where=final,
            remedy="choose another output.path, or replace that run with --overwrite",
        )
    return same


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with writing(folder):
        handle = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise SinkError(
                "another run is writing here",
                where=folder,
                remedy="wait for it, or choose another output.path",
            ) from error
        yield
    finally:
        os.close(handle)
