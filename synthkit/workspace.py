"""The output folder of a run: built beside its final place, renamed when it is whole.

    with Workspace.open(Path("out/adult"), fingerprint, resume=False) as space:
        if not space.holds(source_hash):
            ...write into space.path...
            space.publish(space.place(passed))

While a run is at work its files lie in ``.adult.partial`` beside ``adult``, with the checkpoints of
its fit, which are never published; a killed run leaves that folder, never a half ``adult``.
``resume=True`` goes on in it if it belongs to the same recipe (same fingerprint) and source. A
finished run may be repeated (same recipe, same source), and a repetition that does not pass goes to
``adult.not-passed`` if ``adult`` passed; all else needs ``overwrite=True``. A lock that the operating
system releases with the process keeps two runs out of the same folder.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthkit.counts import counted
from synthkit.errors import ConstraintError, FormatError, ModelError, SinkError, TrainingError

MANIFEST, REPORT, INTERNAL = "manifest.json", "report.html", "internal"
CHECKPOINTS = ".checkpoints"
RACE_NOTE = "race"  # takes fits to make, so that a run with nothing else is worth resuming
PUBLISHED = {
    *(
        "data",
        "data.csv",
        "data.parquet",
        "data.jsonl",
        "images",
        "contact-sheet.png",
        "internal",
        "model",
    ),
    *(MANIFEST, "recipe.yaml", REPORT, "report.json"),
}


@contextlib.contextmanager
def writing(where: Path) -> Iterator[None]:
    """Turns an operating system's refusal to write into a ``SinkError`` with a remedy."""
    try:
        yield
    except OSError as error:
        remedies = {
            errno.ENOSPC: "free some space, or write elsewhere",
            errno.EDQUOT: "free some of your quota, or write elsewhere",
            errno.EACCES: "choose a path that you may write to",
            errno.EPERM: "choose a path that you may write to",
            errno.EROFS: "choose a path on a writable file system",
            errno.ENOTDIR: "choose a path whose parents are folders",
            errno.EISDIR: "choose a path that is no folder",
            errno.EEXIST: "choose a path that is a folder",
        }
        reason = os.strerror(error.errno).lower() if error.errno else type(error).__name__
        raise SinkError(
            f"cannot write here: {reason}",
            where=where,
            remedy=remedies.get(error.errno or 0, "check the disk and the path"),
        ) from error


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Where to write a file that is at ``path`` when the block ends well, and nowhere if it does not.

    Raises:
        SinkError: the file system refuses.
    """
    with writing(path):
        target = Path(os.path.realpath(path))  # a link stays a link
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.tmp")
        try:
            yield partial
            os.replace(partial, target)
        finally:
            partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 text so that the file is either as it was or whole."""
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json(path: Path, content: Any) -> None:
    """Writes strict JSON so that the file is either as it was or whole."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def require_writable(folder: Path) -> None:
    """Refuses a folder that cannot be made or written into, before any work is done for it.

    Nothing is left behind. Raises ``SinkError``.
    """
    with writing(folder):
        there = next(path for path in (folder, *folder.absolute().parents) if os.path.lexists(path))
        with tempfile.TemporaryFile(dir=there):
            pass


def require_usable(final: Path) -> None:
    """Refuses an output folder that no run could take, whatever its options; leaves nothing behind.

    Raises:
        SinkError: it holds something else, or cannot be made or written into.
        ModelError: it holds a run whose manifest cannot be read.
    """
    final = Path(os.path.realpath(final))
    _finished_run(final)
    require_writable(final.parent)


def read_manifest(run_path: Path) -> dict[str, Any]:
    """The manifest of a finished run.

    Raises:
        ModelError: the folder is not a finished run.
    """
    path = run_path / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
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


def is_run(folder: Path) -> bool:
    """Whether a folder is a finished run: it has a report, and a manifest that is one of ours."""
    try:
        return (folder / REPORT).is_file() and bool(read_manifest(folder))
    except ModelError:
        return False


def partial_path(final: Path) -> Path:
    """Where a run builds its output before it is renamed to ``final``."""
    return final.with_name(f".{final.name}.partial")


def is_interrupted(final: Path) -> bool:
    """Whether an interrupted run that can be resumed waits beside its output folder."""
    return partial_path(Path(os.path.realpath(final))).exists()


@dataclass
class Workspace:
    """An output folder under construction.

    Args:
        path: the folder to write into.
        final: the folder it becomes.
        earlier: manifest of the finished run of the same recipe in ``final``; None if there is none.
        resume: go on with an interrupted run, or leave a finished one alone.
        overwrite: replace whatever finished run is there.
        resumed: there was an interrupted run, and its work is still in ``path``.
        discarded: there was an interrupted run, and its work is gone.
    """

    path: Path
    final: Path
    earlier: dict[str, Any] | None
    resume: bool
    overwrite: bool
    resumed: bool = False
    discarded: bool = False

    @classmethod
    @contextlib.contextmanager
    def open(
        cls, final: Path, fingerprint: str, *, resume: bool = False, overwrite: bool = False
    ) -> Iterator[Workspace]:
        """Claims an output folder for one run.

        Args:
            final: where the run's output shall be.
            fingerprint: of the recipe; decides what may be resumed or repeated.
            resume: go on with an interrupted run, or leave a finished one alone.
            overwrite: replace whatever finished run is there.

        Raises:
            SinkError: the folder holds something else, is in use, or cannot be written; or the
                interrupted run that shall be resumed is another recipe's.
        """
        final = Path(os.path.realpath(final))
        earlier = _finished_run(final)
        same = earlier is not None and earlier["fingerprint"] == fingerprint
        if earlier is not None and not same and not overwrite:
            raise SinkError(
                "the output folder holds a run of another recipe, or of this one before it or its "
                "policy changed",
                where=final,
                remedy="choose another output.path, or replace that run with --overwrite",
            )
        path = partial_path(final)
        with writing(final):
            final.parent.mkdir(parents=True, exist_ok=True)
            path.mkdir(exist_ok=True)
        with _locked(path):
            space = cls(path, final, earlier if same else None, resume, overwrite)
            space._begin(fingerprint)
            try:
                yield space
            except (ConstraintError, FormatError, TrainingError):  # only another recipe mends these
                space._clear()
                raise
            finally:
                space._drop_if_empty()

    def _begin(self, fingerprint: str) -> None:
        """Takes up the work of an interrupted run, or clears it away."""
        noted = self.read_note("fingerprint")
        if self.resume and noted not in (None, fingerprint):
            raise SinkError(
                "the interrupted run is of another recipe, or of this one before it or its policy "
                "changed",
                where=self.path,
                remedy="resume it with the recipe as it was, or start over without --resume",
            )
        self.resumed = self.resume and noted is not None
        if not self.resumed:
            self.discarded = self._holds_work()
            self._clear()
        self.write_note("fingerprint", fingerprint)

    @property
    def checkpoints(self) -> Path:
        """Folder of what a fit needs to go on in its middle; it is made from the real rows, too."""
        return self.path / CHECKPOINTS

    def drop_checkpoints(self) -> None:
        """Removes the checkpoints of a fit that is over."""
        with writing(self.checkpoints):
            if self.checkpoints.exists():
                shutil.rmtree(self.checkpoints)

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
        """Whether the final folder is this very run on this very source, and is to be left alone.

        Args:
            source: hash of the source's content.

        Raises:
            SinkError: the finished run there, or the interrupted one, read other data.
        """
        if self.earlier is not None:
            same = self.earlier.get("source", {}).get("sha256") == source
            if same and self.resume:
                return True
            if not same and not self.overwrite:
                raise SinkError(
                    "the output folder holds a run of this recipe on other data",
                    where=self.final,
                    expected="the same source as then",
                    remedy="choose another output.path, or replace that run with --overwrite",
                )
        if self.read_note("source") not in (None, source):
            raise SinkError(
                "the interrupted run read other data",
                where=self.path,
                expected="the same source as then",
                remedy="start over without --resume",
            )
        self.write_note("source", source)
        return False

    def place(self, passed: bool) -> Path:
        """Where the finished run goes: a run that did not pass never replaces one that did.

        Args:
            passed: whether the policy passed.

        Raises:
            SinkError: something else is there.
        """
        kept = self.earlier is not None and self.earlier.get("verdict") == "passed"
        place = self.final
        if kept and not passed and not self.overwrite:
            place = self.final.with_name(f"{self.final.name}.not-passed")
        _finished_run(place)  # the folder may have changed while the run was at work
        return place

    def publish(self, place: Path) -> None:
        """Renames the folder to its final place; a finished run there is replaced."""
        self.drop_checkpoints()
        with writing(place):
            for note in self.path.glob(".*"):
                if note.name != ".lock":
                    note.unlink()
            (self.path / ".lock").unlink(missing_ok=True)
            old = place.with_name(f".{place.name}.replaced")
            if place.exists():
                shutil.rmtree(old, ignore_errors=True)
                os.replace(place, old)
            os.replace(self.path, place)
            shutil.rmtree(old, ignore_errors=True)

    def _holds_work(self) -> bool:
        """Whether there is anything worth resuming."""
        if self.checkpoints.is_dir() and any(self.checkpoints.iterdir()):
            return True
        if self.note_path(RACE_NOTE).exists():
            return True
        return any(not entry.name.startswith(".") for entry in self.path.iterdir())

    def _drop_if_empty(self) -> None:
        """Removes the folder of a run that ended before it had anything worth resuming."""
        if self.path.exists() and not self._holds_work():
            shutil.rmtree(self.path, ignore_errors=True)

    def _clear(self) -> None:
        with writing(self.path):
            for entry in self.path.iterdir():
                if entry.name == ".lock":
                    continue
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _finished_run(final: Path) -> dict[str, Any] | None:
    """Manifest of the finished run in a folder, None if it is free; refuses all else."""
    try:
        occupied = final.exists() and (not final.is_dir() or any(final.iterdir()))
    except OSError as error:
        raise SinkError(
            "the output folder cannot be read", where=final, remedy="choose another output.path"
        ) from error
    if not occupied:
        return None
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
            f"the run's folder also holds {counted(len(strangers), 'thing')} that a run does not leave",
            where=final,
            remedy="move them elsewhere, or choose another output.path",
        )
    return read_manifest(final)


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
