"""``synthkit audit``: the checks alone, on data made by anything."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Annotated

import typer

from synthkit.cli.application import print_json
from synthkit.cli.generate import NOT_PASSED
from synthkit.cli.listeners import listening
from synthkit.cli.options import Json, Quiet
from synthkit.errors import SynthkitError
from synthkit.schema import EACH_ROW

EXAMPLES = (
    "synthkit audit --real train.csv --holdout test.csv --synthetic made.csv --target income",
    "synthkit audit --real a.parquet --synthetic b.parquet --sensitive sex,race -o out/audit",
    "synthkit audit --real a.csv --synthetic b.csv --fidelity c2st.max=0.75",
)


def command(
    real: Annotated[str, typer.Option(help="The rows that the generator was trained on.")],
    synthetic: Annotated[str, typer.Option(help="The rows under test.")],
    holdout: Annotated[
        str | None,
        typer.Option(help="Real rows the generator did not see; privacy needs them."),
    ] = None,
    target: Annotated[str | None, typer.Option(help="Column that a model shall predict.")] = None,
    sensitive: Annotated[
        str, typer.Option(metavar="A,B", help="Columns that define groups, with commas.")
    ] = "",
    person: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help=f"Column that tells whose a row is, where one person has several; '{EACH_ROW}' if none has.",
        ),
    ] = None,
    quasi_identifiers: Annotated[
        str,
        typer.Option(metavar="A,B", help="Columns that an outsider may know of a person."),
    ] = "",
    policy: Annotated[
        str, typer.Option(help="A policy's name or file (synthkit list policies).")
    ] = "internal",
    fidelity: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHECK.BOUND=NUMBER",
            help="A threshold of your own, as under fidelity: in a recipe; repeatable.",
        ),
    ] = None,
    extractor: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="What gives the features of images, as checks.extractor in a recipe.",
        ),
    ] = None,
    controls: Annotated[
        int,
        typer.Option(
            min=0,
            max=1000,
            help="Releases without a leak, made of the real rows, to see how often the policy cries "
            "wolf; 0 for none.",
        ),
    ] = 5,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for report.html and report.json.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the checks' random choices.")] = 0,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Judge synthetic rows that anything made.

    Exit code 3 unless the policy passes.
    """
    from synthkit import api
    from synthkit.artifacts import write_report
    from synthkit.report.summary import reasons_line, summary_lines
    from synthkit.workspace import require_writable

    if output is not None:
        require_writable(output)
    with listening(quiet=quiet, json=json) as listener:
        report = api.audit(
            real,
            synthetic,
            holdout=holdout,
            target=target,
            sensitive=_names(sensitive),
            person=person,
            quasi_identifiers=_names(quasi_identifiers),
            policy=policy,
            fidelity=_thresholds(fidelity or []),
            extractor=extractor,
            controls=controls,
            seed=seed,
            listener=listener,
        )
    if output is not None:
        write_report(report, output)
    page = None if output is None else output / "report.html"
    exit_code = 0 if report.passed else NOT_PASSED
    if json:
        print_json({"event": "result", **report.shareable().to_json(), "exit_code": exit_code})
    else:
        if quiet and exit_code == NOT_PASSED:
            print(reasons_line(report, page), file=sys.stderr)
        print(report.verdict.word if quiet else "\n".join(summary_lines(report)))
        if page is not None:
            print(page)
    raise typer.Exit(exit_code)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _thresholds(texts: list[str]) -> dict[str, dict[str, float]]:
    """``c2st.max=0.75`` as bounds by check; a check's name may hold dots itself."""
    thresholds: dict[str, dict[str, float]] = {}
    for text in texts:
        name, _, number = text.partition("=")
        check, _, bound = name.rpartition(".")
        try:
            limit = float(number)
        except ValueError:
            limit = math.nan
        if not check or math.isnan(limit):
            raise SynthkitError(
                f"'{text}' is no threshold",
                where="--fidelity",
                expected="CHECK.BOUND=NUMBER, such as c2st.max=0.75",
            )
        thresholds.setdefault(check, {})[bound] = limit
    return thresholds
