"""What a check is, and the evidence it is given.

A check answers one question about a synthetic table. Its file holds pure functions on arrays
first (testable by hand), then a thin class whose docstring tells the attacker's story (privacy),
the harm (bias) or what the number cannot see (fidelity).

    evidence = Evidence(train=t, holdout=h, synthetic=s, schema=schema)
    for result in DistanceToClosest().run(evidence, run): ...

A check that cannot answer returns a result with status ``not_assessed`` (no holdout, too few rows)
or ``not_applicable`` (no target given) and the reason; it never passes by default. Adding one: a
file, a line in ``checks/__init__.py``, a docs line; the contract tests find it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

import numpy as np
import pandas as pd

from synthkit.constraints import row_hashes
from synthkit.recipe import Threshold
from synthkit.records import any_of_each, first_of_each, records_of
from synthkit.results import CheckResult, Family
from synthkit.run import Run
from synthkit.schema import Modality, Schema

T = TypeVar("T")
LISTED = 100  # rows of a listing


class Extractor(Protocol):
    """What turns images into features, in which distances mean likeness."""

    @property
    def name(self) -> str:
        """What it is, for the detail of every result that depends on it."""

    def features(self, images: np.ndarray) -> np.ndarray:
        """(n, k) float32 of uint8 images (n, height, width, channels)."""


@dataclass
class Evidence:
    """The tables a check may look at, typed by one schema (see ``synthkit.schema``).

    Args:
        train: the real rows the generator saw.
        holdout: real rows it did not see; None if there are none.
        synthetic: the rows under test.
        schema: columns, target and sensitive columns.
        invalid: per column, number of synthetic cells that did not parse as the column's kind.
        extractor: what gives the features of images; None for the network that the checks train.
        balanced: the column whose shares were chosen for the synthetic rows; None if none were.
        limits: by result name, what the policy will judge by; for a check that tries out what the
            policy would stop.
        controls: how many releases without a leak that check makes; 0 for none.
        quasi_identifiers: columns that an outsider may know of a person, for attackers who know no more.
        source_rows: (n,) places of the training rows in their source, from 0; None if they are all of it.
    """

    train: pd.DataFrame
    holdout: pd.DataFrame | None
    synthetic: pd.DataFrame
    schema: Schema
    invalid: dict[str, int] = field(default_factory=dict)
    extractor: Extractor | None = None
    balanced: str | None = None
    limits: Mapping[str, Threshold] = field(default_factory=dict)
    controls: int = 0
    quasi_identifiers: tuple[str, ...] = ()
    source_rows: np.ndarray | None = None
    _shared: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def modality(self) -> Modality:
        """What kind of data a row is."""
        return self.schema.modality

    @property
    def unit(self) -> str:
        """What a row is called in titles and sentences: row or image."""
        return self.schema.unit

    def listing(self, training_rows: np.ndarray, **also: np.ndarray) -> tuple[dict[str, Any], ...]:
        """At most ``LISTED`` training rows, by their places in the source, beside other facts of each.

        Places count from 1, as in messages, without a header.

        Args:
            training_rows: (k,) positions among the training rows, the most telling first.
            also: (k,) numbers.
        """
        first = np.asarray(training_rows)[:LISTED]
        places = first if self.source_rows is None else self.source_rows[first]
        columns = {"data_row": places + 1, **{key: values[:LISTED] for key, values in also.items()}}
        rows = zip(*(np.asarray(column).tolist() for column in columns.values()), strict=True)
        return tuple(dict(zip(columns, row, strict=True)) for row in rows)

    def of_people(self, *, exposed: bool = False) -> Evidence:
        """The evidence in which every real person, or repeated record, stands once: itself, if all do.

        Args:
            exposed: of the rows of one person, take one that a synthetic row equals, if there is one:
                that is how somebody would be found. Both sides are treated alike, so that neither has
                more of these by chance.
        """
        chooses = self.schema.person_column is not None and self.modality == "table"
        exposed = exposed and chooses  # one of equal rows is as good as the other

        def every_once() -> Evidence:
            people = self
            made = row_hashes(self.synthetic, self.schema.modelled) if exposed else None
            rows = self._one_of_each(self.train, made)
            if len(rows) < len(self.train):
                places = (
                    np.arange(len(self.train)) if self.source_rows is None else self.source_rows
                )
                train = self.train.iloc[rows].reset_index(drop=True)
                people = replace(people, train=train, source_rows=places[rows])
            if self.holdout is not None:
                rows = self._one_of_each(self.holdout, made)
                if len(rows) < len(self.holdout):
                    holdout = self.holdout.iloc[rows].reset_index(drop=True)
                    people = replace(people, holdout=holdout)
            return people

        return self.shared(f"people, exposed {exposed}", every_once)

    def _one_of_each(self, frame: pd.DataFrame, made: np.ndarray | None) -> np.ndarray:
        """(k,) positions of rows of different records, those that hash like one that is made if there are any."""
        records = records_of(frame, self.schema)
        if self.schema.person_column is None:  # rows of one record are the same
            return first_of_each(records)
        preferred = np.zeros(len(frame), bool)
        if made is not None:
            preferred = np.isin(row_hashes(frame, self.schema.modelled), made)
        return any_of_each(records, preferred)

    def shared(self, key: str, make: Callable[[], T]) -> T:
        """A value computed once and used by several checks (encoded matrices, distances)."""
        if key not in self._shared:
            self._shared[key] = make()
        return self._shared[key]


@runtime_checkable
class Check(Protocol):
    """A check. ``needs_holdout`` lets the pipeline say what a missing holdout costs."""

    name: ClassVar[str]
    family: ClassVar[Family]
    needs_holdout: ClassVar[bool]

    def run(self, evidence: Evidence, run: Run) -> list[CheckResult]:
        """The check's numbers; all randomness from ``run.rng(name)``."""
