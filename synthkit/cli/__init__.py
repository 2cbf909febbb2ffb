"""The command line: one file per command, each a thin door to the engine.

    synthkit init customers.csv          # looks at the data, writes recipe.yaml
    synthkit validate recipe.yaml        # every problem at once
    synthkit generate recipe.yaml        # the whole story

Results go to standard output, progress and messages to standard error. A command imports its engine
when it runs, so that ``--help`` and ``validate`` need neither pandas nor any backend's libraries.
Exit codes: 0 ok; 1 a bug of ours; 2 recipe, usage, source or sink; 3 the policy did not pass; 130
Ctrl-C; 141 the reader of the output went away; 143 SIGTERM.
"""

from __future__ import annotations

import signal
import sys
from typing import Annotated

import typer

from synthkit import __version__
from synthkit.cli import audit, doctor, generate, init, report, sample, schema, validate
from synthkit.cli import list as list_
from synthkit.cli.application import DEBUG, Application, report_bug, terminate
from synthkit.cli.streams import open_streams

COMMANDS = {
    "init": init,
    "validate": validate,
    "generate": generate,
    "sample": sample,
    "audit": audit,
    "report": report,
    "list": list_,
    "schema": schema,
    "doctor": doctor,
}

app = typer.Typer(
    name="synthkit",
    cls=Application,
    help="Turns a real table into a synthetic one, with the evidence: how faithful it is, what it "
    "gives away, whom it treats unfairly.",
    epilog="Exit codes: 0 ok, 1 a bug in synthkit, 2 recipe, usage, source or disk, 3 the policy did "
    "not pass, 130 Ctrl-C, 143 SIGTERM. Begin with: synthkit generate table/adult",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name, module in COMMANDS.items():
    app.command(name, epilog="\n  ".join(("\b\nExamples:", *module.EXAMPLES)))(module.command)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"synthkit {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
    debug: Annotated[
        bool, typer.Option(DEBUG, help="Show tracebacks; may stand behind the command too.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Entry point of the ``synthkit`` command."""
    open_streams()
    command = typer.main.get_command(app)  # called by itself, typer's app sets a hook of its own
    sys.excepthook = report_bug
    signal.signal(signal.SIGTERM, terminate)
    command(prog_name="synthkit")
