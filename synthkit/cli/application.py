"""Errors of every command, handled in one place: one message, one exit code, no traceback."""

from __future__ import annotations

import json
import sys
import traceback
from dataclasses import asdict
from types import TracebackType
from typing import Any

import typer
from typer.core import TyperGroup

from synthkit.errors import RecipeError, SynthkitError

DEBUG = "--debug"
JSON = "--json"
INTERRUPTED = 130


class Application(TyperGroup):
    """The group of all commands. ``--debug`` may stand anywhere on the line."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Takes ``--debug`` out of the arguments, wherever it stands."""
        ctx.meta[DEBUG] = DEBUG in args
        ctx.meta[JSON] = JSON in args
        return super().parse_args(ctx, [arg for arg in args if arg != DEBUG])

    def invoke(self, ctx: Any) -> Any:
        """Runs the command; what a user can mend becomes a message and an exit code."""
        try:
            return super().invoke(ctx)
        except SynthkitError as error:
            if ctx.meta[DEBUG]:
                traceback.print_exc()
            _show(error)
            if ctx.meta[JSON]:
                print_json(_as_event(error))
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            resume = ctx.invoked_subcommand == "generate"
            print("\ninterrupted" + "; --resume goes on with it" * resume, file=sys.stderr)
            raise typer.Exit(INTERRUPTED) from None
        except MemoryError:
            print("out of memory: lower source.max_rows or output.shard_rows", file=sys.stderr)
            raise typer.Exit(SynthkitError.exit_code) from None


def _show(error: SynthkitError) -> None:
    print(error, file=sys.stderr)
    if isinstance(error, RecipeError) and len(error.problems) > 1:
        print(f"{len(error.problems)} problems", file=sys.stderr)


def _as_event(error: SynthkitError) -> dict[str, Any]:
    """An error as the last line of ``--json``."""
    problems = error.problems if isinstance(error, RecipeError) else ()
    return {
        "event": "error",
        "kind": type(error).__name__,
        "message": str(error),
        "problems": [asdict(problem) for problem in problems],
        "exit_code": error.exit_code,
    }


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
    print(
        f"This is a bug in synthkit ({kind.__name__}), not in your recipe or data. Please report it "
        f"with the traceback that the same command shows with {DEBUG}; remove values of your data "
        "from it first.",
        file=sys.stderr,
    )


def print_json(content: Any) -> None:
    """One line of JSON on standard output, at once."""
    print(json.dumps(content, ensure_ascii=False, allow_nan=False), flush=True)
