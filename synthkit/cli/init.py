"""``synthkit init``: a recipe to start from."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from synthkit import resources, sdv_exchange
from synthkit.counts import counted
from synthkit.errors import SchemaError, SinkError, SourceError
from synthkit.progress import Notice
from synthkit.sdv_exchange import Imported
from synthkit.workspace import require_writable, write_text

if TYPE_CHECKING:
    from synthkit.recipe import SourceSpec
    from synthkit.sources import RawTable

EXAMPLES = (
    "synthkit init customers.csv",
    "synthkit init example:adult -o adult.yaml",
    "synthkit init table/adult -o mine.yaml",
    "synthkit init orders.csv --sdv-metadata metadata.json --sdv-table orders",
)
LOOKED_AT_ROWS = 50_000


def command(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA|RECIPE",
            help="A table or images (file, folder, glob, example:NAME), or a bundled recipe's name.",
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")] = Path(
        "recipe.yaml"
    ),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    sdv_metadata: Annotated[
        Path | None,
        typer.Option("--sdv-metadata", help="A metadata file of SDV that declares the columns."),
    ] = None,
    sdv_table: Annotated[
        str | None, typer.Option("--sdv-table", help="The table, if the metadata has several.")
    ] = None,
) -> None:
    """Write a commented recipe for a table or images.

    It says what was detected and why, and declares the rules that all rows keep. The name of a bundled recipe copies that one. The recipe names columns and kinds; it holds no value of the data.
    """
    if Path(data).suffix in resources.YAML:
        raise SourceError(
            "this is a recipe",
            where=data,
            expected="data, or a bundled recipe's name",
            remedy=f"go on with: synthkit validate {shlex.quote(data)}",
        )
    if output.exists() and not output.is_file():
        raise SinkError("is no file", where=output, remedy="name the file to write with -o")
    if output.exists() and not force:
        raise SinkError(
            "this file exists", where=output, remedy="choose another with -o, or add --force"
        )
    require_writable(output.parent)
    said: list[str] = []
    if sdv_table is not None and sdv_metadata is None:
        raise SchemaError(
            "a table is named, and no metadata", remedy="give its file with --sdv-metadata"
        )
    if data in resources.names("recipes") and not Path(data).exists():
        if sdv_metadata is not None:
            raise SchemaError("metadata goes with data, and this is a bundled recipe", where=data)
        text = resources.find("recipes", data).read_text(encoding="utf-8")
    else:
        found = None if sdv_metadata is None else sdv_exchange.read(sdv_metadata, sdv_table)
        text, said = _look_at(data, output.parent, found)
    write_text(output, text)
    for line in said:
        print(line)
    print(f"wrote {output}; next: synthkit generate {shlex.quote(str(output))}")


def _look_at(data: str, folder: Path, known: Imported | None) -> tuple[str, list[str]]:
    """The recipe, and what was found in a few lines.

    Args:
        data: the table.
        folder: where the recipe will be.
        known: what metadata declares.
    """
    from synthkit.cli.findings import findings
    from synthkit.cli.starter import likely_person, likely_target, starter
    from synthkit.columns import detect, to_typed
    from synthkit.constraints.proposals import Proposal, propose
    from synthkit.recipe import SchemaSpec, SourceSpec
    from synthkit.run import Run
    from synthkit.sources import read_table
    from synthkit.sources.kinds import kind_of

    kind = kind_of(data, Path())
    spec = SourceSpec(kind=kind, path=data, max_rows=LOOKED_AT_ROWS)
    if kind == "images":
        return _look_at_images(spec, folder)
    raw = read_table(spec, Path(), Run().rng("read"))
    total, read = raw.origin.rows_total, raw.origin.rows_read
    rows = (
        counted(total, "row") if read == total else f"{read:,} of {total:,} rows, drawn at random"
    )
    declared = SchemaSpec()
    if known is not None:
        declared = sdv_exchange.settled(known, detect(raw.frame))
    schema = detect(raw.frame, declared)
    if person := likely_person(schema):
        declared = declared.model_copy(update={"person": person})
        schema = detect(raw.frame, declared)
    typed, _ = to_typed(raw.frame, schema, strict=True)
    target = likely_target(schema)
    proposals = [Proposal(rule, True, "declared by the metadata") for rule in declared.constraints]
    proposals += propose(schema, typed, target, Run().rng("propose"))
    path = _seen_from(folder, data)
    recipe = starter(path, _name(data), schema, rows, target, proposals, declared.columns)
    # How many rows were looked at is said in the findings, and is no matter of source.max_rows.
    notes = [f"note: {said}" for said in raw.origin.notices if "source.max_rows" not in said]
    notes += [f"note: {said}" for said in (known.notes if known else ())]
    return recipe, [*notes, *findings(schema, rows, total, target, proposals)]


def _look_at_images(spec: SourceSpec, folder: Path) -> tuple[str, list[str]]:
    """The same of images."""
    from synthkit.cli.findings import too_few
    from synthkit.cli.image_starter import image_starter
    from synthkit.columns import detect
    from synthkit.labelled import labelled
    from synthkit.recipe import SchemaSpec

    raw, stated, found = _settled(spec)
    schema = detect(raw.frame, labelled(SchemaSpec(), raw.frame))
    assert schema.image is not None
    images = counted(len(raw.frame), "image")
    path, name = _seen_from(folder, spec.path), _name(spec.path)
    output = _beside(spec.path, name)
    recipe = image_starter(path, name, output, schema, images, stated)
    known = [c.name for c in schema.columns if c.kind != "image"]
    found += [f"{images}: {schema.image.reason}", f"known of them: {', '.join(known) or 'nothing'}"]
    if warning := too_few(len(raw.frame), "image"):
        found.append(warning)
    said = (Notice(notice, raw.origin.said_of.get(notice, ())) for notice in raw.origin.notices)
    return recipe, [*(f"note: {notice}" for notice in said), *found]


def _settled(spec: SourceSpec) -> tuple[RawTable, dict[str, Any], list[str]]:
    """Images, what has to be stated in ``source`` where they differ, and what is said of it."""
    from synthkit.run import Run
    from synthkit.sources import read_table
    from synthkit.sources.images.shape import Unsettled

    stated: dict[str, Any] = {}
    said: list[str] = []
    while True:  # once more for a size, and once more for channels
        try:
            own = spec.model_validate({**spec.model_dump(), **stated})
            return read_table(own, Path(), Run().rng("read")), stated, said
        except Unsettled as error:
            stated |= error.proposal
            keys = ", ".join(f"source.{key}: {value}" for key, value in error.proposal.items())
            said.append(f"note: {error.what}; the recipe states {keys}")


def _beside(data: str, name: str) -> str:
    """A folder of output that does not lie in the folder of images."""
    place, here = Path(data).resolve(), Path().resolve()
    if not here.is_relative_to(place):
        return f"out/{name}"
    return Path(os.path.relpath(place.parent / f"{name}-synthetic", here)).as_posix()


def _seen_from(folder: Path, data: str) -> str:
    """A relative path as the recipe in ``folder`` shall spell it."""
    if ":" in data or Path(data).is_absolute():
        return data
    return Path(os.path.relpath(data, folder)).as_posix()


def _name(data: str) -> str:
    """A name for the recipe and its output folder, from the data's."""
    path = data.rpartition(":")[2] if ":" in data else os.path.abspath(data)
    stem = Path(path.rstrip("/")).name.partition(".")[0]
    return re.sub(r"[^\w-]+", "-", stem).strip("-") or "table"
