"""``Transformer``: fits the network and the correction, and samples. See the package's docstring."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from synthkit.errors import ModelError, NotSupported
from synthkit.generators.base import Given, State
from synthkit.generators.codes import Codes
from synthkit.generators.correction import Correction
from synthkit.generators.nested import part_of, within
from synthkit.generators.neural import TimeLimit, coded, require_torch, restore, weights
from synthkit.generators.thinning import THINNING_SHARE, fit_correction, is_thinned
from synthkit.generators.transformer.config import TransformerConfig
from synthkit.run import Run
from synthkit.transforms.layout import Batch, Layout

if TYPE_CHECKING:
    from synthkit.generators.transformer.orders import Ordered
    from synthkit.nn.masked import MaskedNet

WAVES = 12  # cosines over the order of bins
BLOCK_ROWS = (8192, 32_768)  # sampled at a time; half of the rows in between
CANDIDATES = 4  # per row with given cells, of which the correction chooses one
SEEN_ROWS = 600_000  # in training, where epochs are left out
EPOCHS = (5, 60)
STEP_CELLS = 2**17  # of a step at most: each is a vector in memory
PATIENCE = 16  # rounds


class Transformer:
    """Sampling, imputation and likelihood given any set of fields, from one network.

    Args:
        config: options.
    """

    Config: ClassVar[type[TransformerConfig]] = TransformerConfig
    modalities: ClassVar[frozenset[str]] = frozenset({"table"})

    def __init__(self, config: TransformerConfig) -> None:
        self.config = config
        self._codes = Codes(())
        self._orders = np.zeros((0, 0), np.int64)
        self._net: MaskedNet | None = None
        self._correction: Correction | None = None

    def fit(self, batch: Batch, layout: Layout, run: Run, *, budget_s: float | None = None) -> None:
        """Learns from all rows.

        Raises:
            MissingExtra: torch is not installed.
            NotSupported: a field that is neither categorical nor numeric, or CUDA that is absent.
            TrainingError: fewer than 100 rows, or a training that came to nothing.
        """
        clock = TimeLimit(budget_s)
        self._codes, table = coded("transformer", batch, layout, self.config.bins)
        self._net = self._correction = None
        if not layout.fields:
            return
        import torch

        from synthkit.computing import computing
        from synthkit.generators.transformer.task import MaskedTask
        from synthkit.training import Plan, train

        n, fields = table.shape
        rng = run.rng("transformer", "orders")
        self._orders = np.array([rng.permutation(fields) for _ in range(self.config.orders)])
        rounds = self.config.correction_rounds
        thinned = is_thinned(rounds, n, self._codes)
        with computing(self.config.device, run.rng("transformer", "seed")) as device:
            net = self._build(self._codes.log_shares(table)).to(device)
            task = MaskedTask(net, self.config.learning_rate, self.config.weight_decay)
            epochs = self.config.epochs or int(np.clip(round(SEEN_ROWS / n), *EPOCHS))
            batch_rows = min(self.config.batch_rows, max(n // 8, 2), max(STEP_CELLS // fields, 2))
            steps = max(epochs * n // batch_rows, 1)
            plan = Plan(steps, batch_rows, patience=PATIENCE, validation=0.05)
            left_s = clock.left_s(THINNING_SHARE if thinned else 0.0)
            rows = torch.from_numpy(table).to(device)
            trained = train(task, rows, plan, run, stream="transformer", budget_s=left_s)
            net.load_state_dict(trained.module.state_dict())
        self._net = net.eval().requires_grad_(False)
        if thinned:
            self._correction = fit_correction(
                table, self._free_table, self._codes, rounds, run, "transformer", clock
            )

    def sample(self, n: int, rng: np.random.Generator, given: Given | None = None) -> Batch:
        """n rows; given cells are kept, and the others drawn from the model's conditional.

        Conditionals are those of the network's orders that begin with the given fields. Where rows
        are thinned by a correction, one of a few candidates is chosen for each row.
        """
        if self._net is None:
            return self._codes.decode(np.zeros((n, 0), np.int64), rng)
        if given is None:
            return self._codes.decode(self._free_table(n, rng), rng)
        return self._codes.completed(self._completed(n, rng, given), given, rng)

    def log_prob(self, batch: Batch, given: Given | None = None) -> np.ndarray:
        """Log density of each row, or of its free cells given the known ones.

        Raises:
            NotSupported: cells are known and rows are thinned, which changes what is likely given
                them.
        """
        table = self._codes.encode(batch)
        n = len(next(iter(batch.values()))) if batch else 0
        known = np.zeros(table.shape, bool)
        if given is not None:
            known = self._codes.known(given, n)[1]
        if self._net is None:
            return np.zeros(n)
        if self._correction is not None and known.any():
            raise NotSupported(
                "the likelihood given some fields is not known where rows are thinned",
                expected="no given fields, or a model fitted with correction_rounds 0",
            )
        with self._ordered(np.random.default_rng(0)) as ordered:  # nothing is drawn
            log = ordered.log_prob(table, known)
        for i, base in enumerate(self._codes.log_base()):
            log -= np.where(known[:, i], 0.0, base[table[:, i]])
        if self._correction is not None:
            log += self._correction.log_ratio(table)
        return log

    def state(self) -> State:
        """The weights, the orders and the classifiers of the correction."""
        if self._net is None:
            return State()
        arrays = {"orders": self._orders} | within("net", weights(self._net))
        if self._correction is not None:
            arrays |= within("correction", self._correction.arrays())
        return State({}, arrays)

    @classmethod
    def from_state(cls, config: TransformerConfig, layout: Layout, state: State) -> Transformer:
        """The fitted backend again. Raises ``ModelError`` for a state that is not one of its own."""
        require_torch("transformer")
        from synthkit.computing import computing

        own = cls(config)
        own._codes = Codes.of(layout, config.bins)
        if not layout.fields:
            return own
        try:
            own._orders = np.asarray(state.arrays["orders"], np.int64)
            if np.any(np.sort(own._orders, axis=1) != np.arange(len(layout.fields))):
                raise ValueError("the orders are not of the layout's fields")
            with computing("cpu", np.random.default_rng(0)):  # nothing drawn here counts
                net = own._build(np.zeros(own._codes.width, np.float32))
            restore(net, replace(state, arrays=part_of(state.arrays, "net")))
            parts = part_of(state.arrays, "correction")
            if parts:
                own._correction = Correction.from_arrays(parts, own._codes.codings)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ModelError(
                "the model is incomplete or does not fit its layout", remedy="fit the model again"
            ) from error
        own._net = net.eval().requires_grad_(False)
        return own

    def _build(self, log_shares: np.ndarray) -> MaskedNet:
        import torch

        from synthkit.nn.masked import MaskedNet

        config = self.config
        basis = torch.from_numpy(self._codes.basis(WAVES))
        shares = torch.from_numpy(log_shares)
        widths = (config.width, config.head_width)
        return MaskedNet(self._codes.sizes, basis, shares, *widths, config.dropout)

    def _free_table(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """(n, fields) codes."""

        def rows(ordered: Ordered, block: slice, own: np.random.Generator) -> np.ndarray:
            m = block.stop - block.start
            if self._correction is None:
                return ordered.free(m, own)
            return self._correction.thinned(m, lambda k: ordered.free(k, own), own)

        return self._in_blocks(rows, n, rng)

    def _completed(self, n: int, rng: np.random.Generator, given: Given) -> np.ndarray:
        """(n, fields) codes of rows with given cells."""
        codes, known = self._codes.known(given, n)
        missing = [-1 if c.missing is None else c.missing for c in self._codes.codings]
        absent = np.where(self._codes.present(given, n), np.array(missing), -1)

        def rows(ordered: Ordered, block: slice, own: np.random.Generator) -> np.ndarray:
            if self._correction is None:
                return ordered.completed(codes[block], known[block], absent[block], own)
            copies = np.arange(block.start, block.stop).repeat(CANDIDATES)
            made = ordered.completed(codes[copies], known[copies], absent[copies], own)
            return self._correction.chosen(made, CANDIDATES, own)

        return self._in_blocks(rows, n, rng)

    def _in_blocks(
        self,
        rows: Callable[[Ordered, slice, np.random.Generator], np.ndarray],
        n: int,
        rng: np.random.Generator,
    ) -> np.ndarray:
        """Blocks of rows by ``rows(network, block, rng of its own)``, one after the other."""
        from synthkit.computing import spread

        size = int(np.clip(-(-n // 2), *BLOCK_ROWS))
        blocks = [slice(i, min(i + size, n)) for i in range(0, n, size)] or [slice(0, 0)]
        seeds = rng.integers(2**63, size=len(blocks))
        with self._ordered(rng) as ordered:
            parts = spread(
                lambda i: rows(ordered, blocks[i], np.random.default_rng(seeds[i])),
                range(len(blocks)),
                ordered.device,
            )
        return np.concatenate(parts)

    @contextlib.contextmanager
    def _ordered(self, rng: np.random.Generator) -> Iterator[Ordered]:
        """The network with its orders on their device, where no gradient is kept."""
        import torch

        from synthkit.computing import computing
        from synthkit.generators.transformer.orders import Ordered

        assert self._net is not None, "a layout without fields has no network"
        with computing(self.config.device, rng) as device, torch.inference_mode():
            orders = torch.from_numpy(self._orders).to(device)
            excluded = torch.from_numpy(self._codes.impossible())
            net = self._net.to(device)
            yield Ordered(net, orders, excluded, self.config.temperature)
