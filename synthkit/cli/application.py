"""Errors of every command, handled in one place: one message, one exit code, no traceback."""

from __future__ import annotations

import json
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import takewhile
from types import FrameType, TracebackType
from typing import Any

import typer
from typer.core import TyperGroup

from synthkit.cli.streams import checked_streams
from synthkit.counts import counted
from synthkit.errors import Problem, RecipeError, SynthkitError

DEBUG = "--debug"
JSON = "--json"
OF_COMMANDS = ("--quiet", "-q", JSON)
BUG, INTERRUPTED, TERMINATED = 1, 128 + signal.SIGINT, 128 + signal.SIGTERM

# typer has its own copy of click or uses the installed one; both derive this class so
UsageError: Any = typer.BadParameter.__mro__[1]


class Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a command as Ctrl-C does."""


def terminate(number: int, frame: FrameType | None) -> None:
    """Handler of SIGTERM."""
    raise Terminated


class Application(TyperGroup):
    """The group of all commands. ``--debug`` may stand anywhere, ``--quiet`` and ``--json`` in front."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Takes ``--debug`` out of the arguments, and hands ``--quiet`` and ``--json`` on."""
        ctx.meta[DEBUG] = DEBUG in args
        ctx.meta[JSON] = JSON in args
        with checked_streams(), _answering(ctx):
            return super().parse_args(ctx, self._handed_on(ctx, args))

    def _handed_on(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments with what stands before the command, and is meant for it, behind it."""
        args = [arg for arg in args if arg != DEBUG]
        before = list(takewhile(lambda arg: arg in OF_COMMANDS, args))
        rest = args[len(before) :]
        if not rest or rest[0].startswith("-"):
            return rest
        command = self.get_command(ctx, rest[0])
        known = {option for param in command.params for option in param.opts} if command else ()
        for option in before:
            if command and option not in known:
                inner = command.context_class(command, info_name=rest[0], parent=ctx)
                raise UsageError(f"The command '{rest[0]}' has no option {option}.", inner)
        return rest[:1] + before + rest[1:]

    def invoke(self, ctx: Any) -> Any:
        """Runs the command; what a user can mend becomes a message and an exit code."""
        with checked_streams(), _answering(ctx):
            return super().invoke(ctx)


@contextmanager
def _answering(ctx: Any) -> Iterator[None]:
    """Every expected end of a command: a message, with ``--json`` an event, and the exit code."""
    try:
        yield
    except SynthkitError as error:
        if ctx.meta[DEBUG]:
            traceback.print_exc()
        print(error, file=sys.stderr)
        problems = error.problems if isinstance(error, RecipeError) else ()
        if len(problems) > 1:
            print(counted(len(problems), "problem"), file=sys.stderr)
        if ctx.meta[JSON]:
            _print_end(type(error).__name__, str(error), error.exit_code, problems)
        raise typer.Exit(error.exit_code) from None
    except UsageError as error:
        error.show()
        if ctx.meta[JSON]:
            _print_end("UsageError", error.format_message(), error.exit_code)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt as stop:
        message = "; ".join(["interrupted", *getattr(stop, "__notes__", ())])
        exit_code = TERMINATED if isinstance(stop, Terminated) else INTERRUPTED
        print(f"\n{message}", file=sys.stderr)
        if ctx.meta[JSON]:
            _print_end("Interrupted", message, exit_code)
        raise typer.Exit(exit_code) from None
    except MemoryError:
        message = "out of memory: lower source.max_rows or output.shard_rows"
        print(message, file=sys.stderr)
        if ctx.meta[JSON]:
            _print_end("OutOfMemory", message, SynthkitError.exit_code)
        raise typer.Exit(SynthkitError.exit_code) from None


def _print_end(kind: str, message: str, exit_code: int, problems: Sequence[Problem] = ()) -> None:
    """The last line of ``--json`` where there is no result."""
    print_json(
        {
            "event": "error",
            "kind": kind,
            "message": message,
            "problems": [asdict(problem) for problem in problems],
            "exit_code": exit_code,
        }
    )


def report_bug(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """The interpreter's last word on an error that no command expected (exit code 1).

    An unexpected error may carry values of the data in its text, so only ``--debug`` shows it.
    """
    if issubclass(kind, KeyboardInterrupt):
        return
    if DEBUG in sys.argv:
        traceback.print_exception(kind, error, trace)
        return
    message = (
        f"This is a bug in synthkit ({kind.__name__}), not in your recipe or data. Please report it "
        f"with the traceback that the same command shows with {DEBUG}; remove values of your data "
        "from it first."
    )
    print(message, file=sys.stderr)
    if JSON in sys.argv:
        _print_end("Bug", message, BUG)


def print_json(content: Any) -> None:
    """One line of JSON on standard output, at once; ASCII where not every character can be written."""
    ascii_only = sys.stdout.encoding.lower() not in ("utf-8", "utf8")
    print(json.dumps(content, ensure_ascii=ascii_only, allow_nan=False), flush=True)
