"""What a generator is: the contract that every backend meets and the contract tests check.

A generator learns from a batch and a layout and gives back batches (see ``transforms.layout``).
It does no file IO, sees no dataframe, computes no metric and prints nothing. It is one file with

* ``Config``: a frozen pydantic model of its options, each with unit and range. The module's top
  level imports neither torch nor lightgbm nor pandas, so that ``synthkit validate`` can read
  ``Config`` in a moment; heavy imports happen inside the methods.
* ``fit(batch, layout, run)``: raises ``NotSupported`` for a layout it declines and
  ``TrainingError`` for data too small; reports ``Step`` events; keeps to ``budget_s``.
* ``sample(n, rng, given=None)``: n rows; every draw comes from ``rng``.
* ``state()`` / ``from_state(...)``: arrays and plain JSON, never code.

Adding a backend: this file's shape, one line in ``generators/__init__.py``, one recipe.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from pydantic import BaseModel

from synthkit.run import Run
from synthkit.transforms.layout import Batch, Layout


@dataclass(frozen=True)
class State:
    """A fitted generator or transform as data.

    Args:
        meta: JSON-serialisable; sizes, settings and shares, no value of the training data.
        arrays: NumPy arrays by name (letters, digits, ``.``, ``_``, ``/``, ``-``).
    """

    meta: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Given:
    """Cells that sampling must keep: a batch and, per field, which rows of it are known.

    Args:
        values: as many rows as are sampled; entries that are not known are ignored.
        known: (n,) bool per field; a field that is not named is free in every row.
        present: (n,) bool per field; the rows in which it is free but must not be missing. The rest
            of the row is drawn in the light of that.

    Conditioning on a fixed value is a constant column that is known everywhere; imputation is the
    incomplete table with ``known`` false and ``present`` true at its missing cells.
    """

    values: Batch
    known: dict[str, np.ndarray]
    present: dict[str, np.ndarray] = field(default_factory=dict)


@runtime_checkable
class Generator(Protocol):
    """A backend."""

    Config: ClassVar[type[BaseModel]]

    def __init__(self, config: BaseModel) -> None: ...

    def fit(self, batch: Batch, layout: Layout, run: Run, *, budget_s: float | None = None) -> None:
        """Learns from all rows of a batch within a wall-clock budget in seconds."""

    def sample(self, n: int, rng: np.random.Generator, given: Given | None = None) -> Batch:
        """n rows that fit the layout; given cells come back as they were given."""

    def state(self) -> State:
        """Everything that ``from_state`` needs, the layout excepted."""

    @classmethod
    def from_state(cls, config: BaseModel, layout: Layout, state: State) -> Generator:
        """The fitted generator again: for the same rng it samples the same bytes."""


@runtime_checkable
class HasNeeds(Protocol):
    """A backend that needs more of the machine than packages and a device."""

    def require(self) -> None:
        """Raises ``SynthkitError`` for what is lacking or wrong, whatever the data are."""


@runtime_checkable
class StartsFromOthers(Protocol):
    """A backend that other packages, or networks that others trained, have a part in."""

    def packages(self) -> tuple[str, ...]:
        """The distributions that its bytes depend on, beside the one that its options name."""

    def fine_tuned_from(self) -> dict[str, str]:
        """What tells the networks that it started from, without a path; empty if all are its own."""


@runtime_checkable
class HasLikelihood(Protocol):
    """A backend that knows the likelihood of a row."""

    def log_prob(self, batch: Batch, given: Given | None = None) -> np.ndarray:
        """(n,) natural log of the density of each row (given cells' conditional, if any).

        Numeric fields count by their density over u, so an independent uniform field adds 0.
        """


@runtime_checkable
class HasLatent(Protocol):
    """A backend that gives every row a place in a latent space."""

    def encode(self, batch: Batch) -> np.ndarray:
        """(n, k) the place of each row; the same for the same row."""

    def interpolate(
        self, first: Batch, second: Batch, steps: int, rng: np.random.Generator
    ) -> Batch:
        """Rows drawn at ``steps`` even places between the latents of two rows, for each pair.

        Those of a pair stand one after the other; ends are included.
        """

    def reconstruction_score(self, batch: Batch) -> np.ndarray:
        """(n,) minus the log density of each row as decoded from its own place; high is odd.

        Numeric fields count as in ``HasLikelihood``.
        """


@runtime_checkable
class Rebuilds(Protocol):
    """A backend that rebuilds rows from their places in its latent space."""

    def reconstruct(self, batch: Batch) -> Batch:
        """As many rows, each as it comes back from its place, with the same labels."""


@runtime_checkable
class TellsContradictions(Protocol):
    """A backend that knows which values have no row together."""

    def contradictions(self, given: Given) -> list[tuple[str, str]]:
        """Pairs of fields with known cells that, in some row, the model never makes together."""
