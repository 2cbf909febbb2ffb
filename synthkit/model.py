"""``Model``: a schema, an encoder, a generator and the row rules, fitted together.

    model = Model.fit(typed, schema, "trees", {}, ProtectSpec(), Run(seed=7))
    rows = model.sample(1000, Run(seed=8).rng("sample"))      # typed rows; see synthkit.schema
    model.save(Path("m")); Model.load(Path("m"))

On disk a model is a folder of ``model.json`` (sizes, settings, shares: no value of the data) and
``arrays.safetensors`` (what was learned: category names and quantiles after protection, tree
tables, weights); one that won a race has its numbers in ``race.json``, apart from the bytes that a
seed repeats, as they hold seconds. Loading reads numbers and text and runs nobody's code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel
from safetensors import SafetensorError
from safetensors.numpy import load, save

from synthkit.balance import Balance
from synthkit.columns import read_given
from synthkit.constraints import Rules, has_unique
from synthkit.constraints.blame import too_few
from synthkit.constraints.quasi_identifiers import QuasiIdentifiers
from synthkit.constraints.reasons import Reason
from synthkit.constraints.sums import close_sums, solve_sums
from synthkit.document import Document
from synthkit.errors import ModelError, NotSupported, RecipeError, SchemaError
from synthkit.generators import registry_of
from synthkit.generators.base import (
    Generator,
    Given,
    HasLatent,
    HasLikelihood,
    Rebuilds,
    StartsFromOthers,
    State,
    TellsContradictions,
)
from synthkit.generators.options import validated_options
from synthkit.near_copies import Sieve
from synthkit.people import protecting_people
from synthkit.recipe import ProtectSpec
from synthkit.run import Run
from synthkit.schema import Modality, Schema, Sum
from synthkit.shares import Shares
from synthkit.transforms.categorical import CategoricalCodec
from synthkit.transforms.categories import Categories
from synthkit.transforms.layout import Layout
from synthkit.transforms.stored_schema import schema_from_state, schema_state
from synthkit.transforms.table import TableEncoder
from synthkit.typed import to_finite
from synthkit.workspace import write_json, writing

FORMAT = 1
MAX_ROUNDS = 50
FIRST_ROUND = 500  # rows that show how often the constraints are met, before many are drawn
HOPELESS_DRAWS, HOPELESS_SHARE = 5_000, 1 / 500  # so many draws with a smaller share accepted
BLAMED_ROWS = 20_000  # the last so many rows show which constraints nearly none meets
IMPUTE_ROUNDS = 25
REPEATED_ROWS, MOST_COPIES = 256, 100  # rows drawn again in a round of imputation, and for each
RANGE_ROWS = 1000  # drawn to learn in which range parts of sums lie
COUNTED_ROWS = 10_000  # drawn to count how often a column has each of its values
META, ARRAYS, RACE = "model.json", "arrays.safetensors", "race.json"


@dataclass
class Draws:
    """Counts of one sampling: ``drawn = produced + sum(rejected.values())``."""

    drawn: int = 0
    produced: int = 0
    rejected: dict[str, int] = field(default_factory=dict)

    def add(self, other: Draws) -> None:
        """Adds another sampling's counts."""
        self.drawn += other.drawn
        self.produced += other.produced
        for reason, count in other.rejected.items():
            self.rejected[reason] = self.rejected.get(reason, 0) + count


def backend_config(
    backend: str, options: dict[str, Any], modality: Modality = "table"
) -> BaseModel:
    """A backend's validated options. Raises ``RecipeError`` with every option that is wrong."""
    document = Document(f"backend {backend}", dict(options))
    config = validated_options(backend, document, modality=modality)
    if config is None:
        raise RecipeError(document.problems)
    return config


def balanced_places(
    wish: Balance, encoder: TableEncoder
) -> tuple[Categories, dict[int, float] | None]:
    """The values of the column to balance, and the shares of the named ones by their places.

    Raises:
        SchemaError: a column that is not learned as categories, or a value that is not learned.
    """
    column = wish.column_in(encoder.schema)
    try:
        categories = Categories.of(encoder, column.name)
    except SchemaError as error:
        raise wish.refused(error.what, error.expected, error.remedy) from None
    if wish.named is None:
        return categories, None
    named: dict[int, float] = {}
    for value, share in wish.named.items():
        try:
            place = categories.place(read_given({column.name: value}, encoder.schema)[column.name])
        except SchemaError as error:
            raise wish.refused(error.what, error.expected, error.remedy, (value,)) from None
        if place in named:
            raise wish.refused("is a value that is named twice", value=(value,))
        named[place] = share
    return categories, named


def check_balance(
    wish: Balance, typed: pd.DataFrame, schema: Schema, protect: ProtectSpec, run: Run
) -> None:
    """Raises ``SchemaError`` for a balance that a model of these rows cannot keep, before it is fitted."""
    wish.column_in(schema)
    protect = protecting_people(protect, typed, schema)
    balanced_places(wish, TableEncoder.fit(typed, schema, protect, run.rng("encoder")))


def _round_size(missing: int, counts: Draws) -> int:
    """Rows to draw next, as many as the acceptance so far asks for.

    At first a few; later at most ten times as many as are needed, or as were drawn so far.
    """
    if not counts.drawn:
        return min(missing, FIRST_ROUND)
    wanted = round(1.1 * missing * counts.drawn / max(counts.produced, 1)) + 8
    return min(wanted, 10 * min(missing, counts.drawn) + 100)


def _is_hopeless(counts: Draws, rounds: int) -> bool:
    """Whether so few of the drawn rows met the constraints that more draws are in vain."""
    rare = counts.produced < HOPELESS_SHARE * counts.drawn
    return rounds >= MAX_ROUNDS or (counts.drawn >= HOPELESS_DRAWS and rare)


@dataclass
class Model:
    """A fitted model of a table.

    Args:
        schema: of the table as the output may show it; sampled rows have its columns in its order.
        backend: registered name of the generator.
        config: the generator's validated options.
        encoder: fitted transforms.
        generator: fitted backend.
        rules: constraints every sampled row meets.
        dtypes: of the columns in Python, where the training table was delimited text, which has none.
        race: numbers of the race that chose the backend, as ``synthkit.race`` gives them; None if
            the backend was named.
        near_copies: factor of the near-copy rejection that it was fitted for; 0 for none. It needs the
            training rows, so the model only knows of it.
        sieve: rejects near copies, in a copy made by ``sifted_by`` for one sampling; never saved.
    """

    schema: Schema
    backend: str
    config: BaseModel
    encoder: TableEncoder
    generator: Generator
    rules: Rules
    dtypes: dict[str, str] = field(default_factory=dict)
    race: dict[str, Any] | None = None
    near_copies: float = 0.0
    sieve: Sieve | None = None

    @classmethod
    def fit(
        cls,
        typed: pd.DataFrame,
        schema: Schema,
        backend: str,
        options: dict[str, Any],
        protect: ProtectSpec,
        run: Run,
        budget_s: float | None = None,
    ) -> Model:
        """Learns from typed rows.

        Raises:
            NotSupported: wrong options, or a table this backend declines.
            TrainingError: too few rows, or a budget too short.
            SchemaError: constraints or quasi-identifiers that do not fit the columns.
            ConstraintError: a sum or dependency that the rows do not keep; quasi-identifiers of which
                no combination is frequent.
        """
        config = backend_config(backend, options, schema.modality)
        protect = protecting_people(protect, typed, schema)
        rules = Rules.fit(schema, typed, rare=protect.rare)
        if protect.quasi_identifiers:
            rules = replace(rules, common=QuasiIdentifiers.fit(schema, typed, protect))
        encoder = TableEncoder.fit(typed, schema, protect, run.rng("encoder"))
        batch = encoder.transform(typed, run.rng("encode"))
        generator: Generator = registry_of(schema.modality).get(backend)(config)
        generator.fit(batch, encoder.layout, run, budget_s=budget_s)
        return cls(
            encoder.schema,
            backend,
            config,
            encoder,
            generator,
            rules,
            near_copies=protect.near_copies,
        )

    def sifted_by(self, sieve: Sieve | None) -> Model:
        """The same model, whose samples are sifted; itself without a sieve."""
        return self if sieve is None else replace(self, sieve=sieve)

    def sample(
        self,
        n: int,
        rng: np.random.Generator,
        given: dict[str, Any] | None = None,
        start: int = 0,
        draws: Draws | None = None,
        shares: Shares | None = None,
    ) -> pd.DataFrame:
        """n typed rows that meet the constraints, by rejection where they are not built in.

        Args:
            n: rows to return, at least 0.
            rng: every draw.
            given: column -> value that every row shall have; text may be spelled as the column is.
            start: rows made before, so that regenerated identifiers stay unique across calls.
            draws: receives the counts.
            shares: of the values of another column among the rows; see ``shares``.

        Raises:
            SchemaError: an unknown column or value in ``given``, or quasi-identifiers that are not
                frequent together.
            ConstraintError: too few drawn rows meet the constraints.
        """
        given = read_given(given, self.schema) if given else {}
        self._require_common(given)
        counts = Draws()
        if shares is None:
            rows = self._sample(n, rng, given, start, counts)
        else:
            rows = self._sample_balanced(n, rng, given, start, counts, shares)
        if draws is not None:
            draws.add(counts)
        return rows

    def _sample(
        self,
        n: int,
        rng: np.random.Generator,
        given: dict[str, Any],
        start: int,
        total: Draws,
        before: Sequence[pd.DataFrame] = (),
    ) -> pd.DataFrame:
        """n rows, after ``total.drawn`` others, of which those before were accepted."""
        start += total.drawn
        counts = Draws()
        parts: list[pd.DataFrame] = []
        broken = np.empty((len(self._reasons), 0), bool)
        while not parts or counts.produced < n:
            if _is_hopeless(counts, len(parts)):
                met = (counts.produced, counts.drawn)
                raise too_few(self._reasons, n, met, broken, given)
            missing = n - counts.produced
            size = _round_size(missing, counts) if self._reasons else n
            rows = self._draw(size, rng, given, start + counts.drawn)
            accepted, breaks = self._accept(rows, [*before, *parts], missing, counts)
            parts.append(accepted)
            broken = np.hstack([broken, breaks])[:, -BLAMED_ROWS:]
        total.add(counts)
        return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)

    def _sample_balanced(
        self,
        n: int,
        rng: np.random.Generator,
        given: dict[str, Any],
        start: int,
        total: Draws,
        shares: Shares,
    ) -> pd.DataFrame:
        """n rows with exact shares, in random order.

        Every row has its value from the start, and a rejected one is drawn again for the same value:
        neither the counts nor the order depend on which rows are rejected.
        """
        order = rng.permutation(np.repeat(np.arange(len(shares.cells)), shares.counts(n)))
        wanted = {shares.column: shares.cells.take(order).reset_index(drop=True)}
        rows = self._draw(n, rng, given, start, wanted)
        accepted, broken = self._accept(rows, [], n, total)
        rejected = broken.any(axis=0)
        parts, places = [accepted], [np.flatnonzero(~rejected)]
        for value in np.unique(order[rejected]):
            open_places = np.flatnonzero(rejected & (order == value))
            cell = shares.cells[value]
            own = {**given, shares.column: None if pd.isna(cell) else cell}
            parts.append(self._sample(len(open_places), rng, own, start, total, tuple(parts)))
            places.append(open_places)
        if len(parts) == 1:
            return accepted
        made = pd.concat(parts, ignore_index=True)
        return made.iloc[np.argsort(np.concatenate(places))].reset_index(drop=True)

    def shares(
        self, wish: Balance, rng: np.random.Generator, given: dict[str, Any] | None = None
    ) -> Shares:
        """The shares that rows with these given cells shall have, for ``sample``.

        What the user leaves open goes by how often each value is among rows of the model.

        Raises:
            SchemaError: a column or value that cannot be balanced, or a column that is given too.
        """
        categories, named = balanced_places(wish, self.encoder)
        column = categories.codec.column.name
        if given and column in given:
            raise wish.refused(
                f"column '{column}' is given a value too", remedy="leave one of them out"
            )
        frequencies = np.zeros(len(categories.cells), np.int64)
        cells = read_given(given, self.schema) if given else {}
        if named is not None or categories.missing is not None:
            rows = self._draw(COUNTED_ROWS, rng, cells, 0)
            # alone, a row is unique: whether it is accepted then depends on how many rows are made
            alone = [not reason.is_unique for reason in self.rules.reasons]
            met = ~self.rules.each_broken(rows)[alone].any(axis=0)
            frequencies = categories.counted(rows[column][met])
        try:
            shares = Shares.of(column, categories.cells, named, frequencies)
        except SchemaError as error:
            raise wish.refused(error.what, error.expected, error.remedy) from None
        self._require_common_shares(wish, shares, cells)
        return shares

    def _require_common_shares(
        self, wish: Balance, shares: Shares, given: Mapping[str, Any]
    ) -> None:
        """Raises ``SchemaError`` for a value with a share that is not frequent with what is given."""
        common = self.rules.common
        if common is None or shares.column not in common.columns:
            return
        beside = self._common_cells(given)
        for place in np.flatnonzero(shares.weights):
            cell = shares.cells[[place]].reset_index(drop=True)
            if not common.allows(beside.assign(**{shares.column: cell})):
                refused = common.refused([shares.column, *beside.columns])
                raise wish.refused(refused.what, refused.expected, refused.remedy)

    def check_given(self, given: dict[str, Any]) -> list[str]:
        """Raises ``SchemaError`` for an unknown column or value, before any row is drawn.

        Returns:
            A notice for every two columns whose given values the training rows never have together.
        """
        if not given:
            return []
        cells = read_given(given, self.schema)
        self._require_common(cells)
        known = self.encoder.encode_given(cells, 1, np.random.default_rng(0))
        if not isinstance(self.generator, TellsContradictions):
            return []
        column_of = {field.name: field.column for field in self.encoder.layout.fields}
        pairs = {
            frozenset((column_of[first], column_of[second])): None
            for first, second in self.generator.contradictions(known)
        }
        return [
            "the values given for '" + "' and '".join(sorted(pair)) + "' are in no training row"
            " together, so these rows are made up against the data"
            for pair in pairs
            if len(pair) == 2
        ]

    @property
    def _reasons(self) -> tuple[Reason, ...]:
        """Why drawn rows are rejected."""
        reasons = self.rules.reasons
        return (*reasons, self.sieve.near.reason) if self.sieve else reasons

    def _require_common(self, given: Mapping[str, Any]) -> None:
        """Raises ``SchemaError`` for given quasi-identifiers that are not frequent together."""
        common = self.rules.common
        if common is None:
            return
        cells = self._common_cells(given)
        if len(cells.columns) and not common.allows(cells):
            raise common.refused(list(cells.columns))

    def _common_cells(self, given: Mapping[str, Any]) -> pd.DataFrame:
        """The given quasi-identifiers as a typed row.

        A category that is not learned is refused like one that is rare in combination: neither error
        tells whether a training row has it.
        """
        common = self.rules.common
        assert common is not None
        named = [name for name in common.columns if name in given]
        codecs = {codec.column.name: codec for codec in self.encoder.codecs}
        for name in named:
            if isinstance(codecs[name], CategoricalCodec):
                try:
                    self.encoder.given_cells({name: given[name]}, 1)
                except SchemaError:
                    raise common.refused(named) from None
        return pd.DataFrame(self.encoder.given_cells(given, 1) if named else {}, columns=named)

    def _draw(
        self,
        n: int,
        rng: np.random.Generator,
        given: dict[str, Any],
        start: int,
        wanted: Mapping[str, pd.Series] | None = None,
    ) -> pd.DataFrame:
        """n rows with given values, the same in every row, and the wanted cells of typed columns."""
        if not given and not wanted:
            return self._decode(n, rng, None, start)
        cells = {**self.encoder.given_cells(given, n), **(wanted or {})}
        return self._decode(n, rng, self.encoder.encode_known(cells, n, rng), start, cells)

    def _decode(
        self,
        n: int,
        rng: np.random.Generator,
        known: Given | None,
        start: int = 0,
        fixed: Mapping[str, pd.Series] | pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        batch = self.generator.sample(n, rng, known)
        self.encoder.layout.check(batch)
        return self.encoder.inverse_transform(batch, rng, start, n, fixed)

    def _accept(
        self, rows: pd.DataFrame, before: Sequence[pd.DataFrame], missing: int, counts: Draws
    ) -> tuple[pd.DataFrame, np.ndarray]:
        """The first ``missing`` rows that break no rule; later rows do not enter the counts.

        Args:
            rows: as drawn.
            before: accepted rows, which a unique constraint looks at too.
            missing: most rows to accept.
            counts: receives the counts.

        Returns:
            The accepted rows; and (reasons, k) bool, which of the k rows that were looked at are
            rejected for which reason.
        """
        seen = before if has_unique(self.schema) else []
        together = pd.concat([*seen, rows], ignore_index=True) if seen else rows
        first = len(together) - len(rows)
        broken = self.rules.each_broken(together)[:, first:]
        met = np.asarray(~broken.any(axis=0))
        if self.sieve:
            near = np.zeros(len(rows), bool)
            near[met] = self.sieve.near.broken(rows[met])
            broken = np.vstack([broken, near])
        keep = ~broken.any(axis=0)
        taken = np.flatnonzero(keep)[:missing]
        considered = len(rows) if len(taken) < missing else int(taken[-1]) + 1 if missing else 0
        broken = broken[:, :considered]
        counted = np.zeros(considered, bool)
        for reason, mask in zip(self._reasons, broken, strict=True):
            new = mask & ~counted
            counts.rejected[reason.label] = counts.rejected.get(reason.label, 0) + int(new.sum())
            counted |= new
        if self.sieve:
            self.sieve.show(rows.iloc[np.flatnonzero(met[:considered])])
        counts.drawn += considered
        counts.produced += len(taken)
        everything = len(taken) == len(rows)
        return rows if everything else rows.iloc[taken].reset_index(drop=True), broken

    def impute(self, typed: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        """The typed rows with missing cells of modelled columns filled by conditional draws.

        A cell that a sum determines is computed; of several missing parts of a present total, all
        but one are drawn. A draw that breaks a constraint which the row kept is repeated, up to some
        thousand times if there are few such rows. Missing stay the cells of which every draw broke
        one, those that a dependency says are missing, and those of columns without a training cell.
        """
        filled = solve_sums(self.schema, typed.reset_index(drop=True))
        modelled = self.schema.modelled
        ranges = self._part_ranges(rng)
        rows = np.flatnonzero(filled[modelled].isna().any(axis=1))
        for turn in range(IMPUTE_ROUNDS):
            if not len(rows):
                break
            copies = self._copies(len(rows)) if turn else 1
            part = filled.iloc[np.repeat(rows, copies)].reset_index(drop=True)
            known = self.encoder.encode_incomplete(part, rng)
            drawn = self._decode(len(part), rng, known, fixed=part)
            if ranges:
                drawn = close_sums(self.schema, part, drawn, ranges)
            refused = self._refused(part, drawn)
            empty = {name: part[name].isna().to_numpy() for name in modelled}
            left = np.sum([empty[name] & refused[name] for name in modelled], axis=0)
            best = left.reshape(len(rows), copies).argmin(1) + np.arange(len(rows)) * copies
            for name in modelled:
                taken = (empty[name] & ~refused[name])[best]
                filled.loc[rows[taken], name] = drawn.loc[best[taken], name].to_numpy()
            rows = rows[left[best] > 0]
        return filled.set_axis(typed.index)

    def _copies(self, rows: int) -> int:
        """How often each of so many rows is drawn in one round of imputation."""
        if has_unique(self.schema):  # copies of a row are alike
            return 1
        return max(1, min(MOST_COPIES, REPEATED_ROWS // rows))

    def left_missing(self, filled: pd.DataFrame) -> dict[str, str]:
        """The columns that ``impute`` left cells of missing, and why."""
        reasons = {}
        for column in (c for c in self.schema.columns if filled[c.name].isna().any()):
            reason = self.encoder.unmodelled.get(column.name, "no draw meets the constraints")
            made_anew = f"a column of kind {column.kind} is made anew, not learned"
            reasons[column.name] = reason if column.is_modelled else made_anew
        return reasons

    def _part_ranges(self, rng: np.random.Generator) -> dict[str, tuple[float, float]]:
        """Smallest and largest number of each part of a sum, in rows drawn for that."""
        sums = [rule for rule in self.schema.constraints if isinstance(rule, Sum)]
        if not sums:
            return {}
        rows = self._decode(RANGE_ROWS, rng, None)
        numbers = {part: to_finite(rows[part].dropna()) for rule in sums for part in rule.parts}
        return {
            part: (float(n.min(initial=np.inf)), float(n.max(initial=-np.inf)))
            for part, n in numbers.items()
        }

    def _refused(self, part: pd.DataFrame, drawn: pd.DataFrame) -> dict[str, np.ndarray]:
        """(n,) bool per column: the row's draws break a rule with this column, kept before."""
        refused = {name: np.zeros(len(part), bool) for name in self.schema.names}
        before, after = self.rules.broken(part), self.rules.broken(drawn)
        for rule, name in ((r, n) for r in self.rules.rules for n in r.columns):
            refused[name] |= after[rule.label] & ~before[rule.label]
        return refused

    def log_prob(self, typed: pd.DataFrame) -> np.ndarray:
        """(n,) natural log density of typed rows; see ``TableEncoder.measure`` for its units."""
        if not isinstance(self.generator, HasLikelihood):
            raise NotSupported(
                f"the backend {self.backend} has no likelihood",
                remedy="use backend trees or transformer",
            )
        if not len(typed):
            return np.zeros(0)
        batch, log = self.encoder.measure(typed)
        return log + self.generator.log_prob(batch) if batch else log

    def encode(self, typed: pd.DataFrame) -> np.ndarray:
        """(n, k) place of typed rows in the latent space. Raises ``NotSupported`` without one."""
        generator = self._latent()
        batch, _ = self.encoder.measure(typed)
        return generator.encode(batch) if batch else np.zeros((len(typed), 0))

    def interpolate(
        self, first: pd.DataFrame, second: pd.DataFrame, steps: int, rng: np.random.Generator
    ) -> pd.DataFrame:
        """Typed rows between those of two tables, pair by pair; ``NotSupported`` as for ``encode``."""
        generator = self._latent()
        start, end = (self.encoder.measure(typed)[0] for typed in (first, second))
        batch = generator.interpolate(start, end, steps, rng) if start else {}
        self.encoder.layout.check(batch)
        return self.encoder.inverse_transform(batch, rng, 0, len(first) * steps)

    def reconstruction_score(self, typed: pd.DataFrame) -> np.ndarray:
        """(n,) high where a row is decoded badly, inf where never; ``NotSupported`` as for ``encode``."""
        generator = self._latent()
        batch, log = self.encoder.measure(typed)
        score = generator.reconstruction_score(batch) if batch else np.zeros(len(typed))
        return np.where(np.isneginf(log), np.inf, score)

    def denoise(self, typed: pd.DataFrame) -> pd.DataFrame:
        """Typed rows as rebuilt from their latents. Raises ``NotSupported`` if the backend cannot."""
        if not isinstance(self.generator, Rebuilds):
            raise NotSupported(
                f"the backend {self.backend} does not rebuild rows",
                remedy="use backend vae on images",
            )
        batch = self.generator.reconstruct(self.encoder.measure(typed)[0])
        return self.encoder.inverse_transform(
            batch,
            np.random.default_rng(0),
            0,
            len(typed),
            typed.drop(
                columns=[c.name for c in self.schema.columns if c.kind == "image"]
            ).reset_index(drop=True),
        )

    @property
    def packages(self) -> tuple[str, ...]:
        """Packages that the backend's bytes depend on beside its own; see ``StartsFromOthers``."""
        own = self.generator
        return own.packages() if isinstance(own, StartsFromOthers) else ()

    @property
    def fine_tuned_from(self) -> dict[str, str]:
        """What tells the networks that the backend started from; empty if all are its own."""
        own = self.generator
        return own.fine_tuned_from() if isinstance(own, StartsFromOthers) else {}

    def _latent(self) -> HasLatent:
        if not isinstance(self.generator, HasLatent):
            raise NotSupported(
                f"the backend {self.backend} has no latent space", remedy="use backend vae"
            )
        return self.generator

    def save(self, folder: Path) -> None:
        """Writes the model folder. Raises ``SinkError`` where it cannot."""
        parts = {
            "schema": schema_state(self.schema),
            "encoder": self.encoder.state(),
            "generator": self.generator.state(),
        }
        if self.rules.common:
            parts["quasi_identifiers"] = self.rules.common.state()
        arrays = {
            f"{part}/{name}": np.ascontiguousarray(array)
            for part, state in parts.items()
            for name, array in state.arrays.items()
        }
        for i, hashes in self.rules.combinations.items():
            arrays[f"rules/{i}"] = hashes
        meta = {
            "format": FORMAT,
            "program": "synthkit",
            "backend": self.backend,
            "config": self.config.model_dump(mode="json"),
            "layout": self.encoder.layout.to_json(),
            "dtypes": self.dtypes,
            "near_copies": self.near_copies,
            **{part: state.meta for part, state in parts.items()},
        }
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            stored = save(arrays)
            (folder / ARRAYS).write_bytes(stored)  # save_file would hide it from the group
            (folder / RACE).unlink(missing_ok=True)
        write_json(folder / META, {**meta, "sha256": hashlib.sha256(stored).hexdigest()})
        if self.race is not None:
            write_json(folder / RACE, self.race)

    @classmethod
    def load(cls, folder: Path) -> Model:
        """Reads a model folder. Raises ``ModelError`` if it is not one, or is damaged."""
        meta, arrays = _read(folder)
        try:
            schema = schema_from_state(_state("schema", meta, arrays))
            kind = registry_of(schema.modality).get(meta["backend"])
            config = kind.Config.model_validate(meta["config"])  # type: ignore[attr-defined]
            layout = Layout.from_json(meta["layout"])
            encoder = TableEncoder.from_state(schema, _state("encoder", meta, arrays))
            if layout != encoder.layout:
                raise ValueError("the layout is not the encoder's")
            generator = kind.from_state(  # type: ignore[attr-defined]
                config, layout, _state("generator", meta, arrays)
            )
            dtypes = dict(meta.get("dtypes", {}))  # models written before had none
            has_race = (folder / RACE).exists()
            race = json.loads((folder / RACE).read_text(encoding="utf-8")) if has_race else None
            combinations = {
                int(name.split("/")[1]): array
                for name, array in arrays.items()
                if name.startswith("rules/")
            }
            common = None
            if (part := "quasi_identifiers") in meta:
                common = QuasiIdentifiers.from_state(_state(part, meta, arrays))
            near_copies = float(meta.get("near_copies", 0.0))
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise ModelError(
                f"the model's parts do not fit together ({type(error).__name__})",
                where=folder,
                remedy="fit the model again",
            ) from None
        return cls(
            schema,
            meta["backend"],
            config,
            encoder,
            generator,
            Rules(schema, schema.constraints, combinations, common),
            dtypes,
            race,
            near_copies,
        )


def _state(part: str, meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> State:
    prefix = part + "/"
    return State(
        meta[part],
        {name[len(prefix) :]: a for name, a in arrays.items() if name.startswith(prefix)},
    )


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    try:
        meta = json.loads((folder / META).read_text(encoding="utf-8"))
        stored = (folder / ARRAYS).read_bytes()
        arrays = load(stored)
        content = hashlib.sha256(stored).hexdigest()
    except PermissionError as error:
        raise ModelError(
            "you may not read this model", where=folder, remedy="ask its owner for permission"
        ) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        if folder.is_dir():
            what = "this folder holds no model"
        else:
            what = "this is a file" if folder.exists() else "there is no such folder"
        raise ModelError(
            what,
            where=folder,
            expected=f"a folder with {META} and {ARRAYS}",
            remedy="name the folder that Model.save or a run wrote",
        ) from error
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelError(
            f"the model is damaged ({type(error).__name__})",
            where=folder,
            remedy="copy it again, or fit it again",
        ) from None
    if not isinstance(meta, dict) or meta.get("program") != "synthkit":
        raise ModelError(
            f"{META} is not one of synthkit's", where=folder, expected="a model that synthkit wrote"
        )
    if meta.get("format") != FORMAT:
        raise ModelError(
            f"the model has format {meta.get('format')}",
            where=folder,
            expected=f"format {FORMAT}",
            remedy="load it with the version of synthkit that wrote it, or fit it again",
        )
    if content != meta.get("sha256"):
        raise ModelError(
            "the model was changed after it was written: its arrays and its metadata do not match",
            where=folder,
            remedy="copy it again, or fit it again",
        )
    return meta, arrays
