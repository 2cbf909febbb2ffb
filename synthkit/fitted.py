"""``FittedModel``: a model with DataFrames in and out; ``synthkit.fit`` and ``synthkit.load`` give one.

    model.sample(1000, given={"income": ">50K"})        # DataFrame, dtypes as the input's
    model.impute(frame), model.log_prob(frame)
    model.save("m/")

Cells that ``impute`` has to leave missing are a ``UserWarning``.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from synthkit import arguments
from synthkit.balance import Balance
from synthkit.columns import contradicting, filled_in, to_python, to_typed
from synthkit.counts import counted
from synthkit.errors import SynthkitError
from synthkit.model import Draws, Model
from synthkit.near_copies import NOT_APPLIED, NearCopies, Sieve
from synthkit.run import Run
from synthkit.schema import Schema
from synthkit.sources import from_frame


class FittedModel:
    """A fitted model with DataFrames in and out.

    With ``protect={"near_copies": ...}`` it holds the training rows, as numbers, to reject rows near
    them; neither ``save`` nor the model inside has them.
    """

    def __init__(self, model: Model, seed: int, near: NearCopies | None = None) -> None:
        self._model = model
        self._seed = seed
        self._near = near
        self._calls = 0

    @property
    def schema(self) -> Schema:
        """The columns as detected and declared."""
        return self._model.schema

    @property
    def backend(self) -> str:
        """The backend that was fitted; the winner's name for ``backend="auto"``."""
        return self._model.backend

    @property
    def race(self) -> dict[str, Any] | None:
        """How the backend was chosen, for ``backend="auto"``; None if it was named.

        ``winner``, ``rule`` (in words), ``rows_fit``, ``rows_validation``, ``elapsed_s`` and
        ``candidates``: for each its ``backend`` and ``standing``, ``c2st_auc`` with its standard error
        ``c2st_se``, ``dcr_share`` with its interval ``dcr_ci``, ``fit_s`` and ``sample_s``; or, if it
        dropped out, the ``reason``, and None for the numbers.
        """
        return self._model.race

    def __repr__(self) -> str:
        columns = counted(len(self.schema.columns), "column")
        return f"<FittedModel of {columns}, backend {self.backend}>"

    def sample(
        self,
        n: int,
        given: Mapping[str, Any] | None = None,
        seed: int | None = None,
        balance: Mapping[str, Any] | bool | None = None,
    ) -> pd.DataFrame:
        """n new rows with the columns, order and dtypes of the training table.

        A table of delimited text has no dtypes; its columns are numbers, dates, booleans and text
        (see ``columns.natural``). A ``UserWarning`` says which given values no training row has
        together, which identifiers have a format that is too small for so many rows, and that near copies
        are not rejected, where a model that was fitted with that was saved and loaded.

        Args:
            n: number of rows, at least 0.
            given: column -> value every row shall have, for any subset of the learned columns;
                text may be spelled as the column is, and None asks for a missing cell.
            seed: of this call; by default each call goes on in the model's own stream.
            balance: shares of the values of one other column, met exactly: ``{"income": "even"}``,
                ``{"income": {">50K": 0.5}}``, or True for the schema's target, evenly. Values that
                are not named share what is left as the model makes them; None stands for a missing
                cell, which keeps its share where others are even. Everything else in a row is drawn
                given its value.

        Raises:
            SchemaError: a column or value that is unknown, not learned, or cannot be balanced, or
                quasi-identifiers that are not frequent together.
            ConstraintError: too few drawn rows are accepted.
        """
        n, cells = arguments.whole_number(n, "n"), arguments.given_cells(given)
        for notice in self._model.check_given(cells):
            warnings.warn(notice, stacklevel=2)
        if self._model.near_copies and self._near is None:
            warnings.warn(NOT_APPLIED, stacklevel=2)
        draws = Draws()
        rng = self._rng("sample", seed)
        wish = None if balance is None else Balance.read(balance)
        shares = None if wish is None else self._model.shares(wish, rng, cells)
        sifted = self._model.sifted_by(None if self._near is None else Sieve(self._near))
        rows = sifted.sample(n, rng, cells or None, draws=draws, shares=shares)
        for name, shortage in self._model.encoder.shortages(draws.drawn).items():
            warnings.warn(f"column {name}: {shortage}", stacklevel=2)
        return to_python(rows, self.schema, self._model.dtypes)

    def impute(self, frame: pd.DataFrame, seed: int | None = None) -> pd.DataFrame:
        """The rows with missing cells filled by draws that fit the rest of the row.

        All other cells and the frame's dtypes stay as they are. Identifiers and free text are not
        filled; a ``UserWarning`` says for which columns cells stay missing, and why.

        Raises:
            SchemaError: columns differ from the training table's, or cells are not of their kind.
        """
        raw = from_frame(arguments.frame(frame, "frame"), empty=True).frame
        typed, _ = to_typed(raw, self.schema, where="frame", strict=True)
        filled = self._model.impute(typed, self._rng("impute", seed))
        added = typed.isna() & filled.notna()
        result = filled_in(raw, filled, added, self.schema, self._model.dtypes)
        for name, reason in self._model.left_missing(filled).items():
            count = int(filled[name].isna().sum())
            text = f"column {name}: {count:,} of {len(filled):,} cells stay missing: {reason}"
            warnings.warn(text, stacklevel=2)
        return result.set_axis(frame.index)

    def log_prob(self, frame: pd.DataFrame) -> np.ndarray:
        """(n,) natural log of the density of each row under the model; the lowest are the oddest.

        A row counts by the probability of its categories, missing cells, dates, whole numbers, of
        numbers with few distinct values, and of values that stand out by repetition; by the density
        per unit of the column in all other numbers. Identifiers, free text and columns computed from
        others do not count, but whether an identifier or a text is missing does. What the model
        never makes is -inf: a number beyond the learned range (the ``protect.extremes`` smallest and
        largest are not learned) or between values of a column that repeats its values, an unseen
        category (rare ones that were grouped share their group's probability), a missing cell in a
        column that had none. Densities of numbers are smoothed over their neighbourhood, so that
        the gaps between training values do not show.

        Raises:
            SchemaError: columns differ from the training table's, or hold text that is no number, date
                or duration where these are expected.
            NotSupported: the backend has no likelihood.
        """
        raw = from_frame(arguments.frame(frame, "frame"), empty=True).frame
        typed, invalid = to_typed(raw, self.schema, where="frame")
        log = self._model.log_prob(typed)
        log[contradicting(raw, self.schema, invalid)] = -np.inf
        return log

    def encode(self, frame: pd.DataFrame) -> np.ndarray:
        """(n, k) the place of each row in the model's latent space, the same for the same row.

        The mean of the row's posterior; similar rows lie near each other. What the model never makes
        counts as the nearest that it does: an unseen category as another one, a number beyond the
        learned range as its end.

        Raises:
            SchemaError: columns differ from the training table's.
            NotSupported: the backend has no latent space; ``vae`` has.
        """
        return self._model.encode(self._typed(frame, "frame"))

    def interpolate(
        self, a: pd.DataFrame, b: pd.DataFrame, steps: int, seed: int | None = None
    ) -> pd.DataFrame:
        """Rows between those of ``a`` and those of ``b``, pair by pair.

        Each is drawn at one of ``steps`` even places on the line between the latents of the two; the
        first and the last are drawn at the ends themselves, so they are like the two rows and not the
        same. Rules that other samples meet by drawing again are not looked at.

        Args:
            a: where the lines begin.
            b: where they end, with as many rows as ``a``.
            steps: rows per line, at least 2.
            seed: of this call; by default each call goes on in the model's own stream.

        Returns:
            ``len(a) * steps`` rows, those of a pair one after the other.

        Raises:
            SchemaError, NotSupported: as for ``encode``.
        """
        first, second = self._typed(a, "a"), self._typed(b, "b")
        steps = arguments.whole_number(steps, "steps")
        if steps < 2:
            raise SynthkitError(
                f"is {steps}", where="steps", expected="a whole number of at least 2"
            )
        if len(first) != len(second):
            raise SynthkitError(
                f"has {len(second)} rows", where="b", expected=f"{len(first)}, as many as a has"
            )
        rows = self._model.interpolate(first, second, steps, self._rng("interpolate", seed))
        return to_python(rows, self.schema, self._model.dtypes)

    def reconstruction_score(self, frame: pd.DataFrame) -> np.ndarray:
        """(n,) how badly the model rebuilds each row from its latents: the highest are the oddest.

        Minus the log density of the row's cells, decoded from the mean of its posterior; categories
        count by their probability, numbers by their density relative to the training rows'. What the
        model never makes is inf (see ``log_prob``). Compare rows with each other, and with rows that
        were not trained on; the number itself has no threshold.

        Raises:
            SchemaError, NotSupported: as for ``encode``.
        """
        raw = from_frame(arguments.frame(frame, "frame"), empty=True).frame
        typed, invalid = to_typed(raw, self.schema, where="frame")
        score = self._model.reconstruction_score(typed)
        score[contradicting(raw, self.schema, invalid)] = np.inf
        return score

    def denoise(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Images as the model rebuilds them from their latents, without what is odd about them.

        Labels and attributes stay as they are. Works on images with backend ``vae``.

        Raises:
            SchemaError: columns differ from the training table's.
            NotSupported: the backend does not rebuild rows.
        """
        rows = self._model.denoise(self._typed(frame, "frame"))
        return to_python(rows, self.schema, self._model.dtypes).set_axis(frame.index)

    def _typed(self, frame: pd.DataFrame, where: str) -> pd.DataFrame:
        raw = from_frame(arguments.frame(frame, where), empty=True).frame
        return to_typed(raw, self.schema, where=where, strict=True)[0]

    def save(self, folder: str | Path) -> None:
        """Writes a folder of JSON and safetensors; never a pickle."""
        self._model.save(arguments.path(folder, "folder"))

    def _rng(self, purpose: str, seed: int | None) -> np.random.Generator:
        if seed is not None:
            return Run(arguments.whole_number(seed, "seed")).rng(purpose)
        self._calls += 1
        return Run(self._seed).rng(purpose, self._calls)
