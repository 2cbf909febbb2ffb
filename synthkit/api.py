"""The Python API: the commands as functions, on DataFrames or files.

    import synthkit as sk

    run = sk.generate("recipe.yaml")                    # run.synthetic, run.report, run.path
    model = sk.fit(df, backend="trees", seed=7)
    more = model.sample(1000, given={"income": ">50K"}) # DataFrame out, dtypes as the input's
    model.save("m/"); model = sk.load("m/")
    report = sk.audit(real, synthetic, holdout=h, target="income", sensitive=["sex"])

Everything here is silent; pass ``listener`` to follow progress (see ``synthkit.progress``).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import pandas as pd
from pydantic import BaseModel

from synthkit import arguments, artifacts, assessment, pipeline, resources, sdv_exchange
from synthkit.checks.extractors import load_extractor
from synthkit.columns import (
    detect,
    natural_dtypes,
    note_personal,
    to_typed,
)
from synthkit.document import Document
from synthkit.errors import RecipeError, SourceError, SynthkitError
from synthkit.fitted import FittedModel
from synthkit.generated import GeneratedRun
from synthkit.labelled import labelled
from synthkit.model import Model
from synthkit.near_copies import NearCopies
from synthkit.progress import Listener, silent
from synthkit.pseudonyms import Key
from synthkit.pseudonyms.table import pseudonymised
from synthkit.race import choose
from synthkit.recipe import (
    DEFAULT_BACKENDS,
    ChecksSpec,
    FidelitySpec,
    ProtectSpec,
    PseudonymSpec,
    SchemaSpec,
    SourceSpec,
    Threshold,
)
from synthkit.recipe_io import check_fidelity, check_protect, load_recipe, parse_recipe
from synthkit.results import Report
from synthkit.run import Run
from synthkit.sources import RawTable, from_frame, read_table
from synthkit.sources.kinds import kind_of
from synthkit.validation import validated
from synthkit.workspace import require_writable

Data: TypeAlias = pd.DataFrame | str | Path
M = TypeVar("M", bound=BaseModel)


def generate(
    recipe: str | Path | Mapping[str, Any],
    *,
    overrides: Sequence[str] = (),
    data: pd.DataFrame | None = None,
    resume: bool = False,
    overwrite: bool = False,
    listener: Listener = silent,
) -> GeneratedRun:
    """Runs a recipe: the same as ``synthkit generate``.

    Args:
        recipe: a file, the name of a bundled recipe, or its content as a mapping.
        overrides: ``"generator.budget=30s"`` and the like.
        data: a DataFrame in place of the recipe's ``source.path``, which may then be left out, as may
            all of ``source``.
        resume: go on with an interrupted run.
        overwrite: replace the finished run in the output folder, whatever it is of.
        listener: receives progress events.

    Raises:
        SynthkitError: anything a user can mend. A policy that does not pass is no error: look at
            ``run.verdict``.
    """
    keys = arguments.texts(overrides, "overrides", "['seed=8']")
    in_memory = data is not None
    if isinstance(recipe, Mapping):
        loaded = parse_recipe(recipe, keys, in_memory=in_memory)
    elif isinstance(recipe, str | Path):
        loaded = load_recipe(recipe, keys, in_memory=in_memory)
    else:
        raise arguments.wrong(recipe, "recipe", "a file, a bundled recipe's name, or a mapping")
    if data is not None:
        arguments.frame(data, "data")
    run = _run(loaded.recipe.seed, listener)
    return GeneratedRun(
        pipeline.generate(loaded, run, resume=resume, overwrite=overwrite, data=data)
    )


def fit(
    data: Data,
    backend: str | None = None,
    *,
    seed: int = 0,
    schema: Mapping[str, Any] | None = None,
    protect: Mapping[str, Any] | None = None,
    budget_s: float | None = None,
    options: Mapping[str, Any] | None = None,
    listener: Listener = silent,
) -> FittedModel:
    """Fits a backend to a DataFrame or file, all of its rows, without checks.

    Args:
        data: the real rows.
        backend: a registered generator, or ``auto``, which lets several race and fits the best; see
            ``FittedModel.race``. Left out: ``trees`` for a table, ``vae`` for images.
        seed: of the fit and of later samples.
        schema: as under ``schema:`` in a recipe.
        protect: as under ``protect:`` in a recipe, without ``pseudonyms``: see ``pseudonymise``.
        budget_s: wall-clock limit in seconds, a race included.
        options: the backend's own options, or those of the race, such as
            ``{"candidates": ["trees", "vae"], "options": {"vae": {"epochs": 20}}}``.
        listener: receives progress events.
    """
    run = _run(seed, listener)
    declared = _validated(SchemaSpec, schema, "schema", "{'target': 'income'}")
    spec = _protect(protect)
    own = arguments.mapping(options, "options", "{'trees': 10}")
    limit_s = arguments.seconds(budget_s, "budget_s")
    if backend is not None:
        backend = arguments.text(backend, "backend", "a backend's name")
    raw = _raw(data, run, "data")
    table_schema = detect(raw.frame, labelled(declared, raw.frame))
    backend = backend or DEFAULT_BACKENDS[table_schema.modality]
    typed, _ = to_typed(raw.frame, table_schema, strict=True)
    note_personal(table_schema, run)
    near = NearCopies.fit(table_schema, typed, spec.near_copies) if spec.near_copies else None
    chosen = choose(typed, table_schema, backend, own, spec, run, limit_s)
    model = chosen.fit(typed, table_schema, spec, run)
    if raw.origin.dialect.format == "csv":
        model.dtypes = natural_dtypes(typed, table_schema)
    return FittedModel(model, run.seed, near)


def load(folder: str | Path, seed: int = 0) -> FittedModel:
    """A model that ``save`` or a run wrote (``load("out/adult/model")``)."""
    seed = arguments.whole_number(seed, "seed")
    return FittedModel(Model.load(arguments.path(folder, "folder")), seed)


def audit(
    real: Data,
    synthetic: Data,
    *,
    holdout: Data | None = None,
    target: str | None = None,
    sensitive: Sequence[str] = (),
    person: str | None = None,
    quasi_identifiers: Sequence[str] = (),
    policy: str = "internal",
    fidelity: Mapping[str, Mapping[str, float]] | None = None,
    extractor: str | Path | None = None,
    controls: int = ChecksSpec().controls,
    seed: int = 0,
    listener: Listener = silent,
) -> Report:
    """The checks alone, on rows made by anything.

    Args:
        real: the rows the generator was trained on.
        synthetic: the rows under test, with the same columns.
        holdout: real rows the generator did not see; without them privacy is not assessed.
        target: column that a downstream model predicts.
        sensitive: columns that define groups.
        person: column that tells whose a row is, where one person has several, such as ``"customer_id"``:
            every person counts once, and none may be on both sides. ``"each row"`` if each row is of another
            person though a column looks like such a key.
        quasi_identifiers: columns that an outsider may know of a person, such as age and place; without
            them attackers know all columns but the one that they guess.
        policy: name or path.
        fidelity: thresholds of your own, as under ``fidelity:`` in a recipe.
        extractor: of images, the folder or file of what gives their features, as under ``checks:``
            in a recipe.
        controls: how many releases without a leak are made of the real rows to see how often the
            policy cries wolf, as under ``checks:`` in a recipe; 0 for none.
        seed: of the checks' random choices.
        listener: receives progress events.
    """
    run = _run(seed, listener)
    groups = arguments.texts(sensitive, "sensitive", "['sex', 'race']")
    roles = {"target": target, "sensitive": groups, "person": person}
    brought = None
    if extractor is not None:
        brought = load_extractor(str(arguments.path(extractor, "extractor")), Path())
    return assessment.audit(
        _raw(real, run, "real"),
        _raw(synthetic, run, "synthetic"),
        _validated(SchemaSpec, roles, "audit", ""),
        arguments.text(policy, "policy", "a policy's name or file"),
        run,
        holdout=None if holdout is None else _raw(holdout, run, "holdout"),
        thresholds=_thresholds(fidelity),
        extractor=brought,
        quasi_identifiers=arguments.texts(quasi_identifiers, "quasi_identifiers", "['age', 'zip']"),
        controls=_validated(ChecksSpec, {"controls": controls}, "audit", "").controls,
    )


def save_report(report: Report, folder: str | Path) -> None:
    """Writes a report into a folder, as the command does: two to be shared, and two in ``internal``.

    ``report.html`` and ``report.json`` have numbers of three digits and list nobody;
    ``internal/report.html`` and ``internal/report.json`` have it all, as has ``report.to_json()``.

    Raises:
        SinkError: the folder cannot be written.
    """
    if not isinstance(report, Report):
        raise arguments.wrong(report, "report", "what synthkit.audit gives, or run.report")
    place = arguments.path(folder, "folder")
    require_writable(place)
    artifacts.write_report(report, place)


def pseudonymise(
    frame: pd.DataFrame,
    columns: Mapping[str, str],
    key: str,
    *,
    schema: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """The rows with made-up values in place of real ones, as ``protect.pseudonyms`` of a recipe does.

    The same value has the same pseudonym in every row, in every column of the same word, in every
    table and every run with the same key; see ``synthkit.pseudonyms`` for what that hides and what
    it does not. A ``UserWarning`` counts values that share a pseudonym, have a format of few texts,
    or stay as they are.

    Args:
        frame: the real rows. Read codes with leading zeros as text: the number 7 is not ``007``.
        columns: by name, what takes the place of the values: ``"person names"``, ``"first names"``,
            ``"last names"``, ``"e-mail addresses"``, ``"street addresses"``, ``"company names"`` or
            ``"format"``.
        key: the secret, at least 16 characters.
        schema: as under ``schema:`` in a recipe; kinds and spellings of missing cells count.

    Returns:
        A frame with the same index, columns and dtypes; missing cells stay missing. Declare a column
        of whole numbers ``categorical`` for ``fit``: a recipe does so by itself.

    Raises:
        SchemaError: a column that is not there or holds numbers, dates or booleans.
        SynthkitError: a key that is too short.
    """
    named = arguments.mapping(columns, "columns", "{'doctor': 'person names'}")
    secret = arguments.text(key, "key", "the secret, as text")
    spec = _validated(PseudonymSpec, {"key": "", "columns": named}, "pseudonymise", "")
    declared = _validated(SchemaSpec, schema, "schema", "{'columns': {'code': {'kind': 'text'}}}")
    raw = from_frame(arguments.frame(frame, "frame")).frame
    replaced = pseudonymised(raw, spec.columns, Key.of(secret), declared)
    for said in replaced.notices:
        warnings.warn(said, stacklevel=2)
    return replaced.frame.set_axis(frame.index)


def from_sdv_metadata(
    metadata: str | Path | Mapping[str, Any], table: str | None = None
) -> dict[str, Any]:
    """Metadata of SDV as a schema: ``fit(df, schema=from_sdv_metadata("metadata.json"))``.

    A ``UserWarning`` says what has no counterpart here.

    Args:
        metadata: a file, or its content as a dictionary.
        table: name of the table; needed where there are several.
    """
    if isinstance(metadata, Mapping):
        found = sdv_exchange.imported(dict(metadata), table)
    elif isinstance(metadata, str | Path):
        found = sdv_exchange.read(Path(metadata), table)
    else:
        raise arguments.wrong(metadata, "metadata", "a metadata file, or its content")
    for note in found.notes:
        warnings.warn(note, stacklevel=2)
    return found.spec.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def to_sdv_metadata(data: Data, table: str = "table") -> dict[str, Any]:
    """What is detected of a table as metadata of SDV, for its ``Metadata.load_from_dict``.

    A ``UserWarning`` says what the metadata cannot hold. No value of the data is in it.

    Args:
        data: a DataFrame, a table's file, or a recipe's, whose declarations are obeyed.
        table: the name that the table gets.
    """
    run, declared = _run(0, silent), SchemaSpec()
    if isinstance(data, str | Path) and Path(data).suffix in resources.YAML:
        loaded = load_recipe(data)
        declared = loaded.recipe.declared
        source = loaded.recipe.source
        spec = source.model_copy(update={"path": loaded.expand(source.path)})
        raw = read_table(spec, loaded.base, run.rng("read"))
    else:
        raw = _raw(data, run, "data")
    schema = detect(raw.frame, declared)
    content, notes = sdv_exchange.exported(schema, arguments.text(table, "table", "'orders'"))
    for note in notes:
        warnings.warn(note, stacklevel=2)
    return content


def _run(seed: int, listener: Listener) -> Run:
    arguments.function(listener, "listener")
    return Run(arguments.whole_number(seed, "seed"), listener)


def _thresholds(fidelity: Mapping[str, Mapping[str, float]] | None) -> dict[str, Threshold]:
    bounds = arguments.mapping(fidelity, "fidelity", "{'c2st': {'max': 0.75}}")
    document = Document("audit", {"fidelity": bounds})
    spec = validated(FidelitySpec, document, ("fidelity",))
    check_fidelity(document)
    if spec is None or document.problems:
        raise RecipeError(document.problems)
    return spec.thresholds


def _raw(data: Data, run: Run, role: str) -> RawTable:
    if isinstance(data, pd.DataFrame):
        try:
            return from_frame(data)
        except SourceError as error:
            error.where = error.where or role  # of several frames, which one
            raise
    if not isinstance(data, str | Path):
        raise arguments.wrong(data, role, "a DataFrame or a file's path")
    path = str(arguments.path(data, role))
    spec = SourceSpec(kind=kind_of(path, Path()), path=path)
    return read_table(spec, Path(), run.rng("read", role))


def _protect(protect: Mapping[str, Any] | None) -> ProtectSpec:
    document = Document("protect", arguments.mapping(protect, "protect", "{'rare': 5}"))
    spec = validated(ProtectSpec, document)
    check_protect(document, at=())
    if spec is None or document.problems:
        raise RecipeError(document.problems)
    if spec.pseudonyms is not None:
        raise SynthkitError(
            "goes only with a recipe",
            where="protect['pseudonyms']",
            remedy="fit the model to synthkit.pseudonymise(data, columns, key)",
        )
    return spec


def _validated(kind: type[M], values: Mapping[str, Any] | None, where: str, example: str) -> M:
    document = Document(where, arguments.mapping(values, where, example))
    instance = validated(kind, document)
    if instance is None:
        raise RecipeError(document.problems)
    return instance
