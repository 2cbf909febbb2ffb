"""What a run leaves in its folder, and how it is read back.

| file | holds |
| --- | --- |
| ``data.csv`` (``.parquet``, ``.jsonl``), or ``data/part-00000…`` | the synthetic rows |
| ``images/``, ``contact-sheet.png`` | the same of images: see ``sinks.images``; the first of them |
| ``report.html``, ``report.json`` | the evidence, drawn and as data, for sharing: rounded, no listings |
| ``internal/report.html``, ``.json`` | the same in full, with numbers of single real rows |
| ``internal/closest-pairs.png`` | where ``output.closest_pairs`` asks for it: real images beside synthetic ones |
| ``manifest.json`` | fingerprint, source hash, versions, seed, timings, peak memory, counts, race |
| ``recipe.yaml`` | the effective recipe; secrets stay ``${NAME}`` |
| ``model/`` | the fitted model; see ``synthkit.model`` |

A run whose policy did not pass leaves neither rows nor model: the model could make the rows again.
``internal/`` is for people who may see the real rows, and is written whatever the verdict: it shows why.
"""

from __future__ import annotations

import json
import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from synthkit import __version__
from synthkit.columns import to_raw
from synthkit.dialect import Dialect
from synthkit.errors import ModelError, SinkError
from synthkit.generators.cards import needed_package
from synthkit.model import Draws, Model
from synthkit.pictures import pixels
from synthkit.recipe import SourceSpec
from synthkit.recipe_io import LoadedRecipe, effective_yaml
from synthkit.report.html import render
from synthkit.results import Report, rounded
from synthkit.run import Run, peak_memory_bytes
from synthkit.schema import Modality, Schema
from synthkit.sinks import shard_path, write_shard
from synthkit.sources import Origin, read_table
from synthkit.workspace import (
    INTERNAL,
    MANIFEST,
    Workspace,
    read_manifest,
    require_writable,
    write_json,
    write_text,
    writing,
)

MODEL, SHEET = "model", "contact-sheet.png"
CLOSEST_PAIRS = f"{INTERNAL}/closest-pairs.png"
PACKAGES = ("numpy", "pandas", "pyarrow", "scikit-learn", "lightgbm", "faker")
IMAGES = "images"
SUFFIXES = {".csv": "csv", ".parquet": "parquet", ".jsonl": "jsonl"}


def is_database(path: str) -> bool:
    """Whether an output path is a database URL."""
    return "://" in path


def folder(loaded: LoadedRecipe) -> Path:
    """The folder a run writes into."""
    output = loaded.recipe.output
    if is_database(loaded.expand(output.path)):
        return Path(loaded.expand(output.artifacts or "out"))
    return Path(loaded.expand(output.path))


def storage_format(loaded: LoadedRecipe) -> str:
    """Format of the data files, or ``images``; rows on their way to a database wait as Parquet."""
    output = loaded.recipe.output
    if loaded.recipe.source.kind == "images":
        return IMAGES
    return "parquet" if is_database(loaded.expand(output.path)) else output.format


def stored(typed: pd.DataFrame, schema: Schema, kind: str, dialect: Dialect) -> pd.DataFrame:
    """Typed rows as the file of format ``kind`` shall hold them.

    They look like the source's rows, with one exception: delimited text spells numbers and dates,
    and a format with types of its own gets the types rather than the spellings.
    """
    if dialect.format != "csv" or kind in ("csv", IMAGES):
        return to_raw(typed, schema)
    times = [c.name for c in schema.columns if c.kind in ("datetime", "duration")]
    if kind == "jsonl":  # JSON has no times, so they keep their spelling
        return typed.assign(**dict(to_raw(typed, schema)[times].items()))
    zoned = [name for name in times if schema[name].zone]
    return typed.assign(**{name: typed[name].dt.tz_convert(schema[name].zone) for name in zoned})


def data_files(root: Path) -> list[Path]:
    """The files that hold a run's rows, in order."""
    whole = [root / f"data{suffix}" for suffix in SUFFIXES if (root / f"data{suffix}").exists()]
    return whole or sorted((root / "data").glob("part-*"))


def manifest(
    loaded: LoadedRecipe,
    origin: Origin,
    model: Model,
    draws: Draws,
    report: Report,
    run: Run,
    withheld: bool,
) -> dict[str, Any]:
    """The facts of a run: enough to repeat it and to audit its counts; no value of the data."""
    recipe = loaded.recipe
    return {
        "synthkit": __version__,
        "name": recipe.name or loaded.name,
        "verdict": report.verdict.word,
        "policy": report.verdict.policy,
        "withheld": withheld,
        "seed": recipe.seed,
        "modality": model.schema.modality,
        "backend": model.backend,
        "fine_tuned_from": model.fine_tuned_from,
        "race": rounded(model.race),
        # Images are no table: however their labels were stored, they come back as metadata.csv.
        "source": as_spelled(loaded, origin).model_dump(
            mode="json", exclude={"dialect"} if model.schema.image is not None else None
        ),
        "rows": {
            "requested": draws.produced,
            "drawn": draws.drawn,
            "produced": draws.produced,
            "rejected": dict(draws.rejected),
        },
        "balanced": report.facts["balanced"],
        "quasi_identifiers": report.facts["quasi_identifiers"],
        "near_copies": rounded(report.facts["near_copies"]),
        "protected": model.encoder.protected,
        "not_learned": model.encoder.unmodelled,
        "notices": run.notices,
        "timings_s": {stage: round(seconds, 3) for stage, seconds in run.timings_s.items()},
        "peak_memory_bytes": peak_memory_bytes(),
        "versions": {
            "python": platform.python_version(),
            **{package: version(package) for package in _packages(model)},
        },
        "platform": f"{platform.system()} {platform.machine()}",
    }


def _packages(model: Model) -> list[str]:
    """The packages on which a run's bytes may depend."""
    backends = [model.backend]
    if model.race is not None:
        backends += [c["backend"] for c in model.race["candidates"] if c["reason"] is None]
    needed = [
        package for name in backends if (package := needed_package(name, model.schema.modality))
    ]
    return [*PACKAGES, *dict.fromkeys([*(package for package, _ in needed), *model.packages])]


def as_spelled(loaded: LoadedRecipe, origin: Origin) -> Origin:
    """The origin with the names of its files as the recipe spells them."""
    names = {file: loaded.spelling.of(file) for file in origin.files}
    notices = list(origin.notices)
    for file, spelled in names.items():
        notices = [notice.replace(file, spelled) for notice in notices]
    changes = {"files": tuple(names.values()), "notices": tuple(notices)}
    return origin.model_copy(update=changes)


def require_free(loaded: LoadedRecipe) -> None:
    """Refuses a database table that cannot take the rows, before any work is done for it.

    Raises:
        SinkError: no connection, or the table has rows already.
    """
    output = loaded.recipe.output
    path = loaded.expand(output.path)
    if is_database(path):
        from synthkit.sinks.sql import SqlSink

        with SqlSink(path, str(output.table)):
            pass


def finish(
    space: Workspace, place: Path, loaded: LoadedRecipe, facts: dict[str, Any], report: Report
) -> None:
    """Writes the evidence, removes what the policy withholds, publishes the folder at ``place``.

    The rows of a run that writes to a database go there now, after the verdict.
    """
    output, withheld = loaded.recipe.output, facts["withheld"]
    path = loaded.expand(output.path)
    write_text(space.path / "recipe.yaml", effective_yaml(loaded.recipe))
    if withheld:
        _remove(space.path, MODEL)
    elif is_database(path):
        _to_database(data_files(space.path), path, str(output.table))
    if withheld or is_database(path):
        files = (file.name for file in data_files(space.path))
        _remove(space.path, "data", IMAGES, SHEET, *files)
    write_report(report, space.path)  # last, as it shows the images that are still there
    write_json(space.path / MANIFEST, facts)
    space.publish(place)


def finish_images(root: Path, typed: pd.DataFrame, schema: Schema) -> None:
    """Joins the metadata of all shards, and writes a contact sheet of the first images."""
    from synthkit.sinks.contact_sheet import write_contact_sheet
    from synthkit.sinks.images import write_metadata

    write_metadata(root)
    assert schema.image is not None
    labels = None
    if schema.target is not None and not schema[schema.target].is_numeric:
        labels = [None if pd.isna(cell) else str(cell) for cell in typed[schema.target]]
    write_contact_sheet(root / SHEET, pixels(typed[schema.image.name]), labels)


def write_report(report: Report, root: Path) -> None:
    """Writes the evidence into a folder, with the contact sheet that is there, if there is one.

    What lies in the folder itself may be shared, as far as the data may; its sub-folder ``internal``
    may not.

    Raises:
        SinkError: it cannot be written.
    """
    sheet = root / SHEET
    picture = sheet.read_bytes() if sheet.exists() else None
    shared = report.shareable()
    write_text(root / "report.html", render(shared, picture))
    write_json(root / "report.json", shared.to_json())
    with writing(root):
        (root / INTERNAL).mkdir(exist_ok=True)
    write_text(root / INTERNAL / "report.html", render(report, picture, internal=True))
    write_json(root / INTERNAL / "report.json", report.to_json())


def _to_database(files: list[Path], url: str, table: str) -> None:
    from synthkit.sinks.sql import SqlSink

    with SqlSink(url, table) as sink:
        for file in files:
            sink.write(pd.read_parquet(file))


def _remove(root: Path, *names: str) -> None:
    with writing(root):
        for name in names:
            path = root / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def read(run_path: Path) -> tuple[dict[str, Any], Report]:
    """Manifest and report of a finished run, the internal one where it is still there.

    Raises:
        ModelError: it is not a finished run.
    """
    facts = read_manifest(run_path)
    kept = run_path / INTERNAL / "report.json"
    try:
        place = kept if kept.is_file() else run_path / "report.json"
        content = json.loads(place.read_text(encoding="utf-8"))
        return facts, Report.from_json(content)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"the report cannot be read ({type(error).__name__})",
            where=run_path / "report.json",
            remedy="run the recipe again",
        ) from None


def load_model(run_path: Path) -> Model:
    """The model of a finished run.

    Raises:
        ModelError: not a run, a damaged model, or one that the policy withheld.
    """
    if read_manifest(run_path)["withheld"]:
        raise ModelError(
            "the policy did not pass, so the run kept neither its rows nor its model",
            where=run_path,
            remedy="see report.html for the reasons; privacy.on_fail: warn keeps both",
        )
    return Model.load(run_path / MODEL)


def read_data(run_path: Path, facts: dict[str, Any]) -> pd.DataFrame:
    """A run's synthetic rows as stored (delimited text comes back with detected types)."""
    if (run_path / IMAGES).is_dir():
        spec = SourceSpec(kind="images", path=str(run_path / IMAGES), max_rows=2**62)
        return read_table(spec, run_path, Run().rng("read")).frame
    files = data_files(run_path)
    if not files:
        raise ModelError(
            "the run's rows are not in its folder",
            where=run_path,
            remedy="they went to a database, or were moved",
        )
    if files[0].suffix == ".csv":
        dialect = Dialect.model_validate(facts["source"]["dialect"])
        return pd.concat(
            [pd.read_csv(file, sep=dialect.delimiter, encoding=dialect.encoding) for file in files],
            ignore_index=True,
        )
    path = str(files[0] if len(files) == 1 else files[0].parent)
    raw = read_table(SourceSpec(path=path, max_rows=2**62), run_path, Run().rng("read"))
    return raw.frame


def require_output(output: Path) -> None:
    """Refuses a file or folder that cannot be made, whatever shall go there; leaves nothing behind."""
    if SUFFIXES.get(output.suffix.lower()) and output.is_dir():
        raise SinkError("this is a folder", where=output, remedy="name a file")
    require_writable(output.parent if output.suffix else output)


def require_place(output: Path, shards: int, modality: Modality = "table") -> None:
    """Refuses a file or folder that cannot take so many parts of more rows; leaves nothing behind.

    Images go into a folder.

    Raises:
        SinkError: a file without an ending that names a format, too many rows for one, or a place
            that cannot be written.
    """
    kind = SUFFIXES.get(output.suffix.lower())
    if modality == "images":
        if output.suffix or output.is_file():
            raise SinkError("is no folder", where=output, expected="a folder for the images")
        require_writable(output)
        return
    if kind is None and (output.suffix or shards == 1):
        raise SinkError(
            "the file has no ending that names a format",
            where=output,
            expected=" or ".join(SUFFIXES),
        )
    if kind and shards > 1:
        raise SinkError(
            "so many rows do not go into one file",
            where=output,
            remedy="name a folder (a path without an ending); it receives numbered parts",
        )
    require_output(output)


def write_more(
    model: Model, rows: Iterator[pd.DataFrame], shards: int, output: Path, dialect: Dialect
) -> None:
    """Writes typed rows as one file, or more than fit into one as parts below a folder.

    Raises:
        SinkError: the file system refuses.
    """
    if model.schema.image is not None:
        _write_more_images(model.schema, rows, output, dialect)
        return
    is_file = output.suffix.lower() in SUFFIXES
    for number, part in enumerate(rows):
        path = output if is_file else shard_path(output, "parquet", number, shards)
        form = SUFFIXES[path.suffix.lower()]
        write_shard(stored(part, model.schema, form, dialect), path, form, dialect)


def _write_more_images(
    schema: Schema, rows: Iterator[pd.DataFrame], output: Path, dialect: Dialect
) -> None:
    from synthkit.sinks.images import write_images, write_metadata

    written = 0
    for part in rows:
        write_images(stored(part, schema, IMAGES, dialect), schema, output, written, 0)
        written += len(part)
    write_metadata(output)
