"""Backends that learn in no time, each with a virtue or a fault that a race must see."""

from __future__ import annotations

import time
from typing import Any, ClassVar

import numpy as np

from synthkit.errors import NotSupported, TrainingError
from synthkit.generators.base import Given, State
from synthkit.progress import Step
from synthkit.run import Run
from synthkit.schema import Frozen
from synthkit.transforms.layout import Batch, Layout


class RacerConfig(Frozen):
    """One option, to be given in a race."""

    level: int = 0


class Racer:
    """Keeps its training rows."""

    Config: ClassVar = RacerConfig
    fits: ClassVar[list[dict[str, Any]]] = []

    def __init__(self, config: RacerConfig) -> None:
        self.config = config

    def fit(self, batch: Batch, layout: Layout, run: Run, *, budget_s: float | None = None) -> None:
        self.batch = batch
        rows = len(next(iter(batch.values())))
        kept = run.checkpoints
        name = type(self).__name__.lower()
        self.fits.append({"backend": name, "rows": rows, "budget_s": budget_s, "checkpoints": kept})
        run.report(Step("fit", rows, rows))

    def sample(self, n: int, rng: np.random.Generator, given: Given | None = None) -> Batch:
        raise NotImplementedError

    def state(self) -> State:
        return State({}, dict(self.batch))

    @classmethod
    def from_state(cls, config: RacerConfig, layout: Layout, state: State) -> Racer:
        racer = cls(config)
        racer.batch = state.arrays
        return racer


class Copier(Racer):
    """Hands out the rows it learned: as close as can be, and no synthesis."""

    def sample(self, n: int, rng: np.random.Generator, given: Given | None = None) -> Batch:
        rows = rng.integers(len(next(iter(self.batch.values()))), size=n)
        return {name: values[rows] for name, values in self.batch.items()}


class Shuffler(Racer):
    """Draws every column on its own: copies nobody, and every relation is lost."""

    def sample(self, n: int, rng: np.random.Generator, given: Given | None = None) -> Batch:
        return {name: rng.choice(values, n) for name, values in self.batch.items()}


class Waiter(Shuffler):
    """Takes all the time that it is given."""

    def fit(self, batch: Batch, layout: Layout, run: Run, *, budget_s: float | None = None) -> None:
        super().fit(batch, layout, run, budget_s=budget_s)
        time.sleep(budget_s or 0.0)


class Decliner(Racer):
    """Takes no table."""

    def fit(self, batch: Batch, layout: Layout, run: Run, *, budget_s: float | None = None) -> None:
        raise NotSupported("columns like these are not for it", remedy="use backend trees")


class Stumbler(Racer):
    """Fails while it learns."""

    def fit(self, batch: Batch, layout: Layout, run: Run, *, budget_s: float | None = None) -> None:
        raise TrainingError("the loss is no finite number")
