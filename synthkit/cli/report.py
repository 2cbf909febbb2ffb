"""``synthkit report``: the evidence of a finished run."""

from __future__ import annotations

import os
import sys
import webbrowser
from typing import Annotated

import typer

from synthkit.cli.application import print_json
from synthkit.cli.options import Json, RunFolder
from synthkit.errors import ModelError
from synthkit.workspace import INTERNAL

EXAMPLES = ("synthkit report out/adult", "synthkit report out/adult --internal --json")


def command(
    run: RunFolder,
    internal: Annotated[
        bool,
        typer.Option("--internal", help="The one with exact numbers and numbers of real rows."),
    ] = False,
    json: Json = False,
) -> None:
    """Open the report of a run, or print its path.

    The browser opens on a terminal with a desktop.
    """
    page = run / INTERNAL / "report.html" if internal else run / "report.html"
    if json:
        from synthkit import artifacts

        _, report = artifacts.read(run)
        print_json((report if internal else report.shareable()).to_json())
        return
    if not page.is_file():
        raise ModelError(
            "there is no report here", where=run, remedy="name the output.path of a finished run"
        )
    print(page)
    if _has_desktop():
        webbrowser.open(page.resolve().as_uri())


def _has_desktop() -> bool:
    display = sys.platform in ("darwin", "win32") or any(
        name in os.environ for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    return display and sys.stdout.isatty()
