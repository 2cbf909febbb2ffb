"""The rows of a race: what every candidate learns, and what all of them are judged by.

course = Course.of(typed, schema, config, run.rng("race", "split"))
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from synthkit.checks.base import Evidence
from synthkit.checks.encoding import subsample
from synthkit.counts import counted
from synthkit.errors import NotSupported, TrainingError
from synthkit.generators.auto import AutoConfig
from synthkit.records import records_of
from synthkit.schema import Schema
from synthkit.split import split

MIN_VALIDATION = 50  # with fewer, the classifier of c2st finds no split to learn from
MIN_DRAWN = (
    5000  # more rows than there are to compare with make the numbers of a small table steadier
)


@dataclass(frozen=True)
class Course:
    """Two parts of the training rows, without a row in common.

    Args:
        fit: rows that every candidate learns.
        validation: rows that none of them learns.
        schema: of both.
    """

    fit: pd.DataFrame
    validation: pd.DataFrame
    schema: Schema

    @classmethod
    def of(
        cls, typed: pd.DataFrame, schema: Schema, config: AutoConfig, rng: np.random.Generator
    ) -> Course:
        """Splits training rows.

        Raises:
            TrainingError: too few rows to judge by.
            NotSupported: no column is learned, so there is nothing to judge.
        """
        if not any(column.is_modelled for column in schema.columns):
            raise NotSupported(
                "every column is an identifier or free text, so a race has nothing to compare",
                where="backend auto",
                remedy="name a backend, such as trees",
            )
        rows = subsample(len(typed), config.race_rows, rng)
        records = records_of(typed.iloc[rows], schema)
        fit, validation = (rows[part] for part in split(records, config.validation, rng))
        if len(validation) < MIN_VALIDATION:
            enough = len(rows) >= 2 * MIN_VALIDATION  # half of them may judge
            raise TrainingError(
                f"of {counted(len(typed), 'training row')}, {len(validation)} would judge the race",
                where="backend auto",
                expected=f"at least {MIN_VALIDATION}",
                remedy=("raise generator.validation, or " if enough else "")
                + "name a backend, such as trees",
            )
        parts = [typed.iloc[part].reset_index(drop=True) for part in (fit, validation)]
        return cls(parts[0], parts[1], schema)

    @property
    def rows_to_draw(self) -> int:
        """Synthetic rows that a candidate makes."""
        return min(len(self.fit), max(len(self.validation), MIN_DRAWN))

    def evidence(self, synthetic: pd.DataFrame) -> Evidence:
        """What the checks' functions look at: the validation rows are their holdout."""
        return Evidence(self.fit, self.validation, synthetic, self.schema)
