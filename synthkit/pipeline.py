"""The story of a run, told once: recipe, source, schema, split, fit, sample, checks, verdict, output.

    loaded = load_recipe("recipes/table/adult.yaml")
    outcome = generate(loaded, Run(seed=loaded.recipe.seed))
    outcome.verdict.word, outcome.path

Read this file first: each stage is one call, and the module behind the call is where to go deeper.
What a run leaves in its folder is listed in ``artifacts.py``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from synthkit import artifacts
from synthkit.assessment import assess, with_unfiltered
from synthkit.balance import Balance
from synthkit.checks import check_class
from synthkit.checks.base import Evidence, Extractor
from synthkit.checks.extractors import load_extractor
from synthkit.checks.gallery import images_of
from synthkit.checks.privacy.closest_pairs import closest_pairs
from synthkit.checks.privacy.rows import MIN_ROWS
from synthkit.columns import detect, natural_dtypes, note_personal, to_typed
from synthkit.comparable import shared_rows
from synthkit.counts import counted
from synthkit.dialect import Dialect
from synthkit.errors import ModelError
from synthkit.generators.options import from_working_folder, require_packages
from synthkit.labelled import labelled
from synthkit.model import Draws, Model, check_balance
from synthkit.near_copies import NearCopies, Sieve
from synthkit.people import people_in
from synthkit.policy import Policy, load_policy
from synthkit.progress import Step
from synthkit.pseudonyms import Key
from synthkit.pseudonyms.table import pseudonymised
from synthkit.race import Choice, choose, untimed
from synthkit.recipe import Recipe
from synthkit.recipe_io import LoadedRecipe, fingerprint, placed
from synthkit.records import first_of_each, note_repeated, people_unknown, records_of
from synthkit.results import Report, Verdict
from synthkit.run import Run
from synthkit.schema import UNITS, Schema
from synthkit.shards import SHARD_IMAGES, note_shortages, shards
from synthkit.shares import Shares
from synthkit.sinks import shard_path, write_shard
from synthkit.sinks.images import write_images
from synthkit.sinks.pair_sheet import write_pair_sheet
from synthkit.sources import RawTable, from_frame, read_table
from synthkit.split import split
from synthkit.workspace import RACE_NOTE, Workspace

# Rows that the checks look at, and images, which take more memory.
CHECKED_ROWS, CHECKED_IMAGES = 200_000, 20_000


@dataclass(frozen=True)
class Tables:
    """The real rows of a run, typed, what they came from, and where there the training rows stand.

    Where the recipe asks for pseudonyms, all of it holds these in place of the real values;
    ``pseudonyms`` are the counts, see ``pseudonyms.table``.
    """

    raw: RawTable
    schema: Schema
    train: pd.DataFrame
    holdout: pd.DataFrame | None
    train_rows: np.ndarray
    pseudonyms: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What a run came to. ``path`` is its folder; ``withheld`` says the data stayed inside."""

    verdict: Verdict
    report: Report
    path: Path
    manifest: dict[str, Any]

    @property
    def withheld(self) -> bool:
        """Whether the policy kept data and model from being written."""
        return bool(self.manifest["withheld"])


def generate(
    loaded: LoadedRecipe,
    run: Run,
    *,
    resume: bool = False,
    overwrite: bool = False,
    data: pd.DataFrame | None = None,
) -> Outcome:
    """Runs a recipe.

    Args:
        loaded: the recipe and the folder its paths start from.
        run: seed (the recipe's), listener and clock.
        resume: go on with an interrupted run of this recipe; a finished one is left alone.
        overwrite: replace whatever finished run is in the output folder. Without it a finished
            run may only be repeated, and a repetition that does not pass leaves one that did.
        data: an in-memory table in place of ``source.path``.

    Raises:
        SynthkitError: bad source, schema, options or output; nothing half-written is left. What
            the recipe says wrong of the data is a ``RecipeError`` with the place of each problem.
    """
    recipe = loaded.recipe
    with placed(loaded):
        policy = load_policy(loaded.expand(recipe.privacy.policy), loaded.base)
        extractor = extractor_of(loaded)
        require_packages(recipe.generator.backend, options(loaded), recipe.source.kind)
        job = identity(recipe, policy, extractor, key_of(loaded))
    opened = Workspace.open(artifacts.folder(loaded), job, resume=resume, overwrite=overwrite)
    with placed(loaded), opened as space:
        if space.discarded:
            run.notice(
                "an unfinished run was here and is started over; --resume goes on with one instead"
            )
        tables = read(loaded, run, data)
        if space.holds(tables.raw.origin.sha256):
            return read_outcome(space.final)
        if resume and not space.resumed:
            run.notice("there is no interrupted run to resume; this one starts from the beginning")
        shard_rows = recipe.output.shard_rows
        if tables.schema.modality == "images":
            shard_rows = min(shard_rows, SHARD_IMAGES)
        plan = shards(rows_to_make(recipe, tables), shard_rows, tables.schema)
        artifacts.require_free(loaded)
        wish = balance(recipe, tables, run)
        note_few_rows(recipe, policy, tables, run)
        model = fit(loaded, tables, run, space)
        shares = None if wish is None else model.shares(wish, run.rng("balance"))
        synthetic, unfiltered, draws = sample(loaded, tables, model, plan, run, space, shares)
        evidence = Evidence(
            tables.train,
            tables.holdout,
            synthetic,
            tables.schema,
            extractor=extractor,
            balanced=None if shares is None else shares.column,
            limits=policy.checks,
            controls=recipe.checks.controls,
            quasi_identifiers=recipe.protect.quasi_identifiers,
            source_rows=tables.train_rows,
        )
        about = facts(recipe, tables, model, draws, shares)
        report = assess(evidence, run, policy, recipe.fidelity.thresholds, about)
        if unfiltered is not None:
            rejection = {
                "factor": recipe.protect.near_copies,
                "rejected": draws.rejected[NearCopies.reason.label],
            }
            without = Evidence(tables.train, tables.holdout, unfiltered, tables.schema)
            report = with_unfiltered(report, without, run, policy, rejection)
        if recipe.output.closest_pairs:
            show_closest_pairs(evidence, space)
        passed = report.passed
        withheld = not passed and recipe.privacy.on_fail == "withhold"
        place = space.place(passed)
        if place != space.final:
            names = [loaded.spelling.of(folder.name) for folder in (space.final, place)]
            run.notice(f"{names[0]} holds a run that passed and stays; see {names[1]}")
        manifest = {
            "fingerprint": job,
            **artifacts.manifest(loaded, tables.raw.origin, model, draws, report, run, withheld),
            "pseudonyms": tables.pseudonyms,
        }
        artifacts.finish(space, place, loaded, manifest, report)
    return Outcome(report.verdict, report, place, manifest)


def extractor_of(loaded: LoadedRecipe) -> Extractor | None:
    """The extractor that the recipe names, if any; see ``checks.extractors``."""
    path = loaded.recipe.checks.extractor
    return None if path is None else load_extractor(loaded.expand(path), loaded.base)


def key_of(loaded: LoadedRecipe) -> Key | None:
    """The key of the recipe's pseudonyms, if it asks for any."""
    spec = loaded.recipe.protect.pseudonyms
    if spec is None:
        return None
    place = ("protect", "pseudonyms", "key")
    return Key.of(loaded.expand(spec.key), where=".".join(place), at=place)


def identity(
    recipe: Recipe, policy: Policy, extractor: Extractor | None = None, key: Key | None = None
) -> str:
    """What makes two runs the same job: the recipe's fingerprint, and what it leads to.

    This is the policy's content; where the recipe names an extractor, its checkpoint; and where it
    has pseudonyms, a digest of their key.
    """
    held = policy.model_dump_json() + ("" if extractor is None else extractor.name)
    held += "" if key is None else key.digest
    content = hashlib.sha256(held.encode()).hexdigest()
    return f"{fingerprint(recipe)}-{content[:16]}"


def read(loaded: LoadedRecipe, run: Run, data: pd.DataFrame | None = None) -> Tables:
    """Source, pseudonyms, schema and split."""
    recipe = loaded.recipe
    with run.stage("read", recipe.source.path if data is None else "data in memory"):
        if data is None:
            source = recipe.source.model_copy(update={"path": loaded.expand(recipe.source.path)})
            raw = read_table(source, loaded.base, run.rng("read"))
        else:
            raw = from_frame(data)
        spelled = artifacts.as_spelled(loaded, raw.origin).notices
        for said, notice in zip(raw.origin.notices, spelled, strict=True):
            run.notice(notice, raw.origin.said_of.get(said, ()))
    declared = labelled(recipe.declared, raw.frame)
    hidden = None
    if (spec := recipe.protect.pseudonyms) and (key := key_of(loaded)):
        with run.stage("pseudonyms", counted(len(spec.columns), "column")):
            hidden = pseudonymised(raw.frame, spec.columns, key, declared)
            for notice in hidden.notices:
                run.notice(notice)
        raw, declared = replace(raw, frame=hidden.frame), hidden.declared(declared)
    rows, columns = raw.frame.shape
    with run.stage(
        "schema", f"{counted(rows, UNITS[recipe.source.kind])}, {counted(columns, 'column')}"
    ):
        schema = detect(raw.frame, declared)
        typed, _ = to_typed(raw.frame, schema, strict=True)
        note_personal(schema, run)
        records = records_of(typed, schema)
        note_repeated(len(records), len(first_of_each(records)), schema, schema.unit, run)
    train, holdout = split(records, recipe.source.holdout, run.rng("split"))
    return Tables(
        raw,
        schema,
        typed.iloc[train].reset_index(drop=True),
        typed.iloc[holdout].reset_index(drop=True) if len(holdout) else None,
        train,
        {} if hidden is None else hidden.facts,
    )


def balance(recipe: Recipe, tables: Tables, run: Run) -> Balance | None:
    """The balance that the recipe asks for, if any. Raises ``SchemaError`` if it cannot be had."""
    if recipe.output.balance is None:
        return None
    wish = Balance.read(recipe.output.balance)
    check_balance(wish, tables.train, tables.schema, recipe.protect, run)
    return wish


def note_few_rows(recipe: Recipe, policy: Policy, tables: Tables, run: Run) -> None:
    """Says before a fit, which may take long, that required checks will be short of rows."""
    have = {
        "learned": people_in(tables.train, tables.schema),
        "held out": 0 if tables.holdout is None else people_in(tables.holdout, tables.schema),
        "made": rows_to_make(recipe, tables),
    }
    private = [name for name in policy.required if check_class(name).family == "privacy"]
    tried = "controls" in private and recipe.checks.controls
    need = dict.fromkeys(have, MIN_ROWS) | ({"held out": 2 * MIN_ROWS} if tried else {})
    short = [f"{n:,} {what}" for what, n in have.items() if n < need[what]]
    if private and (unknown := people_unknown(tables.schema)):
        run.notice(f"the checks of privacy that the policy requires have no answer: {unknown}")
    if short and private:
        unit = tables.schema.unit
        needed = f"{MIN_ROWS} {unit}s learned, held out and made"
        needed += f", {2 * MIN_ROWS} of them held out" if tried else ""
        withheld = f", and the {unit}s will be withheld"
        run.notice(
            f"the checks of privacy that the policy requires need {needed}, and there will be "
            f"{' and '.join(short)}: they can only say 'not assessed'"
            + (withheld if recipe.privacy.on_fail == "withhold" else "")
        )


def options(loaded: LoadedRecipe) -> dict[str, Any]:
    """The backend's options, to be used; the recipe and its copies show its paths as they are."""
    spec = loaded.recipe.generator
    return from_working_folder(spec.backend, spec.options, loaded.base, loaded.recipe.source.kind)


def fit(loaded: LoadedRecipe, tables: Tables, run: Run, space: Workspace) -> Model:
    """Fits the backend, or takes up the model of an interrupted run, or its checkpoint."""
    folder = space.path / artifacts.MODEL
    if space.read_note("fitted") and folder.is_dir():  # a run that was withheld last has none
        run.notice("the model of the interrupted run is used again")
        return _again(folder)
    chosen = race(loaded, tables, run, space)
    run.checkpoints = space.checkpoints
    with run.stage("fit", f"{chosen.backend} on {counted(len(tables.train), tables.schema.unit)}"):
        model = chosen.fit(tables.train, tables.schema, loaded.recipe.protect, run)
    if tables.raw.origin.dialect.format == "csv":
        model.dtypes = natural_dtypes(tables.train, tables.schema)
    for column, reason in model.encoder.unmodelled.items():
        run.notice(f"column '{column}' is not learned: {reason}")
    model.save(folder)
    space.write_note("fitted", {"timings_s": run.timings_s, "notices": run.notices})
    space.drop_checkpoints()
    return model


def race(loaded: LoadedRecipe, tables: Tables, run: Run, space: Workspace) -> Choice:
    """The backend to fit: the recipe's, or for ``auto`` the winner of a race.

    A race that an interrupted run has finished is taken over.
    """
    spec, earlier = loaded.recipe.generator, space.read_note(RACE_NOTE)
    if earlier:
        run.notice(f"the race of the interrupted run stands: {earlier['winner']} won")
    chosen = choose(
        tables.train,
        tables.schema,
        spec.backend,
        options(loaded),
        loaded.recipe.protect,
        run,
        spec.budget,
        earlier,
    )
    if chosen.race:
        space.write_note(RACE_NOTE, chosen.race)
    return chosen


def _again(folder: Path) -> Model:
    """The model of an interrupted run."""
    try:
        return Model.load(folder)
    except ModelError as error:  # nobody has a copy of it: only a fit gives another
        raise ModelError(
            f"the interrupted run cannot be resumed: {error.what}",
            where=error.where,
            expected=error.expected,
            remedy="start over without --resume",
        ) from None


def rows_to_make(recipe: Recipe, tables: Tables) -> int:
    """As many as the recipe asks for, else as many as there are training rows."""
    return recipe.output.rows or len(tables.train)


def sample(
    loaded: LoadedRecipe,
    tables: Tables,
    model: Model,
    plan: list[tuple[int, int]],
    run: Run,
    space: Workspace,
    shares: Shares | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame | None, Draws]:
    """Writes the synthetic rows shard by shard.

    Returns those that the checks look at; as many as they would be without near-copy rejection, or
    None where that is off; and the counts.

    A shard depends on the seed, its number and how many rows were drawn before it, all of which a
    resumed run knows: it makes just the missing ones. Each of them has the shares by itself.
    """
    total = rows_to_make(loaded.recipe, tables)
    most = CHECKED_ROWS if model.schema.modality == "table" else CHECKED_IMAGES
    checked: list[pd.DataFrame] = []
    sieves: list[Sieve] = []
    draws = Draws()
    near = near_copies(loaded.recipe, tables, run)
    with run.stage("sample", f"{counted(total, model.schema.unit)} to make"):
        for number, (start, size) in enumerate(plan):
            if start >= most and (counts := space.read_note(f"shard-{number}")):
                draws.add(Draws(**counts))
                continue
            own = Draws()
            # identifiers go on where those of the shards before ended, rejected rows included
            rng = run.rng("sample", number)
            sieve = None if near is None else Sieve(near, min(size, max(most - start, 0)))
            sifted = model.sifted_by(sieve)
            rows = sifted.sample(size, rng, start=draws.drawn, draws=own, shares=shares)
            dialect = tables.raw.origin.dialect
            if model.schema.modality == "images":
                frame = artifacts.stored(rows, model.schema, artifacts.IMAGES, dialect)
                write_images(frame, model.schema, space.path, start, total)
            else:
                save_shard(space, loaded, dialect, model.schema, (number, len(plan)), rows)
            space.write_note(f"shard-{number}", vars(own))
            draws.add(own)
            if start < most:
                checked.append(rows.iloc[: most - start])
                sieves += [] if sieve is None else [sieve]
            run.report(Step("sample", start + size, total))
        note_shortages(model, draws.drawn, run)
        seen = pd.concat(checked, ignore_index=True)
        if model.schema.modality == "images":
            artifacts.finish_images(space.path, seen, model.schema)
    unfiltered = [sieve.unfiltered for sieve in sieves]
    return seen, pd.concat(unfiltered, ignore_index=True) if unfiltered else None, draws


def near_copies(recipe: Recipe, tables: Tables, run: Run) -> NearCopies | None:
    """The training rows that drawn ones shall not lie near, where the recipe asks for that."""
    factor = recipe.protect.near_copies
    if not factor:
        return None
    with run.stage("distances", f"between {counted(len(tables.train), 'row')}"):
        return NearCopies.fit(tables.schema, tables.train, factor)


def save_shard(
    space: Workspace,
    loaded: LoadedRecipe,
    dialect: Dialect,
    schema: Schema,
    place: tuple[int, int],
    rows: pd.DataFrame,
) -> None:
    """Writes shard ``place[0]`` of ``place[1]``."""
    kind = artifacts.storage_format(loaded)
    frame = artifacts.stored(rows, schema, kind, dialect)
    write_shard(frame, shard_path(space.path, kind, *place), kind, dialect)


def show_closest_pairs(evidence: Evidence, space: Workspace) -> None:
    """Draws the synthetic images nearest to a training image beside it, into a folder of its own."""
    pairs = closest_pairs(evidence)
    write_pair_sheet(
        space.path / artifacts.CLOSEST_PAIRS,
        images_of(evidence, evidence.synthetic.iloc[[pair.synthetic_row for pair in pairs]]),
        images_of(evidence, evidence.train.iloc[[pair.training_row for pair in pairs]]),
        [
            f"no. {pair.synthetic_row}: distance {pair.distance:.2f}, ratio {pair.ratio:.2f}"
            for pair in pairs
        ],
    )


def facts(
    recipe: Recipe, tables: Tables, model: Model, draws: Draws, shares: Shares | None = None
) -> dict[str, Any]:
    """The counts and settings that head a report."""
    return {
        "name": recipe.name,
        "modality": tables.schema.modality,
        "backend": model.backend,
        "fine_tuned_from": model.fine_tuned_from,
        "race": untimed(model.race),
        "seed": recipe.seed,
        "rows_train": len(tables.train),
        "rows_holdout": 0 if tables.holdout is None else len(tables.holdout),
        "rows_shared": shared_rows(tables.train, tables.holdout),
        "rows_synthetic": draws.produced,
        "rows_drawn": draws.drawn,
        "rows_rejected": dict(draws.rejected),
        "balanced": {} if shares is None else shares.facts,
        "quasi_identifiers": {} if model.rules.common is None else model.rules.common.facts,
        "near_copies": {},  # with the evidence; see ``with_unfiltered``
        "columns": len(tables.schema.columns),
        "target": tables.schema.target,
        "sensitive": list(tables.schema.sensitive),
        "person": tables.schema.person,
        "policy": recipe.privacy.policy,
        "on_fail": recipe.privacy.on_fail,
        "closest_pairs": artifacts.CLOSEST_PAIRS if recipe.output.closest_pairs else "",
        "protected": {
            column: sum(count for what, count in hidden.items() if what.endswith("rows"))
            for column, hidden in model.encoder.protected.items()
        },
        "pseudonyms": {name: counts["word"] for name, counts in tables.pseudonyms.items()},
        "not_learned": model.encoder.unmodelled,
    }


def read_outcome(path: Path) -> Outcome:
    """The outcome of a finished run, from its folder."""
    manifest, report = artifacts.read(path)
    return Outcome(report.verdict, report, path, manifest)
