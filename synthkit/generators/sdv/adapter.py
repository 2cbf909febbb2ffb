"""``Adapter``: what the SDV backends share. A subclass learns from columns and draws columns."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from pydantic import BaseModel

from synthkit.errors import ModelError
from synthkit.generators.base import Given, State
from synthkit.generators.sdv.columns import Columns
from synthkit.generators.sdv.fitting import require_sdv
from synthkit.generators.sdv.rejection import complete
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Layout

Table = dict[str, np.ndarray]


class Adapter(ABC):
    """A synthesizer of SDV behind our contract.

    Args:
        config: options, of the class ``Config``.
    """

    backend: ClassVar[str]
    spikes: ClassVar[bool]
    Config: ClassVar[type[BaseModel]]

    def __init__(self, config: Any) -> None:
        self.config = config
        self._use(Layout(()))

    def fit(self, batch: Batch, layout: Layout, run: Run, *, budget_s: float | None = None) -> None:
        """Learns from all rows by SDV.

        Raises:
            MissingExtra: SDV is not installed.
            NotSupported: a field that SDV has no column for.
            TrainingError: too few rows, a budget too short, or SDV gives up.
        """
        started = time.monotonic()
        require_sdv(self.backend)
        n = layout.check(batch)
        self._use(layout)
        if layout.fields:
            self._accept(n)
            table = self._columns.encode(batch, run.rng(self.backend, "encode"))
            self._learn(table, run, started, budget_s)

    def sample(self, n: int, rng: np.random.Generator, given: Given | None = None) -> Batch:
        """n rows; those with given categories by rejection (see ``rejection``)."""
        if given is None:
            return self._draw(n, rng)
        return complete(self._draw, self._layout, n, rng, given, self.backend)

    def state(self) -> State:
        """What was learned, as arrays; nothing of it is an object of SDV."""
        return State({}, self._arrays() if self._layout.fields else {})

    @classmethod
    def from_state(cls, config: Any, layout: Layout, state: State) -> Self:
        """The fitted backend again, without SDV. Raises ``ModelError`` for another one's state."""
        generator = cls(config)
        generator._use(layout)
        try:
            if layout.fields:
                generator._restore(state.arrays)
        except (KeyError, IndexError, TypeError, ValueError, np.linalg.LinAlgError) as error:
            raise ModelError(
                "the model is incomplete or does not fit its layout", remedy="fit the model again"
            ) from error
        return generator

    def _use(self, layout: Layout) -> None:
        self._layout = layout
        self._columns = Columns.of(layout, self.spikes)

    def _draw(self, n: int, rng: np.random.Generator) -> Batch:
        if not self._layout.fields:
            return {}
        return self._columns.decode(self._sampled(n, rng), rng)

    @abstractmethod
    def _accept(self, n: int) -> None:
        """Raises ``TrainingError`` for too few training rows, ``NotSupported`` for the layout."""

    @abstractmethod
    def _learn(self, table: Table, run: Run, started: float, budget_s: float | None) -> None:
        """Fits SDV's synthesizer and keeps what ``_arrays`` shows."""

    @abstractmethod
    def _arrays(self) -> dict[str, np.ndarray]:
        """Everything that ``_restore`` needs."""

    @abstractmethod
    def _restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Takes up ``_arrays``."""

    @abstractmethod
    def _sampled(self, n: int, rng: np.random.Generator) -> Table:
        """n rows of codes and scores by column."""
