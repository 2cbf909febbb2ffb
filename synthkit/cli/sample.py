"""``synthkit sample``: more rows from the model of a finished run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthkit.cli.application import print_json
from synthkit.cli.listeners import listening
from synthkit.cli.options import Json, Quiet, RunFolder
from synthkit.counts import counted
from synthkit.errors import SinkError
from synthkit.schema import UNITS

EXAMPLES = (
    "synthkit sample out/adult --rows 1000 -o more.csv",
    "synthkit sample out/adult --rows 500 -o rich.parquet --given 'income=>50K' --seed 3",
    "synthkit sample out/adult --rows 500 -o gaps.csv --given occupation=",
    "synthkit sample out/adult --rows 500 -o even.csv --balance income",
    "synthkit sample out/adult --rows 500 -o half.csv --balance 'income=>50K:0.5'",
)

MOST_ROWS = 10_000_000_000


def command(
    run: RunFolder,
    rows: Annotated[int, typer.Option(min=1, max=MOST_ROWS, help="Rows to make.")],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="File to write: .csv, .parquet or .jsonl; for more than 250,000 rows a folder, "
            "which receives Parquet files.",
        ),
    ],
    given: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=VALUE",
            help="A value every row shall have, or nothing for a missing cell; repeatable.",
        ),
    ] = None,
    balance: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN[=VALUE:SHARE]",
            help="A column whose categories shall be equally frequent, or a share above 0 and at "
            "most 1 of one of its values (behind the last colon); repeatable for more values.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Of this sample; else the run's.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Draw more rows from a finished run's model.

    All of them have the values that are given; a balanced column has the shares that are asked for.
    """
    if str(output) == "-":
        raise SinkError(
            "rows cannot be written to standard output", where="--output", remedy="name a file"
        )
    if output.exists() and not force:
        raise SinkError(
            "there is something here already",
            where=output,
            remedy="choose another path, or --force",
        )

    from synthkit import more_rows
    from synthkit.run import Run

    with listening(quiet=quiet, json=json) as listener:
        own = Run(seed or 0, listener)
        made = more_rows.sample_run(run, rows, output, given or [], seed, own, balance or [])
    if json:
        print_json({"event": "result", "rows": made, "path": str(output), "exit_code": 0})
    else:
        print(output if quiet else f"{counted(made, _unit(run))} in {output}")


def _unit(run: Path) -> str:
    """What the run's rows are called."""
    from synthkit.workspace import read_manifest

    return UNITS[read_manifest(run).get("modality", "table")]
