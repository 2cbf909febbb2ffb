"""Standard output or error that is closed, went away or is full: no bug.

``synthkit list | head -1`` closes the pipe early. The command ends without a word and with the code
of the signal that ends other programs so (141); a disk that is full gets a message and code 2. A
stream that is closed from the start (``>&-``) is like ``/dev/null``, and a character that the stream's
encoding lacks is replaced.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from io import TextIOWrapper
from typing import Any, TextIO, cast

import typer

from synthkit.errors import SinkError

CLOSED_PIPE = 128 + signal.SIGPIPE


def open_streams() -> None:
    """Gives the process all three standard streams, and those it writes to an answer to any text."""
    # In the order of their numbers: a closed stream's number would else go to the next file opened,
    # and what a library prints by number would land in it.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None or (mode == "w" and _takes_nothing(stream)):
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))
        elif mode == "w" and isinstance(stream, TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")


def _takes_nothing(stream: TextIO) -> bool:
    """Whether a file that was opened for reading took the place of a stream that was closed.

    A shell script behind ``>&-`` hands on its own file so.
    """
    try:
        return fcntl.fcntl(stream.fileno(), fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
    except (OSError, ValueError):  # no file at all
        return False


class StreamFailed(Exception):
    """A standard stream refused text. No ``OSError``: nobody shall take it for a file's."""

    def __init__(self, stream: TextIO, cause: OSError) -> None:
        super().__init__()
        self.stream = stream
        self.cause = cause


class _Watched:
    """A standard stream whose refusals can be told from those of files."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError as error:
            raise StreamFailed(self._stream, error) from None

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            raise StreamFailed(self._stream, error) from None


@contextmanager
def checked_streams() -> Iterator[None]:
    """Writes out what the block printed; ends the command where that fails."""
    out, err = (cast(TextIO, _Watched(stream)) for stream in (sys.stdout, sys.stderr))
    try:
        with redirect_stdout(out), redirect_stderr(err):
            try:
                yield
            finally:
                out.flush()
    except StreamFailed as failure:
        for stream in (sys.stdout, sys.stderr):
            _silence(stream, only_if_broken=stream is not failure.stream)
        if isinstance(failure.cause, BrokenPipeError):
            raise typer.Exit(CLOSED_PIPE) from None
        reason = os.strerror(failure.cause.errno or 0).lower()
        print(f"the output cannot be written: {reason}", file=sys.stderr)
        raise typer.Exit(SinkError.exit_code) from None


def _silence(stream: TextIO, *, only_if_broken: bool) -> None:
    """Leads the stream to nowhere, so that the interpreter's last flush succeeds."""
    if only_if_broken:
        with suppress(OSError):
            stream.flush()
            return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
    with suppress(OSError):
        stream.flush()
