"""``Network``: what CTGAN and TVAE share: training within a budget, weights, and drawing in batches."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from synthkit.errors import NotSupported, TrainingError
from synthkit.generators.neural import require_rows
from synthkit.generators.sdv.adapter import Adapter, Table
from synthkit.generators.sdv.fitting import StopFit, after_each_step, fitted
from synthkit.generators.sdv.outputs import Outputs
from synthkit.progress import Step
from synthkit.run import Run

MOST_CATEGORIES = 1000  # of one column; SDV advises against more outputs than that altogether


class Network(Adapter):
    """A synthesizer of SDV that is a network of ctgan."""

    spikes = True

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self._outputs = Outputs((), ())
        self._weights: dict[str, np.ndarray] = {}

    def _accept(self, n: int) -> None:
        require_rows(self._layout, n)
        for field in self._layout.fields:
            size = getattr(field, "size", 0)
            if size > MOST_CATEGORIES:
                raise NotSupported(
                    f"{self.backend} has one input per category, and this column has {size:,}",
                    where=f"column {field.column}" if field.column else field.name,
                    expected=f"at most {MOST_CATEGORIES:,}",
                    remedy="choose backend trees or sdv-gaussian-copula, or raise protect.rare",
                )

    def _learn(self, table: Table, run: Run, started: float, budget_s: float | None) -> None:
        from synthkit.computing import computing

        rows = len(next(iter(table.values())))
        columns = self._columns.listed()
        clock = Clock(self._updates(rows), self.config.epochs, self._steps_per_update(), run)
        clock.deadline = None if budget_s is None else started + budget_s
        with computing(self.config.device, run.rng(self.backend, "torch")) as device:
            options = self._options() | {"enable_gpu": device.type == "cuda"}
            rng = run.rng(self.backend, "fit")
            synthesizer = fitted(
                self._synthesizer(), table, columns, rng, options, clock.watching()
            )
        transformer, self._weights = self._learned(synthesizer._model)
        self._outputs = Outputs.of(transformer, columns)
        if not all(np.isfinite(array).all() for array in self._weights.values()):
            raise TrainingError(
                "the weights are no finite numbers",
                where=f"backend {self.backend}",
                remedy="choose backend trees, or fewer epochs",
            )
        if clock.done < clock.planned:
            run.notice(
                f"the budget of {budget_s:g} s ended training after {clock.done / clock.planned:.0%}"
                " of the planned steps, so a run with the same seed may differ"
            )

    def _arrays(self) -> dict[str, np.ndarray]:
        return self._outputs.arrays() | {f"net/{name}": a for name, a in self._weights.items()}

    def _restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        self._outputs = Outputs.restored(arrays, self._columns.listed())
        self._weights = {
            name.removeprefix("net/"): np.array(array)
            for name, array in arrays.items()
            if name.startswith("net/")
        }
        self._sampled(1, np.random.default_rng(0))  # refuses weights that do not fit together

    def _sampled(self, n: int, rng: np.random.Generator) -> Table:
        """Whole batches as SDV draws them, the last one cut off."""
        size = self.config.batch_rows
        parts = [self._batch(size, rng) for _ in range(0, n, size)] or [self._batch(size, rng)]
        return {name: np.concatenate([part[name] for part in parts])[:n] for name in parts[0]}

    @abstractmethod
    def _synthesizer(self) -> str:
        """The class in ``sdv.single_table``."""

    @abstractmethod
    def _options(self) -> dict[str, Any]:
        """What our options are called there."""

    @abstractmethod
    def _updates(self, rows: int) -> int:
        """Updates of the network per epoch."""

    def _steps_per_update(self) -> int:
        """Steps of optimizers in one update."""
        return 1

    @abstractmethod
    def _learned(self, model: Any) -> tuple[Any, dict[str, np.ndarray]]:
        """The data transformer, and the weights that make rows, out of ctgan's object."""

    @abstractmethod
    def _batch(self, n: int, rng: np.random.Generator) -> Table:
        """n rows that the network makes together."""


class Clock:
    """Counts the steps of a training that is not ours, tells how far it is, and ends it in time.

    Args:
        updates: of the network per epoch.
        epochs: planned.
        steps: of optimizers per update.
        run: is told after each epoch.
    """

    def __init__(self, updates: int, epochs: int, steps: int, run: Run) -> None:
        self.updates, self.steps, self.run = updates, steps, run
        self.planned = updates * epochs
        self.deadline: float | None = None
        self.taken = 0

    @property
    def done(self) -> int:
        """Updates done."""
        return self.taken // self.steps

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Around the training."""
        with after_each_step(self.tick):
            yield

    def tick(self) -> None:
        """One step is done. Raises ``StopFit`` between two updates when the time is up."""
        self.taken += 1
        if self.taken % self.steps:
            return
        if self.done % self.updates == 0:
            epoch, epochs = self.done // self.updates, self.planned // self.updates
            self.run.report(Step("fit", epoch, epochs))
        late = self.deadline is not None and time.monotonic() >= self.deadline
        if late and self.done <= 1:
            raise TrainingError(
                "the budget was over before training began",
                where="generator.budget",
                remedy="raise the budget, or choose backend trees",
            )
        if late and self.done < self.planned:
            raise StopFit


def linear(x: np.ndarray, weights: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """A linear layer of torch, by its name."""
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]
