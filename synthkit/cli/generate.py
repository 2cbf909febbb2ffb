"""``synthkit generate``: the whole story of a recipe."""

from __future__ import annotations

import json as json_text
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synthkit.cli.application import print_json
from synthkit.cli.listeners import listening
from synthkit.cli.options import Json, Overrides, Quiet, RecipeName

if TYPE_CHECKING:
    from synthkit.pipeline import Outcome

NOT_PASSED = 3

EXAMPLES = (
    "synthkit generate table/adult",
    "synthkit generate recipe.yaml --set generator.budget=60s --rows 5000 --seed 8",
    "synthkit generate recipe.yaml --resume",
)


def command(
    recipe: RecipeName,
    set_: Overrides = None,
    rows: Annotated[int | None, typer.Option(min=1, help="Rows to make (output.rows).")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="The only randomness (seed).")] = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="Folder of the run (output.path).")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run of this recipe.")
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite", help="Replace the finished run in the folder, whatever it is of."
        ),
    ] = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Make synthetic rows, check them, release them.

    The rows and the model are released only if the policy passes, or with privacy.on_fail: warn in the recipe; the report always is. Exit code 3 if the policy does not pass and the data is withheld.
    """
    shortcuts = {"output.rows": rows, "seed": seed, "output.path": output}
    overrides = [f"{k}={json_text.dumps(v)}" for k, v in shortcuts.items() if v is not None]
    from synthkit.recipe_io import load_recipe
    from synthkit.sources import read_header

    loaded = load_recipe(recipe, [*(set_ or []), *overrides], read_header=read_header)

    from synthkit import artifacts, pipeline
    from synthkit.generators.cards import AUTO
    from synthkit.run import Run
    from synthkit.workspace import is_interrupted

    with listening(quiet=quiet, json=json) as listener:
        run = Run(loaded.recipe.seed, listener)
        try:
            outcome = pipeline.generate(loaded, run, resume=resume, overwrite=overwrite)
        except KeyboardInterrupt as stop:
            if is_interrupted(artifacts.folder(loaded)):
                stop.add_note("--resume goes on with it")
            elif loaded.recipe.generator.backend == AUTO:
                stop.add_note("a race is kept when it is over, and begins anew")
            raise
    exit_code = NOT_PASSED if outcome.withheld else 0
    if json:
        print_json(_as_event(outcome, exit_code))
    else:
        _show(outcome, quiet)
    raise typer.Exit(exit_code)


def _show(outcome: Outcome, quiet: bool) -> None:
    from synthkit.report.summary import reasons_line, summary_lines

    not_passed = not outcome.verdict.passed
    if quiet:
        if not_passed:
            print(reasons_line(outcome.report, _report_path(outcome)), file=sys.stderr)
        print(outcome.verdict.word)
    else:
        print("\n".join(summary_lines(outcome.report)))
        if outcome.withheld:
            print("The data is withheld; the report says why.")
            if any(check.status == "failed" for check in outcome.report.family("privacy")):
                print(
                    "Against a leak help more training rows, protect.near_copies, and a backend or options that "
                    "learn less detail."
                )
        elif not_passed:
            print("The data is written all the same, as privacy.on_fail: warn says.")
    print(_report_path(outcome))


def _as_event(outcome: Outcome, exit_code: int) -> dict[str, object]:
    return {
        "event": "result",
        "verdict": outcome.verdict.word,
        "reasons": list(outcome.verdict.reasons),
        "withheld": outcome.withheld,
        "path": str(outcome.path),
        "report": str(_report_path(outcome)),
        "rows": outcome.manifest["rows"],
        "exit_code": exit_code,
    }


def _report_path(outcome: Outcome) -> Path:
    path = outcome.path / "report.html"
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
