"""``Completing``: what backends share whose network fills in the hidden cells of rows of codes.

A subclass says which network it has (``_build``), what a training step is (``_task``) and how rows
are completed with it (``_completer``); free rows are rows of which nothing is known. Rows are
thinned by a ``Correction`` where there are enough of them to learn one.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar, Protocol, Self

import numpy as np

from synthkit.errors import ModelError
from synthkit.generators.base import Given, State
from synthkit.generators.codes import Codes
from synthkit.generators.correction import Correction
from synthkit.generators.nested import part_of, within
from synthkit.generators.neural import (
    CompletingConfig,
    TimeLimit,
    coded,
    require_torch,
    restore,
    weights,
)
from synthkit.generators.thinning import THINNING_SHARE, fit_correction, is_thinned
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Layout

if TYPE_CHECKING:
    import torch

    from synthkit.generators.predicting import Predicting
    from synthkit.nn.conditionals import Conditionals

WAVES = 12  # cosines over the order of bins
BLOCK_ROWS = (8192, 32_768)  # sampled at a time; half of the rows in between
CANDIDATES = 4  # per row with given cells, of which the correction chooses one
EPOCHS = (5, 60)
STEP_CELLS = 2**17  # of a step at most: each is a vector in memory
PATIENCE = 16  # rounds
VALIDATION = 0.05


class Completer(Protocol):
    """A trained network on its device."""

    def completed(
        self, codes: np.ndarray, known: np.ndarray, absent: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """(n, fields) codes; the known ones as they are.

        Args:
            codes: (n, fields) int64, of which the known ones count.
            known: (n, fields) bool.
            absent: (n, fields) int64, a code that the field of a row must not get, or -1.
            rng: of all draws.
        """


class Completing(ABC):
    """A backend whose network completes rows.

    Args:
        config: options.

    Attributes:
        seen_rows: in training, where epochs are left out.
    """

    Config: ClassVar[type[CompletingConfig]]
    name: ClassVar[str]
    seen_rows: ClassVar[int]

    def __init__(self, config: CompletingConfig) -> None:
        self.config = config
        self._codes = Codes(())
        self._net: Conditionals | None = None
        self._correction: Correction | None = None

    def fit(self, batch: Batch, layout: Layout, run: Run, *, budget_s: float | None = None) -> None:
        """Learns from all rows.

        Raises:
            MissingExtra: torch is not installed.
            NotSupported: a field that is neither categorical nor numeric, or CUDA that is absent.
            TrainingError: fewer than 100 rows, or a training that came to nothing.
        """
        clock = TimeLimit(budget_s)
        self._codes, table = coded(self.name, batch, layout, self.config.bins)
        self._net = self._correction = None
        if not layout.fields:
            return
        rounds = self.config.correction_rounds
        thinned = is_thinned(rounds, len(table), self._codes)
        left_s = clock.left_s(THINNING_SHARE if thinned else 0.0)
        self._net = self._trained(table, run, left_s).eval().requires_grad_(False)
        if thinned:
            self._correction = fit_correction(
                table, self._free, self._codes, rounds, run, self.name, clock
            )

    def sample(self, n: int, rng: np.random.Generator, given: Given | None = None) -> Batch:
        """n rows; given cells are kept, and the others drawn from the model's conditional.

        Where rows are thinned by a correction, one of a few candidates is chosen for each row.
        """
        if self._net is None:
            return self._codes.decode(np.zeros((n, 0), np.int64), rng)
        if given is None:
            return self._codes.decode(self._free(n, rng), rng)
        return self._codes.completed(self._filled(n, rng, given), given, rng)

    def state(self) -> State:
        """The weights, and the classifiers of the correction."""
        if self._net is None:
            return State()
        arrays = within("net", weights(self._net))
        if self._correction is not None:
            arrays |= within("correction", self._correction.arrays())
        return State({}, arrays)

    @classmethod
    def from_state(cls, config: CompletingConfig, layout: Layout, state: State) -> Self:
        """The fitted backend again. Raises ``ModelError`` for a state that is not one of its own."""
        require_torch(cls.name)
        from synthkit.computing import computing

        own = cls(config)
        own._codes = Codes.of(layout, config.bins)
        if not layout.fields:
            return own
        try:
            with computing("cpu", np.random.default_rng(0)):  # nothing drawn here counts
                net = own._build(np.zeros(own._codes.width, np.float32))
            restore(net, State({}, part_of(state.arrays, "net")))
            parts = part_of(state.arrays, "correction")
            if parts:
                own._correction = Correction.from_arrays(parts, own._codes.codings)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ModelError(
                "the model is incomplete or does not fit its layout", remedy="fit the model again"
            ) from error
        own._net = net.eval().requires_grad_(False)
        return own

    @abstractmethod
    def _build(self, log_shares: np.ndarray) -> Conditionals:
        """An untrained network whose softmaxes start at (codes,) log shares."""

    @abstractmethod
    def _task(self) -> type[Predicting]:
        """What a training step is."""

    @abstractmethod
    def _completer(self, net: Conditionals, device: torch.device) -> Completer:
        """A network that is on a device, ready to complete rows."""

    def _trained(self, table: np.ndarray, run: Run, budget_s: float | None) -> Conditionals:
        import torch

        from synthkit.computing import computing
        from synthkit.nn.conditionals import Conditionals
        from synthkit.training import Plan, train

        config, (n, fields) = self.config, table.shape
        epochs = config.epochs or int(np.clip(round(self.seen_rows / n), *EPOCHS))
        batch_rows = min(config.batch_rows, max(n // 8, 2), max(STEP_CELLS // fields, 2))
        steps = max(epochs * n // batch_rows, 1)
        plan = Plan(steps, batch_rows, patience=PATIENCE, validation=VALIDATION)
        with computing(config.device, run.rng(self.name, "seed")) as device:
            net = self._build(self._codes.log_shares(table)).to(device)
            rows = torch.from_numpy(table).to(device)
            task = self._task()(net, config.learning_rate, config.weight_decay)
            trained = train(task, rows, plan, run, stream=self.name, budget_s=budget_s).module
        assert isinstance(trained, Conditionals)
        return trained

    def _free(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """(n, fields) codes of whole rows."""
        fields = len(self._codes.codings)

        def drawn(completer: Completer, m: int, own: np.random.Generator) -> np.ndarray:
            nothing = np.zeros((m, fields), np.int64)
            return completer.completed(nothing, nothing.astype(bool), nothing - 1, own)

        def rows(completer: Completer, block: slice, own: np.random.Generator) -> np.ndarray:
            m = block.stop - block.start
            if self._correction is None:
                return drawn(completer, m, own)
            return self._correction.thinned(m, lambda k: drawn(completer, k, own), own)

        return self._in_blocks(rows, n, rng)

    def _filled(self, n: int, rng: np.random.Generator, given: Given) -> np.ndarray:
        """(n, fields) codes of rows with given cells."""
        codes, known = self._codes.known(given, n)
        missing = [-1 if c.missing is None else c.missing for c in self._codes.codings]
        absent = np.where(self._codes.present(given, n), np.array(missing), -1)

        def rows(completer: Completer, block: slice, own: np.random.Generator) -> np.ndarray:
            if self._correction is None:
                return completer.completed(codes[block], known[block], absent[block], own)
            copies = np.arange(block.start, block.stop).repeat(CANDIDATES)
            made = completer.completed(codes[copies], known[copies], absent[copies], own)
            return self._correction.chosen(made, CANDIDATES, own)

        return self._in_blocks(rows, n, rng)

    def _in_blocks(
        self,
        rows: Callable[[Completer, slice, np.random.Generator], np.ndarray],
        n: int,
        rng: np.random.Generator,
    ) -> np.ndarray:
        """Blocks of rows by ``rows(completer, block, rng of its own)``, one after the other."""
        from synthkit.computing import spread

        size = int(np.clip(-(-n // 2), *BLOCK_ROWS))
        blocks = [slice(i, min(i + size, n)) for i in range(0, n, size)] or [slice(0, 0)]
        seeds = rng.integers(2**63, size=len(blocks))
        with self._running(rng) as (completer, device):
            parts = spread(
                lambda i: rows(completer, blocks[i], np.random.default_rng(seeds[i])),
                range(len(blocks)),
                device,
            )
        return np.concatenate(parts)

    @contextlib.contextmanager
    def _running(self, rng: np.random.Generator) -> Iterator[tuple[Completer, torch.device]]:
        """The network on its device, where no gradient is kept."""
        import torch

        from synthkit.computing import computing

        assert self._net is not None, "a layout without fields has no network"
        with computing(self.config.device, rng) as device, torch.inference_mode():
            yield self._completer(self._net.to(device), device), device
